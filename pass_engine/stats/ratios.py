"""Ratios of two rates whose arms share no person.

Given n = n1 + n2 events, n1 is binomial with p = R T1 / (R T1 + T2) where R is the rate ratio; limits of p
give limits of R = p / (1 - p) * T2 / T1 (Przyborowski & Wilenski, Biometrika 1940;31:313-23).
An upper limit without a bound (no events in the second arm) is infinite.
"""

from __future__ import annotations

from math import exp, inf, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.proportions import clopper_pearson
from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from pass_engine.stats.rates import Limits

RATIO_METHOD_WORDS = {"exact": "exact conditional", "mid_p": "mid-P conditional", "log_normal": "log-normal"}
"""How a method is printed."""


def exact_ratio_interval(n1: int, t1: float, n2: int, t2: float, level: float) -> Limits | None:
    """Exact conditional limits of (n1 / t1) / (n2 / t2): Clopper-Pearson on the split of the events."""
    limits = clopper_pearson(n1, n1 + n2, level)
    if limits is None or min(t1, t2) <= 0:
        return None
    return _odds(limits[0]) * t2 / t1, _odds(limits[1]) * t2 / t1


def mid_p_ratio_interval(n1: int, t1: float, n2: int, t2: float, level: float) -> Limits | None:
    """Conditional limits with half the probability of the observed split left out of the tail."""
    from scipy.optimize import brentq
    from scipy.special import bdtr

    total = n1 + n2
    if total == 0 or min(t1, t2) <= 0:
        return None
    tail = (1 - level) / 2

    def below(p: float) -> float:
        up_to = float(bdtr(n1, total, p))
        return (up_to + (float(bdtr(n1 - 1, total, p)) if n1 else 0.0)) / 2

    low = float(brentq(lambda p: 1 - below(p) - tail, 0, 1, xtol=1e-15)) if n1 else 0.0
    high = float(brentq(lambda p: below(p) - tail, 0, 1, xtol=1e-15)) if n2 else 1.0
    return _odds(low) * t2 / t1, _odds(high) * t2 / t1


def log_normal_ratio_interval(n1: int, t1: float, n2: int, t2: float, level: float) -> Limits | None:
    """Limits RR exp(+-z sqrt(1/n1 + 1/n2)); None where an arm has no event or no time."""
    if min(n1, n2) == 0 or min(t1, t2) <= 0:
        return None
    ratio = (n1 / t1) / (n2 / t2)
    factor = exp(normal_quantile(level) * sqrt(1 / n1 + 1 / n2))
    return ratio / factor, ratio * factor


def _odds(p: float) -> float:
    return inf if p >= 1 else p / (1 - p)
