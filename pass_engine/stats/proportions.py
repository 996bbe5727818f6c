"""Intervals of a proportion."""

from __future__ import annotations

from math import sqrt

from pass_engine.stats.rates import Limits, normal_quantile

PROPORTION_METHOD_WORDS = {"clopper_pearson": "Clopper–Pearson", "wilson": "Wilson score"}
"""How a method is printed."""


def proportion_interval(method: str, successes: int, total: int, level: float) -> Limits | None:
    """Limits of a proportion by the named method; None for 0 of 0."""
    methods = {"clopper_pearson": clopper_pearson, "wilson": wilson}
    return methods[method](successes, total, level)


def clopper_pearson(successes: int, total: int, level: float) -> Limits | None:
    """Exact limits of a binomial proportion (Clopper & Pearson, Biometrika 1934;26:404-13); None for 0 of 0."""
    from scipy.special import betainccinv, betaincinv

    if total == 0:
        return None
    tail = (1 - level) / 2
    rest = total - successes
    low = float(betaincinv(successes, rest + 1, tail)) if successes else 0.0
    high = float(betainccinv(successes + 1, rest, tail)) if rest else 1.0
    return low, high


def wilson(successes: int, total: int, level: float) -> Limits | None:
    """Score limits of a binomial proportion (Wilson, J Am Stat Assoc 1927;22:209-12); None for 0 of 0."""
    if total == 0:
        return None
    z2 = normal_quantile(level) ** 2
    share = successes / total
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total * total))) / (1 + z2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)
