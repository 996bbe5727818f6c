"""What the finished report refuses before it is rendered, whatever the results say.

PE807 a heading without content · PE815 an empty table without a reason · PE817 a percentage over 100 · PE819 a footnote
that names another method than was computed. Withheld numbers are in :mod:`lint_withheld`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault
from pass_engine.report.lint_counts import WHOLE
from pass_engine.report.model import Figure, Heading, Prose, Table
from pass_engine.report.names import method_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.report.model import Cell, Report, Section
    from pass_engine.report.reading import Row

OURS: Final = "this is a fault of pass_engine: please report it"
PERCENT: Final = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s?%")
INTERVAL: Final = re.compile(r"\([−\d.,NE]+–[−\d.,NE]+\)")
METHODS: Final = re.compile(r"; interval: (.+?)\.(?=\s|$)")


def model_faults(report: Report, rows: Mapping[str, Row]) -> Iterator[Fault]:
    """All faults of a report. ``rows``: the rows of the results by identifier."""
    for section in report.sections:
        yield from _heading_faults(section)
    for table in report.tables:
        yield from _empty_fault(table)
        yield from _percent_faults(table)
        yield from _method_faults(table, rows) if table.lines else ()


def _fault(where: str, path: str, found: str, problem: str, code: str) -> Fault:
    return Fault(where, path, found, problem, OURS, code)


def _heading_faults(section: Section) -> Iterator[Fault]:
    what = f"section {section.number}"
    if not section.blocks and not section.sections:
        yield _fault(what, section.title, "nothing below it", "a heading must have content", "PE807")
    following = (*section.blocks[1:], None)[: len(section.blocks)]
    for block, after in zip(section.blocks, following, strict=True):
        hollow = isinstance(block, Heading) and (after is None or isinstance(after, Heading))
        if hollow or _is_blank(block):
            title = getattr(block, "text", "") or getattr(block, "title", "") or section.title
            yield _fault(what, title, "nothing below it", "a heading must have content", "PE807")
    for child in section.sections:
        yield from _heading_faults(child)


def _is_blank(block: object) -> bool:
    text = block.html if isinstance(block, Prose) else block.svg if isinstance(block, Figure) else "there"
    return not text.strip()


def _empty_fault(table: Table) -> Iterator[Fault]:
    if not table.lines and not table.empty:
        problem = "a table with nothing in it must say why"
        yield _fault(table.label, table.title, "no lines and no reason", problem, "PE815")


def _percent_faults(table: Table) -> Iterator[Fault]:
    for cell in _cells(table):
        for text in (cell.text, *cell.below):
            for share in PERCENT.findall(text):
                if Decimal(share.replace(",", "")) > WHOLE:
                    yield _fault(table.label, table.title, text, "a percentage over 100", "PE817")


def _cells(table: Table) -> Iterator[Cell]:
    for line in table.lines:
        if line.role != "group":
            yield from line.cells[1:]


def _method_faults(table: Table, rows: Mapping[str, Row]) -> Iterator[Fault]:
    """The notes name the interval methods of the rows whose intervals the table prints, and no others."""
    named = {method for note in table.notes for found in METHODS.findall(note) for method in found.split(" or ")}
    computed: set[str] = set()
    with_interval: set[str] = set()
    for cell in _cells(table):
        for row in (rows[key] for key in cell.source.split(",") if key in rows):
            if row.values.get("method") and row["status"] == "shown":
                computed.add(method_in_words(row))
                if INTERVAL.search(" ".join((cell.text, *cell.below))):
                    with_interval.add(method_in_words(row))
    problem = "the footnote must name the method that the rows were computed with"
    for method in sorted(named - computed):
        yield _fault(table.label, table.title, f"{method} in the notes", problem, "PE819")
    for method in sorted(with_interval - named):
        yield _fault(table.label, table.title, f"{method} in the rows", problem, "PE819")
