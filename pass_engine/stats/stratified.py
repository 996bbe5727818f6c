"""A rate ratio over strata, of arms that share no person."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

Stratum = tuple[int, float, int, float]
"""Events and time of the first arm, events and time of the second."""


def mantel_haenszel_ratio(strata: Sequence[Stratum], level: float) -> tuple[float, float, float] | None:
    """Mantel-Haenszel rate ratio with the limits of Greenland & Robins (Biometrics 1985;41:55-68).

    With T = t1 + t2 in each stratum, R = sum(n1 t2 / T) and S = sum(n2 t1 / T), the ratio is R / S and the variance
    of its logarithm sum((n1 + n2) t1 t2 / T^2) / (R S). A stratum in which an arm has no time adds nothing.
    None where R or S is 0: the strata with time in both arms hold no event of the first or of the second.
    """
    both = [(n1, t1, n2, t2) for n1, t1, n2, t2 in strata if t1 > 0 and t2 > 0]
    first = sum(n1 * t2 / (t1 + t2) for n1, t1, n2, t2 in both)
    second = sum(n2 * t1 / (t1 + t2) for n1, t1, n2, t2 in both)
    if first == 0 or second == 0:
        return None
    variance = sum((n1 + n2) * t1 * t2 / (t1 + t2) ** 2 for n1, t1, n2, t2 in both) / (first * second)
    ratio, factor = first / second, exp(normal_quantile(level) * sqrt(variance))
    return ratio, ratio / factor, ratio * factor
