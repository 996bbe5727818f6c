"""Could persons of one arm have been in the other? Preference scores, common support, and who lies outside.

The preference score F takes the arms' sizes out of the propensity score e: logit F = logit e - logit P, with P the
share of the target arm (Walker et al., Comparative Effectiveness Research 2013;3:11-20, doi 10.2147/CER.S40357). A
person with F from 0.3 to 0.7 is in equipoise, and so are two arms of each of which half are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

EQUIPOISE = (0.3, 0.7)
"""Preference scores of those for whom either arm was a choice."""
ENOUGH = 0.5
"""The share of each arm that must be in equipoise."""
BINS = 20
"""Bars of a histogram of preference scores, of equal width from 0 to 1."""


@dataclass(frozen=True)
class Equipoise:
    """Of two arms (comparator, target): counts of persons, whole numbers all, so that they add over registries.

    ``in_equipoise``: preference score from 0.3 to 0.7. ``outside``: propensity score beyond those of the other arm.
    ``bins``: counts by preference score, BINS each of comparator and target.
    """

    persons: tuple[int, int]
    in_equipoise: tuple[int, int]
    outside: tuple[int, int]
    bins: tuple[tuple[int, ...], tuple[int, ...]]

    @property
    def shares(self) -> tuple[float, float]:
        """Share of each arm in equipoise."""
        return self.in_equipoise[0] / self.persons[0], self.in_equipoise[1] / self.persons[1]

    @property
    def enough(self) -> bool:
        """Is half of each arm in equipoise?"""
        return min(self.shares) >= ENOUGH


def preference_scores(scores: ArrayLike, share: float) -> Vector:
    """Preference scores of n propensity scores; ``share`` is the target arm's among the two, between 0 and 1."""
    import numpy as np
    from scipy.special import expit, logit

    return np.asarray(expit(logit(np.asarray(scores, dtype=float)) - log(share / (1 - share))))


def equipoise(scores: ArrayLike, target: ArrayLike) -> Equipoise | NotEstimable:
    """Overlap of two arms.

    Args:
        scores: probability of the target arm (n).
        target: 1 for those in it, 0 for those in the comparator (n).

    Returns:
        The counts; EMPTY_ARM where an arm has nobody; NO_OVERLAP where no score of one arm is within those of the
        other.
    """
    import numpy as np

    e, z = np.asarray(scores, dtype=float), np.asarray(target, dtype=int)
    arms = [e[z == 0], e[z == 1]]
    missing = tuple(k for k in (0, 1) if not len(arms[k]))
    if missing:
        return NotEstimable(Diagnosis.EMPTY_ARM, arms=missing)
    low, high = max(a.min() for a in arms), min(a.max() for a in arms)
    if low > high:
        return NotEstimable(Diagnosis.NO_OVERLAP, arms=(0, 1))
    preferred = [preference_scores(a, len(arms[1]) / len(e)) for a in arms]
    persons, within, outside = ([], [], [])  # type: tuple[list[int], list[int], list[int]]
    for own, f in zip(arms, preferred, strict=True):
        persons.append(len(own))
        within.append(int(((f >= EQUIPOISE[0]) & (f <= EQUIPOISE[1])).sum()))
        outside.append(int(((own < low) | (own > high)).sum()))
    bins = [tuple(int(n) for n in np.histogram(f, bins=BINS, range=(0, 1))[0]) for f in preferred]
    return Equipoise((persons[0], persons[1]), (within[0], within[1]), (outside[0], outside[1]), (bins[0], bins[1]))


def within_range(scores: ArrayLike, low: float = 0.1, high: float = 0.9) -> Vector:
    """Who stays when scores beyond fixed limits are trimmed (Crump et al., Biometrika 2009;96:187-199): n yes or no."""
    import numpy as np

    e = np.asarray(scores, dtype=float)
    return np.asarray((e >= low) & (e <= high))
