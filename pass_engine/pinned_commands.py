"""Commands of a study that is pinned, verified and kept. ``cli`` holds the program they are part of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProtocolArgument = Annotated[
    Path, typer.Argument(metavar="PROTOCOL", help="Folder of the protocol, or its protocol.yaml.")
]


def add_pinned_commands(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("pin")(pin)


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
