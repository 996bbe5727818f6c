"""Build the report of a run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.assemble import assemble
from pass_engine.report.attachments import collect_attachments
from pass_engine.report.kinds import ABSTRACT, DECLARED, KINDS
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.pdf import write_pdf
from pass_engine.report.reading import read_run

if TYPE_CHECKING:
    from pathlib import Path


def build_report(run_dir: Path, kind: str = "") -> Path:
    """Render the report of a run from its folder alone and give back its path.

    ``kind``: final, interim, progress or abstract; else the first that the protocol names under ``publish.reports``,
    which is ``report.pdf``. Another one is ``report-<kind>.pdf``. An earlier report stays until the new one is whole.

    Raises ReportError (PE8xx) when the folder is incomplete or its numbers do not hold together.
    """
    run = read_run(run_dir)
    check_results(run)
    first = DECLARED[run.protocol.study.publish.reports[0]]
    wanted = KINDS[kind] if kind else first
    report = assemble(run, wanted)
    check_report(report, run)
    target = run_dir / ("report.pdf" if wanted is first else f"report-{wanted.key}.pdf")
    half = target.with_name(f".{target.name}.part")
    try:
        attached = () if wanted is ABSTRACT else collect_attachments(run_dir, run.protocol.study.study.date)
        write_pdf(report, attached, half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    return target
