"""Completeness of one registry: variables by calendar year, shaded and numbered by percent missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pass_engine.estimate.rows import level_rank
from pass_engine.protocol.sentences.words import counted
from pass_engine.report import cells
from pass_engine.report.figures.drawing import FULL_WIDTH, HAIR, INK, MUTED, Box, Drawing, Text, shorten
from pass_engine.report.numbers import join_words
from pass_engine.report.tables.indicators import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

LABELS: Final = 168.0
HEAD: Final = 38.0
TALLEST: Final = 740.0
ROW: Final = 14.0
STEPS: Final = (
    (Decimal(50), "#3d5a78", "#ffffff"),
    (Decimal(20), "#8fa3b8", INK),
    (Decimal(5), "#c3ced9", INK),
    (Decimal(1), "#e3e9ef", INK),
    (Decimal(0), "#ffffff", MUTED),
)
"""Percent missing from which a cell has its fill, and the colour of its number."""
KEYS: Final = (("under 1%", 4), ("1%", 3), ("5%", 2), ("20%", 1), ("50% or more", 0))
WORDS: Final = {
    "mri": "MRI",
    "mri_date": "Day of the scan",
    "edss": "EDSS",
    "sdmt": "SDMT",
    "atc": "ATC code",
    "lmp_date": "Last menstrual period",
    "centre_id": "Centre",
    "new_or_enlarging_t2": "New or enlarging T2 lesions",
    "gd_lesions": "Gadolinium-enhancing lesions",
    "birth_weight_g": "Birth weight",
    "timed_25_foot_walk_s": "Timed 25-foot walk",
    "nine_hole_peg_s": "Nine-hole peg test",
    "ser_death": "Serious: death",
    "ser_life_threatening": "Serious: life-threatening",
    "ser_hospitalisation": "Serious: hospitalisation",
    "ser_disability": "Serious: disability",
    "ser_congenital": "Serious: congenital anomaly",
    "ser_medically_important": "Serious: medically important",
}
"""Tables and variables whose names in the data model read badly."""
TOLD: Final = Decimal(20)
"""Percent missing in some year from which a variable is named in the text that stands for the figure."""
Place = tuple[str, str]
Look = tuple[str, str, str]


@dataclass(frozen=True)
class _Grid:
    """Where cells lie."""

    years: tuple[str, ...]
    row: float

    @property
    def column(self) -> float:
        return (FULL_WIDTH - LABELS) / max(len(self.years), 1)

    @property
    def size(self) -> float:
        return min(9.0, self.row * 0.72)

    def x(self, year: int) -> float:
        return LABELS + year * self.column


def heat_map(ctx: Context, registry: str) -> Figure | None:
    """Every mapped variable of a registry by year; None where it released none."""
    rows = [row for row in ctx.run.results["completeness_by_year.csv"] if row["registry"] == registry]
    if not rows:
        return None
    found: dict[Place, dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["table_name"], row["column_name"]), {})[row["calendar_year"]] = row
    years = tuple(sorted({row["calendar_year"] for row in rows}, key=level_rank))
    tables = list(dict.fromkeys(table for table, _ in found))
    grid = _Grid(years, min(ROW, TALLEST / (len(found) + len(tables))))
    drawing = Drawing(
        f"Missing values by variable and calendar year, %: {ctx.names.registry_in_full(registry)}",
        _described(ctx, found, years),
        whole=",".join(row.source for row in rows),
    )
    legend(drawing, LABELS)
    _years(drawing, grid)
    y = HEAD
    for table in tables:
        drawing.add(Text(0, y + grid.row * 0.78, _name(ctx, table), size=grid.size, bold=True))
        y += grid.row
        for (_, column), by_year in ((k, v) for k, v in found.items() if k[0] == table):
            label = shorten(_name(ctx, column), LABELS - 8, grid.size)
            drawing.add(Text(8, y + grid.row * 0.78, label, size=grid.size))
            _line(drawing, grid, y, [by_year.get(year) for year in years], _name(ctx, column))
            y += grid.row
    drawing.height = y + 2
    extra = (
        "Percent of the year's rows without a value, rounded; no number: none is missing. <: from 1 to k − 1 values "
        "are missing; ×: withheld. Neither frame nor number: no rows. The year is that of the row's own date: of a "
        "person, entry into the registry; of a disease, diagnosis. Years outside the study's stand together. A stop, "
        "an end or a death need not have happened, and is not shown here."
    )
    return drawing.figure(f"completeness-{registry}", (extra, ctx.notes.of_one(rows)))


def _name(ctx: Context, key: str) -> str:
    return WORDS.get(key) or ctx.names.variable(key)


def missing_at_most(row: Row) -> Decimal | None:
    """Percent missing, or the most it can be where a small count is withheld; None where nothing is told."""
    if row["percent"]:
        return Decimal(row["percent"])
    if row["status"].startswith("<") and row["tested"]:
        return min(Decimal(100) * (Decimal(row["status"][1:]) - 1) / Decimal(row["tested"]), Decimal(100))
    return None


def _line(drawing: Drawing, grid: _Grid, y: float, rows: Sequence[Row | None], label: str) -> None:
    """Cells of one variable; neighbours that look the same are one box, which keeps the file small."""
    number = 0
    for look, run in ((look, len(list(same))) for look, same in groupby(map(_cell, rows))):
        if look is not None:
            fill, ink, text = look
            told, source = _told(label, [row for row in rows[number : number + run] if row])
            drawing.add(Box(grid.x(number), y, grid.column * run - 1, grid.row - 1, fill, HAIR, 0.4, told, source))
            for place in range(number, number + run) if text else ():
                at = grid.x(place) + grid.column / 2
                drawing.add(Text(at, y + grid.row * 0.76, text, "middle", grid.size, ink))
        number += run


def _told(label: str, rows: Sequence[Row]) -> tuple[str, str]:
    """The values behind one box, year by year, and the rows they come from."""
    lines = []
    for row in rows:
        failed = cells.count(row, "failed").text
        lines.append(f"{year_in_words(row['calendar_year'])}: {failed} of {cells.count(row, 'tested').text} missing")
    return "\n".join([label, *lines]), ",".join(row.source for row in rows)


def _cell(row: Row | None) -> Look | None:
    """Fill, ink and number of a cell; None where there are no rows."""
    if row is None:
        return None
    most = missing_at_most(row)
    fill, ink = fill_of(most or Decimal(0))
    return fill, ink, _number(row, most)


def fill_of(missing: Decimal) -> tuple[str, str]:
    """Fill of a cell with so many percent missing, and the colour of its number."""
    return next((fill, ink) for limit, fill, ink in STEPS if missing >= limit)


def _number(row: Row, most: Decimal | None) -> str:
    if not row["percent"]:
        return "×" if most is None else "<"
    if row["failed"] == "0":
        return ""
    return rounded(most or Decimal(0)) if (most or 0) >= Decimal("0.5") else "0"


def year_in_words(year: str) -> str:
    """Head of a column."""
    return {"unknown": "no date"}.get(year, year)


def _years(drawing: Drawing, grid: _Grid) -> None:
    for number, year in enumerate(grid.years):
        drawing.add(Text(grid.x(number) + grid.column / 2, HEAD - 5, year_in_words(year), "middle", 8.5, MUTED))


def legend(drawing: Drawing, x: float) -> None:
    """What the fills mean, from a left edge on."""
    drawing.add(Text(0, 10, "Missing, % of rows", size=9, colour=MUTED))
    for words, step in KEYS:
        drawing.add(Box(x, 2, 12, 9, STEPS[step][1], MUTED, 0.5), Text(x + 16, 10, words, size=9, colour=MUTED))
        x += 92


def _described(ctx: Context, found: dict[Place, dict[str, Row]], years: Sequence[str]) -> str:
    """The figure in words: how many variables are complete, and which are not, in which years, and how far."""
    whole, gaps = 0, []
    for (table, column), by_year in found.items():
        worst = {year: missing_at_most(row) for year, row in by_year.items()}
        known = {year: value for year, value in worst.items() if value is not None}
        whole += all(value == 0 for value in known.values()) and len(known) == len(worst)
        high = [year for year in years if known.get(year, Decimal(0)) >= TOLD]
        if high:
            top = rounded(max(known[year] for year in high))
            gaps.append(
                f"{_name(ctx, table)}: {_name(ctx, column)} ({len(high)} of {len(by_year)} years, up to {top}%)"
            )
    told = join_words(gaps) if gaps else "none"
    span = f"{year_in_words(years[0])} to {year_in_words(years[-1])}"
    return (
        f"Table of {counted(len(found), 'variable')} by calendar year, {span}, "
        f"each cell shaded by the percent of values that are missing. Complete in every year: {whole}. "
        f"{TOLD}% or more missing in some year: {told}."
    )
