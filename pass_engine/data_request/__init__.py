"""The data dictionary that a study asks of a registry, as Markdown, workbook and PDF: no data, no clock, the same bytes."""

from pass_engine.data_request.write import write_request

__all__ = ["write_request"]
