"""Commands of a study that is pinned, verified and kept. ``cli`` holds the program they are part of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

ProtocolArgument = Annotated[
    Path, typer.Argument(metavar="PROTOCOL", help="Folder of the protocol, or its protocol.yaml.")
]

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")]


def add_pinned_commands(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("pin")(pin)
    app.command("verify")(verify)
    app.command("diff")(diff)
    app.add_typer(archive, name="archive")


def pin(
    protocol: ProtocolArgument,
    dictionary: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FOLDER", help="A dictionary (MedDRA=FOLDER) to pin by version and digest."),
    ] = None,
    to_this_engine: Annotated[
        bool, typer.Option("--to-this-engine", help="Pin an unchanged protocol anew, to the engine installed here.")
    ] = False,
) -> None:
    """Pin a protocol: write protocol.lock beside it. Once it is there, an edit needs an amendment."""
    from pass_engine.harmonise import pin_dictionaries
    from pass_engine.pin import LOCK_FILE, pin_protocol
    from pass_engine.protocol import load_protocol
    from pass_engine.worked import check_cases

    named = [text.partition("=") for text in dictionary or ()]
    if any(not (name and folder) for name, _, folder in named):
        raise typer.BadParameter("write it as MedDRA=FOLDER", param_hint="--dictionary")
    folders = {name: Path(folder) for name, _, folder in named}
    loaded = load_protocol(protocol)
    check_cases(loaded)
    found = pin_dictionaries(folders) if folders else None
    pinned = pin_protocol(loaded, found, to_this_engine=to_this_engine)
    study = pinned.lock["study"]
    word = "is pinned already" if pinned.unchanged else "is pinned"
    typer.echo(f"{study['id']} version {study['version']} {word}: {loaded.folder / LOCK_FILE}")
    typer.echo(f"Digest {study['digest']}")


def verify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    run: RunArgument,
    data: Annotated[Path | None, typer.Option(help="Folder of registries, as for run: count them again.")] = None,
    without_report: Annotated[
        bool, typer.Option("--without-report", help="Leave the report as it is, which is quicker.")
    ] = False,
    earlier: Annotated[
        list[Path] | None, typer.Option(help="A run published before, as it was named to run; may be given again.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also replay every statement in a plain DuckDB, without this package.")
    ] = False,
    keep_replay: Annotated[
        Path | None, typer.Option(help="Folder to keep replay.sql and its source tables in: persons' data.")
    ] = None,
    second: Annotated[
        bool, typer.Option("--second-engine", help="Also count by another engine: Sail, started here for it.")
    ] = False,
    second_at: Annotated[
        str, typer.Option("--second-engine-at", metavar="sc://HOST:PORT", help="As that, by a server that is up.")
    ] = "",
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the database.")] = 2,
) -> None:
    """Make a run again, from its bundles or from data: identical, or where it first differs, and why (exit code 16)."""
    from pass_engine import verify as again
    from pass_engine.errors import PinError
    from pass_engine.verify.replay import fault_of_replay

    address = _address_of_second(second_at) if second or second_at else None
    verified = again.verify_run(run, data, threads=threads, with_report=not without_report, earlier=earlier or ())
    replayed = again.replay_run(run, data, keep_replay) if deep else ()
    seconded = () if address is None else again.second_run(run, data, address, threads=threads)
    lines = (*again.in_words(verified), *again.replayed_in_words(replayed), *again.seconded_in_words(seconded))
    for line in lines:
        typer.echo(line)
    typer.echo(f"Record: {again.write_record(verified, replayed, seconded)}")
    faults = [fault_of_replay(one) for one in replayed if one.cells]
    faults += [again.fault_of_second(one) for one in seconded if one.different]
    if verified.first_difference is not None:
        faults.append(again.fault_of(verified))
    if faults:
        raise PinError(*faults)


def _address_of_second(given: str) -> str:
    """The address given, or that of PASS_ENGINE_SECOND_ENGINE, which may hold a token; empty to start one here."""
    address = given or os.environ.get("PASS_ENGINE_SECOND_ENGINE", "").strip()
    if address and not address.startswith("sc://"):
        raise typer.BadParameter("write it as sc://host:port", param_hint="--second-engine-at")
    return address


class _MakeByDefault(TyperGroup):
    """``archive RUN`` is ``archive make RUN``."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command named, or the one that makes an archive."""
        return super().resolve_command(ctx, args if args and args[0] in self.commands else ["make", *args])


archive = typer.Typer(
    cls=_MakeByDefault,
    help="Pack a run for the decades (archive RUN --out FOLDER), or check an archive (archive check).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@archive.command("make")
def make(
    run: RunArgument,
    out: Annotated[Path, typer.Option(help="New folder; the same is written as one zip beside it.")],
) -> None:
    """Pack a run with everything an inspector needs: one folder and one zip, readable without this software."""
    from pass_engine.archive import make_archive

    made = make_archive(run, out)
    typer.echo(f"Archive: {made.folder} and {made.zip}, {made.files} files")


@archive.command("check")
def check(
    place: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Folder or zip of an archive.")],
) -> None:
    """Check an archive, offline and from itself alone: sums, manifest, description and the SQL in the wheel."""
    from pass_engine.archive import check_archive

    typer.echo(f"{place}: {check_archive(place)} files, whole")


def diff(
    older: Annotated[Path, typer.Argument(metavar="A", help="Older protocol or run folder.")],
    newer: Annotated[Path, typer.Argument(metavar="B", help="Newer protocol or run folder.")],
    data: Annotated[
        Path | None, typer.Option(help="Of two runs: data of the older one, to run the changes one at a time.")
    ] = None,
    new_data: Annotated[
        Path | None, typer.Option(help="Of two runs: data of the newer one, if they are others.")
    ] = None,
) -> None:
    """Two protocols in the field's words, by section of the report; or two runs: what moved, and what moved it."""
    from pass_engine.difference import changes_between, diff_runs, in_words
    from pass_engine.protocol import load_protocol
    from pass_engine.run.folder import MANIFEST

    if (older / MANIFEST).is_file() and (newer / MANIFEST).is_file():
        lines = diff_runs(older, newer, data, new_data)
    else:
        old, new = load_protocol(older), load_protocol(newer)
        lines = in_words(old, new, changes_between(old, new))
    for line in lines:
        typer.echo(line)
