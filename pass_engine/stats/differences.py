"""Differences of two rates whose arms share no person, r1 - r2 with r = n / t, per unit of the time given."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable

    from pass_engine.stats.rates import Limits

DIFFERENCE_METHOD_WORDS = {"miettinen_nurminen": "Miettinen–Nurminen score", "wald": "normal (Wald)"}
"""How a method is printed."""


def wald_difference_interval(n1: int, t1: float, n2: int, t2: float, level: float) -> Limits | None:
    """Limits d +- z sqrt(n1 / t1^2 + n2 / t2^2); None where an arm has no event or no time.

    An arm without events would have a variance of 0, as if its rate were known.
    """
    if min(n1, n2) == 0 or min(t1, t2) <= 0:
        return None
    half = normal_quantile(level) * sqrt(n1 / t1**2 + n2 / t2**2)
    difference = n1 / t1 - n2 / t2
    return difference - half, difference + half


def score_difference_interval(n1: int, t1: float, n2: int, t2: float, level: float) -> Limits | None:
    """Score limits: differences D with (d - D)^2 = z^2 (r1 / t1 + r2 / t2) (Miettinen & Nurminen 1985).

    r1 and r2 = r1 - D are the most likely rates whose difference is D. Stat Med 1985;4:213-26; for rates over
    person-time no factor N / (N - 1) belongs to the variance. None without time.
    """
    if min(t1, t2) <= 0:
        return None
    z2 = normal_quantile(level) ** 2
    if n1 + n2 == 0:
        return -z2 / t2, z2 / t1
    difference = n1 / t1 - n2 / t2

    def excess(value: float) -> float:
        second = _second_rate(n1, t1, n2, t2, value)
        return (difference - value) ** 2 - z2 * (max(0.0, second + value) / t1 + second / t2)

    reach = max(abs(difference), z2 / t1, z2 / t2)
    return _cross(excess, difference, -reach), _cross(excess, difference, reach)


def _second_rate(n1: int, t1: float, n2: int, t2: float, difference: float) -> float:
    """The most likely second rate where the first is that much higher: root of n1/(r + D) + n2/r = t1 + t2."""
    total = t1 + t2
    part = n1 + n2 - total * difference
    root = sqrt(max(0.0, part * part + 4 * total * n2 * difference))
    return max(0.0, -difference, (part + root) / (2 * total))


def _cross(function: Callable[[float], float], start: float, step: float) -> float:
    """Where a function that is below 0 at the start crosses 0, on the side of the step."""
    from scipy.optimize import brentq

    end = start + step
    while function(end) < 0:
        step *= 2
        end = start + step
    return float(brentq(function, start, end, xtol=abs(step) * 1e-15, rtol=1e-14, maxiter=500))
