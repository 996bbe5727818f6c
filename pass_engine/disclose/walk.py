"""From one possible point of a system of sums to others, by small closed moves.

A move raises or lowers a few withheld numbers by one so that every sum still holds: a number, one that takes its
place in a sum, and so on until nothing is left over. Up to four numbers are enough where a table has two
dimensions (a cell, another level, another registry, and the cell where both meet). Every point on the way is possible,
so it is a witness for the numbers that changed; that no move is found proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Step = tuple[int, int]
"""Place of a number, and +1 or -1."""
Balance = dict[int, int]
"""Sum to what it is off by."""

MOST_TRIED = 200
"""Pairs of numbers tried for one move."""


class Walk:
    """A possible point, the ends its numbers must keep to, and the least and largest value of each on the way.

    ``rows`` are sums that are zero: (place, sign) of the numbers in them.
    """

    def __init__(
        self, point: Sequence[int], told: Sequence[tuple[float, float]], rows: Sequence[Sequence[Step]]
    ) -> None:
        """Start at a possible point."""
        self.point, self.told = list(point), told
        self.low, self.high = list(point), list(point)
        self.rows = rows
        self.effect: list[tuple[Step, ...]] = [() for _ in point]
        for number, terms in enumerate(rows):
            for place, sign in terms:
                self.effect[place] = (*self.effect[place], (number, sign))
        self.same: dict[tuple[Step, ...], list[int]] = {}
        for place, effect in enumerate(self.effect):
            self.same.setdefault(effect, []).append(place)

    def step(self, place: int, way: int) -> None:
        """Move a number by one (1 or -1), if a closed move is found."""
        move = self._find((place, way))
        for other, step in move or ():
            self.point[other] += step
            self.low[other] = min(self.low[other], self.point[other])
            self.high[other] = max(self.high[other], self.point[other])

    def near(self, place: int, most: int) -> list[int]:
        """Numbers that share a sum with this one, or with those that do, nearest first up to ``most``."""
        found, border = {place: None}, [place]
        while border and len(found) < most:
            reached = [other for i in border for number, _ in self.effect[i] for other, _ in self.rows[number]]
            border = [i for i in dict.fromkeys(reached) if i not in found][: most - len(found)]
            found.update(dict.fromkeys(border))
        return sorted(found)

    def _find(self, first: Step) -> tuple[Step, ...] | None:
        """A closed move of at most four numbers that begins with this step."""
        if not self._can(first):
            return None
        tried = 0
        off = self._after({}, first)
        if not off:
            return (first,)
        for second in self._answers(off, {first[0]}):
            off_two = self._after(off, second)
            closing = self._closing(off_two, {first[0], second[0]})
            if closing is not None:
                return (first, second, *closing)
            for third in self._answers(off_two, {first[0], second[0]}):
                tried += 1
                if tried > MOST_TRIED:
                    return None
                closing = self._closing(self._after(off_two, third), {first[0], second[0], third[0]})
                if closing is not None:
                    return (first, second, third, *closing)
        return None

    def _can(self, step: Step) -> bool:
        place, change = step
        low, high = self.told[place]
        return low <= self.point[place] + change <= high

    def _after(self, off: Balance, step: Step) -> Balance:
        """What the sums are off by after one more step."""
        result = dict(off)
        place, change = step
        for number, sign in self.effect[place]:
            left = result.get(number, 0) + sign * change
            if left:
                result[number] = left
            else:
                del result[number]
        return result

    def _answers(self, off: Balance, used: set[int]) -> Iterator[Step]:
        """Steps that put right the first sum that is off."""
        number = next(iter(off))
        wrong = off[number]
        for place, sign in self.rows[number]:
            step = place, -1 if sign * wrong > 0 else 1
            if place not in used and self._can(step):
                yield step

    def _closing(self, off: Balance, used: set[int]) -> tuple[Step, ...] | None:
        """Nothing, where nothing is off; else the one step that puts right all that is."""
        if not off:
            return ()
        ordered = sorted(off.items())
        for change in (1, -1):
            wanted = tuple((number, -wrong * change) for number, wrong in ordered)
            for place in self.same.get(wanted, ()):
                if place not in used and self._can((place, change)):
                    return ((place, change),)
        return None
