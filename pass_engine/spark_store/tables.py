"""The door to a cluster that speaks Spark Connect (Apache Spark, or Sail). It answers like the embedded store.

Each numbered file is translated, bound to the cluster, and kept there as a table of its own name behind a view of this
session, so that runs side by side do not meet. A small DuckDB database beside it holds every table without its rows:
it says which type a column has, since Sail 0.7 takes that of a UNION from its first part alone. What comes back are
counts; they pass through the small database, which gives them in the order in which the embedded engine does.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pass_engine.dialect import WORKING, translate
from pass_engine.errors import SourceError
from pass_engine.spark_store.telling import not_there, told
from pass_engine.store import Binds, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

    from pass_engine.dialect import Recursion
    from pass_engine.sqltext import SqlFile

ROWS_AT_ONCE = 100_000
"""Rows of a local table that are sent in one go."""
SMALL = 1_000
"""A local table of at most so many rows stays a part of the query; a larger one becomes a table of the cluster."""
PARAMETERS = "on a cluster values come as tables, not as parameters"
ANSWER = "answer"
"""Table of the small database through which an answer passes."""
TYPES = {"BIGINT": "BIGINT", "HUGEINT": "BIGINT", "INTEGER": "INT", "VARCHAR": "STRING", "DATE": "DATE"}
TYPES |= {"DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN"}
"""Types of DuckDB as Spark has them. A sum of whole numbers has 64 bits there; more than that is an error."""


class SparkStore(Store):
    """One registry's tables on a cluster; taken away when closed."""

    def __init__(self, session: SparkSession, small: Store, where: str) -> None:
        """Wrap a session, and the small database beside it; use :func:`open_spark`."""
        super().__init__(small.connection)
        self._small = small
        self._session = session
        self._where = where
        self._prefix = f"pass_engine_{session.session_id.replace('-', '')[:12]}"
        self._made = 0
        self._kept: dict[str, tuple[str, ...]] = {}
        self._views: set[str] = set()

    def load_arrow(self, table: str, data: pa.Table | pa.RecordBatchReader) -> None:
        """Send a local table: a small one with each query, a larger one in parts."""
        import pyarrow as pa

        reader = data.to_reader(ROWS_AT_ONCE) if isinstance(data, pa.Table) else data
        schema = _plain_schema(reader.schema)
        self._small.drop_table(table)
        self._small.load_arrow(table, reader.schema.empty_table())
        with self._told(f"table {table}"):
            waiting: list[pa.Table] = []
            place = ""
            for batch in reader:
                waiting.append(pa.Table.from_batches([batch]).cast(schema))
                if sum(part.num_rows for part in waiting) > ROWS_AT_ONCE:
                    place, waiting = self._append(table, place, waiting), []
            left = pa.concat_tables(waiting) if waiting else schema.empty_table()
            if place or left.num_rows > SMALL:
                self._show(table, [self._append(table, place, [left])])
            else:
                self._view(table, self._local(left))
                self._forget(table)

    def load_rows(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Send a small table of Python values, by the types they have in DuckDB."""
        self._small.load_rows(ANSWER, columns, rows)
        sent = self._small.connection.sql(f"SELECT * FROM {ANSWER}").to_arrow_table()  # noqa: S608 - our own name
        self._small.drop_table(ANSWER)
        self.load_arrow(table, sent)

    def show_source(self, name: str, files: Sequence[str], table: str, step: str) -> dict[str, str]:
        """Show Parquet files, or a table of the catalogue, under a name; its columns, by the types DuckDB has for them.

        Nothing is read before it is asked for. ``step`` is what an error names.
        """
        from pyspark.sql.pandas.types import to_arrow_schema

        with told(self._where, step):
            rows = self._session.read.parquet(*files) if files else self._session.table(table)
            schema = to_arrow_schema(rows.schema, timezone="UTC")
            self._view(name, rows)
        if not schema.names:  # Sail 0.7 gives this for files that are not there
            raise SourceError(not_there(self._where, step))
        self._small.drop_table(name)
        self._small.load_arrow(name, schema.empty_table())
        return self.columns(name)

    def make_view_from(self, name: str, select: str) -> None:
        """A name for a generated SELECT, whose rows are made anew for each step that reads them."""
        with self._told(f"table {name}"):
            self._small.make_table_from(name, select)
            self._view(name, self._session.sql(translate(select).text))

    def make_table(self, sql: SqlFile, binds: Binds | None = None) -> int:
        """Make the table a numbered SQL file writes; returns its number of rows."""
        self._make(sql, binds)
        return self.count_rows(sql.writes)

    def make_tables(self, files: Iterable[SqlFile], binds: Binds | None = None) -> None:
        """Make the tables of several SQL files, in the order given; nothing is counted on the way."""
        for sql in files:
            self._make(sql, binds)

    def make_table_from(self, table: str, select: str, binds: Binds | None = None) -> int:
        """Make a table from a generated SELECT; returns its number of rows."""
        if binds:
            raise ValueError(PARAMETERS)
        with self._told(f"table {table}"):
            self._small.make_table_from(table, select)
            self._keep(table, _typed(translate(select).text, self.columns(table)))
        return self.count_rows(table)

    def drop_table(self, table: str) -> None:
        """Forget a table that no later step reads."""
        with self._told(f"table {table}"):
            self._take_away(table)

    def fetch(self, query: str, binds: Binds | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query without parameters."""
        if binds:
            raise ValueError(PARAMETERS)
        with self._told("a query"):
            answer = self._session.sql(translate(query).text).toArrow()
        return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))

    def frame(self, table: str, order: Sequence[str] = ()) -> pd.DataFrame:
        """A whole table of counts as a pandas frame, in a fixed order."""
        with self._told(f"table {table}"):
            answer = self._session.table(table).toArrow()
        self._small.load_arrow(ANSWER, answer)
        try:
            return self._small.frame(ANSWER, order)
        finally:
            self._small.drop_table(ANSWER)

    def lock(self) -> None:
        """Nothing to lock: files and network are the cluster's."""

    def clear(self) -> None:
        """Take away every table that was made."""
        for table in list(self._kept):
            self._forget(table)

    def _make(self, sql: SqlFile, binds: Binds | None) -> None:
        if sql.binds or binds:
            raise ValueError(PARAMETERS)
        translation = translate(sql.text)
        with self._told(sql.name):
            for name, text in translation.named:
                self._keep(name, text)
            if translation.recursion is not None:
                self._repeat(translation.recursion)
            self._small.make_table(sql)  # without a row, for the types
            self._keep(sql.writes, _typed(translation.text, self.columns(sql.writes)))
            for name, _ in translation.named:
                self._take_away(name)
            if translation.recursion is not None:
                self._take_away(translation.recursion.name)

    def _repeat(self, recursion: Recursion) -> None:
        """The first rows, then the step on what it gave before, until it gives nothing; the view holds all of them."""
        step = recursion.name + WORKING
        places = [self._table(step, recursion.first)]
        while self._session.table(places[-1]).limit(1).count():
            self._view(step, self._session.table(places[-1]))
            places.append(self._table(step, recursion.step))
        self._show(recursion.name, places)
        self._take_away(step)

    def _keep(self, name: str, text: str) -> None:
        self._show(name, [self._table(name, text)])

    def _table(self, name: str, text: str) -> str:
        """A new table of the cluster with what a query gives; its name there."""
        place = self._place(name)
        self._session.sql(text).write.mode("error").saveAsTable(place)
        return place

    def _append(self, name: str, place: str, parts: list[pa.Table]) -> str:
        import pyarrow as pa

        place = place or self._place(name)
        self._local(pa.concat_tables(parts)).write.mode("append").saveAsTable(place)
        return place

    def _place(self, name: str) -> str:
        self._made += 1
        return f"{self._prefix}_{self._made}_{name}"

    def _show(self, name: str, places: list[str]) -> None:
        """From now on the name stands for these tables, one under the other."""
        rows = self._session.table(places[0])
        for place in places[1:]:
            rows = rows.union(self._session.table(place))
        self._view(name, rows)
        self._forget(name)
        self._kept[name] = tuple(places)

    def _view(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(name)
        self._views.add(name)

    def _take_away(self, name: str) -> None:
        """Neither the view nor the tables behind it stay."""
        if name in self._views:
            self._session.catalog.dropTempView(name)
            self._views.remove(name)
        self._forget(name)

    def _forget(self, name: str) -> None:
        """Drop the tables behind a name. They are emptied first: Sail 0.7 leaves the files of a dropped table."""
        for place in self._kept.pop(name, ()):
            schema = self._session.table(place).schema
            self._session.createDataFrame([], schema).write.mode("overwrite").insertInto(place)
            self._session.sql(f"DROP TABLE IF EXISTS {place}").toArrow()

    def _local(self, data: pa.Table) -> DataFrame:
        from pyspark.sql.pandas.types import from_arrow_schema

        return self._session.createDataFrame(data, schema=from_arrow_schema(data.schema))

    @contextmanager
    def _told(self, step: str) -> Iterator[None]:
        with told(self._where, step):
            yield


def _typed(text: str, columns: Mapping[str, str]) -> str:
    """A query whose columns have the types stated."""
    names = ", ".join(f"CAST({name} AS {TYPES[kind]}) AS {name}" for name, kind in columns.items())
    return f"SELECT {names} FROM (\n{text}\n) AS typed"  # noqa: S608 - our own names


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    """Types that every Spark knows: a 128-bit sum is a whole number of 64 bits here, or an error."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_decimal(kind) and kind.scale == 0:
            return pa.int64()
        return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind

    return pa.schema([(field.name, plain(field.type)) for field in schema])
