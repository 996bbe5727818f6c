"""The final study report: one PDF made from a run folder alone."""

from pass_engine.report.build import build_report
from pass_engine.report.pdf import check_library
from pass_engine.report.printable import check_letters
from pass_engine.report.summarised import export_summarised
from pass_engine.report.trace import trace

__all__ = ["build_report", "check_letters", "check_library", "export_summarised", "trace"]
