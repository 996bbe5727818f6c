"""A rate ratio over strata, of arms that share no person."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.poisson import SeparatedError, collinear_columns, fit_poisson
from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vector = NDArray[Any]

Stratum = tuple[int, float, int, float]
"""Events and time of the first arm, events and time of the second."""
_Row = tuple[float, tuple[str, ...], int, float]
"""Arm (1 or 0), labels, events, time."""


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


def poisson_ratio(
    strata: Sequence[Stratum], labels: Sequence[tuple[str, ...]], level: float
) -> tuple[float, float, float] | NotEstimable:
    """Rate ratio of a Poisson regression with a term for each label of a stratum, and its Wald limits on the log scale.

    log(events / time) = arm + a term for every value of every factor: no interaction among factors or with the arm, and
    counts that are Poisson given these. Strata that no event can come from (all of a value without one) say nothing of
    the ratio and are left out, as the limit of the likelihood has it (Correia, Guimaraes & Zylkin, arXiv 1903.01633).

    Args:
        strata: events and time of both arms.
        labels: the value of each factor, stratum by stratum.
        level: two-sided confidence level.

    Returns:
        Ratio and limits; NO_EVENT_IN_ARM where an arm has none, COLLINEAR where a factor tells the arms apart.
    """
    import numpy as np

    rows = [
        (arm, own, n, t)
        for (n1, t1, n2, t2), own in zip(strata, labels, strict=True)
        for arm, n, t in ((1.0, n1, t1), (0.0, n2, t2))
        if t > 0
    ]
    if any(not sum(n for arm, _, n, _ in rows if arm == wanted) for wanted in (1.0, 0.0)):
        return NotEstimable(Diagnosis.NO_EVENT_IN_ARM)
    rows = _with_events(rows)
    matrix = _columns(rows)
    found = _independent(matrix)
    if found is None:
        return NotEstimable(Diagnosis.COLLINEAR)
    try:
        fit = fit_poisson(found, [n for _, _, n, _ in rows], np.log([t for *_, t in rows]))
    except SeparatedError:
        return NotEstimable(Diagnosis.SEPARATION)
    ratio, error = float(fit.coefficients[-1]), sqrt(float(fit.covariance[-1, -1]))
    reach = normal_quantile(level) * error
    return exp(ratio), exp(ratio - reach), exp(ratio + reach)


def _with_events(rows: list[_Row]) -> list[_Row]:
    """Rows of whose values each has an event somewhere, until none has to go."""
    while True:
        counted = {(place, value) for _, own, n, _ in rows if n for place, value in enumerate(own)}
        kept = [row for row in rows if all(pair in counted for pair in enumerate(row[1]))]
        if len(kept) == len(rows):
            return kept
        rows = kept


def _columns(rows: Sequence[_Row]) -> list[list[float]]:
    """A one, a column for every value of every factor, and the arm at the end."""
    values = sorted({pair for _, own, _, _ in rows for pair in enumerate(own)})
    return [[1.0, *(float(own[place] == value) for place, value in values), arm] for arm, own, _, _ in rows]


def _independent(matrix: Sequence[Sequence[float]]) -> Vector | None:
    """The columns that are no sums of those before them; None where the arm is one."""
    import numpy as np

    x = np.asarray(matrix, dtype=float)
    spare = collinear_columns(x)
    return None if x.shape[1] - 1 in spare else np.delete(x, spare, axis=1)
