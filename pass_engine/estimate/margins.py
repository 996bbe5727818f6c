"""What rests on a margin that a contributor kept back is not estimable: the rest would stand for the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.disclose import records
from pass_engine.disclose.margins import STRATA_TABLE, Margin, margin_of
from pass_engine.disclose.thresholds import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pass_engine.disclose import Row

Held = frozenset[tuple[Margin, str]]
"""Margins, each with a registry that kept it back."""

MARGIN_HELD: Final[Mapping[str, str]] = {
    "status": "not_estimable",
    "note": "a contributing registry keeps these strata back",
}


def held_in(withheld: pd.DataFrame) -> Held:
    """Margins kept back. ``withheld``: what the registries kept back, as pooling has it."""
    return frozenset((margin_of(w), w["registry"]) for w in records(withheld) if w["table"] == STRATA_TABLE)


def lacks_margin(held: Held, row: Row, stratum: str) -> bool:
    """Does a contributor to a row keep its cells of this stratum back?"""
    margin = Margin(row["analysis"], row["outcome"], row["time_at_risk"], stratum)
    return any((margin, registry) in held for registry in row["registries"].split(SEPARATOR))
