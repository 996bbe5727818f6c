"""The smallest count a row may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping

SEPARATOR = ";"


@dataclass(frozen=True)
class Thresholds:
    """The study's smallest cell and every registry's own; the stricter one rules."""

    min_cell: int
    by_registry: Mapping[str, int]

    def of(self, registry: str, registries: str) -> int:
        """Threshold of a row: a registry's own or, pooled, the strictest of its contributors."""
        names = registries.split(SEPARATOR) if registry == POOLED else [registry]
        return max([self.min_cell, *(self.by_registry.get(name, 1) for name in names)])


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
