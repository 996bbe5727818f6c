"""What must not be seen: a withheld number in a cell, a head, a sentence or a figure of the finished report (PE814).

Whatever is printed from a row that is not shown may hold the numbers that the row itself still holds, and no other.
"""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault
from pass_engine.report.model import LINK_END, LINK_START, LINK_TO, Bullets, Paragraph
from pass_engine.report.numbers import format_decimal, person_years

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.report.model import Report, Section, Table
    from pass_engine.report.reading import Row

OURS: Final = "this is a fault of pass_engine: please report it"
NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
PLACES: Final = (0, 1, 2, 3, 4)
DAYS: Final = frozenset(
    {"person_days", "first_event_days", "target_person_days", "comparator_person_days", "denominator"}
)
TEXTS: Final = frozenset({"status", "note", "registries", "reason"})
"""Columns whose digits are no number of the row."""
LINKED: Final = re.compile(f"{LINK_START}([^{LINK_TO}]*){LINK_TO}(R-[^{LINK_END}]*){LINK_END}")
TOLD: Final = re.compile(r'data-told="([^"]*)" data-row="([^"]*)"')
"""The values that a shape of a drawing tells, and their rows."""


def withheld_faults(report: Report, rows: Mapping[str, Row], named: frozenset[str]) -> Iterator[Fault]:
    """All faults of a report. ``rows``: by identifier; ``named``: those in names, which count nothing."""
    for where, path, text, source in _printed(report):
        sources = [rows[key] for key in source.split(",") if key in rows]
        if all(row.values.get("status", "shown") == "shown" for row in sources):
            continue
        allowed = named.union(*(printable(row) for row in sources))
        if set(NUMBER.findall(text)) - allowed:
            found, problem = "a number that the row does not hold", "a withheld number must not be printed"
            yield Fault(where, f"{path}, {source}", found, problem, OURS, "PE814")


def _printed(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """Everything printed from rows: what it stands in, its title, the text and its rows."""
    for table in report.tables:
        yield from ((table.label, table.title, text, source) for text, source in _of_table(table))
    for section in report.sections:
        yield from _of_section(section)
    for figure in report.figures:
        for told, source in TOLD.findall(figure.svg):
            for line in unescape(told).split("\n"):
                # what stands before the first colon is the name
                yield figure.label, figure.title, line.partition(": ")[2], source


def _of_table(table: Table) -> Iterator[tuple[str, str]]:
    yield from ((column.size, column.source) for column in table.columns if column.source)
    for line in table.lines if table.columns else ():
        for cell in line.cells[1:]:
            yield from ((text, cell.source) for text in (cell.text, *cell.below))


def _of_section(section: Section) -> Iterator[tuple[str, str, str, str]]:
    for block in section.blocks:
        whole = block.items if isinstance(block, Bullets) else (block.text,) if isinstance(block, Paragraph) else ()
        for text, source in LINKED.findall("\n".join(whole)):
            yield f"section {section.number}", section.title, text, source
    for child in section.sections:
        yield from _of_section(child)


def printable(row: Row) -> Iterator[str]:
    """Every way in which the numbers that a row holds can be printed."""
    yield from NUMBER.findall(row.values.get("status", ""))
    yield str(len([name for name in row.values.get("registries", "").split(";") if name]))
    for column, value in row.values.items():
        if value and column not in TEXTS:
            yield from _ways(column, value)
    if row.values.get("persons", "0") not in {"", "0"} and row.values.get("person_days"):
        yield format_decimal(person_years(row["person_days"]) / int(row["persons"]), 2)


def _ways(column: str, value: str) -> Iterator[str]:
    try:
        number = abs(Decimal(value))
    except ArithmeticError:
        yield from NUMBER.findall(value)
        return
    yield from (format_decimal(number, places) for places in PLACES)
    if column in DAYS:
        yield format_decimal(person_years(value), 1)
