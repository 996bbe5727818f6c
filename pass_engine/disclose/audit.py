"""Which withheld numbers can a reader tell exactly from all published ones together?

The numbers of a release and the sums that tie them are a system of linear equations in whole numbers. What is shown
is fixed; what is withheld lies within what its mark tells. The system falls into parts that share no withheld number;
in each, two possible values of a withheld number are looked for, at last by integer programming (HiGHS in
SciPy's ``milp``; Huangfu & Hall 2018, doi 10.1007/s12532-017-0130-5; for the use: Fischetti & Salazar 2001,
doi 10.1287/mnsc.47.7.1008.9800). A point found on the way is a witness for all numbers of its part, so that few
programs are solved one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.disclose.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np

Term = tuple[int, int]
"""Index of a number, and its sign in a sum that is zero."""
Range = tuple[float, float]

LARGE = 10.0**7
"""Stands for no upper end: days and persons of a cell lie far below."""
ROUNDS = 20
"""Times that every sum of a part is looked at before programs are solved."""
NEIGHBOURS = 60
"""Unknowns around one that are set free first: their program is small, and most often enough."""
NODES = 2000
"""Branches of one program; what has no second value by then counts as told. A limit of time would give other results on
another day."""


@dataclass(frozen=True)
class Unknown:
    """A withheld number: what its mark tells of it, and whether it must not be told exactly."""

    told: Range
    guarded: bool


@dataclass
class System:
    """Numbers that are shown and unknowns by index, sums that are zero, and values of the unknowns that fit them."""

    known: dict[int, int]
    unknown: dict[int, Unknown]
    sums: list[tuple[Term, ...]]
    point: dict[int, int]

    def parts(self) -> Iterator[tuple[list[int], list[tuple[Term, ...]]]]:
        """Unknowns that hang together, with their sums; an unknown in no sum is in no part."""
        parent: dict[int, int] = {}

        def root(i: int) -> int:
            while parent.setdefault(i, i) != i:
                parent[i] = parent[parent[i]]
                i = parent[i]
            return i

        open_sums = [(terms, [i for i, _ in terms if i in self.unknown]) for terms in self.sums]
        for _, hidden in open_sums:
            for other in hidden[1:]:
                parent[root(hidden[0])] = root(other)
        members: dict[int, tuple[dict[int, None], list[tuple[Term, ...]]]] = {}
        for terms, hidden in open_sums:
            if hidden:
                numbers, sums = members.setdefault(root(hidden[0]), ({}, []))
                numbers.update(dict.fromkeys(hidden))
                sums.append(terms)
        for numbers, sums in members.values():
            yield sorted(numbers), sums


Answers = dict[object, list[int]]
"""What was found of parts of one shape: places of the numbers told."""


def audit(system: System, answers: Answers) -> list[int]:
    """Indices of the guarded numbers that are told exactly; ``answers`` remembers parts that were solved before."""
    found: list[int] = []
    for numbers, sums in system.parts():
        part = _Part(system, numbers, sums)
        key = part.shape()
        if key not in answers:
            answers[key] = part.told_exactly()
        found += [numbers[place] for place in answers[key]]
    return sorted(found)


class _Part:
    """One part of a system as a matrix equation, and the least and largest value of each number met so far."""

    def __init__(self, system: System, numbers: Sequence[int], sums: Iterable[tuple[Term, ...]]) -> None:
        place = {index: n for n, index in enumerate(numbers)}
        rows: dict[tuple[tuple[tuple[int, int], ...], int], None] = {}
        for terms in sums:
            hidden: dict[int, int] = {}
            for i, sign in terms:
                if i in place:
                    hidden[place[i]] = hidden.get(place[i], 0) + sign
            rest = -sum(sign * system.known[i] for i, sign in terms if i in system.known)
            rows[tuple(sorted(hidden.items())), rest] = None
        self.rows = tuple(rows)
        self.unknowns = [system.unknown[i] for i in numbers]
        self.point = [system.point[i] for i in numbers]
        self.low, self.high = list(self.point), list(self.point)
        self.matrix: tuple[Any, Any] | None = None

    def shape(self) -> object:
        """What decides the answer: parts of the same shape have the same one."""
        return self.rows, tuple(self.unknowns)

    def told_exactly(self) -> list[int]:
        """Places of guarded numbers of which only one value is possible."""
        guarded = [place for place, unknown in enumerate(self.unknowns) if unknown.guarded]
        if not guarded:
            return []
        walk = self._walk(guarded)
        ends = self._propagate()
        return [place for place in guarded if ends[place][0] == ends[place][1] or not self._moves(place, walk)]

    def _walk(self, guarded: Sequence[int]) -> Walk:
        """Note what small moves from the point at hand show."""
        walk = Walk(self.point, [u.told for u in self.unknowns], [terms for terms, _ in self.rows])
        self.low, self.high = walk.low, walk.high  # which the walk widens
        for place in guarded:
            for way in (1, -1):
                if self._is_still(place):
                    walk.step(place, way)
        return walk

    def _is_still(self, place: int) -> bool:
        """Has one value of the number been met only?"""
        return self.low[place] == self.high[place]

    def _moves(self, place: int, walk: Walk) -> bool:
        """Has the number a second value? Sought among its neighbours first: their program is small."""
        near = walk.near(place, NEIGHBOURS)
        for direction in (1, -1):
            if self._is_still(place) and len(near) < len(self.unknowns):
                self._solve(place, direction, near)
            if self._is_still(place):
                self._solve(place, direction, range(len(self.unknowns)))
        return not self._is_still(place)

    def _propagate(self) -> list[Range]:
        """What each sum by itself, again and again, leaves of what is told: never narrower than what is possible.

        Where sums go round in a ring, ends can creep on by ones: after some rounds programs are the faster way.
        """
        ends = [(low, min(high, LARGE)) for low, high in (u.told for u in self.unknowns)]
        for _ in range(ROUNDS):
            moved = False
            for terms, rest in self.rows:
                signed = [(p, s, *(ends[p] if s > 0 else (-ends[p][1], -ends[p][0]))) for p, s in terms]
                least, most = sum(low for *_, low, _ in signed), sum(high for *_, high in signed)
                for place, sign, low, high in signed:  # the others come to between least - low and most - high
                    new = max(low, rest - (most - high)), min(high, rest - (least - low))
                    if new != (low, high):
                        ends[place], moved = new if sign > 0 else (-new[1], -new[0]), True
            if not moved:
                break
        return ends

    def _solve(self, place: int, direction: int, free: Sequence[int]) -> None:
        """Make a number as small (1), or as large (-1), as it can be where only the ``free`` ones may differ."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        if self.matrix is None:
            self.matrix = self._equations()
        columns = np.array(free)
        fixed = np.array(self.point, dtype=float)
        fixed[columns] = 0
        matrix = self.matrix[0][:, columns]
        rows = np.unique(matrix.indices)
        rest = (self.matrix[1] - self.matrix[0] @ fixed)[rows]
        told = [self.unknowns[c].told for c in free]
        result = milp(
            np.equal(columns, place) * direction,
            integrality=np.ones(len(columns)),
            bounds=Bounds([low for low, _ in told], [min(high, LARGE) for _, high in told]),
            constraints=LinearConstraint(matrix.tocsr()[rows], rest, rest),
            options={"node_limit": NODES},
        )
        if result.x is None:
            return
        for column, value in zip(free, result.x, strict=True):
            near = round(float(value))
            self.low[column], self.high[column] = min(self.low[column], near), max(self.high[column], near)

    def _equations(self) -> tuple[Any, np.ndarray[Any, Any]]:
        import numpy as np
        from scipy.sparse import csc_array

        entries = [(r, c, s) for r, (terms, _) in enumerate(self.rows) for c, s in terms]
        shape = (len(self.rows), len(self.unknowns))
        row, column, sign = (np.array(part) for part in zip(*entries, strict=True))
        return csc_array((sign.astype(float), (row, column)), shape=shape), np.array([rest for _, rest in self.rows])
