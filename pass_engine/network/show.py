"""A bundle as text, for the person who decides whether it may leave: every row of every table, nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import BORDER_TABLES, withheld_rows
from pass_engine.disclose.left_reader import audit_left
from pass_engine.disclose.thresholds import rules_of
from pass_engine.protocol.models import Publish
from pass_engine.terms import SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.bundle import BundleContent


HOW_IT_LEAVES = {
    "exact": "as they stand, to the coordinating centre alone",
    "suppressed": "suppressed: numbers that are too small, and those that would give them back, are not in them",
    "masked": "masked: the centre can read their sum over all members of a round of at least three, and nothing else",
}
"""What a registry's mode of release does with its tables."""


def show_bundle(content: BundleContent) -> Iterator[str]:
    """Lines: who and for what, each table whole, what was withheld and why, and what else leaves."""
    protocol = content.protocol
    yield f"Bundle of {content.registry_id} for {protocol['id']} version {protocol['version']}"
    yield f"Protocol {protocol['digest']}, engine {content.engine_version}"
    way = content.registry["policy"]["release"]
    yield f"These tables leave {HOW_IT_LEAVES[way]}"
    for name, frame in content.tables.items():
        yield ""
        yield f"Table {name}: {len(frame)} rows would leave"
        texts = frame.astype("object").where(frame.notna(), "").astype("str")
        yield from _aligned(list(frame.columns), texts.to_numpy().tolist())
    if way == SUPPRESSED:
        yield from _suppressed(content)
    yield ""
    yield f"Withheld: {len(content.withheld)}"
    columns = ("table", "analysis", "cohort", "cells", "reason")
    if content.withheld:
        yield from _aligned(columns, [[w.get(c, "") for c in columns] for w in content.withheld])
    yield ""
    yield "What the registry says of itself"
    yield from _facts(content.registry)
    yield ""
    yield "Also in the bundle: digests of the input files, and the SQL that the column mapping became"
    yield from _facts(content.inputs)
    for table, text in content.column_maps.items():
        yield f"  column_map/{table}.sql"
        yield from (f"    {line}" for line in text.splitlines())


def _suppressed(content: BundleContent) -> Iterator[str]:
    """Every row of which numbers were taken out, which of them, and why."""
    gone = {name: withheld_rows(frame) for name, frame in content.tables.items()}
    yield ""
    yield f"Suppressed: numbers of {sum(map(len, gone.values()))} rows are not in these tables"
    yield "  <k: a count of the row is at least 1 and below k; withheld: it would give another number back"
    for name, rows in gone.items():
        keys = [c for c in BORDER_TABLES[name].texts if c != "label"]
        empty = [[c for c in content.tables[name].columns if row[c] is None] for row in rows]
        shown = [
            [*(str(row[c]) for c in keys), ", ".join(columns), row["status"]]
            for row, columns in zip(rows, empty, strict=True)
        ]
        if shown:
            yield f"  {name}"
            yield from _aligned((*keys, "not in it", "why"), shown)
    yield from _audited(content)


def _audited(content: BundleContent) -> Iterator[str]:
    """What someone who has these tables alone can tell of the numbers that are not in them."""
    name, policy = content.registry_id, content.registry["policy"]
    found = audit_left(content.tables, name, rules_of(Publish(min_cell=policy["min_cell"]), {name: policy}))
    yield f"Audit of these tables: {found.withheld} numbers are not in them. Relations looked at:"
    yield from (f"  {count:>7}  {kind}" for kind, count in found.covered.items())
    if found.undecided:
        yield f"  Not decided: {found.undecided} numbers, in sums that are too many."
    yield from (f"  Can be told: {place}" for place in found.told)
    if not found.told:
        yield "  None of them can be told."


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(facts):
        yield f"  {key}: {facts[key]}"


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(c), *(len(row[n]) for row in rows)) if rows else len(c) for n, c in enumerate(columns)]
    for row in (columns, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
