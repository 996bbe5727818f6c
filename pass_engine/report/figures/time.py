"""Person-time by calendar interval, and rates by age or time since start: small charts from the strata."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.estimate.rows import LAST_LEVELS
from pass_engine.report import cells
from pass_engine.report.figures.drawing import (
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    PALETTE,
    Axis,
    Box,
    Drawing,
    Stroke,
    Text,
    cohort_mark,
    linear_axis,
    shorten,
    text_width,
    wrap,
)
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import person_years
from pass_engine.report.tables.baseline import at_risk
from pass_engine.report.tables.incidence import AT_RISK
from pass_engine.report.tables.strata import levels
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

PANEL_HEIGHT: Final = 118.0
AXIS_WIDTH: Final = 44.0
BANDS: Final = {"age": "age band", "time_since_start": "time since start (days)"}
FEWEST_POINTS: Final = 3
"""Rates below this many make no panel of a figure; the table has them."""


def person_time_by_interval(ctx: Context) -> Figure | None:
    """Person-years of each cohort by calendar interval, for the first outcome and time at risk."""
    combo = ctx.combos[0]
    held = levels(ctx, combo, "calendar")
    years = [level for level in held if level not in LAST_LEVELS]
    found = {(c, y): at_risk(ctx, combo, c, POOLED, "calendar", y) for c in combo.analysis.cohorts for y in years}
    rows = [row for row in found.values() if row and row["person_days"]]
    if not rows:
        return None
    interval = ctx.names.stratum("calendar")
    drawing = Drawing(
        f"Person-years at risk by {interval} ({ctx.names.outcome(combo.outcome).lower()})",
        f"Bar chart of person-years by {interval} from {years[0]} to {years[-1]}, one bar a cohort.",
    )
    _legend(drawing, ctx, combo.analysis.cohorts, bars=True)
    axis = linear_axis(PANEL_HEIGHT + 28, 28, max(float(person_years(r["person_days"])) for r in rows), 4)
    _grid(drawing, axis, AXIS_WIDTH, FULL_WIDTH)
    slot = (FULL_WIDTH - AXIS_WIDTH) / len(years)
    width = slot * 0.72 / len(combo.analysis.cohorts)
    step = _every(slot, years)
    for n, year in enumerate(years):
        x = AXIS_WIDTH + slot * n
        if n % step == 0:
            drawing.add(Text(x + slot / 2, axis.start + 14, year, "middle", 9.5, MUTED))
        for c, cohort in enumerate(combo.analysis.cohorts):
            told = f"{ctx.names.cohort(cohort)}, {year}"
            _bar(drawing, found[cohort, year], axis, (x + slot * 0.14 + width * c, width, c, told))
    drawing.height = axis.start + 20
    left_out = " Days of incomplete intervals are not drawn." if "incomplete" in held else ""
    extra = (f"×: withheld. No bar and no ×: no person-time.{left_out}",)
    notes = ctx.notes.under(rows, population=AT_RISK, times=[combo.time], extra=extra, methods=False)
    return drawing.figure("person-time-by-year", notes)


def _every(slot: float, labels: Sequence[str]) -> int:
    """Which labels find room under bars this wide: every first, second or further one."""
    widest = max(text_width(label, 9.5) for label in labels)
    return max(math.ceil((widest + 6) / slot), 1)


def _bar(drawing: Drawing, row: Row | None, axis: Axis, where: tuple[float, float, int, str]) -> None:
    x, width, cohort, told = where
    if row is not None and not row["person_days"]:
        drawing.add(Text(x + width / 2, axis.start - 4, "×", "middle", 9, MUTED))
    elif row is not None:
        y = axis.at(float(person_years(row["person_days"])))
        bar = Box(x, y, width * 0.92, axis.start - y, fill_of(cohort), PALETTE[cohort % len(PALETTE)], 0.9)
        drawing.add(replace(bar, told=f"{told}: {cells.years(row).text} person-years", source=row.source))


def fill_of(cohort: int) -> str:
    """Solid, then pale, in turn: told apart in grey."""
    return PALETTE[cohort % len(PALETTE)] if cohort % 2 == 0 else ("#f3d9c8", "#e4d7ec", "#f2c9cd")[cohort // 2 % 3]


def rates_by(ctx: Context, stratum: str) -> Figure | None:
    """Rates by age or time since start with intervals, one panel an outcome and time at risk."""
    panels = [(combo, levels(ctx, combo, stratum)) for combo in ctx.combos]
    panels = [(combo, bands) for combo, bands in panels if len(_rows(ctx, combo, stratum, bands)) >= FEWEST_POINTS]
    if not panels:
        return None
    drawing = Drawing(
        f"Rates by {BANDS[stratum]}, pooled",
        f"Points with intervals by {BANDS[stratum]}, one panel an outcome and time at risk, one marker a cohort.",
    )
    cohorts = panels[0][0].analysis.cohorts
    _legend(drawing, ctx, cohorts, bars=False)
    columns = 2 if len(panels) > 1 else 1
    width = (FULL_WIDTH - 24 * (columns - 1)) / columns
    used: list[Row] = []
    for n, (combo, bands) in enumerate(panels):
        at = ((n % columns) * (width + 24), 24 + (n // columns) * (PANEL_HEIGHT + 62), width)
        _panel(drawing, ctx, (combo, stratum, bands), at)
        used += _rows(ctx, combo, stratum, bands)
    drawing.height = 24 + -(-len(panels) // columns) * (PANEL_HEIGHT + 62) - 4
    notes = ctx.notes.under(
        used,
        population=AT_RISK,
        times=[c.time for c, _ in panels],
        extra=(
            (
                "Bands without a point hold no person-time or are withheld, and so are outcomes without a panel. "
                "An interval that leaves the panel goes on."
            ),
        ),
    )
    return drawing.figure(f"rate-by-{stratum.replace('_', '-')}", notes)


def _rows(ctx: Context, combo: Combo, stratum: str, bands: Sequence[str]) -> list[Row]:
    measure = ctx.main_measure(combo)
    found = (ctx.find(combo, c, measure, stratum=stratum, level=b) for c in combo.analysis.cohorts for b in bands)
    return [row for row in found if row and row["rate"]]


def _panel(
    drawing: Drawing, ctx: Context, what: tuple[Combo, str, Sequence[str]], at: tuple[float, float, float]
) -> None:
    (combo, stratum, bands), (left, top, width) = what, at
    for n, line in enumerate(wrap(ctx.title(combo), width, 10.5)[:2]):
        drawing.add(Text(left, top + 12 + n * 12, line, size=10, bold=True))
    rows = _rows(ctx, combo, stratum, bands)
    most = min(max(float(r["rate_high"]) for r in rows), max(float(r["rate"]) for r in rows) * 2)
    axis = linear_axis(top + PANEL_HEIGHT + 34, top + 38, most or 1.0, 4)
    _grid(drawing, axis, left + AXIS_WIDTH, left + width)
    measure = f"{MEASURES[ctx.main_measure(combo)]} per {combo.analysis.per_person_years:,}"
    drawing.add(Text(left + width, top + 34, measure, "end", 9, MUTED))
    slot = (width - AXIS_WIDTH) / len(bands)
    step = _every(slot, [ctx.names.level(band) for band in bands])
    for b, band in enumerate(bands):
        x = left + AXIS_WIDTH + slot * (b + 0.5)
        if b % step == 0:
            drawing.add(Text(x, axis.start + 13, ctx.names.level(band), "middle", 9, MUTED))
        for c, cohort in enumerate(combo.analysis.cohorts):
            shift = (c - (len(combo.analysis.cohorts) - 1) / 2) * min(slot / 4, 11)
            _point(
                drawing,
                ctx.find(combo, cohort, ctx.main_measure(combo), stratum=stratum, level=band),
                axis,
                (x + shift, c, f"{ctx.names.cohort(cohort)}, {ctx.names.level(band)}"),
            )


def _point(drawing: Drawing, row: Row | None, axis: Axis, where: tuple[float, int, str]) -> None:
    x, cohort, told = where
    if row is None or not row["rate"]:
        return
    mark = cohort_mark(cohort, x, axis.at(float(row["rate"])))
    low, high = axis.at(float(row["rate_low"] or 0)), axis.at(float(row["rate_high"] or axis.top))
    drawing.add(Stroke(x, high, x, low, mark.colour, 1.1))
    drawing.add(replace(mark, told=f"{told}: {cells.in_one(row)}", source=row.source))


def _grid(drawing: Drawing, axis: Axis, left: float, right: float) -> None:
    for y, text in axis.ticks:
        drawing.add(Stroke(left, y, right, y, HAIR, 0.5), Text(left - 5, y + 3.5, _thousands(text), "end", 9, MUTED))
    drawing.add(Stroke(left, axis.start, right, axis.start, INK, 0.8))


def _thousands(text: str) -> str:
    return f"{int(text):,}" if text.isdigit() else text


def _legend(drawing: Drawing, ctx: Context, cohorts: Sequence[str], *, bars: bool) -> None:
    x = AXIS_WIDTH
    for n, cohort in enumerate(cohorts):
        shape = Box(x - 4, 4, 9, 9, fill_of(n), PALETTE[n % len(PALETTE)], 0.9) if bars else cohort_mark(n, x, 8)
        label = shorten(ctx.names.cohort(cohort), FULL_WIDTH / len(cohorts) - 40, 10)
        drawing.add(shape, Text(x + 10, 12, label, size=10))
        x += 34 + text_width(label, 10)
