"""Survival and cumulative incidence over time, with numbers at risk beneath."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.counted import survival_analyses
from pass_engine.report.figures.drawing import (
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    PALETTE,
    Axis,
    Drawing,
    Stroke,
    Text,
    cohort_mark,
    linear_axis,
    shorten,
    text_width,
)
from pass_engine.report.numbers import format_count, format_percent
from pass_engine.report.tables.survival import AT_RISK, HEADS, curve, origin, pairs, percent, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.protocol.models import Survival
    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

LEFT: Final = 120.0
"""Room for the names of cohorts beside the numbers at risk, and for the axis."""
RIGHT: Final = FULL_WIDTH - 24
TOP: Final = 34.0
HEIGHT: Final = 190.0
LINE: Final = 15.0
FEWEST: Final = 2
"""Points below which there is no curve to draw."""
WHOLE: Final = 100.0
READING: Final = (
    "Bars: intervals at the days of the table. Each step gathers what happened since the day before that could be "
    "shown. ×: withheld, or nobody was followed as long."
)
DASH: Final = "5 3"


def curves(ctx: Context) -> tuple[Figure, ...]:
    """One figure an outcome, time at risk and measure of each survival analysis, where there is anything to draw."""
    drawn = (
        _figure(ctx, analysis, pair, measure)
        for analysis in survival_analyses(ctx.study)
        for pair in pairs(analysis)
        for measure in analysis.measures
    )
    return tuple(figure for figure in drawn if figure is not None)


def _figure(ctx: Context, analysis: Survival, pair: tuple[str, str], measure: str) -> Figure | None:
    rows = {cohort: curve(ctx, analysis, (cohort, *pair), measure) for cohort in analysis.cohorts}
    shown = {cohort: [r for r in found if r["day"] and r["estimate"]] for cohort, found in rows.items()}
    if all(len(points) < FEWEST for points in shown.values()):
        return None
    name = HEADS[measure]
    drawing = Drawing(
        f"{name} (%): {title(ctx, *pair)}, pooled",
        f"Step curves of {name.lower()} by days since {origin(ctx)}, one a cohort, numbers at risk beneath.",
    )
    _legend(drawing, ctx, analysis.cohorts)
    across = Axis(LEFT, RIGHT, float(analysis.at_days[-1]), float(analysis.at_days[-1]))
    up = linear_axis(TOP + HEIGHT, TOP, _most(measure, shown), 4)
    _frame(drawing, up, across, analysis.at_days, origin(ctx))
    for n, cohort in enumerate(analysis.cohorts):
        _steps(drawing, shown[cohort], (across, up), (n, ctx.names.cohort(cohort)))
    _at_risk(drawing, ctx, analysis, rows, across)
    used = [row for points in shown.values() for row in points]
    notes = ctx.notes.under(
        used,
        population=AT_RISK,
        times=[pair[1]],
        extra=(READING,),
    )
    return drawing.figure(f"curve-{analysis.id}-{'-'.join(pair)}-{measure}".replace("_", "-"), notes)


def _most(measure: str, shown: Mapping[str, Sequence[Row]]) -> float:
    if measure == "survival":
        return WHOLE
    highest = max(float(percent(r["high"] or r["estimate"])) for points in shown.values() for r in points)
    return min(max(highest, 0.1), WHOLE)


def _frame(drawing: Drawing, up: Axis, across: Axis, days: Sequence[int], start: str) -> None:
    for y, text in up.ticks:
        drawing.add(Stroke(LEFT, y, RIGHT, y, HAIR, 0.5), Text(LEFT - 6, y + 3.5, text, "end", 9, MUTED))
    drawing.add(Stroke(LEFT, up.start, RIGHT, up.start, INK, 0.8))
    for day in (0, *days):
        x = across.at(day)
        drawing.add(Stroke(x, up.start, x, up.start + 4, INK, 0.8))
        drawing.add(Text(x, up.start + 15, format_count(str(day)), "middle", 9, MUTED))
    drawing.add(Text(RIGHT, up.start + 29, f"Days since {start}", "end", 9, MUTED))


def _steps(drawing: Drawing, points: Sequence[Row], axes: tuple[Axis, Axis], which: tuple[int, str]) -> None:
    (across, up), (cohort, label) = axes, which
    colour, dash = PALETTE[cohort % len(PALETTE)], DASH if cohort % 2 else ""
    places = [(across.at(float(r["day"])), up.at(float(percent(r["estimate"])))) for r in points]
    for (x, y), (beyond, lower) in itertools.pairwise(places):
        drawing.add(Stroke(x, y, beyond, y, colour, 1.5, dash))
        if lower != y:
            drawing.add(Stroke(beyond, y, beyond, lower, colour, 1.5))
    for row, (x, y) in zip(points, places, strict=True):
        if row["point"] == "table":
            if row["low"]:
                low, high = up.at(float(percent(row["low"]))), up.at(float(percent(row["high"])))
                drawing.add(Stroke(x + 3 * cohort, high, x + 3 * cohort, low, colour, 0.9))
            mark = cohort_mark(cohort, x + 3 * cohort, y, 3.0)
            drawing.add(replace(mark, told=f"{label}, day {row['day']}: {_in_words(row)}", source=row.source))


def _in_words(row: Row) -> str:
    shares = {key: format_percent(percent(row[key])) if row[key] else "" for key in ("estimate", "low", "high")}
    limits = f" ({shares['low']}–{shares['high']})" if shares["low"] else ""
    return f"{shares['estimate']}%{limits}"


def _at_risk(
    drawing: Drawing, ctx: Context, analysis: Survival, rows: Mapping[str, Sequence[Row]], across: Axis
) -> None:
    y = TOP + HEIGHT + 46
    drawing.add(Text(0, y, "At risk", size=9.5, bold=True))
    for n, cohort in enumerate(analysis.cohorts):
        line = y + LINE * (n + 1)
        label = shorten(ctx.names.cohort(cohort), LEFT - 34, 9.5)
        drawing.add(Text(0, line, label, size=9.5, colour=PALETTE[n % len(PALETTE)]))
        for x, text in _numbers(rows[cohort], (0, *analysis.at_days), across):
            drawing.add(Text(x, line, text, "middle", 9.5))
    drawing.height = y + LINE * len(analysis.cohorts) + 8


def _numbers(rows: Sequence[Row], days: Sequence[int], across: Axis) -> Iterator[tuple[float, str]]:
    held = {row["day"]: row for row in rows if row["day"]}
    for day in days:
        row = held.get(str(day))
        shown = row is not None and row["at_risk"] and row["estimate"]
        yield across.at(day), format_count(row["at_risk"]) if row is not None and shown else "×"


def _legend(drawing: Drawing, ctx: Context, cohorts: Sequence[str]) -> None:
    x = LEFT
    for n, cohort in enumerate(cohorts):
        colour, dash = PALETTE[n % len(PALETTE)], DASH if n % 2 else ""
        label = shorten(ctx.names.cohort(cohort), (RIGHT - LEFT) / len(cohorts) - 50, 10)
        drawing.add(Stroke(x, 8, x + 22, 8, colour, 1.5, dash), cohort_mark(n, x + 11, 8, 3.0))
        drawing.add(Text(x + 28, 12, label, size=10))
        x += 52 + text_width(label, 10)
