"""Documents beside the report: the protocol in EMA format with its checklists, and a registry's dossier."""

from pass_engine.documents.write import write_dossier, write_protocol_document, write_record_pe

__all__ = ["write_dossier", "write_protocol_document", "write_record_pe"]
