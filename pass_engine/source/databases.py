"""Which database a registry's tables lie in, and how it is opened."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pass_engine.duckdb_file import DuckdbFile, DuckdbFileError, open_duckdb_file
from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place, Tables
from pass_engine.source.places import place_of
from pass_engine.source.sqlite_file import MAGIC, open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry

PATH = "source.path"


@contextmanager
def open_database(loaded: LoadedRegistry, schema: str | None = None) -> Iterator[Tables]:
    """Open the database of a registry whose kind is one, or whose OMOP common data model lies in one."""
    source = loaded.registry.source
    schema = schema or source.schema_
    if source.connection is not None:
        from pass_engine.source.postgres import open_postgres

        with open_postgres(loaded, schema or "public") as tables:
            yield tables
        return
    file = loaded.folder / (source.path or "")
    place = place_of(loaded, file, PATH)
    if file.stat().st_size == 0:
        raise SourceError(faults.empty_file(place.where, place.path))
    if source.kind == "sqlite" or (source.kind == "omop" and _is_sqlite(file)):
        with open_sqlite(file, place) as sqlite_tables:
            yield sqlite_tables
        return
    with _told(place), open_duckdb_file(file, schema or "main") as database:
        yield DuckdbTables(database, place, file.name)


class DuckdbTables:
    """The tables and views of one schema of a DuckDB file."""

    def __init__(self, database: DuckdbFile, place: Place, origin: str) -> None:
        """Wrap an open file."""
        self._database = database
        self.place = place
        self.origin = origin

    def names(self) -> tuple[str, ...]:
        """Names of the tables and views."""
        with _told(self.place):
            return self._database.tables()

    def open(self, table: str, place: Place) -> Opened:
        """Read the columns of one table or view; the rows follow when asked for."""
        present = self.names()
        if table not in present:
            raise SourceError(faults.no_table(place.where, place.path, "table", table, present))
        with _told(place):
            names = self._database.columns(table)

        def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
            try:
                for batch in self._database.batches(table, wanted, BATCH_ROWS):
                    yield batch.columns
            except DuckdbFileError:
                raise SourceError(faults.unreadable_rows(place.where, place.path)) from None

        return Opened(names, read)


@contextmanager
def _told(place: Place) -> Iterator[None]:
    try:
        yield
    except DuckdbFileError as error:
        if error.is_locked:
            raise SourceError(faults.unopened_file(place.where, place.path, "a file that is locked")) from None
        raise SourceError(faults.unreadable_file(place.where, place.path, "a DuckDB database")) from None


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as raw:
        return raw.read(len(MAGIC)) == MAGIC
