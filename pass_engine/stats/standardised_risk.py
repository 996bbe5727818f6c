"""Risks of two arms standardised to everybody, from a logistic regression: difference, ratio, number needed to harm.

Everybody's risk is taken as if all were in the target, and as if all were in the comparator; the two means are compared
(the g-formula: Robins, Math Model 1986;7:1393-1512; by hand in Localio, Margolis & Berlin, J Clin Epidemiol
2007;60:874-882). Variances by the delta method, from the covariance of the coefficients and from the persons the
means are taken over being a sample (Terza, Health Serv Res 2016; the first alone where the population is fixed).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import TYPE_CHECKING, Any

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from pass_engine.stats.rates import Limits

    Vector = NDArray[Any]


@dataclass(frozen=True)
class StandardisedRisks:
    """Mean risk of everybody in the target and in the comparator, their difference and ratio, with limits."""

    target: float
    comparator: float
    difference: float
    difference_limits: Limits
    ratio: float
    ratio_limits: Limits

    @property
    def needed_to_harm(self) -> float:
        """Persons in the target for one more with the outcome; below 0, for one fewer; infinite at no difference."""
        return 1 / self.difference if self.difference else inf

    @property
    def needed_to_harm_limits(self) -> Limits | None:
        """Limits of the number needed to harm; None where those of the difference hold 0.

        They then run through infinity, from harm to benefit (Altman, BMJ 1998;317:1309-1312): no interval says that.
        """
        low, high = self.difference_limits
        return None if low <= 0 <= high else (1 / high, 1 / low)


def standardised_risks(
    coefficients: ArrayLike, covariance: ArrayLike, matrix: ArrayLike, target: int, level: float
) -> StandardisedRisks:
    """Standardise a logistic regression over its persons, as a fixed population.

    Args:
        coefficients: of the regression (p).
        covariance: theirs, model-based or robust (p x p).
        matrix: covariates of n persons (n x p).
        target: the column that is 1 in the target arm and 0 in the comparator; no other column may depend on it.
        level: two-sided confidence level.
    """
    import numpy as np
    from scipy.special import expit

    beta, cov, x = (np.asarray(part, dtype=float) for part in (coefficients, covariance, matrix))
    risks, slopes = [], []
    for arm in (1.0, 0.0):
        there = x.copy()
        there[:, target] = arm
        p = expit(there @ beta)
        risks.append(float(p.mean()))
        slopes.append((p * (1 - p)) @ there / len(x))
    gradient = np.array(slopes)
    spread = gradient @ cov @ gradient.T
    return _contrast((risks[0], risks[1]), spread, level)


def weighted_risks(
    outcome: ArrayLike, arm: ArrayLike, weights: ArrayLike, level: float, persons: ArrayLike | None = None
) -> StandardisedRisks:
    """Risks of two arms weighted by propensity scores, persons the unit, weights taken as known.

    Each arm's risk is sum w y / sum w; a row's influence w (y - risk) / sum w, summed within ``persons`` (Lunceford &
    Davidian, Stat Med 2004;23:2937-2960, doi 10.1002/sim.1903). Taking the weights as known makes the interval of
    inverse probability weights too wide rather than too narrow.

    Args:
        outcome: 0 or 1 (n).
        arm: 1 in the target, 0 in the comparator (n), somebody in each.
        weights: from 0 (n).
        level: two-sided confidence level.
        persons: whose row it is (n); each row a person without it.
    """
    import numpy as np

    from pass_engine.stats.sandwich import cluster_sums

    y, z, w = (np.asarray(part, dtype=float) for part in (outcome, arm, weights))
    risks, influence = [], []
    for k in (1, 0):
        own = w * (z == k)
        risk = float(own @ y / own.sum())
        risks.append(risk)
        influence.append(own * (y - risk) / own.sum())
    parts = cluster_sums(np.column_stack(influence), persons)
    return _contrast((risks[0], risks[1]), parts.T @ parts, level)


def _contrast(risks: tuple[float, float], spread: Vector, level: float) -> StandardisedRisks:
    """Limits of the difference on its own scale, of the ratio on the log scale."""
    first, second = risks
    z = normal_quantile(level)
    half = z * sqrt(max(0.0, float(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])))
    difference = first - second
    if first <= 0 or second <= 0:
        ratio = first / second if second > 0 else inf
        return StandardisedRisks(first, second, difference, (difference - half, difference + half), ratio, (0.0, inf))
    logs = spread[0, 0] / first**2 + spread[1, 1] / second**2 - 2 * spread[0, 1] / (first * second)
    ratio, factor = first / second, exp(z * sqrt(max(0.0, float(logs))))
    limits = (ratio / factor, ratio * factor)
    return StandardisedRisks(first, second, difference, (difference - half, difference + half), ratio, limits)
