"""The one generated text: the SELECT that maps a source table to its core table. It is saved with the run.

A CTE a step: ``source_row`` (texts, rows chosen by ``where``, values chosen by ``when``), ``read_row`` (dates and
numbers), ``core_row`` (values of the core model); the result adds what was lost (``<column>_loss``), and merges rows
where that is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.harmonise.reading import (
    Reading,
    loss_sql,
    precision_value_sql,
    read_sql,
    reading_of,
    text_sql,
    value_sql,
)
from pass_engine.harmonise.shaping import condition_sql, source_text_sql, unshaped_sql
from pass_engine.store import quote_text
from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pass_engine.registry.models import TableMap
    from pass_engine.tables.core import Column
    from pass_engine.tables.raw import RawTable


@dataclass(frozen=True)
class TableReading:
    """One core table and how each of its columns is read; without a source it is empty."""

    table: str
    columns: tuple[Reading, ...]
    table_map: TableMap | None
    raw: RawTable | None

    @property
    def mapped(self) -> tuple[Reading, ...]:
        """The columns the registry supplies."""
        return tuple(r for r in self.columns if r.is_mapped)

    @property
    def merges(self) -> bool:
        """Do several rows of a person become one?"""
        return self.table_map is not None and self.table_map.merge_rows

    @property
    def where(self) -> str:
        """The table and the file it comes from, for messages."""
        return f"table {self.table} ({self.raw.origin})" if self.raw else f"table {self.table}"


def table_reading(
    table: str, table_map: TableMap | None, raw: RawTable | None, extras: Sequence[Column] = ()
) -> TableReading:
    """Gather how a core table is read, with the columns that a study adds to it."""
    columns = tuple(reading_of(table, column, table_map, raw) for column in (*CORE[table].columns, *extras))
    return TableReading(table, columns, table_map, raw)


def write_column_map(reading: TableReading) -> str:
    """The SELECT that makes ``mapped_<table>``."""
    if reading.raw is None:
        return f"-- Table {reading.table} is not mapped: empty.\nSELECT\n{_lines(_typed_nulls(reading))}\nWHERE 1 = 0\n"
    head = f"-- Column map of table {reading.table}, from {reading.raw.origin}.\n"
    columns = _merged(reading) if reading.merges else _plain(reading)
    end = "GROUP BY person_id\n" if reading.merges else ""
    refused = "" if reading.table == "person" else _REFUSED_ROWS
    return f"{head}{_common_tables(reading)}\nSELECT\n{_lines(columns)}\nFROM core_row\n{refused}{end}"


def write_merge_check(reading: TableReading) -> str:
    """Per column, the number of persons whose rows to be merged hold different values."""
    names = [name for r in reading.mapped if r.name != "person_id" for name in _value_names(r)]
    counts = [f"count(DISTINCT {name}) AS {name}" for name in names]
    sums = [f"count(CASE WHEN {name} > 1 THEN 1 END) AS {name}" for name in names]
    per_person = f"per_person AS (\n    SELECT\n{_lines(counts, 8)}\n    FROM core_row\n    GROUP BY person_id\n)"
    return f"{_common_tables(reading)},\n{per_person}\nSELECT\n{_lines(sums)}\nFROM per_person\n"


def write_value_counts(reading: TableReading, column: Reading, least: int) -> str:
    """Values of one coded column as the source has them, by frequency; those of few persons together, without a name.

    ``least``: fewest persons for a name. A row: source value, core value, whether it is known, number of values and
    of rows.
    """
    name = column.name
    counted = (
        f"counted AS (\n    SELECT {name}_text AS source_text, {name} AS core_value, {name}_known AS known,\n"  # noqa: S608
        f"        count(*) AS row_count, count(DISTINCT person_id) AS persons\n    FROM core_row\n"
        f"{_consenting(reading)}    AND {name}_text IS NOT NULL\n    GROUP BY {name}_text, {name}, {name}_known\n)"
    )
    return (
        f"{_common_tables(reading)},\n{counted}\n"
        f"SELECT CASE WHEN persons >= {int(least)} THEN source_text END AS source,\n"
        f"    CASE WHEN persons >= {int(least)} THEN core_value END AS core, known,\n"
        "    count(*) AS value_count, CAST(sum(row_count) AS BIGINT) AS row_count\n"
        "FROM counted\nGROUP BY 1, 2, 3\nORDER BY known, source IS NULL, row_count DESC, source\n"
    )


def write_shape_counts(reading: TableReading, column: Reading, least: int) -> str:
    """Shapes of the values of one column that were lost: every digit 9, every letter a. Else as for values."""
    name = column.name
    shape = (
        f"left(regexp_replace(regexp_replace({name}_text, '[0-9]', '9', 'g'), '\\p{{L}}', 'a', 'g'), {SHAPE_LENGTH})"
    )
    counted = (
        f"counted AS (\n    SELECT {shape} AS shape_text, count(*) AS row_count,\n"  # noqa: S608 - core names
        "        count(DISTINCT person_id) AS persons\n"
        f"    FROM core_row\n{_consenting(reading)}    AND {loss_sql(column)} LIKE 'unreadable%'\n    GROUP BY 1\n)"
    )
    return (
        f"{_common_tables(reading)},\n{counted}\n"
        f"SELECT CASE WHEN persons >= {int(least)} THEN shape_text END AS shape, count(*) AS shape_count,\n"
        "    CAST(sum(row_count) AS BIGINT) AS row_count\n"
        "FROM counted\nGROUP BY 1\nORDER BY shape IS NULL, row_count DESC, shape\n"
    )


CONSENTS = "coalesce(consent, '') <> 'no'"
SHAPE_LENGTH = 30
"""Characters of a value whose shape is told."""


def _consenting(reading: TableReading) -> str:
    """Rows of persons who did not refuse."""
    if reading.table != "person":
        return (
            "    LEFT JOIN refused_person AS refused ON refused.refused_id = core_row.person_id\n"
            "    WHERE refused.refused_id IS NULL\n"
        )
    asked = any(r.name == "consent" for r in reading.mapped)
    return f"    WHERE {CONSENTS if asked else '1 = 1'}\n"


_REFUSED_ROWS = """LEFT JOIN refused_person AS refused ON refused.refused_id = core_row.person_id
WHERE refused.refused_id IS NULL
"""

_REFUSED_PERSON = """,
refused_person AS (
    SELECT DISTINCT person_id AS refused_id
    FROM mapped_person
    WHERE consent = 'no'
)"""


def _common_tables(reading: TableReading) -> str:
    texts = [f"{text_sql(r)} AS {r.name}_text" for r in reading.mapped]
    texts += [f"{_unshaped(r)} AS {r.name}_unshaped" for r in reading.mapped if r.is_shaped]
    rows = f"    FROM raw_{reading.table} AS r\n{_where(reading)}"
    source_row = f"source_row AS (\n    SELECT\n{_lines(texts, 8)}\n{rows})"
    joins = "".join(_map_join(r) for r in reading.mapped if r.is_coded)
    read_row = f"read_row AS (\n    SELECT\n{_lines(_read_columns(reading), 8)}\n    FROM source_row\n)"
    core_row = f"core_row AS (\n    SELECT\n{_lines(_core_columns(reading), 8)}\n    FROM read_row\n{joins})"
    return f"WITH {source_row},\n{read_row},\n{core_row}" + ("" if reading.table == "person" else _REFUSED_PERSON)


def _where(reading: TableReading) -> str:
    where = reading.table_map.where if reading.table_map else None
    return f"    WHERE {condition_sql(where)}\n" if where else ""


def _unshaped(reading: Reading) -> str:
    if reading.column_map is None:
        raise ValueError("a constant is not put together")
    return unshaped_sql(reading.column_map, source_text_sql(reading.column_map, is_date=reading.is_date))


def _map_join(reading: Reading) -> str:
    name = f"{reading.name}_map"
    return (
        f"    LEFT JOIN code_map AS {name}\n        ON {name}.table_name = {quote_text(reading.table)}"
        f" AND {name}.column_name = {quote_text(reading.name)} AND {name}.source = {reading.name}_text\n"
    )


def _read_columns(reading: TableReading) -> Iterator[str]:
    for r in reading.mapped:
        yield f"{r.name}_text"
        if r.is_shaped:
            yield f"{r.name}_unshaped"
        read = read_sql(r)
        if read:
            yield f"{read} AS {r.name}_read"
        if r.is_date:
            yield f"{precision_value_sql(r)} AS {r.column.precision_name}"


def _core_columns(reading: TableReading) -> Iterator[str]:
    for r in reading.mapped:
        yield f"{value_sql(r)} AS {r.name}"
        if r.is_date:
            yield r.column.precision_name
        if r.can_lose:
            yield f"{r.name}_text"
        if r.is_shaped:
            yield f"{r.name}_unshaped"
        if r.reads_days:
            yield f"{r.name}_read"
        if r.is_coded:
            yield f"{r.name}_map.source IS NOT NULL AS {r.name}_known"


def _plain(reading: TableReading) -> Iterator[str]:
    nulls = dict(zip(_names(reading), _typed_nulls(reading), strict=True))
    for r in reading.columns:
        if not r.is_mapped:
            yield from (nulls[name] for name in _value_names(r))
            continue
        yield r.name
        if r.is_date:
            precision = r.column.precision_name
            yield f"CASE WHEN {r.name} IS NOT NULL THEN {precision} END AS {precision}"
    yield from (f"{loss_sql(r)} AS {r.name}_loss" for r in reading.mapped if r.can_lose)


def _merged(reading: TableReading) -> Iterator[str]:
    nulls = dict(zip(_names(reading), _typed_nulls(reading), strict=True))
    for r in reading.columns:
        if not r.is_mapped:
            yield from (nulls[name] for name in _value_names(r))
        elif r.name == "person_id":
            yield "person_id"
        else:
            yield f"min({r.name}) AS {r.name}"
            if r.is_date:
                precision = r.column.precision_name
                yield f"min(CASE WHEN {r.name} IS NOT NULL THEN {precision} END) AS {precision}"
    yield from (f"min({loss_sql(r)}) AS {r.name}_loss" for r in reading.mapped if r.can_lose)


def _names(reading: TableReading) -> list[str]:
    return [name for r in reading.columns for name in _value_names(r)]


def _value_names(reading: Reading) -> tuple[str, ...]:
    return (reading.name, reading.column.precision_name) if reading.is_date else (reading.name,)


def _typed_nulls(reading: TableReading) -> Iterator[str]:
    for r in reading.columns:
        yield f"CAST(NULL AS {r.sql_type}) AS {r.name}"
        if r.is_date:
            yield f"CAST(NULL AS VARCHAR) AS {r.column.precision_name}"


def _lines(columns: Iterable[str], indent: int = 4) -> str:
    return ",\n".join(f"{' ' * indent}{column}" for column in columns)
