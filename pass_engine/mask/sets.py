"""Which sets of contributors may be summed: no sum or difference of sums may be about fewer than three of them.

Each set is a row of zeros and ones over the registries. Whoever knows the sums over the sets knows every linear
combination of them; so none but zero may have fewer than three registries in it. That is so if and only if taking any
two registries (columns) away leaves the rank as it is.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

FEWEST = 3
"""Fewest registries that a sum, or a combination of sums, may be about."""


def told_by_sets(sets: Collection[Collection[str]]) -> tuple[str, ...]:
    """One or two registries about which alone some linear combination of the sums over the sets is; empty: none."""
    names = sorted({name for one in sets for name in one})
    rows = [[int(name in one) for name in names] for one in {frozenset(s) for s in sets}]
    whole = _rank(rows)
    for size in range(1, min(FEWEST, len(names) + 1)):
        for away in combinations(range(len(names)), size):
            if _rank([[n for place, n in enumerate(row) if place not in away] for row in rows]) < whole:
                return tuple(names[place] for place in away)
    return ()


def _rank(rows: Sequence[Sequence[int]]) -> int:
    """Rank over the rational numbers, without rounding."""
    left = [[Fraction(n) for n in row] for row in rows]
    rank = 0
    for place in range(len(left[0]) if left else 0):
        pivot = next((n for n in range(rank, len(left)) if left[n][place]), None)
        if pivot is None:
            continue
        left[rank], left[pivot] = left[pivot], left[rank]
        top = left[rank]
        for n in range(rank + 1, len(left)):
            factor = left[n][place] / top[place]
            left[n] = [a - factor * b for a, b in zip(left[n], top, strict=True)]
        rank += 1
    return rank
