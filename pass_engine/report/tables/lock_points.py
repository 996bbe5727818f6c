"""Counts between data lock points and cumulative to each, as a periodic safety report takes them (section 10.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date
from pass_engine.report.tables.incidence import AT_RISK
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

SPANS: Final = {"interval": "Interval", "cumulative": "Cumulative"}
NOTE: Final = (
    "Interval: from the day after the lock point before, the first from the start of the study period. A cumulative "
    "count is the one before and the interval. Persons are not counted by interval, since one person is in several."
)


def lock_points(ctx: Context) -> Table | None:
    """Events and person-years by interval and cumulative, pooled; None without lock points."""
    if not ctx.study.data.lock_points:
        return None
    columns = [Column("Cohort and lock point", 2.6, numeric=False)]
    for head in SPANS.values():
        columns += [Column(name, width, group=head) for name, width in COLUMNS]
    lines: list[Line] = []
    used: list[Row] = []
    rows = {_key(row): row for row in ctx.run.rows("lock_points.csv", registry=POOLED)}
    for combo in ctx.combos:
        for cohort in combo.analysis.cohorts:
            lines.append(group(f"{ctx.title(combo)} · {ctx.names.cohort(cohort)}", len(columns)))
            for point in ctx.study.data.lock_points:
                place = (combo.analysis.id, cohort, combo.outcome, combo.time, point.isoformat())
                found = [rows.get((*place, span)) for span in SPANS]
                used += [row for row in found if row]
                values = [cell for row in found for cell in _cells(row)]
                lines.append(Line((cells.text(format_date(point)), *values)))
    return make(
        "lock-points",
        "Events and person-years between data lock points, and cumulative, pooled",
        columns,
        lines if used else [],
        ctx.notes.under(used, population=AT_RISK, extra=(NOTE,), methods=False),
        empty="The results hold no count by lock point.",
    )


COLUMNS: Final = (("First events", 0.9), ("Events", 0.9), ("Person-years", 1.1))


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[c] for c in ("analysis", "cohort", "outcome", "time_at_risk", "lock_point", "span"))


def _cells(row: Row | None) -> tuple[Cell, ...]:
    return cells.count(row, "first_events"), cells.count(row, "events"), cells.years(row)
