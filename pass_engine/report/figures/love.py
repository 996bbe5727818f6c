"""Love plot: how far two arms differ in each covariate, before and after weighting or matching.

Source: Austin, Stat Med 2009;28:3083-3107 for the standardised difference and the rule of thumb of 0.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT: Final = 0.1
"""Absolute difference from which a covariate is called out of balance."""
LEFT: Final = 214.0
RIGHT: Final = 520.0
VALUES: Final = FULL_WIDTH
TOP: Final = 40.0
ROW: Final = 14.5
PLACES: Final = 2


@dataclass(frozen=True)
class Balance:
    """One covariate: standardised mean difference before and after, without a unit; None where it is not shown."""

    covariate: str
    before: float | None
    after: float | None
    source: str = ""


def love_plot(title: str, rows: Sequence[Balance]) -> Drawing:
    """The drawing: one line a covariate, in the order given, by absolute difference.

    Sides are told by the numbers, which keep their sign. A difference that is not shown has no mark and prints a dash.
    """
    drawing = Drawing(title, _described(rows))
    values = [abs(value) for row in rows for value in (row.before, row.after) if value is not None]
    axis = linear_axis(LEFT, RIGHT, max([*values, 2 * LIMIT]))
    bottom = TOP + ROW * len(rows)
    _head(drawing)
    drawing.add(Stroke(axis.at(LIMIT), TOP - 8, axis.at(LIMIT), bottom - 4, MUTED, 0.8, "3 2"))
    for number, row in enumerate(rows):
        _line(drawing, row, axis, TOP + ROW * number + 5)
    drawing.add(Stroke(LEFT, bottom, RIGHT, bottom, INK, 0.8))
    for x, tick in axis.ticks:
        drawing.add(Stroke(x, bottom, x, bottom + 4, INK, 0.8), Text(x, bottom + 15, tick, "middle", 9.5, MUTED))
    middle = (LEFT + RIGHT) / 2
    drawing.add(Text(middle, bottom + 29, "Absolute standardised mean difference", "middle", 10, MUTED))
    drawing.height = bottom + 35
    return drawing


def _described(rows: Sequence[Balance]) -> str:
    over = [sum(value is not None and abs(value) > LIMIT for value in side) for side in _sides(rows)]
    return (
        f"Absolute standardised mean differences of {len(rows)} covariates. "
        f"Above {LIMIT} before: {over[0]}; after: {over[1]}."
    )


def _sides(rows: Sequence[Balance]) -> tuple[list[float | None], list[float | None]]:
    return [row.before for row in rows], [row.after for row in rows]


def _head(drawing: Drawing) -> None:
    for place, (name, x) in enumerate((("Before", LEFT), ("After", LEFT + 70))):
        drawing.add(cohort_mark(1 - place, x, 8), Text(x + 9, 12, name, size=10))
    drawing.add(
        Text(0, TOP - 14, "Covariate", size=10, colour=MUTED),
        Text(VALUES - 56, TOP - 14, "Before", "end", 10, MUTED),
        Text(VALUES, TOP - 14, "After", "end", 10, MUTED),
        Stroke(0, TOP - 9, FULL_WIDTH, TOP - 9, HAIR, 0.7),
    )


def _line(drawing: Drawing, row: Balance, axis: Axis, y: float) -> None:
    drawing.add(Text(0, y, shorten(row.covariate, LEFT - 12, 10.5)))
    before, after = _number(row.before), _number(row.after)
    drawing.add(Text(VALUES - 56, y, before, "end"), Text(VALUES, y, after, "end"))
    for place, value in enumerate((row.before, row.after)):
        if value is not None:
            drawing.add(_mark(place, axis.at(abs(value)), y - 3.5))
    drawing.add(line_of(y, ROW, f"{row.covariate}: before {before}, after {after}", row.source))


def _mark(place: int, x: float, y: float) -> Mark:
    """Hollow before, filled after: told apart in grey."""
    return cohort_mark(1 - place, x, y)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.{PLACES}f}".replace("-", "−")
