"""The quality profile of one registry on one page: every indicator with its counts, its value and its limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.figures.drawing import (
    BLUE,
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    Axis,
    Box,
    Drawing,
    Mark,
    Stroke,
    Text,
    shorten,
)
from pass_engine.report.numbers import format_count, join_words
from pass_engine.report.tables.indicators import facts_line, limit_of, value_text
from pass_engine.tables.indicators import DIMENSIONS, OUTSIDE, indicators
from pass_engine.terms import GATE_MET, GATE_NOT_MET

if TYPE_CHECKING:
    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row
    from pass_engine.tables.indicators import Indicator

ROW: Final = 10.2
SIZE: Final = 8.7
TOP: Final = 46.0
COUNTS: Final = 356.0
VALUE: Final = 420.0
LIMIT: Final = 428.0
BAR: Final = 498.0
END: Final = 626.0
"""Right edge of the counts and of the value, left edge of the limit, and both ends of the bar."""
AT_LEAST = Axis(BAR, END, 100.0, 25.0)
AT_MOST = Axis(BAR, END, 25.0, 5.0)
"""Where more is better the bar runs to 100%; where less is better to 25%, what is above ends there."""
DARK: Final = "#3d5a78"
PALE_BAR: Final = "#c3ced9"


@dataclass(frozen=True)
class _Line:
    declared: Indicator
    row: Row
    y: float


def profile(ctx: Context, registry: str) -> Figure | None:
    """One page for a registry; None where it released no indicator."""
    rows = {row["indicator"]: row for row in ctx.run.results["indicators.csv"] if row["registry"] == registry}
    if not rows:
        return None
    drawing = Drawing(f"Quality profile: {ctx.names.registry_in_full(registry)}", _described(rows))
    drawing.add(Text(0, 12, facts_line(ctx, registry), size=10, colour=MUTED))
    _head(drawing)
    y = TOP
    for dimension in DIMENSIONS:
        drawing.add(Text(0, y + 9, dimension.capitalize(), size=9.8, colour=BLUE, bold=True))
        y += ROW + 1
        for declared in (i for i in indicators().values() if i.dimension == dimension and i.id in rows):
            _line(drawing, _Line(declared, rows[declared.id], y))
            y += ROW
        y += 3
    drawing.height = y
    extra = (
        "Filled square: the default limit is not kept; hollow circle: kept. Bars of percentages run to 100% where more "
        "is better and to 25% where less is better (dark; longer ones end there), with a stroke at the limit. NE: "
        "nothing to count over. Days and years of rates are person-days and person-years under observation."
    )
    return drawing.figure(f"quality-profile-{registry}", (extra, ctx.notes.of_one(list(rows.values()))))


def _described(rows: dict[str, Row]) -> str:
    """The figure in words."""
    names = {key: declared.label for key, declared in indicators().items()}
    kept = sum(row["verdict"] == GATE_MET for row in rows.values())
    failed = [names[key] for key, row in rows.items() if row["verdict"] == GATE_NOT_MET]
    hidden = sum(row["status"] not in {"shown", "not_estimable"} for row in rows.values())
    empty = sum(row["status"] == "not_estimable" for row in rows.values())
    told = join_words(failed) if failed else "none"
    return (
        f"List of {len(rows)} quality indicators with counts, value and limit. Limit kept: {kept}. Not kept: {told}. "
        f"Withheld: {hidden}. Nothing to count over: {empty}."
    )


def _head(drawing: Drawing) -> None:
    y = TOP - 10
    drawing.add(
        Text(COUNTS, y, "counts", "end", 9, MUTED),
        Text(VALUE, y, "value", "end", 9, MUTED),
        Text(LIMIT, y, "limit", "start", 9, MUTED),
        Stroke(0, y + 5, FULL_WIDTH, y + 5, INK, 0.8),
    )


def _line(drawing: Drawing, line: _Line) -> None:
    declared, row, base = line.declared, line.row, line.y + 8.1
    drawing.add(
        Stroke(0, line.y + ROW, FULL_WIDTH, line.y + ROW, HAIR, 0.3),
        Text(6, base, shorten(declared.label, COUNTS - 90, SIZE), size=SIZE),
        Text(COUNTS, base, _counts(row), "end", SIZE, MUTED),
        Text(LIMIT, base, limit_of(declared), "start", SIZE, MUTED),
    )
    if not row["value"]:
        is_unstated = row["status"] == "not_estimable" and declared.id in OUTSIDE
        told = "not stated" if is_unstated else cells.marked(row, small=True).text
        drawing.add(Text(VALUE, base, told, "end", SIZE, MUTED))
        return
    drawing.add(Text(VALUE, base, f"{value_text(declared, row)}{_unit(declared)}", "end", SIZE, bold=True))
    if declared.unit == "percent":
        axis = AT_LEAST if declared.direction == "at_least" else AT_MOST
        fill = PALE_BAR if axis is AT_LEAST else DARK
        drawing.add(Box(BAR, line.y + 3, axis.at(float(row["value"])) - BAR, 5, fill, "none", 0.0))
        limit = axis.at(float(declared.limit))
        drawing.add(Stroke(limit, line.y + 2, limit, line.y + ROW - 2, INK, 1.2))
    failed = row["verdict"] == GATE_NOT_MET
    mark = Mark(FULL_WIDTH - 6, line.y + 5.5, "square" if failed else "circle", INK, filled=failed, size=3.0)
    verdict = "limit not kept" if failed else "limit kept"
    value = f"{value_text(declared, row)}{_unit(declared)}"
    told = f"{declared.label}: {value} ({_counts(row)})\n{limit_of(declared)}: {verdict}"
    drawing.add(replace(mark, told=told, source=row.source))


def _unit(declared: Indicator) -> str:
    return "%" if declared.unit == "percent" else ""


def _counts(row: Row) -> str:
    if not row["numerator"] or not row["denominator"]:
        return f"of {format_count(row['denominator'])}" if row["denominator"] not in {"", "0"} else ""
    return f"{format_count(row['numerator'])} / {format_count(row['denominator'])}"
