"""A registry's own DuckDB file: opened for reading only, in a connection that can reach nothing but that file.

It is never attached to the store, so that neither sees the other's tables, settings or locks.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

MEMORY_LIMIT = "500MB"
THREADS = 1


class DuckdbFileError(Exception):
    """The file cannot be read; ``is_locked`` when another program holds it for writing."""

    def __init__(self, *, is_locked: bool = False) -> None:
        """Say no more than that: the database's own words may quote a row or a path."""
        super().__init__("the DuckDB file cannot be read")
        self.is_locked = is_locked


class DuckdbFile:
    """Tables and views of one schema of an open file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        """Wrap an open connection; use :func:`open_duckdb_file`."""
        self._connection = connection
        self._schema = schema

    def tables(self) -> tuple[str, ...]:
        """Names of the tables and views."""
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name"
        with _plain_errors():
            return tuple(str(row[0]) for row in self._connection.execute(query, [self._schema]).fetchall())

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns, in order."""
        query = (
            "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? "
            "ORDER BY ordinal_position"
        )
        with _plain_errors():
            return tuple(str(row[0]) for row in self._connection.execute(query, [self._schema, table]).fetchall())

    def batches(self, table: str, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The columns asked for, so many rows at a time, in the file's order."""
        listed = ", ".join(_quoted(name) for name in columns)
        query = f"SELECT {listed} FROM {_quoted(self._schema)}.{_quoted(table)}"  # noqa: S608 - names, quoted
        with _plain_errors():
            yield from self._connection.sql(query).to_arrow_reader(rows)


@contextmanager
def open_duckdb_file(file: Path, schema: str) -> Iterator[DuckdbFile]:
    """Open a file for reading; DuckdbFileError where that cannot be done."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": MEMORY_LIMIT,
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with _plain_errors():
        connection = duckdb.connect(str(file), read_only=True, config=settings)
    try:
        with _plain_errors():
            connection.execute("SET enable_progress_bar=false")
            connection.execute("SET TimeZone='UTC'")  # else a moment's day would be that of the machine's zone
            connection.execute("SET lock_configuration=true")
        yield DuckdbFile(connection, schema)
    finally:
        connection.close()


@contextmanager
def _plain_errors() -> Iterator[None]:
    import duckdb
    import pyarrow as pa

    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise DuckdbFileError(is_locked="lock on file" in str(error)) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
