"""Forest plot: one rate by registry and cohort, pooled below, with the numbers it is drawn from beside it.

Where two registries or more show a rate, the mean over registries stands below, with the interval in which the rate of
a further registry is expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.figures.drawing import (
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    Axis,
    Drawing,
    Mark,
    Stroke,
    Text,
    cohort_mark,
    line_of,
    linear_axis,
    shorten,
)
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import format_per
from pass_engine.report.tables.incidence import AT_RISK, numerator_of, side_by_side
from pass_engine.report.tables.registries import prediction
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

ROW: Final = 14.0
LEFT, EVENTS, YEARS, PLOT, PLOT_END = 0.0, 178.0, 252.0, 272.0, 492.0
RATE: Final = 642.0
MOST_STRETCH: Final = 2.5
"""Limits beyond this many times the largest rate are cut at the edge and end in an arrow."""
READING: Final = "Markers with interval: registries. Diamond and dashed line: pooled. An arrow: the interval goes on."
MEAN: Final = (
    "Hollow diamond and thick line: mean over registries, each with its own weight. Thin line with end strokes: "
    "prediction interval, where the rate of a further registry is expected."
)


def forest(ctx: Context, combo: Combo) -> Figure:
    """Rates of one outcome by registry, cohort by cohort."""
    measure = ctx.main_measure(combo)
    blocks = {
        cohort: [(key, ctx.find(combo, cohort, measure, registry=key)) for key in ctx.registries]
        for cohort in combo.analysis.cohorts
    }
    rows = [row for block in blocks.values() for _, row in block if row]
    axis = _axis(rows)
    per = format_per(combo.analysis.per_person_years)
    drawing = Drawing(
        f"{ctx.shortest_title(combo)}, by registry: {MEASURES[measure]} per {per}",
        f"Forest plot. {_told(ctx, blocks)}",
    )
    y = _heads(drawing, measure, ctx.ci)
    means = [_mean(ctx, combo, cohort, measure) for cohort in blocks]
    for number, (cohort, block) in enumerate(blocks.items()):
        y = _block(drawing, ctx, (number, cohort, block, measure), axis, y)
        y = _mean_line(drawing, ctx, (number, cohort, means[number]), axis, y)
    _draw_axis(drawing, axis, y, f"{MEASURES[measure]} per {per}")
    drawn = [row for row in means if row is not None]
    notes = ctx.notes.under(
        [*rows, *drawn], population=AT_RISK, times=[combo.time], extra=(f"{READING} {MEAN}" if drawn else READING,)
    )
    return drawing.figure(f"forest-{combo.key}", notes)


def _mean(ctx: Context, combo: Combo, cohort: str, measure: str) -> Row | None:
    """The mean over registries of one cohort; None where none was made."""
    wanted = {"outcome": combo.outcome, "time_at_risk": combo.time, "measure": measure, "cohort": cohort}
    row = next(ctx.run.rows("heterogeneity.csv", analysis=combo.analysis.id, **wanted), None)
    return row if row is not None and row["rate"] else None


def _told(ctx: Context, blocks: dict[str, list[tuple[str, Row | None]]]) -> str:
    parts = []
    for cohort, block in blocks.items():
        parts.append(f"{ctx.names.cohort(cohort)}: pooled {cells.in_one(dict(block).get(POOLED))}")
    return "; ".join(parts) + "."


def _axis(rows: Sequence[Row]) -> Axis:
    rates = [float(row["rate"]) for row in rows if row["rate"]]
    highs = [float(row["rate_high"]) for row in rows if row["rate_high"]]
    most = min(max(highs, default=1.0), max(rates, default=1.0) * MOST_STRETCH) or 1.0
    return linear_axis(PLOT, PLOT_END, most)


def _heads(drawing: Drawing, measure: str, ci: str) -> float:
    y = 11.0
    drawing.add(
        Text(LEFT, y, "Registry", size=10, colour=MUTED),
        Text(EVENTS, y, numerator_of(measure), "end", 10, MUTED),
        Text(YEARS, y, "Person-years", "end", 10, MUTED),
        Text(RATE, y, f"{MEASURES[measure]} ({ci})", "end", 10, MUTED),
        Stroke(0, y + 6, FULL_WIDTH, y + 6, HAIR, 0.7),
    )
    return y + 22


def _block(
    drawing: Drawing, ctx: Context, what: tuple[int, str, list[tuple[str, Row | None]], str], axis: Axis, y: float
) -> float:
    number, cohort, block, measure = what
    drawing.add(
        cohort_mark(number, LEFT + 5, y - 3.5),
        Text(LEFT + 14, y, shorten(ctx.names.cohort(cohort), FULL_WIDTH - LEFT - 14, 10.5), size=10.5, bold=True),
    )
    first = y + 3
    y += ROW
    pooled = dict(block).get(POOLED)
    if pooled and pooled["rate"]:
        x = axis.at(float(pooled["rate"]))
        drawing.add(Stroke(x, first, x, first + ROW * len(block), MUTED, 0.8, "3 2"))
    for key, row in block:
        names = (ctx.names.registry(key), ctx.names.cohort(cohort))
        _line(drawing, (names, row, measure, number), axis, y, pooled=key == POOLED)
        y += ROW
    return y + 6


def _mean_line(drawing: Drawing, ctx: Context, what: tuple[int, str, Row | None], axis: Axis, y: float) -> float:
    number, cohort, row = what
    if row is None:
        return y
    y -= 6
    colour, rate = cohort_mark(number, 0, 0).colour, cells.in_one(row)
    told = f"{ctx.names.cohort(cohort)}, mean over registries: {rate}"
    drawing.add(
        Text(LEFT + 14, y, "Mean of registries", colour=MUTED),
        Text(RATE, y, rate, "end", colour=MUTED),
    )
    _span(drawing, (float(row["rate_low"]), float(row["rate_high"])), axis, y - 3.5, (colour, 2.4))
    if row["prediction_low"]:
        told = f"{told}\nPrediction interval: {prediction(row)}"
        limits = (float(row["prediction_low"]), float(row["prediction_high"]))
        drawing.add(Text(YEARS, y, f"prediction {prediction(row)}", "end", colour=MUTED))
        _span(drawing, limits, axis, y - 3.5, (colour, 1.0))
        _end_strokes(drawing, limits, axis, y - 3.5, colour)
    drawing.add(Mark(axis.at(float(row["rate"])), y - 3.5, "diamond", colour, filled=False, size=4.2))
    drawing.add(line_of(y, ROW, told, row.source))
    return y + ROW + 6


def _line(
    drawing: Drawing, what: tuple[tuple[str, str], Row | None, str, int], axis: Axis, y: float, *, pooled: bool
) -> None:
    (label, cohort), row, measure, number = what
    events = side_by_side(row, measure)[0]
    drawing.add(
        Text(LEFT + 14, y, label, bold=pooled),
        Text(EVENTS, y, events.text, "end", bold=pooled),
        Text(YEARS, y, cells.years(row).text, "end", bold=pooled),
        Text(RATE, y, cells.in_one(row), "end", bold=pooled),
    )
    if row is not None and row["rate"]:
        counted = f"{numerator_of(measure)}: {events.text}. Person-years: {cells.years(row).text}"
        mark = cohort_mark(number, axis.at(float(row["rate"])), y - 3.5)
        _interval(drawing, row, mark, axis, pooled=pooled)
        drawing.add(line_of(y, ROW, f"{cohort}, {label}: {cells.in_one(row)}\n{counted}", row.source))
    elif row is not None:
        drawing.add(line_of(y, ROW, f"{cohort}, {label}: {cells.in_one(row)}", row.source))


def _interval(drawing: Drawing, row: Row, mark: Mark, axis: Axis, *, pooled: bool) -> None:
    limits = (float(row["rate_low"] or 0), float(row["rate_high"] or axis.top * 2))
    _span(drawing, limits, axis, mark.y, (mark.colour, 1.2))
    drawing.add(Mark(mark.x, mark.y, "diamond", mark.colour, size=4.2) if pooled else mark)


def _span(drawing: Drawing, limits: tuple[float, float], axis: Axis, y: float, look: tuple[str, float]) -> None:
    """An interval as a line of a colour and width, with an arrow where it goes on."""
    low, high = limits
    cut = high > axis.top
    drawing.add(Stroke(axis.at(low), y, axis.at(high) + (5 if cut else 0), y, *look, arrow=cut))


def _end_strokes(drawing: Drawing, limits: tuple[float, float], axis: Axis, y: float, colour: str) -> None:
    for x in (axis.at(limit) for limit in limits if limit <= axis.top):
        drawing.add(Stroke(x, y - 3.5, x, y + 3.5, colour, 1.0))


def _draw_axis(drawing: Drawing, axis: Axis, y: float, label: str) -> None:
    y -= 8
    drawing.add(Stroke(axis.start, y, axis.end, y, INK, 0.8))
    for x, text in axis.ticks:
        drawing.add(Stroke(x, y, x, y + 4, INK, 0.8), Text(x, y + 14, text, "middle", 9.5, MUTED))
    drawing.add(Text((axis.start + axis.end) / 2, y + 28, label, "middle", 10, MUTED))
    drawing.height = y + 34
