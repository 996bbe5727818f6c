"""Commands about the report of a run: make it again, and follow one of its numbers home."""

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
