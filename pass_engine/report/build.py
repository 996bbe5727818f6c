"""Build the report of a run folder: one model, as a PDF, as a page for a browser and as a Word document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.assemble import assemble
from pass_engine.report.attachments import collect_attachments
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.page import write_page
from pass_engine.report.pdf import write_pdf
from pass_engine.report.reading import read_run
from pass_engine.report.word import write_docx

if TYPE_CHECKING:
    from pathlib import Path

REPORTS: Final = ("report.pdf", "report.html", "report.docx")


def build_report(run_dir: Path) -> Path:
    """Render ``report.pdf``, ``.html`` and ``.docx`` from the run folder alone and give back the path of the first.

    Earlier ones stay until all new ones are whole.

    Raises ReportError (PE8xx) when the folder is incomplete or its numbers do not hold together.
    """
    run = read_run(run_dir)
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    halves = {name: run_dir / f".{name}.part" for name in REPORTS}
    try:
        write_pdf(report, collect_attachments(run_dir, run.protocol.study.study.date), halves["report.pdf"])
        write_page(report, run, halves["report.html"])
        write_docx(report, halves["report.docx"])
        for name, half in halves.items():
            half.replace(run_dir / name)
    finally:
        for half in halves.values():
            half.unlink(missing_ok=True)
    return run_dir / "report.pdf"
