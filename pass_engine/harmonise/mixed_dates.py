"""Dates of two formats in one column: what the stated format does not read, and would read with day and month swapped.

Of two such formats one reads many dates of the other, as another day. The dates it cannot read give the others away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pass_engine.harmonise import faults
from pass_engine.harmonise.dates import date_sql
from pass_engine.harmonise.reading import text_sql
from pass_engine.harmonise.shaping import condition_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.errors import Fault
    from pass_engine.harmonise.column_map import TableReading
    from pass_engine.harmonise.reading import Reading
    from pass_engine.harmonise.tally import TableTally
    from pass_engine.store import Store

UNREADABLE_DATE = "unreadable date"
USUAL = ("%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d%b%Y", "%m.%Y", "%m/%Y")
FEWEST = 2
"""A single date that reads the other way round is a slip of the pen: counted like any other."""
ONE_IN = 100
"""From this share of a column on it is a second format."""


@dataclass(frozen=True)
class SecondFormat:
    """Dates that the stated formats do not read, and this one does; is it a stated one with day and month swapped?"""

    column: str
    date_format: str
    is_swapped: bool
    count: int
    tested: int


def second_formats(store: Store, reading: TableReading, tally: TableTally) -> Iterator[SecondFormat]:
    """For each date column with losses, the usual format that reads most of them; a swapped one goes first."""
    lost = {c.column: (dict(c.losses).get(UNREADABLE_DATE, 0), c.present) for c in tally.columns}
    for column in reading.mapped:
        failed, present = lost.get(column.name, (0, 0))
        if not column.is_date or column.reads_days or failed < FEWEST:
            continue
        other = swapped(column.formats)
        tried = (*other, *(f for f in USUAL if f not in column.formats and f not in other))
        counts = [int(store.fetch(_query(reading, column, (f,)))[0][0]) for f in tried]
        best = max(range(len(tried)), key=lambda n: (counts[n], -n))
        if counts[best] >= FEWEST:
            yield SecondFormat(column.name, tried[best], tried[best] in other, counts[best], failed + present)


def mixed_dates(store: Store, reading: TableReading, tally: TableTally) -> Iterator[Fault]:
    """A fault for each date column that holds dates of two formats; asks the raw table, where there were losses."""
    lost = {c.column: (dict(c.losses).get(UNREADABLE_DATE, 0), c.present) for c in tally.columns}
    for column in reading.mapped:
        failed, present = lost.get(column.name, (0, 0))
        other = swapped(column.formats) if column.is_date and not column.reads_days else ()
        if not other or failed < FEWEST or failed > present:  # more than half: the stated format is the wrong one
            continue
        count = int(store.fetch(_query(reading, column, other))[0][0])
        if count >= FEWEST and count * ONE_IN >= failed + present:
            yield faults.dates_of_two_formats(reading.where, column.name, column.formats, other, count)


def ambiguous(formats: tuple[str, ...]) -> tuple[str, str] | None:
    """Two stated formats that differ in the order of day and month alone; None where there are none."""
    for one, other in combinations(formats, 2):
        if one != other and _shape(one) == _shape(other):
            return one, other
    return None


def swapped(formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats with the numbers of day and month in each other's place, as far as they have both."""
    both = (f for f in formats if re.search(r"%-?d", f) and re.search(r"%-?m", f))
    found = tuple(re.sub(r"(%-?)([dm])", lambda m: m[1] + ("m" if m[2] == "d" else "d"), f) for f in both)
    return tuple(f for f in found if f not in formats)


def _shape(date_format: str) -> str:
    return re.sub(r"%-?[dm]", "%n", date_format)


def _query(reading: TableReading, column: Reading, other: tuple[str, ...]) -> str:
    text = text_sql(column)
    unread, read = date_sql("text", column.formats), date_sql("text", other)
    where = reading.table_map.where if reading.table_map else None
    rows = f"SELECT {text} AS text FROM raw_{reading.table} AS r"  # noqa: S608 - names of the core model, quoted values
    chosen = f" WHERE {condition_sql(where)}" if where else ""
    return f"WITH row AS ({rows}{chosen}) SELECT count(*) FROM row WHERE {unread} IS NULL AND {read} IS NOT NULL"  # noqa: S608 - as above
