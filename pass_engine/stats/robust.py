"""Person-robust intervals: persons are independent, the events of one person need not be.

A rate r = E / T, with E and T summed over persons i who have e_i events in t_i days, is a ratio of two
sums. Linearising gives the influence (e_i - r t_i) / T of each person, hence the variance
``V = sum((e_i - r t_i)^2) / T^2 = (sum e^2 - 2 r sum et + r^2 sum t^2) / T^2``: the sandwich variance of an
intercept-only Poisson regression clustered by person, without a small-sample factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from pass_engine.stats.rates import Limits

FEWEST_PERSONS = 2
"""Below this many persons with an event nothing is known of the spread between persons."""

FEW_PERSONS = 10
"""Below this many persons with an event the interval is marked: it leans on large samples."""

NO_SQUARES = "person-robust interval not available: its sums over persons do not leave a registry where they are few"
"""Remark where sums of squares are missing: nothing stands for them."""

WIDEST = "person-robust interval at its widest: products over the few persons in both arms do not leave a registry"
"""Remark where those products are missing: what they could be at most stands for them."""


@dataclass(frozen=True)
class PersonSums:
    """One arm: totals over persons and the sums of squares and products of one person's events e and days t."""

    persons_with_event: int
    events: int
    days: int
    sum_e2: int
    sum_et: int
    sum_t2: int

    @property
    def rate(self) -> float:
        """Events per day."""
        return self.events / self.days

    @property
    def estimable(self) -> bool:
        """Is there time, and are there persons enough with an event?"""
        return self.days > 0 and self.persons_with_event >= FEWEST_PERSONS

    @property
    def variance(self) -> float:
        """Person-robust variance of the rate per day, never below 0."""
        rate = self.rate
        spread = self.sum_e2 - 2 * rate * self.sum_et + rate * rate * self.sum_t2
        return max(0.0, spread) / self.days**2


@dataclass(frozen=True)
class CrossSums:
    """Sums over the persons in both arms of products of what they have in arm 1 and in arm 2."""

    sum_e1e2: int = 0
    sum_e1t2: int = 0
    sum_t1e2: int = 0
    sum_t1t2: int = 0


def robust_rate_interval(arm: PersonSums, level: float) -> Limits | None:
    """Limits ``r exp(+-z sqrt(V) / r)`` per day; None below two persons with an event."""
    if not arm.estimable:
        return None
    return _log_limits(arm.rate, arm.variance / arm.rate**2, level)


def robust_ratio_interval(
    first: PersonSums, second: PersonSums, cross: CrossSums | None, level: float
) -> Limits | None:
    """Limits of r1 / r2 where persons may be in both arms; None where either arm is not estimable.

    By the delta method on the log, with cov the covariance of the two rates:
    ``var(log RR) = V1 / r1^2 + V2 / r2^2 - 2 cov / (r1 r2)``. Without ``cross``, the widest limits there can be.
    """
    if not (first.estimable and second.estimable):
        return None
    r1, r2 = first.rate, second.rate
    shared = _covariance(first, second, cross)
    variance = first.variance / r1**2 + second.variance / r2**2 - 2 * shared / (r1 * r2)
    return _log_limits(r1 / r2, max(0.0, variance), level)


def robust_difference_interval(
    first: PersonSums, second: PersonSums, cross: CrossSums | None, level: float
) -> Limits | None:
    """Limits of r1 - r2 per day where persons may be in both arms; None where either arm is not estimable.

    By the delta method: ``var(r1 - r2) = V1 + V2 - 2 cov``. Without ``cross``, the widest limits there can be.
    """
    if not (first.estimable and second.estimable):
        return None
    variance = first.variance + second.variance - 2 * _covariance(first, second, cross)
    half = normal_quantile(level) * sqrt(max(0.0, variance))
    difference = first.rate - second.rate
    return difference - half, difference + half


def _covariance(first: PersonSums, second: PersonSums, cross: CrossSums | None) -> float:
    """Covariance of two rates: the sum over persons of the product of their two influences.

    ``cov = (sum e1e2 - r2 sum e1t2 - r1 sum t1e2 + r1 r2 sum t1t2) / (T1 T2)``. Persons in one arm only add nothing,
    so the cross sums run over those in both. Where these are not known, ``-sqrt(V1 V2)``: by the Cauchy-Schwarz
    inequality it is never less, so that an interval made from it is never too narrow.
    """
    if cross is None:
        return -sqrt(first.variance * second.variance)
    r1, r2 = first.rate, second.rate
    shared = cross.sum_e1e2 - r2 * cross.sum_e1t2 - r1 * cross.sum_t1e2 + r1 * r2 * cross.sum_t1t2
    return shared / (first.days * second.days)


def _log_limits(estimate: float, log_variance: float, level: float) -> Limits:
    factor = exp(normal_quantile(level) * sqrt(log_variance))
    return estimate / factor, estimate * factor
