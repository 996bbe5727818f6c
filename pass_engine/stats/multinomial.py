"""Logistic regression of one of several categories (multinomial, baseline-category logits), by Newton's method.

P(y = k) = exp(x b_k) / sum_j exp(x b_j) with b_0 = 0 (Agresti, Categorical Data Analysis, 2013, section 8.1). The
scores of b_k are (1[y = k] - p_k) x, the information between b_k and b_l is sum p_k (1[k = l] - p_l) x x'.
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
class MultinomialFit:
    """Coefficients ((K - 1) x p) of categories 1 to K - 1 against 0, and probabilities (n x K).

    ``covariance`` is that of the coefficients row by row ((K - 1)p x (K - 1)p).
    """

    coefficients: Vector
    covariance: Vector
    probabilities: Vector
    log_likelihood: float


def fit_multinomial(matrix: ArrayLike, category: ArrayLike, categories: int) -> MultinomialFit | NotEstimable:
    """Maximum likelihood of the baseline-category logits.

    Args:
        matrix: n rows of p covariates, a column of ones among them where there is an intercept.
        category: n whole numbers from 0 to ``categories`` - 1.
        categories: how many there are, 2 at least.

    Returns:
        The fit; EMPTY_ARM with the categories nobody is in, COLLINEAR or SEPARATION with the columns, FEW_ROWS,
        NOT_CONVERGED.

    Raises:
        ValueError: shapes that do not fit, or a category outside.
    """
    import numpy as np

    x, y = np.asarray(matrix, dtype=float), np.asarray(category, dtype=int)
    if x.ndim != 2 or 0 in x.shape or y.shape != (len(x),) or not np.isfinite(x).all():  # noqa: PLR2004 - a matrix
        raise ValueError("a matrix of n rows of finite numbers and n categories are needed")
    if categories < 2 or y.min() < 0 or y.max() >= categories:  # noqa: PLR2004 - one category is no choice
        raise ValueError("categories must be whole numbers from 0, below their number")
    fault = _unfit(x, y, categories)
    if fault is not None:
        return fault
    chosen = np.eye(categories)[y]
    top = climb(
        lambda beta: _at(x, chosen, beta.reshape(categories - 1, -1)),
        np.zeros((categories - 1) * x.shape[1]),
        np.tile(np.abs(x).max(axis=0), categories - 1),
    )
    if isinstance(top, NotEstimable):
        columns = sorted({c % x.shape[1] for c in top.columns})
        return NotEstimable(top.diagnosis, tuple(columns))
    beta = top.coefficients.reshape(categories - 1, -1)
    return MultinomialFit(beta, top.covariance, _probabilities(x, beta), top.point.value)


def _unfit(x: Vector, y: Vector, categories: int) -> NotEstimable | None:
    missing = tuple(k for k in range(categories) if not (y == k).any())
    if missing:
        return NotEstimable(Diagnosis.EMPTY_ARM, arms=missing)
    if len(x) < x.shape[1]:
        return NotEstimable(Diagnosis.FEW_ROWS)
    columns = collinear_columns(x)
    return NotEstimable(Diagnosis.COLLINEAR, columns) if columns else None


def _probabilities(x: Vector, beta: Vector) -> Vector:
    import numpy as np
    from scipy.special import softmax

    found: Vector = softmax(np.column_stack([np.zeros(len(x)), x @ beta.T]), axis=1)
    return found


def _at(x: Vector, chosen: Vector, beta: Vector) -> Point:
    import numpy as np
    from scipy.special import log_softmax

    logs = log_softmax(np.column_stack([np.zeros(len(x)), x @ beta.T]), axis=1)
    p = np.exp(logs)[:, 1:]
    k, width = beta.shape
    information = np.empty((k, width, k, width))
    for a in range(k):
        for b in range(k):
            information[a, :, b, :] = (x * (p[:, a] * ((a == b) - p[:, b]))[:, None]).T @ x
    gradient = (chosen[:, 1:] - p).T @ x
    return Point(float((chosen * logs).sum()), gradient.ravel(), information.reshape(k * width, k * width))
