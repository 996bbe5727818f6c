"""A bundle as text, for the person who decides whether it may leave: every row of every table, nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.bundle import BundleContent


HOW_IT_LEAVES = {
    "exact": "as they stand, to the coordinating centre alone",
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


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(facts):
        yield f"  {key}: {facts[key]}"


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(c), *(len(row[n]) for row in rows)) if rows else len(c) for n, c in enumerate(columns)]
    for row in (columns, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
