"""Attrition as a flow: boxes of persons left, with persons excluded beside them, cohort by cohort, pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.figures.drawing import FULL_WIDTH, INK, MUTED, PALE, Box, Drawing, Stroke, Text, shorten, wrap
from pass_engine.report.tables.participants import attrition_rows, excluded
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.report.context import Context
    from pass_engine.report.model import Cell, Figure
    from pass_engine.report.reading import Row

GUTTER: Final = 22.0
GAP: Final = 15.0
LINE: Final = 12.5
SIZE: Final = 10.0
COLUMNS: Final = 2


def flow(ctx: Context) -> Figure | None:
    """Every cohort from the persons of the registries to the persons that entered."""
    cohorts = [c for c in ctx.cohorts if attrition_rows(ctx, c)]
    if not cohorts:
        return None
    columns = min(COLUMNS, len(cohorts))
    width = min((FULL_WIDTH - GUTTER * (columns - 1)) / columns, 420.0)
    drawing = Drawing("Attrition, pooled over registries", "Flow diagram. " + " ".join(_told(ctx, c) for c in cohorts))
    top, used = 0.0, []
    for start in range(0, len(cohorts), columns):
        ends = []
        for place, cohort in enumerate(cohorts[start : start + columns]):
            ends.append(_column(drawing, ctx, cohort, (place * (width + GUTTER), top, width)))
            used += [rows[POOLED] for rows in attrition_rows(ctx, cohort).values() if POOLED in rows]
        top = max(ends) + 18
    drawing.height = top - 14
    notes = ctx.notes.under(used, population="persons in the registries' data")
    return drawing.figure("flow", notes)


def _told(ctx: Context, cohort: str) -> str:
    rows = [rows[POOLED] for rows in attrition_rows(ctx, cohort).values() if POOLED in rows]
    first, last = cells.count(rows[0], "persons").text, cells.count(rows[-1], "persons").text
    return f"{ctx.names.cohort(cohort)}: {first} persons at first, {last} in the cohort."


def _column(drawing: Drawing, ctx: Context, cohort: str, where: tuple[float, float, float]) -> float:
    x, y, width = where
    main = width * 0.63
    drawing.add(Text(x, y + 11, shorten(ctx.names.cohort(cohort), width, 11), size=11, bold=True))
    y += 20
    before: float | None = None
    for (_, _, label), by_registry in attrition_rows(ctx, cohort).items():
        row = by_registry.get(POOLED)
        lines = wrap(label, main - 16, SIZE)
        height = LINE * (len(lines) + 1) + 9
        if before is not None:
            drawing.add(Stroke(x + main / 2, before, x + main / 2, y, INK, 0.8, arrow=True))
        _box(drawing, (x, y, main, height), lines, cells.count(row, "persons"))
        _excluded(drawing, row, (x + main, y + height / 2, width - main))
        before = y + height
        y = before + GAP
    return before or y


def _box(drawing: Drawing, where: tuple[float, float, float, float], lines: list[str], persons: Cell) -> None:
    x, y, width, height = where
    told = f"{' '.join(lines)}: {persons.text} persons"
    drawing.add(Box(x, y, width, height, PALE, INK, 0.7, told, persons.source))
    for number, line in enumerate(lines):
        drawing.add(Text(x + 8, y + 14 + number * LINE, line, size=SIZE))
    drawing.add(Text(x + 8, y + 14 + len(lines) * LINE, f"n = {persons.text}", size=SIZE, bold=True))


def _excluded(drawing: Drawing, row: Row | None, where: tuple[float, float, float]) -> None:
    lost = excluded(row)
    if not lost:
        return
    x, y, width = where
    height, source = LINE * 2 + 8, row.source if row else ""
    drawing.add(
        Stroke(x, y, x + 14, y, MUTED, 0.8, arrow=True),
        Box(x + 14, y - height / 2, width - 14, height, "#ffffff", MUTED, 0.7, f"Excluded: {lost} persons", source),
        Text(x + 21, y - 3, "Excluded", size=SIZE, colour=MUTED),
        Text(x + 21, y + 10, f"n = {lost}", size=SIZE),
    )
