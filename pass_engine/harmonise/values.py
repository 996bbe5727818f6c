"""What a coded column holds, and what values that cannot be read look like: for whoever mends the mapping.

Only inside the registry. A value is told where at least ``least`` persons have it; the others are counted together. Of
a value that cannot be read only its shape is told (``99.99.9999``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.harmonise.column_map import write_shape_counts, write_value_counts
from pass_engine.tables.core import DATED_BY

if TYPE_CHECKING:
    from pass_engine.harmonise.column_map import TableReading
    from pass_engine.harmonise.reading import Reading
    from pass_engine.store import Store


@dataclass(frozen=True)
class ValueCount:
    """One source value, or several rare ones (``source`` is None): what it becomes, and in how many rows it stands."""

    source: str | None
    core: str | None
    is_known: bool
    values: int
    rows: int


@dataclass(frozen=True)
class ShapeCount:
    """One shape of values that cannot be read, or several rare ones (``shape`` is None)."""

    shape: str | None
    shapes: int
    rows: int


def count_values(store: Store, reading: TableReading, column: Reading, least: int) -> tuple[ValueCount, ...]:
    """Values of a coded column, unknown ones first, then by frequency."""
    rows = store.fetch(write_value_counts(reading, column, least))
    return tuple(ValueCount(source, core, bool(known), int(n), int(count)) for source, core, known, n, count in rows)


def count_shapes(store: Store, reading: TableReading, column: Reading, least: int) -> tuple[ShapeCount, ...]:
    """Shapes of the values of a date or number that could not be read, by frequency."""
    rows = store.fetch(write_shape_counts(reading, column, least))
    return tuple(ShapeCount(shape, int(n), int(count)) for shape, n, count in rows)


@dataclass(frozen=True)
class YearCount:
    """Rows of one calendar year (None: rows without a date), and those in which the value is there."""

    year: int | None
    rows: int
    present: int


def count_filled(store: Store, table: str, column: str) -> tuple[YearCount, ...]:
    """How many rows of a mapped table hold a value, by calendar year; rows of persons who refused are not counted."""
    consenting = " WHERE coalesce(consent, '') <> 'no'" if table == "person" else ""
    query = (  # names of the core model only
        f"SELECT year({DATED_BY[table]}) AS calendar_year, count(*), count({column}) "  # noqa: S608
        f"FROM mapped_{table}{consenting} GROUP BY 1 ORDER BY calendar_year NULLS LAST"
    )
    return tuple(YearCount(year, int(rows), int(present)) for year, rows, present in store.fetch(query))
