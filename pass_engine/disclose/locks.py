"""Counts between data lock points, in the ledger: intervals and cumulative counts, registries and their pool.

The last cumulative count is the overall cell of the incidence table, and one to a lock point at which a calendar
interval ends is the sum of calendar cells; both are tied to them.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pass_engine.disclose.cells import MAIN, Cell
from pass_engine.disclose.frames import emptied
from pass_engine.disclose.ledger import NOT_A_COUNT
from pass_engine.disclose.links import POOLS
from pass_engine.disclose.thresholds import SEPARATOR, WITHHELD, rank_of, small_status
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.disclose.cells import Cells
    from pass_engine.disclose.frames import Row

Name = tuple[str, ...]
SPANS = "intervals and cumulative counts"
KEY = ("analysis", "registry", "registries", "cohort", "outcome", "time_at_risk", "span", "lock_point")
IN_CELLS = {
    "first_events": "events eair",
    "first_event_days": "days eair",
    "events": "events eaer",
    "person_days": "days eaer",
}
"""Numbers of a row, and the same numbers of an incidence cell."""
COUNTS = ("first_events", "events")
LEVEL = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2}))?")


@dataclass
class LockPoints:
    """Rows of lock_points.csv in the ledger."""

    cells: Cells
    numbers: dict[Name, dict[str, int]] = field(default_factory=dict)
    small: set[Name] = field(default_factory=set)

    def enter(self, rows: Iterable[Row]) -> None:
        """Enter every row; its numbers go together."""
        for row in (r for r in rows if r["registries"]):
            name, threshold = _name(row), self.cells.thresholds.of(row["registry"], row["registries"])
            rank = rank_of(row["registry"]) + (row["span"] == "cumulative")
            hides = bool(row["person_days"]) and self.cells.thresholds.hides_zero(row["registry"], row["registries"])
            for column in IN_CELLS:
                counted, value = column in COUNTS, row[column]
                limit = threshold if counted else NOT_A_COUNT
                index = self.cells.ledger.add(
                    ("lock", column, name),
                    value,
                    limit,
                    rank=rank,
                    block=name,
                    drags=name,
                    hides_zero=counted and hides,
                )
                self.numbers.setdefault(name, {})[column] = index
                if counted and value is not None and (0 if hides else 1) <= value < threshold:
                    self.small.add(name)

    def tie(self, rows: Sequence[Row]) -> None:
        """Tie spans to each other, registries to their pool, and cumulative counts to the cells they are."""
        series: dict[Name, list[Row]] = {}
        for row in (r for r in rows if r["registries"]):
            series.setdefault(_name(row)[:-2], []).append(row)
        for key, own in series.items():
            self._tie_spans(own)
            if key[1] == POOLED:
                self._tie_pool(key, own)
            self._tie_cells(key, own)

    def _tie_spans(self, rows: Sequence[Row]) -> None:
        points = sorted({r["lock_point"] for r in rows})
        by_span = {(r["span"], r["lock_point"]): self.numbers[_name(r)] for r in rows}
        for number, point in enumerate(points):
            for column in IN_CELLS:
                parts = [by_span["interval", point][column]]
                if number:
                    parts.append(by_span["cumulative", points[number - 1]][column])
                self.cells.ledger.tie([by_span["cumulative", point][column]], parts, SPANS)

    def _tie_pool(self, key: Name, rows: Sequence[Row]) -> None:
        for row in rows:
            place = (*key[3:], row["span"], row["lock_point"])
            parts = [(key[0], name, name, *place) for name in row["registries"].split(SEPARATOR)]
            for column in IN_CELLS:
                found = [self.numbers[p][column] for p in parts if p in self.numbers]
                self.cells.ledger.tie([self.numbers[_name(row)][column]], found, POOLS)

    def _tie_cells(self, key: Name, rows: Sequence[Row]) -> None:
        overall = Cell(MAIN, *key[1:])
        cells = self.cells.numbers
        last = max(r["lock_point"] for r in rows)
        years = [(c, days_of(c.level)) for c in cells if c._replace(stratum="overall", level="") == overall]
        spans = [(c, span) for c, span in years if c.stratum == "calendar" and span]
        whole = len(spans) == sum(c.stratum == "calendar" for c, _ in years)
        for row in (r for r in rows if r["span"] == "cumulative"):
            end = date.fromisoformat(row["lock_point"])
            found = [overall] if row["lock_point"] == last and overall in cells else []
            if not found and whole and all(last_day <= end or first > end for _, (first, last_day) in spans):
                found = [c for c, (_, last_day) in spans if last_day <= end]
            for column, quantity in IN_CELLS.items():
                parts = [cells[c][quantity] for c in found if quantity in cells[c]]
                if parts and len(parts) == len(found):
                    self.cells.ledger.tie([self.numbers[_name(row)][column]], parts, SPANS)

    def shown(self, rows: Iterable[Row]) -> list[Row]:
        """Rows as they may be shown."""
        return [emptied(row, self._status(row), IN_CELLS) for row in rows]

    def _status(self, row: Row) -> str:
        name = _name(row)
        if name not in self.numbers or not self.cells.ledger.block_withheld(name):
            return ""
        threshold = self.cells.thresholds.of(row["registry"], row["registries"])
        entries = self.cells.ledger.entries
        says = name in self.small and not any(entries[i].muted for i in self.numbers[name].values())
        return small_status(threshold) if says else WITHHELD


def _name(row: Row) -> Name:
    return tuple(str(row[c]) for c in KEY)


def days_of(level: str) -> tuple[date, date] | None:
    """First and last day of a calendar interval such as 2020, 2020-Q1 or 2020-03; None for another level."""
    match = LEVEL.fullmatch(level)
    if match is None:
        return None
    year, quarter, month = match.groups()
    first = int(quarter) * 3 - 2 if quarter else int(month or 1)
    last = int(quarter) * 3 if quarter else int(month or 12)
    return date(int(year), first, 1), date(int(year), last, calendar.monthrange(int(year), last)[1])
