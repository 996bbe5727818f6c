"""Q-5 for a network: the variables that studies read, by registry and calendar year, in one picture."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.estimate.rows import level_rank
from pass_engine.protocol.sentences.words import counted
from pass_engine.report.figures.drawing import FULL_WIDTH, HAIR, MUTED, Box, Drawing, Stroke, Text, shorten
from pass_engine.report.figures.heat_map import TOLD, WORDS, fill_of, legend, missing_at_most, year_in_words
from pass_engine.report.numbers import join_words
from pass_engine.report.tables.quality import READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.documents.said import Scope
    from pass_engine.report.model import Figure
    from pass_engine.report.reading import Row

LABELS: Final = 140.0
HEAD: Final = 44.0
ROW: Final = 13.0
SIZE: Final = 9.0
GUTTER: Final = 8.0
MOST_REGISTRIES: Final = 6
"""Registries side by side in one figure; more make a further one."""
Place = tuple[str, str]


def by_registry_and_year(scope: Scope) -> tuple[Figure, ...]:
    """One figure for up to six registries; none where nothing was released by calendar year."""
    shown = [key for key in scope.registries if scope.evidence.rows("completeness_by_year.csv", key)]
    chunks = [shown[i : i + MOST_REGISTRIES] for i in range(0, len(shown), MOST_REGISTRIES)]
    return tuple(_figure(scope, chunk, number) for number, chunk in enumerate(chunks, start=1))


def _figure(scope: Scope, registries: Sequence[str], number: int) -> Figure:
    found = {key: _found(scope, key) for key in registries}
    years = sorted({year for by_place in found.values() for by_year in by_place.values() for year in by_year},
                   key=level_rank)  # fmt: skip
    names = [scope.short(key) for key in registries]
    title = f"Q-5: missing values by variable, registry and calendar year, %{f' ({number})' if number > 1 else ''}"
    drawing = Drawing(title, _described(scope, found, years))
    legend(drawing, LABELS)
    width = (FULL_WIDTH - LABELS) / len(registries)
    for place, name in enumerate(names):
        x = LABELS + place * width
        drawing.add(Text(x, HEAD - 16, name, size=SIZE, bold=True))
        drawing.add(Text(x, HEAD - 5, year_in_words(years[0]), size=7.5, colour=MUTED))
        drawing.add(Text(x + width - GUTTER, HEAD - 5, year_in_words(years[-1]), "end", 7.5, MUTED))
    y = HEAD
    for table, columns in READ.items():
        held = [column for column in columns if any((table, column) in by_place for by_place in found.values())]
        if not held:
            continue
        drawing.add(Text(0, y + ROW * 0.78, _words(scope, table), size=SIZE, bold=True))
        y += ROW
        for column in held:
            drawing.add(Text(8, y + ROW * 0.78, shorten(_words(scope, column), LABELS - 14, SIZE), size=SIZE))
            for place, key in enumerate(registries):
                x = LABELS + place * width
                for shape in _cells(found[key].get((table, column), {}), years, x, y, width - GUTTER):
                    drawing.add(shape)
            y += ROW
    drawing.height = y + 2
    note = (
        "Percent of the year's rows without a value; darker is more. A stroke: withheld. No frame: no rows, or not "
        "mapped. Variables that studies read; all others, with their numbers, are in each registry's own part."
    )
    key = "q-05-years-network" + (f"-{number}" if number > 1 else "")
    return drawing.figure(key, (note, scope.note))


def _found(scope: Scope, registry: str) -> dict[Place, dict[str, Row]]:
    found: dict[Place, dict[str, Row]] = {}
    for row in scope.evidence.rows("completeness_by_year.csv", registry):
        if row["column_name"] in READ.get(row["table_name"], ()):
            found.setdefault((row["table_name"], row["column_name"]), {})[row["calendar_year"]] = row
    return found


def _cells(by_year: dict[str, Row], years: Sequence[str], x: float, y: float, width: float) -> Iterator[Box | Stroke]:
    step = width / len(years)
    for number, year in enumerate(years):
        if year not in by_year:
            continue
        most, left = missing_at_most(by_year[year]), x + number * step
        yield Box(left, y + 0.5, step, ROW - 2, fill_of(most or Decimal(0))[0], HAIR, 0.4)
        if most is None:
            yield Stroke(left + 1, y + ROW - 3, left + step - 1, y + 2, MUTED, 0.6)


def _words(scope: Scope, key: str) -> str:
    return WORDS.get(key) or scope.evidence.ctx.names.variable(key)


def _described(scope: Scope, found: dict[str, dict[Place, dict[str, Row]]], years: Sequence[str]) -> str:
    """The figure in words: per registry, the variables that lack a fifth or more of their values in some year."""
    told = []
    for key, by_place in found.items():
        gaps = [
            f"{_words(scope, table)}: {_words(scope, column)}"
            for (table, column), by_year in by_place.items()
            if any((missing_at_most(row) or Decimal(0)) >= TOLD for row in by_year.values())
        ]
        told.append(f"{scope.short(key)}: {join_words(gaps) if gaps else 'none'}")
    variables = {place for by_place in found.values() for place in by_place}
    return (
        f"Table of {counted(len(variables), 'variable')} by registry and calendar year, {year_in_words(years[0])} to "
        f"{year_in_words(years[-1])}, each cell shaded by the percent of values that are missing. "
        f"{TOLD}% or more missing in some year: {'; '.join(told)}."
    )
