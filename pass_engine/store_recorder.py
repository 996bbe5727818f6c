"""Keeps what a store does as plain SQL: a script that DuckDB alone can replay, with the source tables beside it.

Values that were bound stand in the script as literals; source tables are Parquet files under ``source/``; each table
that is read out for counting is copied to ``replayed/`` by the script, and stands as it was under ``counted/``.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

SCRIPT = "replay.sql"
ARROW = re.compile(r'^CREATE TABLE ("(?:[^"]|"")+") AS SELECT \* FROM arrow_input$')
READ_OUT = re.compile(r'^SELECT \* FROM "((?:[^"]|"")+)" ORDER BY ')
KEPT = ("CREATE", "INSERT", "DROP", "SET")
CLOSED = ("enable_external_access", "lock_configuration", "enable_progress_bar")
"""Settings that would keep the script from its own files, and one of the terminal."""
HEAD = """\
-- Replays the counts of one registry in DuckDB alone: duckdb < replay.sql, in this folder.
-- source/    the tables as they were read, every column text (persons' data: they stay in the registry)
-- replayed/  what this script counts; counted/ is what the engine counted
"""


class Recorder:
    """Writes a script into a new folder while a store works."""

    def __init__(self, folder: Path) -> None:
        """Make the folders of source and counted tables."""
        self.folder = folder
        self.counted: list[str] = []
        self._lines: list[str] = []
        for name in ("source", "counted", "replayed"):
            (folder / name).mkdir(mode=0o700)

    @property
    def statements(self) -> int:
        """Statements so far."""
        return len(self._lines)

    def wrap(self, connection: duckdb.DuckDBPyConnection) -> Recording:
        """The same connection, watched."""
        return Recording(connection, self)

    def keep(self, statement: str) -> None:
        """One more statement of the script."""
        self._lines.append(statement.strip().removesuffix(";"))

    def keep_count(self, table: str, query: str, found: Any) -> None:
        """A table that was read out: by the script, and as it was."""
        name = f"{len(self.counted) + 1:04}_{table}"
        self.counted.append(name)
        self.keep(f"COPY ({query}) TO 'replayed/{name}.csv' (HEADER)")
        found.write_csv((self.folder / "counted" / f"{name}.csv").as_posix(), header=True)

    def write(self) -> None:
        """Write the script."""
        text = HEAD + "".join(f"\n{line};\n" for line in self._lines)
        (self.folder / SCRIPT).write_text(text, encoding="utf-8", newline="\n")


class Recording:
    """A connection to DuckDB that tells a recorder what it does. It has what a store uses of one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, recorder: Recorder) -> None:
        """Watch an open connection."""
        self._connection, self._recorder = connection, recorder

    def register(self, name: str, data: object) -> None:
        """Pass data on."""
        self._connection.register(name, data)

    def unregister(self, name: str) -> None:
        """Forget data that were passed on."""
        self._connection.unregister(name)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def execute(self, query: str, binds: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """Run a statement; what makes, fills or drops a table, or sets something, is kept."""
        done = self._connection.execute(query, binds or {})
        loaded = ARROW.match(query)
        if loaded:
            self._keep_source(loaded[1])
        elif query.lstrip().upper().startswith(KEPT) and not any(name in query for name in CLOSED):
            self._recorder.keep(with_values(query, binds or {}))
        return done

    def sql(self, query: str) -> Any:
        """Run a query; a table that is read out whole is kept."""
        found = self._connection.sql(query)
        table = READ_OUT.match(query)
        if table:
            self._recorder.keep_count(table[1], query, _apart(found))
        return found

    def _keep_source(self, quoted: str) -> None:
        name = f"source/{quoted[1:-1]}.parquet"
        rows = self._connection.sql(f"SELECT * FROM {quoted}")  # noqa: S608 - a quoted name
        _apart(rows).write_parquet((self._recorder.folder / name).as_posix())  # this connection may be closed to files
        self._recorder.keep(f"CREATE TABLE {quoted} AS SELECT * FROM read_parquet('{name}')")  # noqa: S608


def _apart(found: Any) -> Any:
    """The rows of a relation in a connection of its own, which may write a file."""
    import duckdb

    rows = found.to_arrow_table()
    return duckdb.connect().from_arrow(rows)


def with_values(query: str, binds: Mapping[str, Any] | Sequence[Any]) -> str:
    """A statement with literals in the place of ``$name`` or, in rows of values, of ``?``."""
    if isinstance(binds, dict):
        for name, value in binds.items():
            query = re.sub(rf"\${name}\b", lambda _, v=value: literal(v), query)  # type: ignore[misc]
        return query
    head, mark, rest = query.partition(" VALUES ")
    values = iter(binds)
    return head + mark + re.sub(r"\?", lambda _: literal(next(values)), rest) if mark else query


def literal(value: object) -> str:
    """A value as SQL writes it. TypeError for one that no rule table holds."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"no literal for {type(value).__name__}")
