"""Made registries and studies for tests, in the types of the slow counter.

What a few words are filled up with stands in ``pass_engine.qualify.made``; both are used by the spec cases and by the
Hypothesis strategies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pass_engine.qualify.made import (
    BASE,
    CUT,
    DEFAULTS,
    EXPOSURE_B,
    INFECTION,
    OBSERVED,
    Row,
    fill_row,
    fill_rows,
    freeze,
    incidence,
    make_study,
    overlay,
)
from tests.property.oracle import CoreTables, RegistryFacts

if TYPE_CHECKING:
    from pass_engine.protocol.models import Study

__all__ = [
    "BASE",
    "CUT",
    "DEFAULTS",
    "EXPOSURE_B",
    "INFECTION",
    "OBSERVED",
    "Case",
    "fill_row",
    "fill_tables",
    "freeze",
    "incidence",
    "make_facts",
    "make_study",
    "overlay",
]


@dataclass
class Case:
    """One registry and one scenario of a study: everything a counter is given."""

    core: CoreTables
    study: Study
    registry: RegistryFacts
    code_lists: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def fill_tables(given: dict[str, list[Row]]) -> CoreTables:
    """Harmonised tables. A person is p1 unless named; without observation periods all are observed throughout."""
    return CoreTables(**fill_rows(given))


def make_facts(change: Row | None = None) -> RegistryFacts:
    """What the registry says of itself."""
    facts: Row = {"id": "r1", "data_cut_date": CUT, "deaths": "linked"} | (change or {})
    return RegistryFacts(**facts)
