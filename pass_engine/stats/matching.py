"""Nearest-neighbour matching on the propensity score, 1 to k, within a caliper, without replacement.

The distance is that of the logits; the caliper a multiple of their spread, sqrt((s1^2 + s0^2) / 2), 0.2 by
default (Austin, Pharm Stat 2011;10:150-161, doi 10.1002/pst.433). Greedy: persons of the target arm choose in order of
falling score, each the nearest still free; all choose once before any chooses again. Of equals the one that stands
earlier is taken, so that the order in which persons are handed over must be fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

DECIMALS = 12
"""Logits are compared to so many decimals, so that what is equal stays equal on every machine."""
CALIPER = 0.2
"""In units of the spread of the logits."""


@dataclass(frozen=True)
class Matched:
    """``sets`` (n): the number of each person's set, -1 for those not matched. ``weights`` (n): 1, or 1 / controls.

    ``unmatched``: persons of the target arm without a control within the caliper, whose width is ``caliper``.
    """

    sets: Vector
    weights: Vector
    unmatched: int
    caliper: float


class _Free:
    """Places 0 to n - 1, some taken: the next free one upwards and downwards, found by shortening paths."""

    def __init__(self, n: int) -> None:
        self.n, self.up, self.down = n, list(range(n + 1)), list(range(n + 1))

    def at_or_after(self, place: int) -> int:
        """The first free place from here on; n where there is none."""
        return self._find(self.up, place)

    def before(self, place: int) -> int:
        """The last free place before this; -1 where there is none. Places are stored one up here."""
        return self._find(self.down, place) - 1

    def take(self, place: int) -> None:
        """No longer free."""
        self.up[place] = place + 1
        self.down[place + 1] = place

    @staticmethod
    def _find(parent: list[int], place: int) -> int:
        root = place
        while parent[root] != root:
            root = parent[root]
        while parent[place] != root:
            parent[place], place = root, parent[place]
        return root


def match_nearest(
    scores: ArrayLike, target: ArrayLike, ratio: int = 1, caliper: float | None = CALIPER
) -> Matched | NotEstimable:
    """Sets of one person of the target arm and up to ``ratio`` of the other.

    Args:
        scores: probability of the target arm, between 0 and 1 (n).
        target: 1 for those in it, 0 for the others (n).
        ratio: how many others each may have.
        caliper: largest distance, in units of the spread of the logits; None for any distance.

    Returns:
        The sets; EMPTY_ARM where an arm has nobody; NO_OVERLAP where nobody has a match.

    Raises:
        ValueError: scores that are not between 0 and 1, or a ratio below 1.
    """
    import numpy as np

    e, z = np.asarray(scores, dtype=float), np.asarray(target, dtype=int)
    if not ((e > 0) & (e < 1)).all() or ratio < 1:
        raise ValueError("scores between 0 and 1 and a ratio of at least 1 are needed")
    missing = tuple(k for k in (0, 1) if not (z == k).any())
    if missing:
        return NotEstimable(Diagnosis.EMPTY_ARM, arms=missing)
    line = same_scores(e)
    reach = np.inf if caliper is None else caliper * _spread(line, z)
    treated = [int(i) for i in np.flatnonzero(z == 1)]
    treated.sort(key=lambda i: -line[i])  # a stable sort: of equals the earlier one first
    sets, weights = _greedy(line, z, treated, ratio, float(reach)), np.zeros(len(e))
    if not (sets >= 0).any():
        return NotEstimable(Diagnosis.NO_OVERLAP, arms=(0, 1))
    used = sets >= 0
    sizes = np.bincount(sets[used & (z == 0)], minlength=len(e))
    weights[used] = np.where(z[used] == 1, 1.0, 1 / np.maximum(1, sizes[sets[used]]))
    return Matched(sets, weights, int(((z == 1) & ~used).sum()), float(reach))


def same_scores(scores: ArrayLike) -> Vector:
    """Logits of n scores to the decimals they are compared to: equal where persons are equally near to any other."""
    import numpy as np
    from scipy.special import logit

    return np.asarray(np.round(logit(np.asarray(scores, dtype=float)), DECIMALS))


def _spread(line: Vector, z: Vector) -> float:
    arms = [line[z == k] for k in (0, 1)]
    return sqrt(sum(float(a.var(ddof=1)) if len(a) > 1 else 0.0 for a in arms) / 2)


def _greedy(line: Vector, z: Vector, treated: list[int], ratio: int, reach: float) -> Vector:
    """Set numbers: that of a person of the target arm is their place in the order of choosing."""
    import numpy as np

    controls = np.flatnonzero(z == 0)
    controls = controls[np.argsort(line[controls], kind="stable")]
    at = line[controls]
    starts = np.searchsorted(at, at, side="left")
    free, sets, values = _Free(len(controls)), np.full(len(line), -1), at.tolist()
    for _ in range(ratio):
        for number, person in enumerate(treated):
            place = _nearest(free, values, starts, float(line[person]))
            if place is not None and abs(at[place] - line[person]) <= reach:
                free.take(place)
                sets[controls[place]] = sets[person] = number
    return sets


def _nearest(free: _Free, at: list[float], starts: Vector, wanted: float) -> int | None:
    """Place of the nearest free control; below and above alike, the one below."""
    from bisect import bisect_left

    middle = bisect_left(at, wanted)
    above, below = free.at_or_after(middle), free.before(middle)
    if below >= 0:
        below = free.at_or_after(int(starts[below]))  # of equal scores the one that stands earlier
    if above >= len(at):
        return below if below >= 0 else None
    if below < 0:
        return above
    return below if wanted - at[below] <= at[above] - wanted else above
