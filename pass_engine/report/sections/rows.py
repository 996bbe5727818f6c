"""The rows of the results that the report prints: where the link of every printed number leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.model import LINK_START, LINK_TO, Listing, Section, Table
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
OWN: Final = ("registry", "without", "cohort", "target", "comparator")
"""Columns that set the rows of one line apart."""


def printed_rows(ctx: Context, blocks: Iterable[Block], texts: Iterable[str]) -> Section:
    """Annex 2.8: every row that a table or a sentence prints, file by file, in the order of the results."""
    wanted = {source for block in blocks if isinstance(block, Table) for source in _sources(block)}
    wanted |= {target for text in texts for target in _targets(text)}
    files: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for rows in ctx.run.results.values():
        for row in rows:
            if row.id in wanted:
                files.setdefault(_head(row), {}).setdefault(_words(row, SHARED), []).append((row.id, _words(row, OWN)))
    told = paragraphs(
        "Every number in a table of results is a link to its row below. A row has an identifier; the attached "
        "index.csv says for each which analysis, SQL files and bundles it comes from, and pass-engine trace prints the "
        "way back to the rules and the counts of each registry. Numbers in figures are those of the tables."
    )
    groups = tuple(
        (head, tuple((about, tuple(found)) for about, found in lines.items())) for head, lines in files.items()
    )
    listing = (Listing(groups),) if groups else ()
    return Section("A2.8", "Rows of the results that are printed", (*told, *listing))


def _sources(table: Table) -> Iterator[str]:
    for line in table.lines:
        for cell in line.cells:
            yield from filter(None, cell.source.split(","))


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
