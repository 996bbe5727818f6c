"""Forest plot of ratios: each registry's, the pooled one, and what a second stage makes of them, on a log axis."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import floor, log10
from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.figures.drawing import FULL_WIDTH, HAIR, INK, MUTED, Drawing, Stroke, Text, cohort_mark
from pass_engine.report.names import SECOND_STAGE_MODELS
from pass_engine.report.tables import regression
from pass_engine.report.tables.second_stage import POPULATION, by_contrast
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

ROW: Final = 15.0
LEFT, TARGET, COMPARATOR, PLOT, PLOT_END, RATIO = 0.0, 238.0, 318.0, 336.0, 516.0, 642.0
STEPS: Final = (1, 2, 5)
"""Ticks of a decade."""
NARROWEST, WIDEST = (0.5, 2.0), (0.05, 20.0)
"""The axis holds at least and at most this."""


def forests_of_ratios(ctx: Context) -> tuple[Figure, ...]:
    """One figure a contrast that a second stage is made of, and one an outcome and model of regression."""
    return (*_of_rates(ctx), *_of_models(ctx))


def _of_rates(ctx: Context) -> Iterator[Figure]:
    for number, (title, models) in enumerate(by_contrast(ctx, "second_stage.csv"), 1):
        place = {column: models[0][column] for column in ("analysis", "outcome", "time_at_risk", "measure")}
        by_registry = {row["registry"]: row for row in ctx.run.rows("comparison.csv", **place)}
        own = [by_registry[key] for key in ctx.registries if key in by_registry]
        together = [row for row in models if not row["without"]]
        yield _forest(ctx, f"forest-ratio-{number}", title, (own, together), by_registry)


def _of_models(ctx: Context) -> Iterator[Figure]:
    """The most adjusted model."""
    for analysis, asked in regression.asking(ctx):
        adjustment = regression.sets_of(asked)[-1]
        arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
        for (outcome, time), model in product(analysis.outcomes.items(), asked.fit):
            place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time}
            counts = {row["registry"]: row for row in ctx.run.rows("comparison.csv", **place)}
            rows = regression.rows_of(ctx, {**place, "model": model, "adjustment": adjustment})
            groups = [row for row in rows if not row["pooling"]], [row for row in rows if row["pooling"]]
            title = f"{ctx.names.outcome(outcome)}: {arms}, {regression.TITLES[model].lower()}, {adjustment}"
            if rows:
                yield _forest(ctx, f"forest-{model}-{analysis.id}-{outcome}".replace("_", "-"), title, groups, counts)


def _forest(
    ctx: Context, key: str, title: str, groups: tuple[list[Row], list[Row]], counts: Mapping[str, Row]
) -> Figure:
    """``groups``: rows of the registries, and of all together; ``counts``: registry to the row that has its events."""
    own, together = groups
    axis = _LogAxis([*own, *together])
    told = "; ".join(f"{_label(ctx, row)} {_in_words(row)}" for row in (*own, *together))
    drawing = Drawing(f"Ratios by registry. {title}", f"Forest plot. {told}.")
    y = 11.0
    drawing.add(
        Text(LEFT, y, "Registry", size=10, colour=MUTED),
        Text(TARGET, y, "Events, target", "end", 10, MUTED),
        Text(COMPARATOR, y, "comparator", "end", 10, MUTED),
        Text(RATIO, y, f"Ratio ({ctx.ci})", "end", 10, MUTED),
        Stroke(0, y + 6, FULL_WIDTH, y + 6, HAIR, 0.7),
    )
    y += 22
    one = axis.at(1.0)
    drawing.add(Stroke(one, y - 12, one, y - 8 + ROW * (len(own) + len(together)), MUTED, 0.8, "3 2"))
    for row in (*own, *together):
        _line(drawing, ctx, row, axis, y)
        if row in own and row["registry"] in counts:
            _events(drawing, counts[row["registry"]], y)
        y += ROW
    _draw_axis(drawing, axis, y)
    notes = ctx.notes.under(
        [*own, *together],
        population=POPULATION,
        times=[(own or together)[0]["time_at_risk"]],
        extra=(
            "Markers: registries. Diamonds: all together. The axis is logarithmic; an arrow: the interval goes on.",
        ),
        methods="measure" in (own or together)[0].values,
    )
    return drawing.figure(key, notes)


class _LogAxis:
    """Where a ratio lies, and the ticks 1, 2, 5 of each decade."""

    def __init__(self, rows: Sequence[Row]) -> None:
        ends = [
            float(row[c]) for row in rows if row["estimate"] for c in ("low", "high") if row[c] and float(row[c]) > 0
        ]
        self.low = max(min([*ends, NARROWEST[0]]), WIDEST[0])
        self.high = min(max([*ends, NARROWEST[1]]), WIDEST[1])

    def at(self, ratio: float) -> float:
        """The place of a ratio; beyond an end is the end."""
        inside = min(max(ratio, self.low), self.high)
        share = (log10(inside) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return PLOT + share * (PLOT_END - PLOT)

    @property
    def ticks(self) -> list[float]:
        """Ratios with a tick."""
        decades = range(floor(log10(self.low)), floor(log10(self.high)) + 1)
        values = [step * 10.0**decade for decade in decades for step in STEPS]
        return [value for value in values if self.low * 0.999 <= value <= self.high * 1.001]


def _label(ctx: Context, row: Row) -> str:
    if row.file == "regression.csv":
        return regression.label_of(ctx, row)
    return SECOND_STAGE_MODELS[row["model"]] if row.file == "second_stage.csv" else ctx.names.registry(row["registry"])


def _in_words(row: Row) -> str:
    return " ".join(cell.text for cell in cells.estimate_and_interval(row) if cell.text)


def _line(drawing: Drawing, ctx: Context, row: Row, axis: _LogAxis, y: float) -> None:
    summed = _is_summed(row)
    drawing.add(Text(LEFT, y, _label(ctx, row), bold=summed), Text(RATIO, y, _in_words(row), "end", bold=summed))
    if not row["estimate"]:
        return
    mark = cohort_mark(0, axis.at(float(row["estimate"])), y - 3.5)
    low, high = float(row["low"] or 0), float(row["high"] or "inf")
    cut = high > axis.high
    drawing.add(Stroke(axis.at(low), mark.y, axis.at(high) + (5 if cut else 0), mark.y, mark.colour, 1.2, arrow=cut))
    drawn = replace(mark, shape="diamond", size=4.2) if summed else mark
    drawing.add(replace(drawn, told=f"{_label(ctx, row)}: {_in_words(row)}", source=row.source))


def _is_summed(row: Row) -> bool:
    return row.file == "second_stage.csv" or row["registry"] == POOLED


def _events(drawing: Drawing, row: Row, y: float) -> None:
    events = [cells.count(row, f"{arm}_events").text for arm in ("target", "comparator")]
    places = zip((TARGET, COMPARATOR), events, strict=True)
    drawing.add(*(Text(x, y, n, "end", bold=_is_summed(row)) for x, n in places))


def _draw_axis(drawing: Drawing, axis: _LogAxis, y: float) -> None:
    y -= 8
    drawing.add(Stroke(PLOT, y, PLOT_END, y, INK, 0.8))
    for value in axis.ticks:
        x = axis.at(value)
        drawing.add(Stroke(x, y, x, y + 4, INK, 0.8), Text(x, y + 14, f"{value:g}", "middle", 9.5, MUTED))
    drawing.add(Text((PLOT + PLOT_END) / 2, y + 28, "Ratio, target over comparator", "middle", 10, MUTED))
    drawing.height = y + 34
