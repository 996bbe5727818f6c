"""Which numbers of a set of tables must be withheld so that subtraction gives none of them back.

A ledger holds numbers, each with the threshold below which a count is too small to show, and the sums that
tie them (a margin's levels and its total, registries and their pool, one attrition step and the next).

1. Primary rule: a count of at least 1 and below its threshold is withheld.
2. Numbers of one block go together: what gives a number back is in the block it drags along.
3. Complementary rule, to a fixed point: where the shown numbers of a sum leave only one possible value for a
   withheld number other than 0, the cheapest shown number of the sum is withheld too. Whoever looks is taken
   to know of each withheld number whether it is zero, small, or neither; of a vague one only, where it is
   small, that it may be.

4. Audit: which withheld numbers do all sums together tell exactly (``audit``)? The cheapest shown number of their
   sums is withheld too, and again from 3, until there is nothing to find. Where nothing is left to withhold, the mark
   that says of a number that it is small is taken away. What is found after that is ``unrelieved``: not to be
   published.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from math import inf, isinf
from typing import TYPE_CHECKING

from pass_engine.disclose.audit import Answers, System, Unknown, audit

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

NOT_A_COUNT = 1
"""Threshold of numbers that are not counts of persons or events: days are never small by themselves."""

Term = tuple[int, int]
"""Index of a number, and its sign in a sum that is zero."""


@dataclass
class Entry:
    """One number. ``value`` None: withheld before. ``rank`` orders what is given up first (low ranks).

    ``vague``: its row is withheld as too small, but does not tell of which number, nor whether this one is 0.
    ``muted``: its row does not even say whether it is small.
    ``hides_zero``: as a zero it would be too small to show as well.
    ``known``: an earlier release showed it, so that it shelters nothing.
    ``told_by``: the number that, while it is shown, tells that this one is not 0.
    """

    value: int | None
    threshold: int
    rank: int
    vague: bool = False
    hides_zero: bool = False
    known: bool = False
    told_by: int | None = None
    muted: bool = False
    drags: set[Hashable] = field(default_factory=set)

    @property
    def is_small(self) -> bool:
        """Too small to show."""
        return self.value is not None and (0 if self.hides_zero else 1) <= self.value < self.threshold

    @property
    def bounds(self) -> tuple[float, float]:
        """What is known of the number once it is withheld."""
        value = self.value or 0
        if self.known:
            return value, value
        if self.muted:
            return 0, inf
        if (self.vague or self.hides_zero) and value < self.threshold:
            return 0, self.threshold - 1
        if value == 0:
            return 0, 0
        return (1, self.threshold - 1) if self.is_small else (self.threshold, inf)

    @property
    def guarded(self) -> bool:
        """Must a reader not be able to tell it? Not so of a zero, nor where its mark tells it already."""
        low, high = self.bounds
        return bool(self.value or self.hides_zero) and low < high


@dataclass
class Ledger:
    """Numbers by name, blocks that go together, the sums that tie them, and which numbers are withheld."""

    entries: list[Entry] = field(default_factory=list)
    names: dict[tuple[Hashable, int | None], int] = field(default_factory=dict)
    blocks: dict[Hashable, set[int]] = field(default_factory=dict)
    sums: list[tuple[Term, ...]] = field(default_factory=list)
    sums_of: dict[int, list[int]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    tells: dict[int, list[int]] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    implied: set[int] = field(default_factory=set)
    forced: set[int] = field(default_factory=set)
    followers: dict[int, list[int]] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    unrelieved: list[int] = field(default_factory=list)
    reading: bool = False
    """Are the numbers those of a release that was published, in which some are missing?"""

    def add(
        self,
        name: Hashable,
        value: int | None,
        threshold: int,
        *,
        rank: int = 0,
        block: Hashable = None,
        drags: Hashable = None,
        hides_zero: bool = False,
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
        entry.hides_zero = entry.hides_zero or hides_zero
        if block is not None:
            self.blocks.setdefault(block, set()).add(index)
        if drags is not None:
            entry.drags.add(drags)
        return index

    def tie(
        self,
        total: Iterable[int],
        parts: Iterable[int],
        kind: str,
        *,
        late: bool = False,
        implied: bool = False,
        by_chance: bool = False,
    ) -> None:
        """Say that the total's numbers and the parts' have the same sum, and what kind of a relation this is.

        What does not hold is not entered. Nor is, but for a reader, one with a number withheld before: it was seen to.
        A sum ``by_chance`` holds in some tables and not in others. A ``late`` sum is looked at when the others are at
        rest. An ``implied`` one follows from others of this ledger: the audit does without it.
        """
        terms = (*((i, 1) for i in total), *((i, -1) for i in parts))
        values = [(self.entries[i].value, sign) for i, sign in terms]
        known = [v * sign for v, sign in values if v is not None]
        if {sign for _, sign in terms} != {1, -1} or (len(known) == len(terms) and sum(known) != 0):
            return
        if len(known) < len(terms) and (by_chance or not self.reading):
            return
        for index, _ in terms:
            self.sums_of.setdefault(index, []).append(len(self.sums))
        if late:
            self.late.add(len(self.sums))
        if late or implied:
            self.implied.add(len(self.sums))
        self.sums.append(terms)
        self.kinds.append(kind)

    def force(self, index: int) -> None:
        """Say that a number is to be withheld whatever it is."""
        self.forced.add(index)

    def follow(self, index: int, other: int) -> None:
        """Say that a number goes whenever another one does."""
        self.followers.setdefault(other, []).append(index)

    def say_telling(self, index: int, others: Iterable[int]) -> None:
        """Say that these numbers of a row too small to show are vague once the number ``index`` is withheld."""
        for other in others:
            self.entries[other].told_by = index
            self.tells.setdefault(index, []).append(other)

    def settle(self) -> None:
        """Apply the primary rule, then the complementary rule and the audit to a fixed point."""
        queue = _Queue()
        earlier = sorted(self.withheld)
        self.withheld.clear()
        small = [i for i, entry in enumerate(self.entries) if entry.is_small]
        for index in (*earlier, *small, *sorted(self.forced)):
            self._withhold(index, queue)
        answers: Answers = {}
        found_before: Counter[int] = Counter()
        self._complement(queue)
        while found := audit(self.system(), answers):
            relieved = [self._relieve(index, 2 ** found_before[index], queue) for index in found]
            if not any(relieved) and not self._mute(found):
                self.unrelieved = found
                break
            found_before.update(found)  # whoever is found again gets more
            self._complement(queue)

    def system(self) -> System:
        """The sums as a reader of the release sees them."""
        known = {i: e.value for i, e in enumerate(self.entries) if i not in self.withheld and e.value is not None}
        unknown = {i: Unknown(self.entries[i].bounds, self.entries[i].guarded) for i in sorted(self.withheld)}
        sums = [terms for number, terms in enumerate(self.sums) if number not in self.implied]
        return System(known, unknown, sums, {i: self.entries[i].value or 0 for i in unknown})

    def _mute(self, found: Iterable[int]) -> bool:
        """Take away the marks that say how small these numbers are, or else those beside them; is there one left?"""
        loud = [i for i in found if not self.entries[i].muted]
        if not loud:
            beside = (i for index in found for n in self.sums_of.get(index, ()) for i, _ in self.sums[n])
            loud = sorted({i for i in beside if i in self.withheld and not self.entries[i].muted})
        for index in loud:
            self.entries[index].muted = True
        return bool(loud)

    def names_by_index(self) -> dict[int, Hashable]:
        """The name of each number."""
        return {index: name for (name, _), index in self.names.items()}

    def kinds_of(self, index: int) -> set[str]:
        """The kinds of relation that a number stands in."""
        return {self.kinds[number] for number in self.sums_of.get(index, ())}

    def _relieve(self, index: int, most: int, queue: _Queue) -> bool:
        """Withhold the cheapest shown numbers of the sums a number stands in, or hangs together with; are there any?"""
        reached, border = {index}, [index]
        while border:
            sums = [self.sums[n] for i in border for n in self.sums_of.get(i, ())]
            offered = {g for g in map(self._give_up, sums) if g is not None}
            for given_up in sorted(offered, key=self._price)[:most]:
                self._withhold(given_up, queue)
            if offered:
                return True
            border = [
                i for i in dict.fromkeys(i for s in sums for i, _ in s) if i in self.withheld and i not in reached
            ]
            reached.update(border)
        return False

    def _complement(self, queue: _Queue) -> None:
        """Apply the complementary rule to the sums in the queue, and to those it leads to."""
        waiting: dict[int, None] = {}
        while queue.order or waiting:
            number = queue.popleft() if queue.order else waiting.popitem()[0]
            if number in self.late and queue.order:
                waiting[number] = None
                continue
            terms = self.sums[number]
            while self._gives_back(terms, queue):
                given_up = self._give_up(terms)
                if given_up is None:
                    break
                self._withhold(given_up, queue)

    def _give_up(self, terms: tuple[Term, ...]) -> int | None:
        """The number to withhold next: the cheapest; before a total, what tells of a small part that it is not 0."""
        shown = [i for i, _ in terms if i not in self.withheld and self.entries[i].value and not self.entries[i].known]
        cheapest = min(shown, key=self._price, default=None)
        if (cheapest, -1) in terms:
            return cheapest
        small = [i for i, _ in terms if self.entries[i].is_small and not self.entries[i].vague]
        telling = [t for t in (self.entries[i].told_by for i in sorted(small, key=self._price)) if t is not None]
        return telling[0] if telling else cheapest

    def is_withheld(self, index: int) -> bool:
        """Is this number withheld?"""
        return index in self.withheld

    def block_withheld(self, block: Hashable) -> bool:
        """Is a number of this block withheld? Then all of them are."""
        return not self.withheld.isdisjoint(self.blocks[block])

    def _price(self, index: int) -> tuple[int, int, int]:
        entry = self.entries[index]
        return entry.rank, entry.value or 0, index

    def _withhold(self, index: int, queue: _Queue) -> None:
        if index in self.withheld:
            return
        self.withheld.add(index)
        queue.extend(self.sums_of.get(index, ()))
        for other in self.tells.get(index, ()):
            self.entries[other].vague = True
        for block in self.entries[index].drags:
            for member in self.blocks.get(block, ()):
                self._withhold(member, queue)
        for follower in self.followers.get(index, ()):
            self._withhold(follower, queue)

    def _gives_back(self, terms: tuple[Term, ...], queue: _Queue) -> bool:
        """Do the shown numbers of a sum leave one value only for a guarded number?"""
        rest = -sum(sign * (self.entries[i].value or 0) for i, sign in terms if i not in self.withheld)
        hidden = [(i, sign, *self.entries[i].bounds) for i, sign in terms if i in self.withheld]
        least = _Bound(low if sign > 0 else -high for _, sign, low, high in hidden)
        most = _Bound(high if sign > 0 else -low for _, sign, low, high in hidden)
        found = False
        for index, sign, low, high in hidden:
            smallest, largest = (low, high) if sign > 0 else (-high, -low)
            # what the others may come to leaves this one the rest, within what is known of it
            floor = max(smallest, rest - most.without(largest))
            ceiling = min(largest, rest - least.without(smallest))
            if high > 0 and ceiling - floor < 1:
                if self.entries[index].guarded:
                    found = True
                elif not self.entries[index].value:
                    self._tell_zero(index, queue)
        return found

    def _tell_zero(self, index: int, queue: _Queue) -> None:
        """A vague number that a sum shows to be 0 is no shelter for another number in its other sums."""
        self.entries[index].vague = False
        queue.extend(self.sums_of[index])


class _Queue:
    """Sums to look at, in order; one that waits already is not put in a second time."""

    def __init__(self) -> None:
        self.order: deque[int] = deque()
        self.waiting: set[int] = set()

    def extend(self, numbers: Iterable[int]) -> None:
        """Put in those that do not wait yet."""
        for number in numbers:
            if number not in self.waiting:
                self.waiting.add(number)
                self.order.append(number)

    def popleft(self) -> int:
        """Take out the first."""
        number = self.order.popleft()
        self.waiting.remove(number)
        return number


class _Bound:
    """A sum of bounds, some of them without end, from which one can be taken out again."""

    def __init__(self, bounds: Iterable[float]) -> None:
        listed = list(bounds)
        self.endless = sum(isinf(b) for b in listed)
        self.total = sum(b for b in listed if not isinf(b))
        self.end = next((b for b in listed if isinf(b)), 0.0)

    def without(self, bound: float) -> float:
        """The sum of the others."""
        if isinf(bound):
            return self.end if self.endless > 1 else self.total
        return self.end if self.endless else self.total - bound
