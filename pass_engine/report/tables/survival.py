"""Survival and cumulative incidence on the days that the protocol names (section 10.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.counted import survival_analyses, times_of
from pass_engine.protocol.sentences.words import lower_first
from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_count, format_interval, format_level, format_rate
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.models import Survival
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

HEADS: Final = {"survival": "Survival", "cumulative_incidence": "Cumulative incidence"}
AT_RISK: Final = "persons with at least one day at risk, after exclusion of prior events where the outcome asks for it"
NUMBERS: Final = (("At risk", "at_risk", 0.9), ("Events", "events", 0.8), ("Competing", "competing", 0.95))


def pairs(analysis: Survival) -> Iterator[tuple[str, str]]:
    """Outcome and time at risk, in the order of the protocol."""
    for outcome in analysis.outcomes:
        for time in times_of(analysis, outcome):
            yield outcome, time


def title(ctx: Context, outcome: str, time: str) -> str:
    """Outcome and time at risk in words."""
    return f"{ctx.names.outcome(outcome)} · {lower_first(ctx.names.time_at_risk(time))}"


def curve(ctx: Context, analysis: Survival, place: tuple[str, str, str], measure: str) -> list[Row]:
    """Pooled rows of one curve: cohort, outcome and time at risk."""
    cohort, outcome, time = place
    return list(
        ctx.run.rows(
            "survival.csv",
            analysis=analysis.id,
            registry=POOLED,
            cohort=cohort,
            outcome=outcome,
            time_at_risk=time,
            measure=measure,
        )
    )


def survival_tables(ctx: Context) -> tuple[Table, ...]:
    """One table a survival analysis."""
    return tuple(_table(ctx, analysis) for analysis in survival_analyses(ctx.study))


def _table(ctx: Context, analysis: Survival) -> Table:
    columns = [Column("Day", 1.7, numeric=False), *(Column(head, width) for head, _, width in NUMBERS)]
    ci = f"{format_level(str(analysis.interval.level))} CI"
    for measure in analysis.measures:
        columns += [Column("%", 0.8, group=HEADS[measure]), Column(ci, 1.5, group=HEADS[measure])]
    lines: list[Line] = []
    used: list[Row] = []
    for outcome, time in pairs(analysis):
        for cohort in analysis.cohorts:
            lines.append(group(f"{title(ctx, outcome, time)} · {ctx.names.cohort(cohort)}", len(columns)))
            rows = [curve(ctx, analysis, (cohort, outcome, time), measure) for measure in analysis.measures]
            for beside in zip(*(_printed(r) for r in rows), strict=True):
                used += beside
                lines.append(_line(beside))
            lines += _median(rows, len(columns))
    times = [time for _, time in pairs(analysis)]
    words = " and ".join(HEADS[m].lower() for m in analysis.measures)
    return make(
        f"curve-{analysis.id}",
        f"{words[:1].upper()}{words[1:]} by time since {origin(ctx)}, pooled",
        columns,
        lines,
        ctx.notes.under(used, population=AT_RISK, times=times, extra=_extra(ctx, analysis, used)),
        empty="The results hold no pooled row for this analysis.",
    )


def origin(ctx: Context) -> str:
    """From what day the curves run, in words."""
    since = ctx.study.strata.time_since_start
    return "the first era of the exposure" if since and since.origin == "first_era" else "cohort entry"


def _extra(ctx: Context, analysis: Survival, used: Sequence[Row]) -> tuple[str, ...]:
    named = ["death", *(lower_first(ctx.names.outcome(o)) for o in analysis.competing)]
    rests = "A day is withheld where a step of the curve beside it would rest on too few events."
    told = (
        f"Day 0 is {origin(ctx)}. At risk: on the day; events and competing events ({', '.join(named)}): up to and "
        "including it, and in all on the line above the days. Survival takes who has a competing event as censored on "
        "that day."
    )
    held = [rests] if any(r["status"] == "withheld" for r in used) else []
    return (told, *held, *ctx.notes.not_estimable(used))


def _printed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["point"] in {"total", "table"}]


def _line(rows: Sequence[Row]) -> Line:
    first = rows[0]
    total = first["point"] == "total"
    values = [cells.text("All, with persons" if total else format_count(first["day"]))]
    values += [cells.count(first, "persons" if total and name == "at_risk" else name) for _, name, _ in NUMBERS]
    for row in rows:
        values += [Cell(""), Cell("")] if total else _share(row)
    return Line(tuple(values))


def _share(row: Row) -> list[Cell]:
    if not row["estimate"]:
        return [cells.marked(row, small=False), Cell("")]
    interval = format_interval(percent(row["low"]), percent(row["high"])) if row["low"] else ""
    return [Cell(format_rate(percent(row["estimate"])), source=row.source), Cell(interval, source=row.source)]


def percent(share: str) -> str:
    """A share as a percentage, not rounded."""
    return str(Decimal(share) * 100) if share else ""


def _median(curves: Sequence[Sequence[Row]], columns: int) -> list[Line]:
    """The line of the median, where it is reached and may be shown."""
    rows = [row for rows in curves for row in rows if row["point"] == "median" and row["estimate"]]
    lines = []
    for row in rows:
        low, high = (format_count(_whole(row[c])) if row[c] else "not reached" for c in ("low", "high"))
        day = format_count(_whole(row["estimate"]))
        blank = [Cell("")] * (columns - 3)
        words = cells.text("Median survival (days)")
        lines.append(Line((words, Cell(day, source=row.source), Cell(f"({low}–{high})", source=row.source), *blank)))
    return lines


def _whole(text: str) -> str:
    return str(int(Decimal(text)))
