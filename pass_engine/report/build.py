"""Build the report of a run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.assemble import assemble
from pass_engine.report.attachments import collect_attachments
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.pdf import write_pdf
from pass_engine.report.reading import read_run

if TYPE_CHECKING:
    from pathlib import Path


def build_report(run_dir: Path) -> Path:
    """Render ``run_dir/report.pdf`` from the run folder alone and give back its path.

    An earlier report stays until the new one is whole.

    Raises ReportError (PE8xx) when the folder is incomplete or its numbers do not hold together.
    """
    run = read_run(run_dir)
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    target, half = run_dir / "report.pdf", run_dir / ".report.pdf.part"
    try:
        write_pdf(report, collect_attachments(run_dir, run.protocol.study.study.date), half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    return target
