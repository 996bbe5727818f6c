"""Points of curves that may be shown: no step between two of them is made by fewer events than may be shown.

A point gives the persons at risk and the events up to its day, and with the point before it what happened between.
So a point is shown only if, against the points shown on both sides of it, the events, the competing events and the
other persons who left are each none or enough. The points of the table are tried first, then those of the figure.
A registry's points are shown on a day only where every contributor's may be, and the pool's: nothing is left to
subtract.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

from pass_engine.disclose.cells import MAIN, Cell
from pass_engine.disclose.frames import emptied
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, WITHHELD, small_status
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pass_engine.disclose.cells import Cells
    from pass_engine.disclose.frames import Row

Curve = tuple[str, ...]
"""Analysis, cohort, outcome, time at risk."""
Point = int | str
"""A day, total or median."""
PLACE = ("analysis", "cohort", "outcome", "time_at_risk")
NUMBERS = ("persons", "at_risk", "events", "competing", "estimate", "std_error", "low", "high")
BAND = "band"
TRIED = ("table", "curve", BAND)
"""Kinds of point, in the order in which they are tried."""
TOTAL, MEDIAN = "total", "median"


def shown_survival(rows: Sequence[Row], cells: Cells) -> list[Row]:
    """Survival rows as they may be shown."""
    by_curve: dict[Curve, dict[str, list[Row]]] = {}
    for row in rows:
        by_curve.setdefault(tuple(row[c] for c in PLACE), {}).setdefault(row["registry"], []).append(row)
    shown: dict[tuple[str, ...], set[Point]] = {}
    for curve, registries in by_curve.items():
        alone = {name: _shown_points(own, cells) for name, own in registries.items()}
        together = _everywhere(registries, alone)
        for name, points in alone.items():
            shown[(*curve, name)] = points if name == POOLED else points & together
    return [_shown_row(row, shown[(*(row[c] for c in PLACE), row["registry"])], cells) for row in rows]


def _everywhere(registries: Mapping[str, Sequence[Row]], alone: Mapping[str, set[Point]]) -> set[Point]:
    """Points that the pool and every one of its contributors may show."""
    contributors = registries[POOLED][0]["registries"].split(SEPARATOR) if POOLED in registries else []
    return set.intersection(alone.get(POOLED, set()), *(alone[name] for name in contributors if name in alone))


def _point(row: Row) -> Point:
    return row["day"] if row["day"] is not None else str(row["point"])


def _threshold(row: Row, cells: Cells) -> int:
    return cells.thresholds.of(row["registry"], row["registries"])


def _shown_points(rows: Sequence[Row], cells: Cells) -> set[Point]:
    """Days, total and median that one registry or pool may show by itself."""
    by_point = {_point(row): row for row in rows}
    total = by_point.get(TOTAL)
    if total is None or total["events"] is None or cells.status(_cell(total)):
        return set()
    k = _threshold(total, cells)
    if any(0 < total[name] < k for name in ("persons", "events", "competing")):
        return set()
    days = sorted((r for r in by_point.values() if r["day"] is not None and r["events"] is not None), key=_day)
    stand: list[Row] = []
    # events up to the ends of bands stand in the incidence table, shown here or not
    bands = [row for row in days if row["point"] == BAND]
    for row in sorted(days, key=lambda r: TRIED.index(r["point"])):
        if _may_stand(row, _beside(row, stand), total, k) and _events_may(row, _beside(row, bands), total, k):
            insort(stand, row, key=_day)
    found: set[Point] = {TOTAL, *(row["day"] for row in stand)}
    median = by_point.get(MEDIAN)
    if median is not None and _enough_at_median(median, days, k):
        found.add(MEDIAN)
    return found


def _day(row: Row) -> int:
    return int(row["day"])


def _beside(row: Row, rows: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """The nearest points before and after a day, of rows in the order of their days."""
    before, after = bisect_left(rows, row["day"], key=_day), bisect_right(rows, row["day"], key=_day)
    return rows[before - 1] if before else None, rows[after] if after < len(rows) else None


def _may_stand(row: Row, beside: tuple[Row | None, Row | None], total: Row, k: int) -> bool:
    """Are the persons at risk, and those who came to an end between the neighbours and here, none or enough?"""
    steps = [row["at_risk"], *_steps(row, beside, total, "events"), *_steps(row, beside, total, "competing")]
    before, after = beside
    for early, late in ((before, row), (row, after)):
        if early is not None and late is not None:
            ended = sum(late[name] - early[name] for name in ("events", "competing"))
            steps.append(abs(early["at_risk"] - late["at_risk"] - ended))
    return not any(0 < step < k for step in steps)


def _events_may(row: Row, beside: tuple[Row | None, Row | None], total: Row, k: int) -> bool:
    return not any(0 < step < k for step in _steps(row, beside, total, "events"))


def _steps(row: Row, beside: tuple[Row | None, Row | None], total: Row, name: str) -> tuple[int, int]:
    """What a column adds since the neighbour before, and up to the one after or to the end."""
    before, after = beside
    return row[name] - (before[name] if before else 0), (after or total)[name] - row[name]


def _enough_at_median(median: Row, days: Sequence[Row], k: int) -> bool:
    """A median is the day of an event: it is shown where enough events lie before it."""
    if median["status"] == NOT_ESTIMABLE:
        return True
    before = [r["events"] for r in days if r["day"] <= median["estimate"]]
    return k <= 1 or max(before, default=0) >= k


def _cell(row: Row) -> Cell:
    return Cell(MAIN, row["registry"], row["registries"], row["cohort"], row["outcome"], row["time_at_risk"])


def _shown_row(row: Row, points: set[Point], cells: Cells) -> Row:
    if not row["registries"] or _point(row) in points:
        return row
    k = _threshold(row, cells)
    small = row["point"] == TOTAL and row["events"] is not None and 0 < row["events"] < k
    return emptied(row, small_status(k) if small else WITHHELD, NUMBERS)
