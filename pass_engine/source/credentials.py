"""The words that open a PostgreSQL database or a cluster: from the environment or a file that its owner alone can read.

They stand in no message and no log, and leave this process only on their way to the database.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.places import check_present, place_of, reason_of

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import Connection
    from pass_engine.source.opened import Place

LONGEST = 10_000
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def connection_string(loaded: LoadedRegistry) -> str:
    """The connection string that ``source.connection`` leads to; SourceError where it leads nowhere."""
    return _kept(loaded, loaded.registry.source.connection, "source.connection")


def cluster_address(loaded: LoadedRegistry) -> str:
    """The Spark Connect address under ``site``; SourceError where it leads nowhere."""
    site = loaded.registry.site
    return site.address or _kept(loaded, site.connection, "site.connection")


def _kept(loaded: LoadedRegistry, connection: Connection | None, at: str) -> str:
    """What a connection leads to."""
    if connection is None or (connection.file is None and connection.environment is None):
        raise ValueError("registry.yaml names no connection")  # its checks refuse that
    if connection.file is None:
        path, name = f"{at}.environment", connection.environment or ""
        found = os.environ.get(name, "").strip()
        if not found:
            where = f"{loaded.folder.resolve().name}/registry.yaml"
            raise SourceError(faults.no_credentials(where, path, f"environment variable {name}", "it is not set"))
        return found
    file = loaded.folder / connection.file
    place = place_of(loaded, file, f"{at}.file")
    check_present(file, file.parent, place, loaded.folder)
    try:
        return _read(file, place)
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, reason_of(error))) from error


def _read(file: Path, place: Place) -> str:
    """The content of a file that its owner alone can read; the rights are those of the file that was opened."""
    with file.open("rb") as opened:
        if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & OTHERS:
            raise SourceError(faults.open_to_others(place.where, place.path))
        content = opened.read(LONGEST)
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise SourceError(faults.no_credentials(place.where, place.path, "a file", "it holds no text"))
    return text
