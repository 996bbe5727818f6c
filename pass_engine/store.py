"""The only door to DuckDB. Loads source tables, makes one table per numbered SQL file, answers queries.

Integer results stay integers: sums are cast to BIGINT in SQL, and frames are made from Arrow.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pass_engine.errors import Fault, MethodError
from pass_engine.settings import AS_WRITTEN, ON_OPENING
from pass_engine.whole import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

    from pass_engine.sqltext import SqlFile
    from pass_engine.store_recorder import Recorder, Recording

Binds = dict[str, Any]

FILE = "held"
"""Name under which a store's file is attached."""
ROWS_AT_ONCE = 100
HANDED_OVER = 100_000
"""Rows of a batch that is handed to another store."""


def quote_name(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as a SQL literal, for the few statements that take no parameter."""
    return "'" + text.replace("'", "''") + "'"


class Store:
    """One registry's database: in memory, gone when closed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | Recording) -> None:
        """Wrap an open connection; use :func:`open_store`."""
        self._connection = connection

    @property
    def connection(self) -> duckdb.DuckDBPyConnection | Recording:
        """The connection it was opened with."""
        return self._connection

    def table_names(self) -> list[str]:
        """Names of the tables that are there, sorted."""
        return sorted(str(row[0]) for row in self._connection.execute("SHOW TABLES").fetchall())

    def hand_over(self, table: str, to: Store) -> None:
        """Give a copy of a table to another store, in batches."""
        with _without_values(f"table {table}"):
            rows = self._connection.sql(f"SELECT * FROM {quote_name(table)}")  # noqa: S608
            to.load_arrow(table, rows.to_arrow_reader(HANDED_OVER))

    def load_arrow(self, table: str, data: pa.Table | pa.RecordBatchReader) -> None:
        """Load an Arrow table, or batches as they are read."""
        self._connection.register("arrow_input", data)
        with _without_values(f"table {table}"):
            self._connection.execute(f"CREATE TABLE {quote_name(table)} AS SELECT * FROM arrow_input")  # noqa: S608
        self._connection.unregister("arrow_input")

    def load_rows(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Make a small table from rows of Python values. ``columns`` is name to SQL type. Replaces the table."""
        declared = ", ".join(f"{quote_name(name)} {kind}" for name, kind in columns.items())
        self._connection.execute(f"CREATE OR REPLACE TABLE {quote_name(table)} ({declared})")
        marks = f"({', '.join('?' for _ in columns)})"
        for start in range(0, len(rows), ROWS_AT_ONCE):  # one statement for many rows: five times as fast as one each
            part = rows[start : start + ROWS_AT_ONCE]
            self._connection.execute(
                f"INSERT INTO {quote_name(table)} VALUES {', '.join(marks for _ in part)}",  # noqa: S608
                [value for row in part for value in row],
            )

    def make_table(self, sql: SqlFile, binds: Binds | None = None) -> int:
        """Make the table a numbered SQL file writes; returns its number of rows. Replaces the table.

        Only the names the file declares under Binds are passed; one that is missing raises KeyError.
        """
        wanted = {name: (binds or {})[name] for name in sql.binds}
        with _without_values(sql.name):
            made = self._connection.execute(f"CREATE OR REPLACE TABLE {quote_name(sql.writes)} AS\n{sql.text}", wanted)
            return int(made.fetchall()[0][0])

    def make_tables(self, files: Iterable[SqlFile], binds: Binds | None = None) -> None:
        """Make the tables of several SQL files, in the order given."""
        for sql in files:
            self.make_table(sql, binds)

    def make_table_from(self, table: str, select: str, binds: Binds | None = None) -> int:
        """Make a table from a generated SELECT (the column map of ``harmonise`` only)."""
        with _without_values(f"table {table}"):
            made = self._connection.execute(f"CREATE OR REPLACE TABLE {quote_name(table)} AS\n{select}", binds or {})
            return int(made.fetchall()[0][0])

    def drop_table(self, table: str) -> None:
        """Forget a table that no later step reads."""
        self._connection.execute(f"DROP TABLE IF EXISTS {quote_name(table)}")

    def count_rows(self, table: str) -> int:
        """Number of rows of a table."""
        return int(self.fetch(f"SELECT count(*) FROM {quote_name(table)}")[0][0])  # noqa: S608

    def fetch(self, query: str, binds: Binds | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with _without_values("a query"):
            return self._connection.execute(query, binds or {}).fetchall()

    def frame(self, table: str, order: Sequence[str] = ()) -> pd.DataFrame:
        """A whole table as a pandas frame (Arrow-backed integers stay integers), in a fixed order."""
        import pandas as pd

        by = f" ORDER BY {', '.join(quote_name(c) for c in order)}" if order else " ORDER BY ALL"
        with _without_values(f"table {table}"):
            data = self._connection.sql(f"SELECT * FROM {quote_name(table)}{by}").to_arrow_table()  # noqa: S608
        frame: pd.DataFrame = data.to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def columns(self, table: str) -> dict[str, str]:
        """Column name to SQL type of a table."""
        rows = self._connection.execute(f"DESCRIBE {quote_name(table)}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def fingerprint(self, table: str) -> str:
        """What a table holds as one number, whatever the order of its rows."""
        with _without_values(f"table {table}"):
            query = f"SELECT count(*), CAST(sum(CAST(hash(t) AS HUGEINT)) AS VARCHAR) FROM {quote_name(table)} AS t"  # noqa: S608
            rows, total = self._connection.execute(query).fetchall()[0]
        return f"{table} {rows} {total}"

    def close_file(self) -> None:
        """Write the tables out and let go of their file, for others to read; nothing can be asked of it then."""
        with _without_values("the store's file"):
            self._connection.execute(f"CHECKPOINT {FILE}")
            self._connection.execute("USE memory")
            self._connection.execute(f"DETACH {FILE}")

    def take_part(self, file: Path, tables: Iterable[str], parts: int, part: int) -> None:
        """Copy tables of another store's file: of those that have persons, the persons of one part alone."""
        with _without_values("the store's file"):
            self._connection.execute(f"ATTACH {quote_text(str(file))} AS {FILE} (READ_ONLY)")
            for table in tables:
                found = self._connection.execute(f"DESCRIBE {FILE}.{quote_name(table)}").fetchall()
                chosen = any(row[0] == "person_id" for row in found)
                where = f" WHERE hash(person_id) % {int(parts)} = {int(part)}" if chosen else ""
                self._connection.execute(
                    f"CREATE TABLE {quote_name(table)} AS SELECT * FROM {FILE}.{quote_name(table)}{where}"  # noqa: S608
                )
            self._connection.execute(f"DETACH {FILE}")

    def lock(self) -> None:
        """After loading: no file, no network, no change of settings."""
        self._connection.execute("SET enable_external_access=false")
        self._connection.execute("SET lock_configuration=true")


@contextmanager
def _without_values(where: str) -> Iterator[None]:
    """Put other words in the place of the database's own, which may quote a person's row.

    Too little memory or disk is an error for people; a value that a step cannot take is a bug of that step.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        problem = "the database needs more memory, or more room for temporary files, than there is"
        mend = "run where there is more of both (temporary files lie where TMPDIR says)"
        raise MethodError(Fault(where, "", "a registry too large for this machine", problem, mend, "PE403")) from None
    except (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException) as error:
        raise RuntimeError(f"{where}: {type(error).__name__}, whose text may hold a value of a row") from None


@contextmanager
def open_store(
    *,
    threads: int = 2,
    memory_limit: str = "1GB",
    recorder: Recorder | None = None,
    file: Path | None = None,
    spill_to: Path | None = None,
) -> Iterator[Store]:
    """An empty database, in memory or in a new file; closed at the end, its spill folder removed.

    What does not fit into the limit goes to temporary files under ``spill_to``, or where TMPDIR says.
    ``recorder`` keeps what is done.
    """
    import duckdb

    with scratch_folder(spill_to) as spill:
        opened = duckdb.connect(
            ":memory:",
            config={
                "threads": str(threads),
                "memory_limit": memory_limit,
                "temp_directory": str(spill),
                **ON_OPENING,
            },
        )
        connection = recorder.wrap(opened) if recorder else opened
        try:
            connection.execute("SET enable_progress_bar=false")
            for name, value in AS_WRITTEN.items():
                connection.execute(f"SET {name}={quote_text(value)}")
            if file is not None:
                connection.execute(f"ATTACH {quote_text(str(file))} AS {FILE}")
                connection.execute(f"USE {FILE}")
            yield Store(connection)
        finally:
            connection.close()
