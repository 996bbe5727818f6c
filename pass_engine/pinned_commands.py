"""Commands of a study that is pinned, verified and kept. ``cli`` holds the program they are part of."""

from __future__ import annotations

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

    named = [text.partition("=") for text in dictionary or ()]
    if any(not (name and folder) for name, _, folder in named):
        raise typer.BadParameter("write it as MedDRA=FOLDER", param_hint="--dictionary")
    folders = {name: Path(folder) for name, _, folder in named}
    loaded = load_protocol(protocol)
    found = pin_dictionaries(folders) if folders else None
    pinned = pin_protocol(loaded, found, to_this_engine=to_this_engine)
    study = pinned.lock["study"]
    word = "is pinned already" if pinned.unchanged else "is pinned"
    typer.echo(f"{study['id']} version {study['version']} {word}: {loaded.folder / LOCK_FILE}")
    typer.echo(f"Digest {study['digest']}")


def verify(
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
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the database.")] = 2,
) -> None:
    """Make a run again, from its bundles or from data: identical, or where it first differs, and why (exit code 16)."""
    from pass_engine.errors import PinError
    from pass_engine.verify import fault_of, in_words, replay_run, replayed_in_words, verify_run, write_record
    from pass_engine.verify.replay import fault_of_replay

    verified = verify_run(run, data, threads=threads, with_report=not without_report, earlier=earlier or ())
    replayed = replay_run(run, data, keep_replay) if deep else ()
    for line in (*in_words(verified), *replayed_in_words(replayed)):
        typer.echo(line)
    typer.echo(f"Record: {write_record(verified, replayed)}")
    faults = [fault_of_replay(one) for one in replayed if one.cells]
    if verified.first_difference is not None:
        faults.append(fault_of(verified))
    if faults:
        raise PinError(*faults)


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
