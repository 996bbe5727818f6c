"""What the column maps did, counted: rows, values present, partial dates, losses by reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.harmonise.shaping import condition_sql

if TYPE_CHECKING:
    from pass_engine.harmonise.column_map import TableReading
    from pass_engine.store import Store

MAPPING_LOSS = {"table_name": "VARCHAR", "column_name": "VARCHAR", "reason": "VARCHAR", "row_count": "BIGINT"}
COLUMN_TALLY = {
    "table_name": "VARCHAR", "column_name": "VARCHAR", "row_count": "BIGINT", "present_count": "BIGINT",
    "partial_count": "BIGINT",
}  # fmt: skip
TABLE_TALLY = {
    "table_name": "VARCHAR", "source_rows": "BIGINT", "row_count": "BIGINT", "duplicate_count": "BIGINT",
}  # fmt: skip
FILTERED = "filtered by where"
NOT_CONTENT = {"adverse_event": ("event_id",)}
"""Columns in which two reports may differ and still be one report sent twice."""
CONSENTING = {"person": "WHERE coalesce(consent, '') <> 'no'"}
"""Persons who refused leave before anything is counted; the column maps leave out their rows elsewhere."""


@dataclass(frozen=True)
class ColumnTally:
    """One mapped column: rows, values present, values of month or year precision, losses by reason."""

    table: str
    column: str
    rows: int
    present: int
    partial: int
    losses: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TableTally:
    """One mapped table: rows of the source, rows kept, copies among them, and its columns."""

    table: str
    source_rows: int
    rows: int
    duplicates: int
    columns: tuple[ColumnTally, ...]


def tally_table(store: Store, reading: TableReading) -> TableTally:
    """Count what the column map of a table did."""
    rows, *present = store.fetch(_present_query(reading))[0]
    losses: dict[str, list[tuple[str, int]]] = {}
    query = _loss_query(reading)
    for column, reason, count in store.fetch(query) if query else []:
        losses.setdefault(column, []).append((reason, count))
    pairs = zip(reading.mapped, present[::2], present[1::2], strict=True)
    columns = tuple(
        ColumnTally(reading.table, r.name, rows, n, partial, tuple(sorted(losses.get(r.name, []))))
        for r, n, partial in pairs
    )
    source_rows = store.count_rows(f"raw_{reading.table}")
    distinct = int(store.fetch(_distinct_query(reading))[0][0])
    filtered = _filtered(store, reading)
    extra = (ColumnTally(reading.table, "", source_rows, 0, 0, ((FILTERED, filtered),)),) if filtered else ()
    return TableTally(reading.table, source_rows, rows, rows - distinct, (*columns, *extra))


def load_tallies(store: Store, tallies: list[TableTally]) -> None:
    """Make ``table_tally``, ``column_tally`` and ``mapping_loss``."""
    columns = [c for t in tallies for c in t.columns]
    store.load_rows("table_tally", TABLE_TALLY, [(t.table, t.source_rows, t.rows, t.duplicates) for t in tallies])
    counts = [(c.table, c.column, c.rows, c.present, c.partial) for c in columns if c.column]
    store.load_rows("column_tally", COLUMN_TALLY, counts)
    losses = [(c.table, c.column, reason, n) for c in columns for reason, n in c.losses]
    store.load_rows("mapping_loss", MAPPING_LOSS, losses)


def _present_query(reading: TableReading) -> str:
    counts = []
    for r in reading.mapped:
        partial = f"count(CASE WHEN {r.column.precision_name} <> 'day' THEN 1 END)" if r.is_date else "0"
        counts.append(f"count({r.name}), {partial}")
    where = CONSENTING.get(reading.table, "")
    return f"SELECT count(*), {', '.join(counts)} FROM mapped_{reading.table} {where}"  # noqa: S608 - core names


def _loss_query(reading: TableReading) -> str:
    where = CONSENTING.get(reading.table, "WHERE 1 = 1")
    return " UNION ALL ".join(
        f"SELECT '{r.name}' AS column_name, {r.name}_loss AS reason, count(*) AS row_count "  # noqa: S608 - core names
        f"FROM mapped_{reading.table} {where} AND {r.name}_loss IS NOT NULL GROUP BY {r.name}_loss"
        for r in reading.mapped
        if r.can_lose
    )


def _distinct_query(reading: TableReading) -> str:
    names = [r.name for r in reading.mapped if r.name not in NOT_CONTENT.get(reading.table, ())]
    names += [r.column.precision_name for r in reading.mapped if r.is_date]
    where = CONSENTING.get(reading.table, "")
    content = f"SELECT DISTINCT {', '.join(names)} FROM mapped_{reading.table} {where}"  # noqa: S608 - core names
    return f"WITH content AS ({content}) SELECT count(*) FROM content"  # noqa: S608 - as above


def _filtered(store: Store, reading: TableReading) -> int:
    where = reading.table_map.where if reading.table_map else None
    if not where:
        return 0
    left_out = f"NOT coalesce({condition_sql(where)}, false)"
    query = f"SELECT count(*) FROM raw_{reading.table} AS r WHERE {left_out}"  # noqa: S608 - values are quoted
    return int(store.fetch(query)[0][0])
