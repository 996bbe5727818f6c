"""Love plot: how far apart the cohorts are in every covariate, before weighting and after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.covariate_rules import PREFIX
from pass_engine.report.figures.drawing import (
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    Drawing,
    Stroke,
    Text,
    cohort_mark,
    linear_axis,
    shorten,
)
from pass_engine.report.tables.weighted import WEIGHTINGS, asking, pooled_balance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.models import Comparison
    from pass_engine.report.context import Context
    from pass_engine.report.figures.drawing import Axis
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

ROW: Final = 13.0
PLOT, PLOT_END = 250.0, 560.0
KEY_WIDTH: Final = 150.0


def love_plots(ctx: Context) -> tuple[Figure, ...]:
    """One figure a comparison whose registries released a balance."""
    made = ((analysis, pooled_balance(ctx, analysis)) for analysis in asking(ctx))
    return tuple(_plot(ctx, analysis, rows) for analysis, rows in made if rows)


def _plot(ctx: Context, analysis: Comparison, rows: dict[tuple[str, str], dict[str, Row]]) -> Figure:
    kinds = list(analysis.propensity.weights) if analysis.propensity else []
    limit = analysis.propensity.max_difference if analysis.propensity else 0.1
    used = [row for by_kind in rows.values() for row in by_kind.values()]
    sizes = [abs(float(row[c])) for row in used for c in ("smd_before", "smd_after")]
    axis = linear_axis(PLOT, PLOT_END, max([*sizes, 2 * limit]))
    arms = f"{ctx.names.cohort(analysis.of.target)} and {ctx.names.cohort(analysis.of.comparator)}"
    drawing = Drawing(
        f"Standardised differences between {arms}, before and after weighting",
        f"Love plot of {len(rows)} levels of covariates; the largest difference before weighting is "
        f"{max(abs(float(r['smd_before'])) for r in used):.2f}, after it "
        + ", ".join(f"{_largest(rows, kind):.2f} with {WEIGHTINGS[kind]}" for kind in kinds)
        + ".",
    )
    y = _key(drawing, kinds)
    top = y - ROW
    for (covariate, level), by_kind in rows.items():
        name = ctx.names.variable(f"{PREFIX}{covariate}")
        label = f"{name}: {ctx.names.level(level)}" if level else name
        drawing.add(
            Text(0, y, shorten(label, PLOT - 12, 10), size=10), Stroke(PLOT, y - 3.5, PLOT_END, y - 3.5, HAIR, 0.4)
        )
        _marks(drawing, label, by_kind, kinds, axis, y - 3.5)
        y += ROW
    drawing.add(Stroke(axis.at(limit), top, axis.at(limit), y - 8, MUTED, 0.8, "3 2"))
    _draw_axis(drawing, axis, y)
    notes = ctx.notes.under(
        used,
        population="persons of the two cohorts at cohort entry",
        methods=False,
        extra=(f"Size of the standardised mean difference, all registries together. Dashed line: {limit:g}.",),
    )
    return drawing.figure(f"love-{analysis.id}", notes)


def _largest(rows: dict[tuple[str, str], dict[str, Row]], kind: str) -> float:
    return max((abs(float(by_kind[kind]["smd_after"])) for by_kind in rows.values() if kind in by_kind), default=0.0)


def _key(drawing: Drawing, kinds: Sequence[str]) -> float:
    """What each marker stands for."""
    x, y = 0.0, 11.0
    for number, label in enumerate(("before weighting", *(WEIGHTINGS[kind] for kind in kinds))):
        if x + KEY_WIDTH > FULL_WIDTH:
            x, y = 0.0, y + ROW
        drawing.add(cohort_mark(number, x + 5, y - 3.5), Text(x + 14, y, label, size=10, colour=MUTED))
        x += KEY_WIDTH
    drawing.add(Stroke(0, y + 6, FULL_WIDTH, y + 6, HAIR, 0.7))
    return y + 22


def _marks(drawing: Drawing, label: str, by_kind: dict[str, Row], kinds: Sequence[str], axis: Axis, y: float) -> None:
    """The difference before weighting and after each kind of it; its size, whichever cohort has more."""
    first = next(iter(by_kind.values()))
    points = [(0, "before weighting", first, "smd_before")]
    points += [(n, WEIGHTINGS[k], by_kind[k], "smd_after") for n, k in enumerate(kinds, 1) if k in by_kind]
    for number, words, row, column in points:
        value = float(row[column])
        mark = cohort_mark(number, axis.at(abs(value)), y)
        drawing.add(replace(mark, told=f"{label}, {words}: {value:.2f}", source=row.source))


def _draw_axis(drawing: Drawing, axis: Axis, y: float) -> None:
    y -= 6
    drawing.add(Stroke(axis.start, y, axis.end, y, INK, 0.8))
    for x, text in axis.ticks:
        drawing.add(Stroke(x, y, x, y + 4, INK, 0.8), Text(x, y + 14, text, "middle", 9.5, MUTED))
    drawing.add(Text((axis.start + axis.end) / 2, y + 28, "Standardised mean difference", "middle", 10, MUTED))
    drawing.height = y + 34
