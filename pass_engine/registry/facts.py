"""What counting needs to know of a registry besides its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date


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
    excluded_countries: tuple[str, ...] = ()
    mapped_tables: tuple[str, ...] = ()
