"""Intervals of a rate: a count of events over person-time.

All limits are for the count; :func:`rate_interval` divides by the time, in whatever unit the time has.
"""

from __future__ import annotations

from functools import cache
from math import exp, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Limits = tuple[float, float]

RATE_METHOD_WORDS = {
    "exact": "exact Poisson",
    "mid_p": "mid-P Poisson",
    "byar": "Byar",
    "log_normal": "log-normal",
    "normal": "normal",
}
"""How a method is printed. "Exact" alone would hide that it supposes Poisson counts."""


def normal_quantile(level: float) -> float:
    """Two-sided standard normal quantile of a confidence level: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def chi2_low(degrees: float, tail: float) -> float:
    """The value below which a chi-squared variable falls with probability ``tail``."""
    from scipy.special import gammaincinv

    return 2 * float(gammaincinv(degrees / 2, tail))


def chi2_high(degrees: float, tail: float) -> float:
    """The value above which a chi-squared variable falls with probability ``tail``."""
    from scipy.special import gammainccinv

    return 2 * float(gammainccinv(degrees / 2, tail))


def exact_limits(events: int, level: float) -> Limits:
    """Limits of a Poisson mean by inverting both one-sided exact tests (Garwood, Biometrika 1936;28:437-42)."""
    tail = (1 - level) / 2
    low = chi2_low(2 * events, tail) / 2 if events else 0.0
    return low, chi2_high(2 * events + 2, tail) / 2


def mid_p_limits(events: int, level: float) -> Limits:
    """Limits at which half the probability of the count itself is left out of the tail (Cohen & Yang 1994)."""
    from scipy.special import gammaln, pdtr

    tail = (1 - level) / 2
    if events == 0:
        return 0.0, -log(2 * tail)

    def below(mean: float) -> float:
        probability = exp(events * log(mean) - mean - gammaln(events + 1))
        return float(pdtr(events, mean)) - probability / 2

    low, high = exact_limits(events, level)
    return (
        _root(lambda mean: 1 - below(mean) - tail, low, float(events)),
        _root(lambda mean: below(mean) - tail, float(events), high),
    )


def byar_limits(events: int, level: float) -> Limits:
    """Byar's approximation: n below, n + 1 above (Breslow & Day, IARC 82, 1987, p. 69)."""
    z = normal_quantile(level)
    above = events + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * sqrt(above))) ** 3
    if events == 0:
        return 0.0, high
    return events * max(0.0, 1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3, high


def log_normal_limits(events: int, level: float) -> Limits | None:
    """Limits n exp(+-z / sqrt n), as an intercept-only Poisson regression gives; none without events."""
    if events == 0:
        return None
    factor = exp(normal_quantile(level) / sqrt(events))
    return events / factor, events * factor


def normal_limits(events: int, level: float) -> Limits | None:
    """Limits n +- z sqrt n, not cut at 0; for comparison with older reports only; none without events."""
    if events == 0:
        return None
    half = normal_quantile(level) * sqrt(events)
    return events - half, events + half


@cache
def count_limits(method: str, events: int, level: float) -> Limits | None:
    """Limits of a count by the named method; None where it is not estimable."""
    methods: dict[str, Callable[[int, float], Limits | None]] = {
        "exact": exact_limits,
        "mid_p": mid_p_limits,
        "byar": byar_limits,
        "log_normal": log_normal_limits,
        "normal": normal_limits,
    }
    return methods[method](events, level)


def rate_interval(method: str, events: int, time: float, level: float) -> Limits | None:
    """Limits of ``events / time``, per unit of time; None without time or where not estimable."""
    limits = count_limits(method, events, level)
    if limits is None or time <= 0:
        return None
    return limits[0] / time, limits[1] / time


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-14, rtol=1e-14, maxiter=500))
