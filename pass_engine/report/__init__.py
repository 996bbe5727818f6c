"""The final study report: one PDF made from a run folder alone."""

from pass_engine.report.build import build_report

__all__ = ["build_report"]
