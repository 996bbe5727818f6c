"""Negative binomial regression of counts with a log link and an offset (variance mu + mu^2 / theta).

Coefficients by Fisher scoring at a given theta, theta by Newton's method at given means, in turn until both stand
still: the two are orthogonal (Lawless, Can J Stat 1987;15:209-225, doi 10.2307/3314912; as R's ``MASS::glm.nb``).
Counts that are no more spread than Poisson's have no finite theta: the fit is then Poisson's, with theta infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.newton import Point, Top, climb
from pass_engine.stats.poisson import collinear_columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

ROUNDS = 200
CLOSE = 1e-10
POISSON = 1e8
"""A theta beyond this cannot be told from an infinite one."""


@dataclass(frozen=True)
class NegativeBinomialFit:
    """Coefficients (p) with covariance (p x p, inverse expected information), theta and its standard error.

    ``fitted``: expected counts (n). ``residuals``: (y - mu) / (1 + mu / theta), so that ``matrix * residuals[:,
    None]`` are the scores for :func:`pass_engine.stats.sandwich.robust_covariance`.
    """

    coefficients: Vector
    covariance: Vector
    theta: float
    theta_error: float
    fitted: Vector
    residuals: Vector
    log_likelihood: float


def fit_negative_binomial(
    matrix: ArrayLike, counts: ArrayLike, offset: ArrayLike | None = None
) -> NegativeBinomialFit | NotEstimable:
    """Maximum likelihood of log E(counts) = offset + matrix @ coefficients.

    Args:
        matrix: n rows of p covariates, a column of ones among them where there is an intercept.
        counts: n whole numbers from 0.
        offset: n logarithms of time; 0 each without it.

    Returns:
        The fit; or NO_EVENT, FEW_ROWS, COLLINEAR or SEPARATION with columns, NOT_CONVERGED.

    Raises:
        ValueError: shapes that do not fit, or numbers that are none.
    """
    import numpy as np

    x, y = np.asarray(matrix, dtype=float), np.asarray(counts, dtype=float)
    o = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=float)
    if x.ndim != 2 or 0 in x.shape or y.shape != (len(x),) or o.shape != y.shape:  # noqa: PLR2004 - a matrix
        raise ValueError("a matrix of n rows, n counts and n offsets are needed")
    if not all(np.isfinite(a).all() for a in (x, y, o)) or (y < 0).any():
        raise ValueError("covariates, counts from 0 and offsets must be finite numbers")
    fault = _unfit(x, y)
    if fault is not None:
        return fault
    middle = log(y.sum() / np.exp(o - o.max()).sum()) - o.max()
    start = np.linalg.lstsq(x, np.full(len(y), middle), rcond=None)[0]
    top = _means(x, y, o, start, inf)
    if isinstance(top, NotEstimable):
        return top
    found = _alternate(x, y, o, top)
    return found if isinstance(found, NotEstimable) else _fit(x, y, o, *found)


def _unfit(x: Vector, y: Vector) -> NotEstimable | None:
    if not y.any():
        return NotEstimable(Diagnosis.NO_EVENT)
    if len(x) < x.shape[1]:
        return NotEstimable(Diagnosis.FEW_ROWS)
    columns = collinear_columns(x)
    return NotEstimable(Diagnosis.COLLINEAR, columns) if columns else None


def _alternate(x: Vector, y: Vector, o: Vector, top: Top) -> tuple[Top, float] | NotEstimable:
    """Coefficients and theta in turn, from Poisson's coefficients on."""
    import numpy as np

    mu = np.exp(o + x @ top.coefficients)
    if ((y - mu) ** 2 - y).sum() <= 0:  # the likelihood falls from 1 / theta = 0 on
        return top, inf
    theta = float(len(y) / ((y / mu - 1) ** 2).sum())
    for _ in range(ROUNDS):
        new = _theta(y, mu, theta)
        if new > POISSON:
            return top, inf
        there = _means(x, y, o, top.coefficients, new)
        if isinstance(there, NotEstimable):
            return there
        top, moved = there, abs(log(new / theta))
        theta, mu = new, np.exp(o + x @ top.coefficients)
        if moved < CLOSE:
            return top, theta
    return NotEstimable(Diagnosis.NOT_CONVERGED)


def _means(x: Vector, y: Vector, o: Vector, start: Vector, theta: float) -> Top | NotEstimable:
    """The coefficients at a theta; an infinite one is Poisson's."""
    import numpy as np

    def at(beta: Vector) -> Point:
        with np.errstate(over="ignore", invalid="ignore"):
            eta = o + x @ beta
            mu = np.exp(eta)
            spread = 1 + mu / theta
            cost = (y + theta) * np.log1p(mu / theta) if theta < inf else mu
            value = float((y * eta - cost).sum())
            return Point(value, x.T @ ((y - mu) / spread), (x * (mu / spread)[:, None]).T @ x)

    return climb(at, start, np.abs(x).max(axis=0))


def _theta(y: Vector, mu: Vector, start: float) -> float:
    """The most likely theta at given means: Newton's method on its logarithm, each step at most a factor of e."""
    theta = start
    for _ in range(ROUNDS):
        first, second = _theta_slope(y, mu, theta)
        curve = theta * first + theta * theta * second  # second derivative by log theta
        step = -theta * first / curve if curve < 0 else (1.0 if first > 0 else -1.0)
        step = max(-1.0, min(1.0, step))
        theta *= exp(step)
        if abs(step) < CLOSE / 10 or theta > POISSON:
            break
    return theta


def _theta_slope(y: Vector, mu: Vector, theta: float) -> tuple[float, float]:
    """First and second derivative of the log-likelihood by theta."""
    import numpy as np
    from scipy.special import digamma, polygamma

    total = mu + theta
    first = digamma(y + theta) - digamma(theta) - np.log1p(mu / theta) + 1 - (y + theta) / total
    second = polygamma(1, y + theta) - polygamma(1, theta) + 1 / theta - 2 / total + (y + theta) / total**2
    return float(first.sum()), float(second.sum())


def _fit(x: Vector, y: Vector, o: Vector, top: Top, theta: float) -> NegativeBinomialFit:
    import numpy as np
    from scipy.special import gammaln

    mu = np.exp(o + x @ top.coefficients)
    if theta == inf:
        value, error = float(y @ np.log(mu) - mu.sum() - gammaln(y + 1).sum()), inf
    else:
        parts = gammaln(y + theta) - gammaln(theta) - gammaln(y + 1) + y * np.log(mu / theta)
        value = float((parts - (y + theta) * np.log1p(mu / theta)).sum())
        error = sqrt(-1 / _theta_slope(y, mu, theta)[1])
    return NegativeBinomialFit(top.coefficients, top.covariance, theta, error, mu, (y - mu) / (1 + mu / theta), value)
