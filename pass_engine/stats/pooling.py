"""Pooling of registries' estimates, one each with its variance: fixed and random effects, and how they differ.

k estimates y_i with known variances v_i. With weights w_i = 1 / v_i the fixed-effect mean is sum(w y) / sum(w) and
Cochran's Q = sum w_i (y_i - mean)^2. I^2 = max(0, (Q - (k - 1)) / Q) (Higgins & Thompson, Stat Med 2002;21:1539-1558,
doi 10.1002/sim.1186).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt
from typing import TYPE_CHECKING, Literal

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 3
"""Fewer registries say nothing about the spread between registries: a fixed effect alone is given."""
ITERATIONS = 200
CLOSE = 1e-12

Method = Literal["reml", "dersimonian_laird", "fixed"]
POOLING_METHOD_WORDS = {
    "reml": "random effects (REML), Hartung–Knapp interval",
    "dersimonian_laird": "random effects (DerSimonian–Laird), Hartung–Knapp interval",
    "fixed": "fixed effect",
}


@dataclass(frozen=True)
class PooledEffect:
    """A pooled estimate. ``prediction`` is where the effect of a further registry is expected; None where not made."""

    model: str
    studies: int
    estimate: float
    standard_error: float
    low: float
    high: float
    q: float
    i2: float
    tau2: float
    prediction: tuple[float, float] | None = None


def pool_effects(
    estimates: Sequence[float], variances: Sequence[float], level: float, method: Method = "reml"
) -> PooledEffect:
    """Random-effects mean of at least three estimates, the fixed-effect mean of one or two, or where it is asked for.

    The interval is that of Hartung & Knapp (Stat Med 2001;20:3875-3889, doi 10.1002/sim.1009): t with k - 1 degrees of
    freedom and the variance q / sum(w*), where q = sum w*_i (y_i - mean)^2 / (k - 1) counts as 1 where it is smaller
    (Roever, Knapp & Friede, BMC Med Res Methodol 2015;15:99), so that the interval is never narrower for it.
    The prediction interval is mean +- t(k - 2) sqrt(tau^2 + se^2) (Higgins, Thompson & Spiegelhalter,
    J R Stat Soc A 2009;172:137-159, doi 10.1111/j.1467-985X.2008.00552.x).

    Args:
        estimates: on a scale on which they are near normal, such as logarithms of rates.
        variances: their variances, above 0.
        level: two-sided confidence level.
        method: how the variance between registries is estimated; ``fixed`` takes it for none.

    Raises:
        ValueError: no estimate, or a variance that is not above 0.
    """
    if not estimates or len(estimates) != len(variances) or min(variances) <= 0:
        raise ValueError("estimates with variances above 0 are needed")
    k = len(estimates)
    mean, weight = _weighted(estimates, [1 / v for v in variances])
    q = sum((y - mean) ** 2 / v for y, v in zip(estimates, variances, strict=True))
    i2 = max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0
    if k < FEWEST or method == "fixed":
        error = sqrt(1 / weight)
        reach = normal_quantile(level) * error
        return PooledEffect("fixed", k, mean, error, mean - reach, mean + reach, q, i2, 0.0)
    tau2 = reml_tau2(estimates, variances) if method == "reml" else dersimonian_laird_tau2(estimates, variances)
    weights = [1 / (v + tau2) for v in variances]
    mean, weight = _weighted(estimates, weights)
    spread = sum(w * (y - mean) ** 2 for w, y in zip(weights, estimates, strict=True)) / (k - 1)
    error = sqrt(max(1.0, spread) / weight)
    reach = _t_quantile(level, k - 1) * error
    further = _t_quantile(level, k - 2) * sqrt(tau2 + error**2)
    return PooledEffect(
        method, k, mean, error, mean - reach, mean + reach, q, i2, tau2, (mean - further, mean + further)
    )


def leave_one_out(
    estimates: Sequence[float], variances: Sequence[float], level: float, method: Method = "reml"
) -> list[PooledEffect]:
    """The pooled effect without each estimate in turn, in their order; none of a single one."""
    others = [[i for i in range(len(estimates)) if i != out] for out in range(len(estimates))]
    return [
        pool_effects([estimates[i] for i in kept], [variances[i] for i in kept], level, method)
        for kept in others
        if kept
    ]


def dersimonian_laird_tau2(estimates: Sequence[float], variances: Sequence[float]) -> float:
    """Variance between registries by moments (DerSimonian & Laird, Control Clin Trials 1986;7:177-188)."""
    weights = [1 / v for v in variances]
    mean, total = _weighted(estimates, weights)
    q = sum(w * (y - mean) ** 2 for w, y in zip(weights, estimates, strict=True))
    return max(0.0, (q - (len(estimates) - 1)) / (total - sum(w * w for w in weights) / total))


def reml_tau2(estimates: Sequence[float], variances: Sequence[float]) -> float:
    """Variance between registries by restricted maximum likelihood, 0 at least.

    Fisher scoring (Viechtbauer, J Educ Behav Stat 2005;30:261-293, doi 10.3102/10769986030003261), then a search where
    that does not settle.
    """
    tau2 = dersimonian_laird_tau2(estimates, variances)
    for _ in range(ITERATIONS):
        weights = [1 / (v + tau2) for v in variances]
        mean, s1 = _weighted(estimates, weights)
        s2, s3 = (sum(w**n for w in weights) for n in (2, 3))
        squares = sum((w * (y - mean)) ** 2 for w, y in zip(weights, estimates, strict=True))
        information = s2 - 2 * s3 / s1 + (s2 / s1) ** 2
        new = max(0.0, tau2 + (squares - (s1 - s2 / s1)) / information)
        if abs(new - tau2) <= CLOSE * (1 + tau2):
            return new
        tau2 = new
    return _searched(estimates, variances)


def _searched(estimates: Sequence[float], variances: Sequence[float]) -> float:
    from scipy.optimize import minimize_scalar

    most = 10 * (max(estimates) - min(estimates)) ** 2 + 10 * max(variances)
    found = minimize_scalar(
        lambda tau2: -_restricted(estimates, variances, tau2), bounds=(0, most), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    at_zero = _restricted(estimates, variances, 0.0) >= -float(found.fun)
    return 0.0 if at_zero else float(found.x)


def _restricted(estimates: Sequence[float], variances: Sequence[float], tau2: float) -> float:
    """Restricted log-likelihood of a variance between registries, without its constants."""
    weights = [1 / (v + tau2) for v in variances]
    mean, total = _weighted(estimates, weights)
    squares = sum(w * (y - mean) ** 2 for w, y in zip(weights, estimates, strict=True))
    return 0.5 * (sum(log(w) for w in weights) - log(total) - squares) if total < inf else -inf


def _weighted(estimates: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    total = sum(weights)
    return sum(w * y for w, y in zip(weights, estimates, strict=True)) / total, total


def _t_quantile(level: float, degrees: int) -> float:
    from scipy.special import stdtrit  # scipy.stats takes a second to import, and asks this

    return float(stdtrit(degrees, 0.5 + level / 2))
