"""Variables of a study beyond the core data model, as columns of its tables and as rules for the SQL."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pass_engine.protocol.margin_rules import RuleTable
from pass_engine.tables.core import CORE, Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Data, Extra

BOUNDLESS = 1e300
"""No number of a registry is beyond it."""


def extra_columns(data: Data) -> dict[str, tuple[Column, ...]]:
    """Core table to the columns that the study adds to it, in the order of the protocol."""
    return {
        table: tuple(extra_column(extra) for extra in data.extras if extra.table == table)
        for table in CORE
        if any(extra.table == table for extra in data.extras)
    }


def extra_column(extra: Extra) -> Column:
    """An extra as a column; a partial date in it is kept as it is, and never filled."""
    return Column(extra.name, extra.kind, extra.meaning, extra.values, unit=extra.unit)


def extra_tables(data: Data) -> dict[str, RuleTable]:
    """``extra_rule``: what is counted at entry; ``extra_band``: levels of its numbers, each from ``at_least`` on."""
    at_entry = [extra for extra in data.extras if extra.at_entry]
    return {
        "extra_rule": RuleTable(
            {"variable": "VARCHAR", "is_number": "BOOLEAN"}, [(e.name, e.kind != "code") for e in at_entry]
        ),
        "extra_band": RuleTable(
            {"variable": "VARCHAR", "level": "VARCHAR", "at_least": "DOUBLE", "below": "DOUBLE"},
            [(e.name, *band) for e in at_entry for band in _bands(e.bands)],
        ),
    }


def _bands(starts: tuple[float, ...]) -> Iterator[tuple[str, float, float]]:
    """(level, from, below) of each band; the first one lies below all starts."""
    if not starts:
        return
    yield f"<{starts[0]:.10g}", -BOUNDLESS, starts[0]
    for low, high in pairwise(starts):
        yield f"{low:.10g} to <{high:.10g}", low, high
    yield f"{starts[-1]:.10g}+", starts[-1], BOUNDLESS
