"""The same registry counted by a second engine, table by table: an independent check of the numbers.

DuckDB and a cluster (Apache Spark, or Sail, which is written anew in Rust) run the same numbered SQL. What comes back
are the names of the tables and how many rows differ: no number of the registry is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pass_engine.registry.models import Site
from pass_engine.site import run_site

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry


@dataclass(frozen=True)
class Compared:
    """One table of counts on both engines: its rows, and how many rows stand in one of the two alone."""

    table: str
    rows: int
    rows_of_second: int
    different: int

    @property
    def is_equal(self) -> bool:
        """Has every row its equal, number for number and in the same order?"""
        return self.different == 0


def second_engine(
    registry: LoadedRegistry,
    protocol: Protocol,
    address: str,
    *,
    threads: int = 2,
    on_step: Callable[[str], None] = lambda _: None,
) -> tuple[Compared, ...]:
    """Count a registry in the embedded engine and on a cluster, and compare every table that would leave.

    Args:
        registry: read as it is described; what it says of its own engine does not matter here.
        protocol: all its scenarios are counted.
        address: Spark Connect address of the second engine, ``sc://host:port``.
        threads: of the embedded engine.
        on_step: told each step, with ``first`` or ``second`` before it.

    Raises:
        SourceError: also where the second engine is not reached, or cannot do a step.
    """
    first = run_site(
        _with(registry, Site(engine="duckdb")),
        protocol,
        threads=threads,
        on_step=lambda step: on_step(f"first engine: {step}"),
    )
    second = run_site(
        _with(registry, Site(engine="spark", address=address)),
        protocol,
        threads=threads,
        on_step=lambda step: on_step(f"second engine: {step}"),
    )
    return tuple(_compare(name, first.tables[name], second.tables[name]) for name in sorted(first.tables))


def _with(registry: LoadedRegistry, site: Site) -> LoadedRegistry:
    return replace(registry, registry=registry.registry.model_copy(update={"site": site}))


def _compare(name: str, first: pd.DataFrame, second: pd.DataFrame) -> Compared:
    """Rows as they would be written. Rows in the wrong place count as different."""
    here, there = (frame.to_csv(index=False, lineterminator="\n").splitlines() for frame in (first, second))
    if here == there:
        return Compared(name, len(first), len(second), 0)
    return Compared(name, len(first), len(second), max(len(set(here) ^ set(there)), 1))
