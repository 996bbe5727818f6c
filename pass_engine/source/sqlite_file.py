"""Tables of a SQLite database, opened for reading only and as they all are at one moment."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAGIC = b"SQLite format 3\0"
"""A SQLite database begins so (https://www.sqlite.org/fileformat.html)."""
IS_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class SqliteTables:
    """The tables and views of an open database."""

    def __init__(self, connection: sqlite3.Connection, place: Place, origin: str) -> None:
        """Wrap an open connection; use :func:`open_sqlite`."""
        self._connection = connection
        self.place = place
        self.origin = origin

    def names(self) -> tuple[str, ...]:
        """Names of the tables and views."""
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        with _told(self.place):
            return tuple(str(row[0]) for row in self._connection.execute(query))

    def open(self, table: str, place: Place) -> Opened:
        """Read the columns of one table or view; the rows follow when asked for."""
        present = self.names()
        if table not in present:
            raise SourceError(faults.no_table(place.where, place.path, "table", table, present))
        with _told(place):
            names = tuple(str(row[1]) for row in self._connection.execute(f"PRAGMA table_info({_quoted(table)})"))

        def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
            listed = ", ".join(_quoted(name) for name in wanted)
            with _told(place):
                cursor = self._connection.execute(f"SELECT {listed} FROM {_quoted(table)}")  # noqa: S608 - quoted
                while batch := cursor.fetchmany(BATCH_ROWS):
                    yield list(zip(*batch, strict=True))

        return Opened(names, read)


@contextmanager
def open_sqlite(file: Path, place: Place) -> Iterator[SqliteTables]:
    """Open a database for reading, in one transaction."""
    with _told(place):
        # The store may ask for rows from a thread of its own, one at a time.
        connection = sqlite3.connect(
            f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
    try:
        with _told(place):
            connection.execute("BEGIN")
        yield SqliteTables(connection, place, file.name)
    finally:
        connection.close()


@contextmanager
def _told(place: Place) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in IS_LOCKED:
            raise SourceError(faults.unopened_file(place.where, place.path, "a file that is locked")) from error
        raise SourceError(faults.unreadable_file(place.where, place.path, "a SQLite database")) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
