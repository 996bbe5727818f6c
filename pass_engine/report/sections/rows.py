"""The rows of the results that the report prints: where the link of every printed number leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.model import LINK_START, LINK_TO, Figure, Listing, Section, Table
from pass_engine.report.sections.parts import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.report.context import Context
    from pass_engine.report.model import Block
    from pass_engine.report.reading import Row

PREFIX: Final = "R-"
SHARED: Final = (
    "outcome", "time_at_risk", "stratum", "level", "measure", "point", "scope", "step", "variable", "indicator",
    "kind", "rule_id", "table_name", "column_name", "lock_point", "span", "standard",
)  # fmt: skip
"""Columns that say what the rows of one line are about, as far as their file has them."""
OWN: Final = ("registry", "left_out", "cohort", "target", "comparator")
"""Columns that set the rows of one line apart."""
MANY: Final = 100
"""Rows of one place from which they are told as ranges; the attached index names them one by one."""


def printed_rows(ctx: Context, blocks: Iterable[Block], texts: Iterable[str]) -> Section:
    """Annex 2.8: every row that a table, a figure or a sentence prints, file by file, in the order of the results."""
    blocks = list(blocks)
    sources = [source for block in blocks for source in _sources(block)]
    wanted = {row for source in sources if source.count(",") < MANY for row in source.split(",")}
    wanted |= {target for text in texts for target in _targets(text)}
    ends = _ranges(source.split(",") for source in sources if source.count(",") >= MANY)
    files: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for rows in ctx.run.results.values():
        for row in rows:
            lines = files.setdefault(_head(row), {})
            if row.id in wanted:
                lines.setdefault(_words(row, SHARED), []).append((row.id, _words(row, OWN)))
            elif row.id in ends:
                lines.setdefault("", []).append((row.id, f"to {ends[row.id]} {_words(row, OWN)}".strip()))
    told = paragraphs(
        "Every number that a table, a figure or a sentence prints from the results is a link to its row below. A row "
        "has an identifier; the attached index.csv says for each which analysis, SQL files and bundles it comes from, "
        "and pass-engine trace prints the way back to the rules and the counts of each registry. Rows of a heat map "
        "are told from the first to the last."
    )
    groups = tuple(
        (head, tuple((about, tuple(found)) for about, found in lines.items())) for head, lines in files.items() if lines
    )
    listing = (Listing(groups),) if groups else ()
    return Section("A2.8", "Rows of the results that are printed", (*told, *listing))


def _sources(block: Block) -> Iterator[str]:
    """Where the numbers of a table or figure come from: one row, or several joined by commas."""
    if isinstance(block, Table):
        yield from (column.source for column in block.columns if column.source)
        yield from (cell.source for line in block.lines for cell in line.cells if cell.row)
    elif isinstance(block, Figure):
        yield from (zone.source for zone in block.zones)


def _ranges(many: Iterable[list[str]]) -> dict[str, str]:
    """First and last identifier of every run of neighbours."""
    ends: dict[str, str] = {}
    for rows in many:
        first, last = rows[0], rows[0]
        for row in rows[1:]:
            if _number(row) != _number(last) + 1:
                ends[first], first = last, row
            last = row
        ends[first] = last
    return ends


def _number(row: str) -> int:
    return int(row.removeprefix(PREFIX))


def _targets(text: str) -> Iterator[str]:
    for link in text.split(LINK_START)[1:]:
        target = link.partition(LINK_TO)[2][: len("R-000000")]
        if target.startswith(PREFIX):
            yield target


def _head(row: Row) -> str:
    analysis = row.values.get("analysis", "")
    return f"results/{row.file}{f', analysis {analysis}' if analysis else ''}"


def _words(row: Row, columns: Iterable[str]) -> str:
    return " · ".join(dict.fromkeys(row.values[key] for key in columns if row.values.get(key)))
