"""How alike arms are: standardised mean differences, from sums that add over registries.

For arms with means m1, m2 and variances before weighting s1^2, s2^2: (m1 - m2) / sqrt((s1^2 + s2^2) / 2) (Austin,
Stat Med 2009;28:3083-3107, doi 10.1002/sim.3697). The denominator stays that of the unweighted arms, so that a
difference after weighting is not made small by a spread that grew (Stuart, Lee & Leacy, J Clin Epidemiol
2013;66:S84-S90). Of a yes or no the variance is p (1 - p). Below 0.1 arms count as alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import inf, nan, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

ALIKE = 0.1
"""A standardised difference below this is taken for none."""


@dataclass(frozen=True)
class Moments:
    """Of one covariate in one arm: total weight, sum of w x, sum of w x^2, and whether x is a yes or no."""

    weight: float
    total: float
    squares: float
    binary: bool = False

    @property
    def mean(self) -> float:
        """Weighted mean; not a number without weight."""
        return self.total / self.weight if self.weight > 0 else nan

    @property
    def variance(self) -> float:
        """Of a yes or no p (1 - p), else the sample variance, with weight - 1 below; meant for unweighted arms."""
        if self.binary:
            return self.mean * (1 - self.mean)
        if self.weight <= 1:
            return nan
        return max(0.0, (self.squares - self.total * self.mean) / (self.weight - 1))

    def __add__(self, other: Moments) -> Moments:
        """Of both together."""
        return Moments(
            self.weight + other.weight,
            self.total + other.total,
            self.squares + other.squares,
            self.binary and other.binary,
        )


def moments(values: ArrayLike, weights: ArrayLike | None = None) -> Moments:
    """Of n values of one arm, of weight 1 each unless told; values all 0 or 1 are a yes or no."""
    import numpy as np

    x = np.asarray(values, dtype=float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    return Moments(float(w.sum()), float(w @ x), float(w @ (x * x)), bool(np.isin(x, (0, 1)).all()))


def standardised_difference(first: Moments, second: Moments, before: tuple[Moments, Moments] | None = None) -> float:
    """Difference of two means in units of the spread ``before`` weighting (the arms themselves without it).

    0 where the means are equal; infinite where they differ and nothing varies.
    """
    spread = [arm.variance for arm in before or (first, second)]
    difference, pooled = first.mean - second.mean, sqrt(sum(spread) / 2)
    if difference == 0:
        return 0.0
    return difference / pooled if pooled > 0 else inf if difference > 0 else -inf


def largest_difference(after: Sequence[Moments], before: Sequence[Moments]) -> float:
    """Of more than two arms: the standardised difference of the pair that differs most, without its sign."""
    pairs = combinations(range(len(after)), 2)
    return max(abs(standardised_difference(after[a], after[b], (before[a], before[b]))) for a, b in pairs)


def variance_ratio(first: Moments, second: Moments) -> float | None:
    """Variance of the first arm over that of the second; None for a yes or no, whose mean says it all."""
    if (first.binary and second.binary) or not second.variance > 0:
        return None
    return first.variance / second.variance
