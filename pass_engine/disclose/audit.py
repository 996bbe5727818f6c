"""How tightly can a reader bound each withheld number from all published ones together?

The numbers of a release and the sums that tie them are a system of linear equations in whole numbers. What is shown
is fixed; what is withheld lies within what its mark tells. The system falls into parts that share no withheld number;
in each the least and the largest possible value of a withheld number are found by integer programming (HiGHS in
SciPy's ``milp``; Huangfu & Hall 2018, doi 10.1007/s12532-017-0130-5; for the use: Fischetti & Salazar 2001,
doi 10.1287/mnsc.47.7.1008.9800). A point found on the way is a witness for all numbers of its part, so that few
programs are solved one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isinf
from typing import TYPE_CHECKING, Any

from pass_engine.disclose.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np

Term = tuple[int, int]
"""Index of a number, and its sign in a sum that is zero."""
Range = tuple[float, float]

ANY_BUT_ONE: Range = (inf, -inf)
"""Wanted of a number that only must not be told exactly."""

LARGE = 10.0**7
"""Stands for no upper end: days and persons of a cell lie far below."""
ROUNDS = 20
"""Times that every sum of a part is looked at before programs are solved."""
NEIGHBOURS = 60
"""Unknowns around one that are set free first: their program is small, and most often enough."""
SECONDS = 10.0
"""Time for one program; what has no witness by then counts as not protected."""


@dataclass(frozen=True)
class Unknown:
    """A withheld number: what its mark tells of it, and the range that must stay possible (None: any will do)."""

    told: Range
    wanted: Range | None


@dataclass
class System:
    """Unknowns by index, and sums that are zero; ``known`` holds the numbers that are shown."""

    known: dict[int, int] = field(default_factory=dict)
    unknown: dict[int, Unknown] = field(default_factory=dict)
    sums: list[tuple[Term, ...]] = field(default_factory=list)
    point: dict[int, int] = field(default_factory=dict)
    """Values of the unknowns that are possible together, where whoever asks knows of some."""

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


@dataclass(frozen=True)
class Finding:
    """A withheld number that the release bounds more tightly than is wanted, and the range it leaves."""

    index: int
    left: Range


Answers = dict[object, list[tuple[int, Range]]]
"""What was found of parts of one shape, by place."""


def audit(system: System, answers: Answers | None = None) -> list[Finding]:
    """Every withheld number that can be bounded more tightly than is wanted, in the order of its index.

    ``answers`` remembers parts that were solved before.
    """
    seen = {} if answers is None else answers
    found: list[Finding] = []
    for numbers, sums in system.parts():
        part = _Part(system, numbers, sums)
        key = part.shape()
        if key not in seen:
            seen[key] = part.narrow()
        found += [Finding(numbers[place], left) for place, left in seen[key]]
    return sorted(found, key=lambda f: f.index)


class _Part:
    """One part of a system as a matrix equation, and the values that witnesses have shown to be possible."""

    def __init__(self, system: System, numbers: Sequence[int], sums: Iterable[tuple[Term, ...]]) -> None:
        self.point = [system.point[i] for i in numbers] if system.point else None
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
        self.low: list[float] = [inf] * len(numbers)
        self.high: list[float] = [-inf] * len(numbers)
        self.matrix: tuple[Any, Any] | None = None

    def shape(self) -> object:
        """What decides the answer: parts of the same shape have the same one."""
        return self.rows, tuple(self.unknowns)

    def narrow(self) -> list[tuple[int, Range]]:
        """Places whose possible values leave out some of the wanted range, with the values left."""
        asked = [place for place, unknown in enumerate(self.unknowns) if unknown.wanted is not None]
        if not asked:
            return []
        walk = self._walk(asked)
        ends = self._propagate()
        found = []
        for place in asked:
            if ends[place][0] == ends[place][1]:
                found.append((place, ends[place]))
                continue
            for direction in (1.0, -1.0):
                if self._lacks(place, direction):
                    self._look(place, direction, walk)
            if self._lacks(place, 1.0) or self._lacks(place, -1.0):
                found.append((place, (self.low[place], self.high[place])))
        return found

    def _look(self, place: int, direction: float, walk: Walk | None) -> None:
        """Solve for one number, among its neighbours first: their program is small."""
        near = walk.near(place, NEIGHBOURS) if walk is not None else []
        if len(near) < len(self.unknowns):
            self._solve([place], direction, near)
        if self._lacks(place, direction):
            self._solve([place], direction)

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

    def _walk(self, asked: Sequence[int]) -> Walk | None:
        """Note what small moves from one possible point show; None where no point is possible."""
        point = self.point if self.point is not None else self._solve(asked, 1.0)
        if point is None:
            return None
        walk = Walk(point, [u.told for u in self.unknowns], [terms for terms, _ in self.rows])
        self.low, self.high = walk.low, walk.high  # which the walk widens
        for place in asked:
            low, high = self.unknowns[place].wanted or ANY_BUT_ONE
            for direction, end in ((1.0, low), (-1.0, high)):
                if self._lacks(place, direction):
                    walk.to(place, walk.point[place] + direction if isinf(end) else end)
        self.point = point
        return walk

    def _lacks(self, place: int, direction: float) -> bool:
        """Has no point shown yet that the number can be as small (1), or as large (-1), as is wanted?"""
        low, high = self.unknowns[place].wanted or ANY_BUT_ONE
        if (low, high) == ANY_BUT_ONE:
            return self.low[place] >= self.high[place]
        return self.low[place] > low if direction > 0 else self.high[place] < high

    def _solve(self, places: Sequence[int], direction: float, free: Sequence[int] = ()) -> list[int] | None:
        """A possible point in which these numbers are small (1), or large (-1); every value in it is noted.

        With ``free`` only these numbers may differ from the point at hand.
        """
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        if self.matrix is None:
            self.matrix = self._equations()
        matrix, rest = self.matrix
        low = np.array([float(u.told[0]) for u in self.unknowns])
        high = np.array([min(u.told[1], LARGE) for u in self.unknowns])
        columns = np.array(free if len(free) else range(len(low)))
        if len(free):
            fixed = np.array(self.point, dtype=float)
            fixed[columns] = 0
            rest = rest - matrix @ fixed
            matrix = matrix[:, columns]
            rows = np.unique(matrix.indices)
            matrix, rest = matrix.tocsr()[rows], rest[rows]
        aim = np.isin(columns, list(places)) * direction
        result = milp(
            aim,
            integrality=np.ones(len(columns)),
            bounds=Bounds(low[columns], high[columns]),
            constraints=LinearConstraint(matrix, rest, rest),
            options={"time_limit": SECONDS},
        )
        if result.x is None:
            return None
        point = list(self.point) if len(free) and self.point else [0] * len(low)
        for place, value in zip(columns.tolist(), result.x, strict=True):
            point[place] = round(float(value))
        self.low, self.high = list(map(min, self.low, point)), list(map(max, self.high, point))
        return point

    def _equations(self) -> tuple[Any, np.ndarray[Any, Any]]:
        import numpy as np
        from scipy.sparse import csc_array

        entries = [(r, c, s) for r, (terms, _) in enumerate(self.rows) for c, s in terms]
        shape = (len(self.rows), len(self.unknowns))
        row, column, sign = (np.array(part) for part in zip(*entries, strict=True))
        return csc_array((sign.astype(float), (row, column)), shape=shape), np.array([rest for _, rest in self.rows])
