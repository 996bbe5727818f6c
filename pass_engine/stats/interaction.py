"""Does an effect differ between subgroups that share no person?

Of k log ratios y with variances v, with weights 1 / v, Q = sum w (y - mean)^2 is chi-squared on k - 1 degrees of
freedom if all are the same (Cochran, Biometrics 1954;10:101-129). Of two it is the square of (y1 - y2) / sqrt(v1 + v2),
the test of a ratio of ratios (Altman & Bland, BMJ 2003;326:219, doi 10.1136/bmj.326.7382.219).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.stats.rates import Limits

FEWEST = 2


@dataclass(frozen=True)
class Interaction:
    """Chi-squared, degrees of freedom and P; of two subgroups the ratio of the first ratio to the second, too."""

    chi2: float
    degrees: int
    p: float
    ratio_of_ratios: float | None = None
    limits: Limits | None = None


def interaction_test(log_ratios: Sequence[float], variances: Sequence[float], level: float) -> Interaction:
    """Test of one effect in all subgroups.

    Raises:
        ValueError: fewer than two subgroups, or a variance that is not above 0.
    """
    from scipy.special import gammaincc

    if len(log_ratios) < FEWEST or len(variances) != len(log_ratios) or min(variances) <= 0:
        raise ValueError("two subgroups or more, with variances above 0, are needed")
    weights = [1 / v for v in variances]
    mean = sum(w * y for w, y in zip(weights, log_ratios, strict=True)) / sum(weights)
    chi2 = sum(w * (y - mean) ** 2 for w, y in zip(weights, log_ratios, strict=True))
    degrees = len(log_ratios) - 1
    p = float(gammaincc(degrees / 2, chi2 / 2))
    if degrees > 1:
        return Interaction(chi2, degrees, p)
    difference, half = log_ratios[0] - log_ratios[1], normal_quantile(level) * sqrt(sum(variances))
    return Interaction(chi2, degrees, p, exp(difference), (exp(difference - half), exp(difference + half)))
