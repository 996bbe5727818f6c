"""The data dictionary that a study asks of a registry, as Markdown, workbook and PDF: the same bytes every time."""

from pass_engine.data_request.write import write_request

__all__ = ["write_request"]
