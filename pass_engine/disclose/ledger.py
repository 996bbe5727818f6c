"""Which numbers of a set of tables must be withheld so that subtraction gives none of them back.

A ledger holds numbers, each with the threshold below which a count is too small to show, and the sums that
tie them (a margin's levels and its total, registries and their pool, one attrition step and the next).

1. Primary rule: a count of at least 1 and below its threshold is withheld.
2. Numbers of one block go together: what gives a number back is in the block it drags along.
3. Complementary rule, to a fixed point: where the shown numbers of a sum leave only one possible value for a
   withheld number other than 0, the cheapest shown number of the sum is withheld too. Whoever looks is taken
   to know of each withheld number whether it is zero, small, or neither.

Each sum is looked at by itself. A full audit, over all linear combinations of all sums of all tables and
releases, is not part of this.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

NOT_A_COUNT = 1
"""Threshold of numbers that are not counts of persons or events: days are never small by themselves."""

Term = tuple[int, int]
"""Index of a number, and its sign in a sum that is zero."""


@dataclass
class Entry:
    """One number. ``value`` None: withheld before. ``rank`` orders what is given up first (low ranks)."""

    value: int | None
    threshold: int
    rank: int
    drags: set[Hashable] = field(default_factory=set)

    @property
    def is_small(self) -> bool:
        """Too small to show."""
        return self.value is not None and 1 <= self.value < self.threshold

    @property
    def bounds(self) -> tuple[float, float]:
        """What is known of the number once it is withheld."""
        if not self.value:
            return 0, 0
        return (1, self.threshold - 1) if self.is_small else (self.threshold, inf)


@dataclass
class Ledger:
    """Numbers by name, blocks that go together, the sums that tie them, and which numbers are withheld."""

    entries: list[Entry] = field(default_factory=list)
    names: dict[Hashable, int] = field(default_factory=dict)
    blocks: dict[Hashable, set[int]] = field(default_factory=dict)
    sums: list[tuple[Term, ...]] = field(default_factory=list)
    sums_of: dict[int, list[int]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)

    def add(
        self, name: Hashable, value: int | None, threshold: int, *, rank: int = 0,
        block: Hashable = None, drags: Hashable = None,
    ) -> int:
        """Enter a number and give back its index; the same name with the same value is the same number.

        It is withheld with ``block``; withholding it withholds the block it ``drags``.
        """
        index = self.names.setdefault((name, value), len(self.entries))
        if index == len(self.entries):
            self.entries.append(Entry(value, threshold, rank))
            if value is None:
                self.withheld.add(index)
        entry = self.entries[index]
        entry.threshold = max(entry.threshold, threshold)
        entry.rank = max(entry.rank, rank)
        if block is not None:
            self.blocks.setdefault(block, set()).add(index)
        if drags is not None:
            entry.drags.add(drags)
        return index

    def tie(self, total: Iterable[int], parts: Iterable[int]) -> None:
        """Say that the total's numbers and the parts' have the same sum.

        What does not hold is not entered. Nor is a sum with a number withheld before: it was seen to then.
        """
        terms = (*((i, 1) for i in total), *((i, -1) for i in parts))
        values = [(self.entries[i].value, sign) for i, sign in terms]
        if any(v is None for v, _ in values) or sum(v * sign for v, sign in values if v is not None):
            return
        for index, _ in terms:
            self.sums_of.setdefault(index, []).append(len(self.sums))
        self.sums.append(terms)

    def settle(self) -> None:
        """Apply the primary rule, then the complementary rule to a fixed point."""
        queue: deque[int] = deque()
        earlier = sorted(self.withheld)
        self.withheld.clear()
        small = [i for i, entry in enumerate(self.entries) if entry.is_small]
        for index in (*earlier, *small):
            self._withhold(index, queue)
        while queue:
            terms = self.sums[queue.popleft()]
            shown = [i for i, _ in terms if i not in self.withheld and self.entries[i].value]
            if shown and self._gives_back(terms):
                self._withhold(min(shown, key=self._price), queue)

    def is_withheld(self, index: int) -> bool:
        """Is this number withheld?"""
        return index in self.withheld

    def block_withheld(self, block: Hashable) -> bool:
        """Is a number of this block withheld? Then all of them are."""
        return not self.withheld.isdisjoint(self.blocks[block])

    def _price(self, index: int) -> tuple[int, int, int]:
        entry = self.entries[index]
        return entry.rank, entry.value or 0, index

    def _withhold(self, index: int, queue: deque[int]) -> None:
        if index in self.withheld:
            return
        self.withheld.add(index)
        queue.extend(self.sums_of.get(index, ()))
        for block in self.entries[index].drags:
            for member in self.blocks.get(block, ()):
                self._withhold(member, queue)

    def _gives_back(self, terms: tuple[Term, ...]) -> bool:
        """Do the shown numbers of a sum leave one value only for a withheld number that is not 0?"""
        rest = -sum(sign * (self.entries[i].value or 0) for i, sign in terms if i not in self.withheld)
        hidden = [(sign, self.entries[i].bounds) for i, sign in terms if i in self.withheld]
        for place, (sign, (low, high)) in enumerate(hidden):
            others = hidden[:place] + hidden[place + 1:]
            least = rest - sum(b if s > 0 else -a for s, (a, b) in others)
            most = rest - sum(a if s > 0 else -b for s, (a, b) in others)
            bound = (least, most) if sign > 0 else (-most, -least)
            low, high = max(low, bound[0]), min(high, bound[1])  # noqa: PLW2901 - narrowed by the sum
            if high > 0 and high - low < 1:
                return True
        return False
