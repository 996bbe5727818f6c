"""Curves over time from a life table: survival (Kaplan-Meier) and cumulative incidence (Aalen-Johansen).

A life table has a row a day on which anything happens, in the order of the days: persons at risk just before, those
with the event, those with a competing one. Whoever is censored on a day is at risk on it: events come first. Persons
who come under observation later (delayed entry) are in the numbers at risk from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pass_engine.stats.rates import Limits

CURVE_METHOD_WORDS = {"log_log": "complementary log-log", "log": "log", "plain": "normal"}
"""Scales on which limits are made, and how they are printed."""

SLACK = 1e-9
"""A curve reaches a share also where floating point leaves it a hair above."""


@dataclass(frozen=True)
class LifeRow:
    """One day of a life table."""

    day: int
    at_risk: int
    events: int
    competing: int = 0


@dataclass(frozen=True)
class CurvePoint:
    """A curve from this day on, to the next. No limits where there is no spread to make them from."""

    day: int
    at_risk: int
    events: int
    estimate: float
    std_error: float | None
    low: float | None
    high: float | None


def kaplan_meier(table: Iterable[LifeRow], level: float, scale: str = "log_log") -> Iterator[CurvePoint]:
    """Survival, S = product of 1 - d / n (Kaplan & Meier, J Am Stat Assoc 1958;53:457-81).

    Its standard error is Greenwood's (1926): S sqrt(sum of d / (n (n - d))). At S = 0 there is none. Competing events
    are censored.
    """
    survival, spread = 1.0, 0.0
    for row in _rows(table):
        survival *= 1 - row.events / row.at_risk
        spread += row.events / (row.at_risk * (row.at_risk - row.events)) if row.events < row.at_risk else 0.0
        # once nobody survives the spread is not defined, whatever came before
        variance = survival**2 * spread if survival > 0 else None
        yield _point(row, row.events, survival, variance, level, scale)


def aalen_johansen(table: Iterable[LifeRow], level: float, scale: str = "log_log") -> Iterator[CurvePoint]:
    """Cumulative incidence beside competing events (Aalen & Johansen, Scand J Stat 1978;5:141-50).

    F(t) = sum of S(u-) d / n over days u up to t, with S the survival free of any event. With c all events of a day,
    the Greenwood-type variance (Marubini & Valsecchi 1995, chapter 10) is the sum over u of
    ``(F(t) - F(u))^2 c / (n (n - c)) + S(u-)^2 d (n - d) / n^3 - 2 (F(t) - F(u)) S(u-) d / n^2``.
    The sums are carried along as F grows, so that nothing cancels. Where everyone has had the event there is no spread.
    """
    free, incidence = 1.0, 0.0
    weight = weighted = squared = cross = crossed = own = 0.0
    for row in _rows(table):
        n, d, both = row.at_risk, row.events, row.events + row.competing
        step = free * d / n
        incidence += step
        squared += 2 * step * weighted + step * step * weight
        weighted += step * weight
        crossed += step * cross
        # after the last person nothing is added to F, so that an endless weight would count for nothing
        weight += both / (n * (n - both)) if both < n else 0.0
        own += free**2 * d * (n - d) / n**3
        cross += free * d / n**2
        free *= 1 - both / n
        variance = max(0.0, squared + own - 2 * crossed) if incidence < 1 else None
        yield _point(row, d, incidence, variance, level, scale)


def quantile_day(points: Sequence[CurvePoint], share: float) -> tuple[int | None, int | None, int | None]:
    """Day by which this share of persons had the event, and its limits (Brookmeyer & Crowley, Biometrics 1982;38:29).

    The first day on which survival, or a limit of it, is at most 1 - share; None where that day is not reached.
    """
    return (
        _first_day(points, share, lambda point: point.estimate),
        _first_day(points, share, lambda point: point.low),
        _first_day(points, share, lambda point: point.high),
    )


def _first_day(points: Sequence[CurvePoint], share: float, of: Callable[[CurvePoint], float | None]) -> int | None:
    found = ((point.day, of(point)) for point in points)
    return next((day for day, value in found if value is not None and value <= 1 - share + SLACK), None)


def _rows(table: Iterable[LifeRow]) -> Iterator[LifeRow]:
    """The rows on which someone is at risk, in the order of the days."""
    before = -inf
    for row in table:
        if row.day <= before:
            raise ValueError(f"day {row.day} does not come after the day before it in the table")
        if min(row.events, row.competing) < 0 or row.events + row.competing > row.at_risk:
            raise ValueError(f"more events than persons at risk on day {row.day}")
        before = row.day
        if row.at_risk > 0:
            yield row


def _point(row: LifeRow, events: int, estimate: float, variance: float | None, level: float, scale: str) -> CurvePoint:
    error = None if variance is None else sqrt(variance)
    low, high = _limits(estimate, error, level, scale) or (None, None)
    return CurvePoint(row.day, row.at_risk, events, estimate, error, low, high)


def _limits(estimate: float, error: float | None, level: float, scale: str) -> Limits | None:
    """Limits on a scale, cut at 0 and 1; where nothing has happened yet both are the estimate."""
    if error is None:
        return None
    if error == 0:
        return estimate, estimate
    half = normal_quantile(level) * error
    if scale == "plain":
        return max(0.0, estimate - half), min(1.0, estimate + half)
    if scale == "log":
        factor = exp(half / estimate)
        return estimate / factor, min(1.0, estimate * factor)
    if estimate >= 1:
        return None
    # on this scale a higher number is a lower curve
    hazard, factor = -log(estimate), exp(half / (estimate * -log(estimate)))
    return exp(-hazard * factor), exp(-hazard / factor)
