"""The smallest count a row may show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.protocol.models import Publish

SEPARATOR = ";"
PER_CENT = 100


@dataclass(frozen=True)
class Thresholds:
    """The study's smallest cell and every registry's own; the stricter one rules.

    ``zeros_hidden``: registries that let no zero be shown. ``shares``: registry to the largest share in per cent that
    one person may have of a cell's events.
    """

    min_cell: int
    by_registry: Mapping[str, int]
    zeros_hidden: frozenset[str] = frozenset()
    shares: Mapping[str, int] = field(default_factory=dict)

    def of(self, registry: str, registries: str) -> int:
        """Threshold of a row: a registry's own or, pooled, the strictest of its contributors."""
        return max([self.min_cell, *(self.by_registry.get(name, 1) for name in _names(registry, registries))])

    def hides_zero(self, registry: str, registries: str) -> bool:
        """May a zero of a row not be shown? A pooled zero is a zero of every contributor."""
        hides = not self.zeros_hidden.isdisjoint(_names(registry, registries))
        return hides and self.of(registry, registries) > 1

    def is_dominated(self, row: Mapping[str, Any]) -> bool:
        """May one person have more of the events of a row of ``counts`` than a contributor allows?

        In whole numbers, from two things that always hold of the largest number e of one person among n persons with
        events: e² is at most Σe², and e is at most the events less one for each of the n − 1 others.
        """
        names = _names(row["registry"], row["registries"])
        share = min((self.shares[name] for name in names if name in self.shares), default=None)
        events, persons, squares = row["events"], row["persons_with_event"], row["sum_e2"]
        if share is None or not events:
            return False
        # squares that did not leave set no limit
        by_squares: bool = squares is None or squares * PER_CENT**2 > share**2 * events**2
        by_others: bool = (events - persons + 1) * PER_CENT > share * events
        return by_squares and by_others


def rules_of(asked: Publish, policies: Mapping[str, Mapping[str, Any]]) -> Thresholds:
    """The rules of publication: those of the study and, by registry, of its policy; of each the stricter one."""
    shares = {n: [s for s in (asked.dominance, p.get("dominance")) if s is not None] for n, p in policies.items()}
    return Thresholds(
        asked.min_cell,
        {name: int(policy["min_cell"]) for name, policy in policies.items()},
        frozenset(n for n, p in policies.items() if "withheld" in {asked.zeros, p.get("zeros")}),
        {name: min(given) for name, given in shares.items() if given},
    )


def _names(registry: str, registries: str) -> list[str]:
    """The registries a row's numbers come from."""
    return registries.split(SEPARATOR) if registry == POOLED else [registry]


def rank_of(registry: str) -> int:
    """What is withheld first where there is a choice: a registry's number before the pooled one."""
    return 10 if registry == POOLED else 0


def small_status(threshold: int) -> str:
    """Status of a row with a count too small to show: ``<5``."""
    return f"<{threshold}"


WITHHELD = "withheld"
NOT_ESTIMABLE = "not_estimable"
"""A number that was never made cannot tell of the cells it would have been made from."""

EARLIER = ("<", WITHHELD)
"""Statuses that begin like this were given before and stay."""
