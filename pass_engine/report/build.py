"""Build the report of a run folder: one model, as a PDF, as a page for a browser and as a Word document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.assemble import assemble
from pass_engine.report.attachments import collect_attachments
from pass_engine.report.kinds import ABSTRACT, DECLARED, KINDS
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.page import write_page
from pass_engine.report.pdf import write_pdf
from pass_engine.report.reading import read_run
from pass_engine.report.word import write_docx

if TYPE_CHECKING:
    from pathlib import Path

FORMS: Final = ("pdf", "html", "docx")


def build_report(run_dir: Path, kind: str = "") -> Path:
    """Render the report of a run from its folder alone, as PDF, page and Word document; give back the path of the PDF.

    ``kind``: final, interim, progress or abstract; else the first that the protocol names under ``publish.reports``,
    which is ``report.pdf``. Another one is ``report-<kind>.pdf``. Earlier ones stay until all new ones are whole.

    Raises ReportError (PE8xx) when the folder is incomplete or its numbers do not hold together.
    """
    run = read_run(run_dir)
    check_results(run)
    first = DECLARED[run.protocol.study.publish.reports[0]]
    wanted = KINDS[kind] if kind else first
    report = assemble(run, wanted)
    check_report(report, run)
    name = "report" if wanted is first else f"report-{wanted.key}"
    day = run.protocol.study.study.date
    halves = {form: run_dir / f".{name}.{form}.part" for form in FORMS}
    try:
        write_page(report, run, halves["html"])
        write_docx(report, halves["docx"])
        del run  # the PDF is the last, and needs the room
        attached = () if wanted is ABSTRACT else collect_attachments(run_dir, day)
        write_pdf(report, attached, halves["pdf"])
        for form, half in halves.items():
            half.replace(run_dir / f"{name}.{form}")
    finally:
        for half in halves.values():
            half.unlink(missing_ok=True)
    return run_dir / f"{name}.pdf"
