"""Commands that write documents: the protocol in EMA format, checklists, the dossier. Each calls one function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OutOption = Annotated[Path, typer.Option(help="Folder to write into; files of the same names are replaced.")]


def add_document_commands(app: typer.Typer) -> None:
    """Hang the commands on the command line; it has the group ``protocol`` already, with what a network needs of it."""
    protocol = next(group.typer_instance for group in app.registered_groups if group.name == "protocol")
    if protocol is None:
        raise RuntimeError("the group of commands about a protocol is not there yet")
    protocol.command("document")(document)
    protocol.command("record-pe")(record_pe)
    app.command("dossier")(dossier)


def document(
    path: Annotated[Path, typer.Argument(metavar="PROTOCOL", help="Folder of the protocol, or its protocol.yaml.")],
    out: OutOption,
) -> None:
    """Write the protocol in EMA format (PDF) with ENCePP, HARPER and RECORD-PE files and catalogue metadata."""
    from pass_engine.documents import write_protocol_document
    from pass_engine.protocol import load_protocol

    for file in write_protocol_document(load_protocol(path), out):
        typer.echo(f"Written: {file}")


def record_pe(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder with its report.")], out: OutOption
) -> None:
    """Write the RECORD-PE checklist of a run's final report, with the pages of that report."""
    from pass_engine.documents import write_record_pe

    typer.echo(f"Written: {write_record_pe(run_folder, out)}")


def dossier(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")],
    out: OutOption,
    national: Annotated[
        Path | None, typer.Option(help="CSV of national statistics: registry, variable, level, percent, source.")
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="Markdown of the questions to the agency and the applicant's position.")
    ] = None,
) -> None:
    """Write a dossier of the registries of runs for a qualification opinion: tables Q-0 to Q-15 (PDF and CSV)."""
    from pass_engine.documents import write_dossier
    from pass_engine.run import check_run

    for folder in runs:
        check_run(folder)
    pdf, *tables = write_dossier(runs, out, national, questions)
    typer.echo(f"Written: {pdf} and {len(tables)} tables in {out / 'tables'}")
