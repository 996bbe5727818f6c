"""Tables of a PostgreSQL database over a connection: read only, and all as they are at one moment.

Rows come by ``COPY ... TO STDOUT`` in the order the server sends them, a message a row, and are parsed in batches by
Arrow: several times as fast as a cursor, in as little memory. Each value is made text by the server, so that numbers
keep every digit.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.credentials import connection_string
from pass_engine.source.opened import BATCH_ROWS, Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg
    import pyarrow as pa
    from psycopg import sql

    from pass_engine.registry import LoadedRegistry

READABLE = "rpvmf"
"""Kinds of relation: tables, partitioned ones, views, materialised views, foreign tables (pg_class.relkind)."""
TABLES = """\
SELECT c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = ANY(%s)
ORDER BY c.relname
"""
COLUMNS = """\
SELECT a.attname, coalesce(b.typname, t.typname), coalesce(b.typcategory, t.typcategory)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
DAYS = ("date", "timestamp", "timestamptz")
WHOLE = ("int2", "int4", "int8", "oid")
NUMBERS = (*WHOLE, "float4", "float8", "numeric")
TEXT_CATEGORIES = "SEB"
"""Strings, enumerations and truth values (pg_type.typcategory)."""
FINITE = "CAST({0} AS text) NOT IN ('NaN', 'Infinity', '-Infinity')"
SHORT = (
    "CASE WHEN position('.' IN CAST({0} AS text)) > 0 THEN rtrim(rtrim(CAST({0} AS text), '0'), '.') "
    "ELSE CAST({0} AS text) END"
)
"""A decimal without the zeros behind its point."""
WHOLE_OR_NOT = (
    "CASE WHEN {0} = trunc({0}) AND abs({0}) < 9007199254740992 THEN CAST(CAST({0} AS bigint) AS text) "
    "ELSE CAST({0} AS text) END"
)
"""A float that is a whole number (below 2**53, where floats hold them all) without exponent."""
NOT_ALLOWED = "42501"
"""SQLSTATE of insufficient privilege."""


@dataclass(frozen=True)
class Column:
    """A column: its name, and its type as the server names it."""

    name: str
    type: str
    category: str

    @property
    def kind(self) -> str:
        """Date, number or text; '' for a type that cannot be read as text."""
        if self.type in DAYS:
            return "date"
        if self.type in NUMBERS:
            return "number"
        return "text" if self.category in TEXT_CATEGORIES or self.type == "uuid" else ""


class PostgresTables:
    """The tables and views of one schema."""

    def __init__(self, connection: psycopg.Connection, schema: str, place: Place) -> None:
        """Wrap an open connection; use :func:`open_postgres`."""
        self._connection = connection
        self._schema = schema
        self.place = place
        self.origin = f"PostgreSQL, {schema}"

    def names(self) -> tuple[str, ...]:
        """Names of the tables and views."""
        with _told(self.place):
            rows = self._connection.execute(TABLES, [self._schema, list(READABLE)]).fetchall()
        return tuple(str(row[0]) for row in rows)

    def open(self, table: str, place: Place) -> Opened:
        """Read the columns of one table or view; the rows follow when asked for."""
        present = self.names()
        if table not in present:
            raise SourceError(faults.no_table(place.where, place.path, "table", table, present))
        with _told(self.place):
            rows = self._connection.execute(COLUMNS, [self._schema, table]).fetchall()
        columns = {name: Column(name, kind, category) for name, kind, category in rows}

        def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
            for name in wanted:
                if not columns[name].kind:
                    raise SourceError(faults.unreadable_column(place.where, place.path, name, columns[name].type))
            with _told(self.place, place), self._connection.transaction():  # a savepoint: the others are still read
                yield from self._rows(table, [columns[name] for name in wanted])

        return Opened(tuple(columns), read, tuple((c.name, c.kind) for c in columns.values()))

    def _rows(self, table: str, columns: list[Column]) -> Iterator[Sequence[pa.Array]]:
        from psycopg import sql

        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(
            sql.SQL(", ").join(_as_text(column) for column in columns), sql.Identifier(self._schema, table)
        )
        lines: list[bytes] = []
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            for line in copy:
                lines.append(bytes(line))
                if len(lines) == BATCH_ROWS:
                    yield _parsed(lines, len(columns), self.place)
                    lines = []
        if lines:
            yield _parsed(lines, len(columns), self.place)


@contextmanager
def open_postgres(loaded: LoadedRegistry, schema: str) -> Iterator[PostgresTables]:
    """Connect, and begin the one transaction that sees every table as it is now."""
    import psycopg

    place = Place(f"{loaded.folder.resolve().name}, PostgreSQL database", "source.connection")
    words = connection_string(loaded)
    try:
        connection = psycopg.connect(words, application_name="pass-engine", client_encoding="utf8")
    except psycopg.Error:
        # The library's own words name the server and the user, and its cause may hold the password.
        raise SourceError(faults.no_connection(place.where, place.path)) from None
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with _told(place):
            connection.execute("SET LOCAL datestyle = 'ISO'")
            connection.execute("SET LOCAL extra_float_digits = 1")
        tables = PostgresTables(connection, schema, place)
        if not tables.names():
            raise SourceError(faults.no_schema(place.where, "source.schema", schema))
        yield tables
    finally:
        connection.close()


@contextmanager
def _told(place: Place, table: Place | None = None) -> Iterator[None]:
    """Put other words in the place of the server's, which may quote a value; a lost connection is told once."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        at = table or place
        if error.sqlstate == NOT_ALLOWED:
            raise SourceError(faults.not_allowed(at.where, at.path)) from None
        if not isinstance(error, psycopg.OperationalError):
            raise SourceError(faults.unreadable_rows(at.where, at.path)) from None
        raise SourceError(faults.lost_connection(place.where, place.path)) from None


def _as_text(column: Column) -> sql.Composable:
    """The SQL of a value as text: a day as ISO, a number with every digit; no number is none."""
    from psycopg import sql

    plain = {
        "timestamp": "CAST(CAST({0} AS date) AS text)",
        "timestamptz": "CAST(CAST({0} AS date) AS text)",
        "numeric": f"CASE WHEN {FINITE} THEN {SHORT} END",
        "float4": f"CASE WHEN {FINITE} THEN {WHOLE_OR_NOT} END",
        "float8": f"CASE WHEN {FINITE} THEN {WHOLE_OR_NOT} END",
    }
    template: Any = plain.get(column.type, "CAST({0} AS text)")
    return sql.SQL(template).format(sql.Identifier(column.name))


def _parsed(lines: list[bytes], width: int, place: Place) -> Sequence[pa.Array]:
    """Columns of text; a row must come out for every message that came in."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [f"column_{number}" for number in range(width)]
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(b"".join(lines)),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        table = None
    if table is None or table.num_rows != len(lines):
        raise SourceError(faults.lost_connection(place.where, place.path))
    return [column.combine_chunks() for column in table.columns]
