"""What counting needs to know of a registry besides its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pass_engine.registry.loader import LoadedRegistry

Table = tuple[dict[str, str], list[tuple[object, ...]]]
"""Column name to SQL type, and rows."""


@dataclass(frozen=True)
class RegistryFacts:
    """One registry as a study sees it.

    ``data_cut_date`` is the earlier of the registry's and the protocol's cut. ``excluded_countries`` are
    those whose residents this registry gives up to another one of the network. ``mapped_tables`` are the
    core tables it supplies.
    """

    id: str
    data_cut_date: date
    deaths: Literal["visits", "linked"]
    adverse_event_start: date | None = None
    death_start: date | None = None
    visit_start: date | None = None
    excluded_countries: tuple[str, ...] = ()
    mapped_tables: tuple[str, ...] = ()


def registry_facts(registry: LoadedRegistry, cut: date, given_up: Iterable[str] = ()) -> RegistryFacts:
    """The facts of a registry in a study whose data are cut on ``cut``."""
    info = registry.registry.registry
    return RegistryFacts(
        id=info.id,
        data_cut_date=min(info.data_cut_date, cut),
        deaths=info.deaths,
        adverse_event_start=info.collection_start.get("adverse_event"),
        death_start=info.collection_start.get("death"),
        visit_start=info.collection_start.get("visit"),
        excluded_countries=tuple(sorted(given_up)),
        mapped_tables=tuple(sorted(registry.registry.source.tables)),
    )


def fact_tables(facts: RegistryFacts) -> dict[str, Table]:
    """The facts as small tables that the static SQL joins to."""
    rule = {
        "registry_id": "VARCHAR", "data_cut_date": "DATE", "deaths": "VARCHAR", "adverse_event_start": "DATE",
        "death_start": "DATE", "visit_start": "DATE",
    }  # fmt: skip
    starts = (facts.adverse_event_start, facts.death_start, facts.visit_start)
    row = (facts.id, facts.data_cut_date, facts.deaths, *starts)
    return {
        "registry_rule": (rule, [row]),
        "excluded_country": ({"country": "VARCHAR"}, [(c,) for c in facts.excluded_countries]),
        "mapped_table": ({"table_name": "VARCHAR"}, [(t,) for t in facts.mapped_tables]),
    }
