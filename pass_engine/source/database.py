"""Tables of a SQLite database, opened for reading only."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def open_sqlite(file: Path, place: Place, *, table: str) -> Opened:
    """Read the columns of one table or view; the rows follow when asked for."""
    connection = _connect(file)
    try:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        present = {str(row[0]) for row in connection.execute(query)}
        if table not in present:
            raise SourceError(faults.no_table(place.where, place.path, "table", table, present))
        names = tuple(str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(table)})"))
    except sqlite3.Error as error:
        raise SourceError(faults.unreadable_file(place.where, place.path, "a SQLite database")) from error
    finally:
        connection.close()

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        # Opened anew: the store may ask for rows from a thread of its own.
        rows = _connect(file)
        try:
            listed = ", ".join(_quoted(name) for name in wanted)
            cursor = rows.execute(f"SELECT {listed} FROM {_quoted(table)}")  # noqa: S608 - names, quoted
            while batch := cursor.fetchmany(BATCH_ROWS):
                yield list(zip(*batch, strict=True))
        except sqlite3.Error as error:
            raise SourceError(faults.unreadable_file(place.where, place.path, "a SQLite database")) from error
        finally:
            rows.close()

    return Opened(names, read)


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
