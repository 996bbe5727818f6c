"""A likelihood on a grid per registry: added over registries it is that of all, for one parameter.

A registry sends its log-likelihood of a log ratio at fixed points, other parameters at their most likely given the
ratio. The sum over registries has its top and its interval, the ratios at which twice the log-likelihood falls by
less than the chi-squared quantile, as if all data were in one place with the other parameters of each registry its
own (Schuemie et al., Stat Med 2022;41:4449-4461, on normal and non-normal approximations of rare events). Registries
without an event in one arm, or in either, add what they know, which a mean with weights 1 / variance cannot use.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Any

from pass_engine.stats.cox import covariates, partial_likelihood
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.newton import climb
from pass_engine.stats.risk_sets import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from pass_engine.stats.cox import CoxData, Ties
    from pass_engine.stats.risk_sets import RiskSets
    from pass_engine.stats.stratified import Stratum

    Vector = NDArray[Any]

WIDEST = log(100)
"""The grid runs from a ratio of 1 / 100 to 100."""
POINTS = 401
"""Of the grid; between them the log-likelihood is a cubic spline."""
REGISTRY_POINTS = 81
"""Of the grid that a registry's model is sent on: a ninth of a log ratio apart, which a spline carries well."""


@dataclass(frozen=True)
class GridEstimate:
    """The most likely log ratio and its interval; a limit is infinite where the likelihood does not fall enough."""

    estimate: float
    low: float
    high: float
    log_likelihood: float


def grid(points: int = POINTS, widest: float = WIDEST) -> Vector:
    """Log ratios from -widest to widest, evenly spaced; the same at every registry."""
    import numpy as np

    return np.linspace(-widest, widest, points)


def registry_grid() -> Vector:
    """The grid on which registries send the likelihoods of their models."""
    return grid(REGISTRY_POINTS)


def rate_ratio_likelihood(at: ArrayLike, strata: Sequence[Stratum]) -> Vector:
    """Log-likelihood of a log rate ratio, given the events of each stratum together, at grid points.

    Of n events in a stratum with times t1 and t2, those of the first arm are binomial with the odds R t1 / t2: the
    exact conditional likelihood (Breslow & Day, IARC 82, 1987, section 3.6), free of the strata's rates. The rates'
    profile gives the same. A stratum without events, or with one arm's time alone, is flat.
    """
    import numpy as np

    b = np.asarray(at, dtype=float)
    found = np.zeros(len(b))
    for n1, t1, n2, t2 in strata:
        if t1 > 0 and t2 > 0 and n1 + n2 > 0:
            found += n1 * b - (n1 + n2) * np.logaddexp(b, log(t2 / t1))
    return found


def cox_likelihood(at: ArrayLike, data: CoxData, column: int, ties: Ties = "efron") -> Vector | NotEstimable:
    """Log partial likelihood of one coefficient at grid points, the others at their most likely given it.

    From the point nearest to 0 outwards, each search begins where the one before it ended.

    Returns:
        The likelihood at each point; or why the other coefficients have no estimate.
    """
    import numpy as np

    b = np.asarray(at, dtype=float)
    sets = lay_out(data.stop, data.event, data.start, data.strata, data.weights, efron=ties == "efron")
    x, fixed = covariates(data, sets)
    if not sets.deaths.rows.size:
        return np.zeros(len(b))
    own, others = x[:, column], np.delete(x, column, axis=1)
    others = others - others.mean(axis=0)
    middle, found = int(np.abs(b).argmin()), np.empty(len(b))
    for way in (range(middle, len(b)), range(middle - 1, -1, -1)):
        beta = np.zeros(others.shape[1])
        for i in way:
            best = _at_best(others, fixed + b[i] * own, sets, beta)
            if isinstance(best, NotEstimable):
                return best
            found[i], beta = best
    return found


def _at_best(x: Vector, offset: Vector, sets: RiskSets, start: Vector) -> tuple[float, Vector] | NotEstimable:
    """Log partial likelihood with these coefficients at their most likely, and those; with none, as it is."""
    import numpy as np

    if x.shape[1] == 0:
        return partial_likelihood(np.zeros((sets.rows, 1)), offset, sets, np.zeros(1)).value, start
    top = climb(lambda beta: partial_likelihood(x, offset, sets, beta), start, np.abs(x).max(axis=0))
    return top if isinstance(top, NotEstimable) else (top.point.value, top.coefficients)


def pool_grids(at: ArrayLike, likelihoods: Sequence[ArrayLike], level: float) -> GridEstimate | NotEstimable:
    """The top of the sum of likelihoods on one grid, and its likelihood-ratio interval.

    Returns:
        The estimate; where the sum rises up to an end of the grid, that end's side is infinite; NO_EVENT where it is
        flat.

    Raises:
        ValueError: no likelihood, or one that is not on the grid.
    """
    import numpy as np
    from scipy.interpolate import CubicSpline
    from scipy.special import chdtri

    b = np.asarray(at, dtype=float)
    rows = [np.asarray(row, dtype=float) for row in likelihoods]
    if not rows or any(row.shape != b.shape for row in rows):
        raise ValueError("likelihoods of one grid are needed")
    total = np.sum(rows, axis=0)
    if np.ptp(total) <= 1e-12 * (1 + abs(total).max()):
        return NotEstimable(Diagnosis.NO_EVENT)
    curve = CubicSpline(b, total - total.max())
    top = _top(curve, b, total)
    peak = float(curve(top))
    drop = float(chdtri(1, 1 - level)) / 2
    low = _crossing(curve, b, top, peak - drop, downwards=True)
    high = _crossing(curve, b, top, peak - drop, downwards=False)
    ends = float(b[0]), float(b[-1])
    estimate = -inf if top == ends[0] else inf if top == ends[1] else top
    return GridEstimate(estimate, low, high, peak + float(total.max()))


def _top(curve: Any, b: Vector, total: Vector) -> float:
    """Where the curve is highest: a zero of its slope beside the highest point of the grid, or an end of it."""
    from scipy.optimize import brentq

    place = int(total.argmax())
    if place in (0, len(b) - 1):
        return float(b[place])
    slope = curve.derivative()
    return float(brentq(slope, b[place - 1], b[place + 1], xtol=1e-13))


def _crossing(curve: Any, b: Vector, top: float, wanted: float, *, downwards: bool) -> float:
    """The first place to one side of the top at which the curve is as low as wanted; infinite where it is nowhere."""
    from scipy.optimize import brentq

    beside = b[b < top][::-1] if downwards else b[b > top]
    inner = top
    for outer in beside:
        if curve(outer) < wanted:
            return float(brentq(lambda value: float(curve(value)) - wanted, *sorted((inner, float(outer))), xtol=1e-13))
        inner = float(outer)
    return -inf if downwards else inf
