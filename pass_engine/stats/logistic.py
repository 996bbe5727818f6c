"""Logistic regression of a yes or no, by Newton's method, with weights; and why it may have no answer.

The log-likelihood is sum w (y eta - log(1 + exp eta)) with eta = offset + X beta, the scores are w (y - p) x and the
information X' diag(w p (1 - p)) X (McCullagh & Nelder, Generalized Linear Models, 1989, chapter 4). With weights that
are not counts the covariance must be the robust one (:mod:`pass_engine.stats.sandwich`), with
``matrix * residuals[:, None]`` as scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.newton import Point, climb
from pass_engine.stats.poisson import collinear_columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients (p), covariance (p x p, inverse information), fitted probabilities (n), weighted residuals (n)."""

    coefficients: Vector
    covariance: Vector
    probabilities: Vector
    residuals: Vector
    log_likelihood: float


def fit_logistic(
    matrix: ArrayLike, outcome: ArrayLike, weights: ArrayLike | None = None, offset: ArrayLike | None = None
) -> LogisticFit | NotEstimable:
    """Maximum likelihood of logit P(outcome = 1) = offset + matrix @ coefficients.

    Args:
        matrix: n rows of p covariates, a column of ones among them where there is an intercept.
        outcome: n zeros and ones.
        weights: n numbers from 0; 1 each without them.
        offset: n fixed parts of the predictor; 0 each without them.

    Returns:
        The fit, or COLLINEAR, SEPARATION (with the columns concerned), ONE_VALUE, FEW_ROWS, NOT_CONVERGED.

    Raises:
        ValueError: shapes that do not fit, or numbers that are not such.
    """
    import numpy as np
    from scipy.special import expit

    x, y = _checked(matrix, outcome)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    o = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=float)
    if w.shape != y.shape or o.shape != y.shape or not (w >= 0).all():
        raise ValueError("as many weights from 0 and offsets as rows are needed")
    fault = _unfit(x, y, w)
    if fault is not None:
        return fault

    def at(beta: Vector) -> Point:
        eta = o + x @ beta
        p = expit(eta)
        value = float(w @ (y * eta - np.logaddexp(0, eta)))
        return Point(value, x.T @ (w * (y - p)), (x * (w * p * (1 - p))[:, None]).T @ x)

    top = climb(at, np.zeros(x.shape[1]), np.abs(x).max(axis=0))
    if isinstance(top, NotEstimable):
        return top
    p = expit(o + x @ top.coefficients)
    return LogisticFit(top.coefficients, top.covariance, p, w * (y - p), top.point.value)


def _checked(matrix: ArrayLike, outcome: ArrayLike) -> tuple[Vector, Vector]:
    import numpy as np

    x, y = np.asarray(matrix, dtype=float), np.asarray(outcome, dtype=float)
    if x.ndim != 2 or 0 in x.shape or y.shape != (len(x),):  # noqa: PLR2004 - a matrix
        raise ValueError(f"a matrix of n rows and n outcomes are needed, not {x.shape} and {y.shape}")
    if not np.isfinite(x).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("covariates must be finite and outcomes 0 or 1")
    return x, y


def _unfit(x: Vector, y: Vector, w: Vector) -> NotEstimable | None:
    """What is seen before anything is fitted, among the rows with weight."""
    used = w > 0
    if len(set(y[used])) < 2:  # noqa: PLR2004 - yes and no
        return NotEstimable(Diagnosis.ONE_VALUE)
    if used.sum() < x.shape[1]:
        return NotEstimable(Diagnosis.FEW_ROWS)
    columns = collinear_columns(x[used])
    return NotEstimable(Diagnosis.COLLINEAR, columns) if columns else None
