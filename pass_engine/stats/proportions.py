"""Intervals of a proportion."""

from __future__ import annotations

from math import sqrt

from pass_engine.stats.rates import Limits, normal_quantile


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
