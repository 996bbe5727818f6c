"""Names of places for messages: relative to the registry's folder, never absolute."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import Place

if TYPE_CHECKING:
    from pass_engine.registry import LoadedRegistry


def place_of(loaded: LoadedRegistry, file: Path, path: str) -> Place:
    """The place of a file as messages name it, and the field of registry.yaml that leads there."""
    here = Path(os.path.abspath(loaded.folder))  # noqa: PTH100 - resolve() raises where links go in a circle
    return Place(f"{here.name}/{Path(os.path.relpath(file, here)).as_posix()}", path)


def reason_of(error: OSError) -> str:
    """What the system says, without the file's path."""
    return (error.strerror or "an error of the system").lower()


def check_present(file: Path, base: Path, place: Place, folder: Path) -> None:
    """Is there such a file? SourceError with the nearest name where there is none."""
    if file.is_file():
        return
    looked_in = base if base.is_dir() else folder
    missing = file.name if base.is_dir() else base.name
    present = [f.name for f in looked_in.iterdir() if f.name != missing] if looked_in.is_dir() else []
    raise SourceError(faults.no_file(place.where, place.path, missing, present))
