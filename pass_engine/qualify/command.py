"""``pass-engine qualify``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

SHOWN = 20
FAILED = 3
"""Exit code of a check that ran to its end and found something to mend."""


OutOption = Annotated[Path, typer.Option(help="Folder to write qualification.pdf, .json and .csv into.")]
DateOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date to print; without it there is none.")
]
KeyOption = Annotated[
    Path | None, typer.Option(help="Also sign the PDF (PAdES): a private key of keys init, or a PKCS #12 file.")
]


def add_qualify(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("qualify")(qualify)


def qualify(
    out: OutOption,
    date: DateOption = None,
    key: KeyOption = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Cases that are counted at one time.")] = 2,
) -> None:
    """Qualify this installation (IQ, OQ): test it on this machine, and write what was expected and observed."""
    from pass_engine.qualify.document import conclusion
    from pass_engine.qualify.made_of import FAIL
    from pass_engine.qualify.write import qualify as run_tests
    from pass_engine.qualify.write import sign_qualification, write_qualification

    qualified = run_tests(date=date.date().isoformat() if date else "", processes=processes)
    for file in write_qualification(qualified, out):
        typer.echo(f"Written: {file}")
    if key is not None:
        typer.echo(f"Signed by {sign_qualification(out, key)}")
    for test in qualified.deviations[:SHOWN]:
        typer.echo(f"{test.outcome}: {test.id} {test.what}: {test.observed}")
    if len(qualified.deviations) > SHOWN:
        typer.echo(f"and {len(qualified.deviations) - SHOWN} more")
    typer.echo(f"{conclusion(qualified)}.")
    if any(test.outcome == FAIL for test in qualified.tests):
        raise typer.Exit(FAILED)
