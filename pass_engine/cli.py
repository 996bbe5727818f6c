"""The command line: ``pass-engine``. Heavy rooms are opened only by the command that needs them."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from pass_engine import __version__
from pass_engine.commands import EarlierOption, add_commands
from pass_engine.console import progress, stopped
from pass_engine.doctor import add_doctor
from pass_engine.document_commands import add_document_commands
from pass_engine.errors import PassEngineError
from pass_engine.pinned_commands import add_pinned_commands
from pass_engine.qualify.command import add_qualify
from pass_engine.report_commands import add_report_commands
from pass_engine.run_options import DISK, MEMORY, PARTITIONS, PROCESSES, WORK, budget_of, partitions_of
from pass_engine.terms import DID_NOT_TAKE_PART, TOOK_PART
from pass_engine.whole import disk_error

app = typer.Typer(
    help="Post-authorisation safety and effectiveness studies over independent registries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

registry_app = typer.Typer(
    help="Map a registry, check its mapping, code its terms, and decide about a study.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(registry_app, name="registry")

SIGNALLED = 128
"""Exit codes above it name the signal that ended the program, as shells do."""
NOT_CLEAN = 3
"""Exit code of a check that ran to its end and found something to mend."""
PAGE_WIDTH = 100
"""Characters of a line where the output is no terminal."""

ProtocolArgument = Annotated[Path, typer.Argument(help="Folder of the protocol, or its protocol.yaml.")]


def main() -> None:
    """Run the command line; a user's mistake ends with its faults and an exit code of its family.

    A program that is told to end (by Ctrl-C, a scheduler, a closed terminal) tidies up and says so in one line.
    """
    stopped.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _stop)
    try:
        app()
    except BaseException as error:
        if stopped:  # libraries turn the interrupt into errors of their own
            typer.echo("Stopped: nothing was written.", err=True)
            sys.exit(SIGNALLED + stopped[0])
        told = error if isinstance(error, PassEngineError) else disk_error(error)
        if told is None:
            raise
        typer.echo(str(told), err=True)
        sys.exit(told.exit_code)


def _stop(number: int, _frame: object) -> None:
    stopped.append(number)
    raise KeyboardInterrupt


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"pass-engine {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Hold the options of the whole program."""


@app.command()
def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    protocol: ProtocolArgument,
    registries: Annotated[Path, typer.Option(help="Folder with registry.yaml, or with one such folder a registry.")],
    out: Annotated[Path, typer.Option(help="Run folder to make; an earlier run there is replaced.")],
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the database.")] = 2,
    partitions: Annotated[str, PARTITIONS] = "auto",
    earlier: EarlierOption = None,
    processes: Annotated[str, PROCESSES] = "auto",
    memory: Annotated[int, MEMORY] = 0,
    disk: Annotated[int, DISK] = 0,
    work: Annotated[Path | None, WORK] = None,
) -> None:
    """Run a protocol over registries whose data are all here, and make its report."""
    from pass_engine.run import run_study
    from pass_engine.run.told import held_back

    parts, before = partitions_of(partitions), earlier or ()
    budget = budget_of(processes, memory, disk, work)
    with progress() as on_step:
        outcome = run_study(
            protocol, registries, out, threads=threads, partitions=parts, budget=budget, earlier=before, on_step=on_step
        )
    if outcome.uninvited:
        typer.echo(f"Not invited by the protocol, left alone: {', '.join(outcome.uninvited)}")
    for folder, error in outcome.nameless.items():
        typer.echo(f"Folder {folder} was left out: its file does not say which registry it is.\n{error}", err=True)
    for name, error in outcome.failures.items():
        typer.echo(f"Registry {name} failed; the report says so.\n{error}", err=True)
    statuses = outcome.participation
    for name in (n for n, status in statuses.items() if status == DID_NOT_TAKE_PART):
        typer.echo(f"Registry {name} did not take part: no data were supplied.")
    for line in (*held_back(outcome.held_back), *outcome.not_as_pinned):
        typer.echo(line)
    for name in outcome.unknown_substances:
        typer.echo(f"No registry that took part has a treatment or dose of {name}: is it written as they write it?")
    taken = sum(s == TOOK_PART for s in statuses.values())
    typer.echo(f"{taken} of {len(statuses)} invited registries took part.")
    typer.echo(f"Report: {out / 'report.pdf'}")
    if not taken:
        raise typer.Exit(min(error.exit_code for error in outcome.failures.values()))


@app.command()
def check(protocol: ProtocolArgument) -> None:
    """Check a protocol: every fault at once, with its line and how to mend it."""
    from pass_engine.protocol import load_protocol
    from pass_engine.report import check_letters
    from pass_engine.worked import check_cases

    loaded = load_protocol(protocol)
    check_letters(loaded)
    held = check_cases(loaded)
    study = loaded.study.study
    typer.echo(f"{study.id} version {study.version} is in order. Digest {loaded.digest}")
    if held:
        typer.echo(f"Worked cases held by the SQL: {held}")


@app.command()
def explain(protocol: ProtocolArgument) -> None:
    """Print what a protocol says, in plain sentences."""
    from pass_engine.protocol import load_protocol
    from pass_engine.protocol.sentences import explain_study

    typer.echo(explain_study(load_protocol(protocol)))


@app.command()
def schema(
    field: Annotated[str | None, typer.Argument(help="A field such as outcomes.clean_window_days.")] = None,
) -> None:
    """Print the JSON Schema of the protocol language, or what one field of a protocol or registry means."""
    from pass_engine.protocol.schema import describe_field, schema_text
    from pass_engine.registry import schema as registry_schema

    if field is None:
        typer.echo(schema_text())
    elif registry_schema.has_field(field):
        typer.echo(registry_schema.describe_field(field))
    else:
        typer.echo(describe_field(field))


@app.command()
def cases(
    protocol: ProtocolArgument,
    registry: Annotated[Path, typer.Option(help="Folder of the registry; the list stays on its machine.")],
    analysis: Annotated[str, typer.Option(help="Analysis whose count is asked for.")],
    cohort: Annotated[str, typer.Option(help="Cohort.")],
    outcome: Annotated[str, typer.Option(help="Outcome.")],
    time_at_risk: Annotated[str, typer.Option(help="Time at risk.")],
) -> None:
    """List, inside a registry, the events behind one count and the rule that counted each or did not (CSV)."""
    from pass_engine.protocol import load_protocol
    from pass_engine.registry import load_registry
    from pass_engine.site import list_cases

    listing = list_cases(load_registry(registry), load_protocol(protocol), analysis, cohort, outcome, time_at_risk)
    typer.echo("Persons' data: for use inside the registry only.", err=True)
    typer.echo(listing.to_csv(index=False, lineterminator="\n"), nl=False)


@registry_app.command()
def unmapped(
    registry: Annotated[Path, typer.Argument(help="Folder of the registry; the list stays on its machine.")],
    suggest: Annotated[bool, typer.Option("--suggest", help="Add like terms of the registry's dictionary.")] = False,
    out: Annotated[Path | None, typer.Option(help="File to write; one that is there stays. Else printed.")] = None,
) -> None:
    """List, for a coder, the terms of adverse events that have no code, the most frequent first (CSV).

    The columns term, system, code and status are those of a file of terms; a person fills in the last three.
    """
    from pass_engine.mapping import write_new
    from pass_engine.registry import load_registry
    from pass_engine.unmapped import list_unmapped

    loaded = load_registry(registry)
    work = list_unmapped(loaded, suggest=suggest)
    bare = int(work.loc[work["term"] == "", "reports"].sum())
    work = work[work["term"] != ""]
    if suggest and "meddra" not in loaded.registry.source.dictionaries:
        typer.echo("No suggestions: registry.yaml names no dictionary (source.dictionaries.meddra).", err=True)
    if bare:
        typer.echo(f"Not listed: {bare} reports with neither a code nor a word.", err=True)
    typer.echo("Words as they were written in the registry: for use inside it only.", err=True)
    if out is None:
        known = work[work["persons"] >= loaded.registry.policy.min_cell]
        typer.echo(known.to_csv(index=False, lineterminator="\n"), nl=False)
        if len(known) < len(work):
            rare = f"terms of fewer than {loaded.registry.policy.min_cell} persons: {len(work) - len(known)}"
            typer.echo(f"Not printed, but written by --out for its owner alone: {rare}.", err=True)
        return
    write_new(work.to_csv(index=False, lineterminator="\n"), out, "the list")
    out.chmod(0o600)
    typer.echo(f"{len(work)} terms without a code: {out}")


@app.command()
def compare(
    older: Annotated[Path, typer.Argument(metavar="OLDER", help="Run folder of the older extract.")],
    newer: Annotated[Path, typer.Argument(metavar="NEWER", help="Run folder of the newer extract.")],
    out: Annotated[Path | None, typer.Option(help="CSV file to write, with the lines of every registry.")] = None,
) -> None:
    """Show what a newer extract changed in the periods that an older one had counted (data.lock_points)."""
    from pass_engine.run import compare_extracts

    rows, lines = compare_extracts(older, newer, out)
    for line in lines:
        typer.echo(line)
    if out is not None:
        typer.echo(f"\n{rows} rows: {out}")


add_commands(app, registry_app)
add_document_commands(app)
add_doctor(app)
add_qualify(app)
add_pinned_commands(app)
add_report_commands(app)


@registry_app.command("check")
def check_registry(
    registry: Annotated[Path, typer.Argument(help="Folder of the registry.")],
    protocol: Annotated[Path | None, typer.Option(help="Also say what this protocol reads and is here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Check how a registry maps: what was taken over, what was not, and how to mend it. Runs inside the registry."""
    from rich.console import Console

    from pass_engine.errors import HarmoniseError
    from pass_engine.mapping import check_mapping, show_check, to_json
    from pass_engine.protocol import load_protocol
    from pass_engine.registry import load_registry

    found = check_mapping(load_registry(registry), load_protocol(protocol) if protocol else None)
    if as_json:
        typer.echo(to_json(found))
    else:
        console = Console(markup=False, highlight=False)
        show_check(found, console if console.is_terminal else Console(markup=False, highlight=False, width=PAGE_WIDTH))
    if found.faults:
        raise HarmoniseError(*found.faults)
    if not found.is_clean:
        raise typer.Exit(NOT_CLEAN)


@registry_app.command("init")
def init_registry(
    files: Annotated[list[Path], typer.Option("--from", help="Files, or a folder of them; may be given again.")],
    out: Annotated[Path, typer.Option(help="File to write; one that is there stays.")] = Path("registry.yaml"),
) -> None:
    """Draft a registry.yaml from a look at files, for a data manager to finish. Guesses say why; doubts are TO DO."""
    from pass_engine.mapping import draft_mapping, write_new

    write_new(draft_mapping(files, out.parent), out, "the draft")
    named = "" if out.name == "registry.yaml" else " name it registry.yaml,"
    typer.echo(f"Written: {out}. Finish its TO DO lines,{named} then: pass-engine registry check {out.parent}")


@app.command("data-request")
def data_request(
    protocol: ProtocolArgument,
    out: Annotated[Path, typer.Option(help="Folder to write data-request.md, .xlsx and .pdf into.")],
) -> None:
    """Write the data dictionary that a protocol asks of a registry: each variable, and why."""
    from pass_engine.data_request import write_request
    from pass_engine.protocol import load_protocol

    for file in write_request(load_protocol(protocol), out):
        typer.echo(f"Written: {file}")


if __name__ == "__main__":
    main()
