"""Poisson regression of counts with a log link and an offset, by Newton's method; and why it may have no answer.

Over cells the fit is that of the individual data: with covariates that are constant in a cell, the likelihood depends
on the persons of a cell through its events and its time alone (Holford, Biometrics 1980;36:299-305,
doi 10.2307/2529982; Laird & Olivier, JASA 1981;76:231-240, doi 10.1080/01621459.1981.10477634).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.stats.sandwich import robust_covariance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

ITERATIONS = 50
"""Steps of Newton's method at most; a sound fit takes fewer than ten."""
CLOSE = 1e-10
"""The fit has arrived where a full step changes the log-likelihood by less than this share of it."""
DEPENDENT = 1e-9
"""A column whose part outside the others is a smaller share of it than this adds nothing to them."""
BEYOND = 1e-6
"""A row's predictor that a direction moves by more than this is moved without end."""


class CollinearError(ValueError):
    """Columns that are sums of those before them. ``columns``: their places."""

    def __init__(self, columns: tuple[int, ...]) -> None:
        """Which columns add nothing."""
        super().__init__(f"columns {columns} depend on those before them")
        self.columns = columns


class SeparatedError(ValueError):
    """No largest likelihood: some coefficients run off without end. ``columns``, ``rows``: whose, and where."""

    def __init__(self, columns: tuple[int, ...], rows: tuple[int, ...]) -> None:
        """Which coefficients have no estimate, and which rows without an event pull them."""
        super().__init__(f"coefficients {columns} have no estimate")
        self.columns, self.rows = columns, rows


@dataclass(frozen=True)
class PoissonFit:
    """Coefficients (p), their covariance (p x p, the inverse of the expected information), and how well they fit.

    ``fitted``: expected count of each row. ``deviance`` is twice the log-likelihood that is missing to a perfect fit.
    """

    coefficients: Vector
    covariance: Vector
    fitted: Vector
    log_likelihood: float
    deviance: float


def fit_poisson(matrix: ArrayLike, counts: ArrayLike, offset: ArrayLike) -> PoissonFit:
    """Maximum likelihood of log E(counts) = offset + matrix @ coefficients.

    Args:
        matrix: n rows of p covariates, a column of ones among them where there is an intercept.
        counts: n whole numbers from 0.
        offset: n logarithms of time; a row without time is left out by whoever calls.

    Returns:
        The fit. Equal rows may be added up before: coefficients, covariance and fitted sums stay the same.

    Raises:
        CollinearError: columns depend on each other.
        SeparatedError: a coefficient has no finite estimate.
        ValueError: shapes that do not fit, a number that is none, or fewer than one row or column.
    """
    import numpy as np

    x, y, o = _checked(matrix, counts, offset)
    columns = collinear_columns(x)
    if columns:
        raise CollinearError(columns)
    separated = separated_by(x, y)
    if separated is not None:
        raise SeparatedError(*separated)
    beta = _start(x, y, o)
    value = _log_likelihood(x, y, o, beta)
    for _ in range(ITERATIONS):
        mu = np.exp(o + x @ beta)
        step = np.linalg.solve(x.T @ (mu[:, None] * x), x.T @ (y - mu))
        beta, new = _go(x, y, o, beta, step, value)
        if abs(new - value) <= CLOSE * (1 + abs(value)) and np.max(np.abs(step)) < CLOSE * (1 + np.max(np.abs(beta))):
            break
        value = new
    mu = np.exp(o + x @ beta)
    covariance = np.linalg.inv(x.T @ (mu[:, None] * x))
    return PoissonFit(beta, covariance, mu, _full(y, mu), _deviance(y, mu))


def collinear_columns(matrix: ArrayLike) -> tuple[int, ...]:
    """Places of columns that are sums of those before them, a column of zeros among them (Gram-Schmidt)."""
    import numpy as np

    x = np.asarray(matrix, dtype=float)
    basis: list[Vector] = []
    found = []
    for place in range(x.shape[1]):
        rest = x[:, place].copy()
        size = float(np.linalg.norm(rest))
        for _ in range(2):  # a second time, since the first one rounds
            for vector in basis:
                rest -= vector * (vector @ rest)
        left = float(np.linalg.norm(rest))
        if left <= DEPENDENT * size or size == 0:
            found.append(place)
        else:
            basis.append(rest / left)
    return tuple(found)


def separated_by(matrix: ArrayLike, counts: ArrayLike) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Columns and rows of a direction in which the likelihood never stops to rise; None where there is none.

    There is one if and only if some g has (matrix @ g) zero where events were counted, at most 0 elsewhere, and below 0
    in some row (Correia, Guimaraes & Zylkin, arXiv 1903.01633, proposition 1). Found by a linear program.
    """
    import numpy as np
    from scipy.optimize import linprog

    x, y = np.asarray(matrix, dtype=float), np.asarray(counts, dtype=float)
    scale = np.max(np.abs(x), axis=0)
    x = x / np.where(scale > 0, scale, 1)
    none = y == 0
    if not none.any():
        return None
    some = x[~none]
    result = linprog(
        x[none].sum(axis=0),
        A_ub=np.vstack([x[none], -x[none]]),
        b_ub=np.concatenate([np.zeros(none.sum()), np.ones(none.sum())]),
        A_eq=some if len(some) else None,
        b_eq=np.zeros(len(some)) if len(some) else None,
        bounds=(None, None),
        method="highs",
    )
    if result.x is None or result.fun > -BEYOND:
        return None
    moved = x @ result.x
    columns = tuple(int(c) for c in np.flatnonzero(np.abs(result.x) > BEYOND))
    return columns, tuple(int(r) for r in np.flatnonzero(none & (moved < -BEYOND)))


def _checked(matrix: ArrayLike, counts: ArrayLike, offset: ArrayLike) -> tuple[Vector, Vector, Vector]:
    import numpy as np

    x, y, o = (np.asarray(part, dtype=float) for part in (matrix, counts, offset))
    if x.ndim != 2 or 0 in x.shape or y.shape != (len(x),) or o.shape != (len(x),):  # noqa: PLR2004 - a matrix
        raise ValueError(f"a matrix of n rows, n counts and n offsets are needed, not {x.shape}, {y.shape}, {o.shape}")
    if not all(np.isfinite(part).all() for part in (x, y, o)) or (y < 0).any():
        raise ValueError("covariates, counts from 0 and offsets must be finite numbers")
    return x, y, o


def _start(x: Vector, y: Vector, o: Vector) -> Vector:
    """Weighted least squares of log(count + 1/2) less the offset: near enough for Newton's method."""
    import numpy as np

    weight = np.sqrt(y + 0.5)
    beta: Vector = np.linalg.lstsq(x * weight[:, None], (np.log(y + 0.5) - o) * weight, rcond=None)[0]
    return beta


def _go(x: Vector, y: Vector, o: Vector, beta: Vector, step: Vector, value: float) -> tuple[Vector, float]:
    """A step, halved until the likelihood does not fall; and the likelihood there."""
    import numpy as np

    for halved in range(30):
        there = beta + step / 2**halved
        new = _log_likelihood(x, y, o, there)
        if np.isfinite(new) and new >= value - CLOSE * (1 + abs(value)):
            return there, new
    return beta, value


def _log_likelihood(x: Vector, y: Vector, o: Vector, beta: Vector) -> float:
    """Without the part that no coefficient changes."""
    import numpy as np

    predictor = o + x @ beta
    with np.errstate(over="ignore"):
        return float(y @ predictor - np.exp(predictor).sum())


def _full(y: Vector, mu: Vector) -> float:
    import numpy as np
    from scipy.special import gammaln

    return float(y @ np.log(mu) - mu.sum() - gammaln(y + 1).sum())


def _deviance(y: Vector, mu: Vector) -> float:
    import numpy as np

    ratio = np.where(y > 0, y, 1) / np.where(y > 0, mu, 1)
    return float(2 * (y * np.log(ratio) - (y - mu)).sum())


def person_robust(fit: PoissonFit, matrix: ArrayLike, counts: ArrayLike, persons: ArrayLike) -> Vector:
    """Covariance of a fit that takes persons (n labels) as the unit; ``matrix`` and ``counts`` as they were fitted."""
    import numpy as np

    residuals = np.asarray(counts, dtype=float) - fit.fitted
    return robust_covariance(fit.covariance, np.asarray(matrix, dtype=float) * residuals[:, None], persons)
