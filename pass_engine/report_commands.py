"""Commands about the report of a run: make it again, follow one of its numbers home, export its results."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")]


def add_report_commands(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("report")(report)
    app.command("trace")(trace)
    app.command("export")(export)
    app.command("sign-report")(sign_report)


class ReportKind(StrEnum):
    """Kinds of report, as :mod:`pass_engine.report.kinds` has them."""

    FINAL = "final"
    INTERIM = "interim"
    PROGRESS = "progress"
    ABSTRACT = "abstract"


def report(
    run_folder: RunArgument,
    kind: Annotated[
        ReportKind | None, typer.Option(help="Else the one that the protocol names first (publish.reports).")
    ] = None,
) -> None:
    """Make the report of a run again, or another kind of it, from the run folder alone."""
    from pass_engine.run import print_again

    typer.echo(f"Report: {print_again(run_folder, kind or '')}")


def trace(
    run_folder: RunArgument,
    row: Annotated[str, typer.Argument(metavar="ROW", help="Identifier of a row of the results, such as R-000123.")],
) -> None:
    """Follow a printed number home: its row, the rules, the counts of each registry, the SQL and the bundles."""
    from pass_engine.report import trace as way_back

    typer.echo(way_back(run_folder, row), nl=False)


def export(
    run_folder: RunArgument,
    summarised_result: Annotated[
        Path, typer.Option(metavar="FILE.csv", help="File to write in the layout summarised_result of omopgenerics.")
    ],
) -> None:
    """Export the published results of a run for other tools, with a data dictionary beside the file."""
    from pass_engine.report import export_summarised
    from pass_engine.run import check_run

    check_run(run_folder)
    made = export_summarised(run_folder, summarised_result)
    typer.echo(f"{len(made.lines)} rows: {summarised_result}")
    typer.echo(f"Data dictionary: {summarised_result.with_suffix('.dictionary.csv')}")
    if made.not_estimable:
        typer.echo(
            f"Left out, as the layout has no place for them: {made.not_estimable} estimates that are not estimable."
        )


def sign_report(
    run_folder: RunArgument,
    key: Annotated[
        Path, typer.Option(help="Private key of keys init, or a PKCS #12 file (.p12, .pfx) with its certificate.")
    ],
) -> None:
    """Sign the PDF report of a run (PAdES): report.signed.pdf beside it. verify checks both."""
    import os

    from pass_engine.pades import sign_pdf
    from pass_engine.run import check_run
    from pass_engine.run.folder import SIGNED
    from pass_engine.sign import PASSPHRASE

    check_run(run_folder)
    signed = run_folder / SIGNED
    typer.echo(
        f"Signed by {sign_pdf(run_folder / 'report.pdf', signed, key, os.environ.get(PASSPHRASE, ''))}: {signed}"
    )
