"""Regression of the subdistribution hazard (Fine & Gray), and events by cause for a cause-specific Cox regression.

Who had a competing event stays at risk with weight G(t-) / G(T-), where G is the Kaplan-Meier estimate of staying
uncensored, before t and before their own event at T (Fine & Gray, JASA 1999;94:496-509, doi
10.1080/01621459.1999.10474144). Tied events as Breslow has them. The covariance sums, for each person, eta (their
part of the score) and psi (what they add to the estimate of G), as R's ``cmprsk::crr`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.newton import Point, climb
from pass_engine.stats.poisson import collinear_columns
from pass_engine.stats.sandwich import robust_covariance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

CENSORED, OF_INTEREST, COMPETING = 0, 1, 2


@dataclass(frozen=True)
class FineGrayFit:
    """Coefficients (p), their robust covariance (p x p), log pseudo-likelihood, events of interest and others."""

    coefficients: Vector
    covariance: Vector
    log_likelihood: float
    events: int
    competing: int


@dataclass(frozen=True)
class _Laid:
    """Rows in order of time, and the times of events of interest: ``at``, how many ``died``, where rows >= begin."""

    x: Vector
    time: Vector
    status: Vector
    at: Vector
    died: Vector
    place: Vector
    stay: Vector
    stay_at: Vector


def events_of_cause(status: ArrayLike, cause: int) -> Vector:
    """Events for a cause-specific Cox regression: 1 for this cause, 0 for censored and for all other causes (n)."""
    import numpy as np

    return np.asarray(np.asarray(status) == cause).astype(int)


def fit_fine_gray(
    matrix: ArrayLike, time: ArrayLike, status: ArrayLike, clusters: ArrayLike | None = None
) -> FineGrayFit | NotEstimable:
    """Largest pseudo-likelihood of the subdistribution hazard.

    Args:
        matrix: n rows of p covariates, no column of ones.
        time: of event or censoring (n).
        status: CENSORED, OF_INTEREST or COMPETING (n).
        clusters: whose row it is, for the covariance (n); each row its own without it.

    Returns:
        The fit; or NO_EVENT, COLLINEAR or SEPARATION with columns, NOT_CONVERGED.

    Raises:
        ValueError: shapes that do not fit, or numbers that are none.
    """
    import numpy as np

    x, t, s = np.asarray(matrix, dtype=float), np.asarray(time, dtype=float), np.asarray(status)
    if x.ndim != 2 or 0 in x.shape or t.shape != (len(x),) or s.shape != t.shape:  # noqa: PLR2004 - a matrix
        raise ValueError("a matrix of n rows, n times and n states are needed")
    if not (np.isfinite(x).all() and np.isfinite(t).all() and np.isin(s, (0, 1, 2)).all()):
        raise ValueError("covariates and times must be finite, states 0, 1 or 2")
    if not (s == OF_INTEREST).any():
        return NotEstimable(Diagnosis.NO_EVENT)
    centred = x - x.mean(axis=0)
    columns = collinear_columns(np.where(np.abs(centred) <= 1e-12 * (1 + np.abs(x)), 0, centred))
    if columns:
        return NotEstimable(Diagnosis.COLLINEAR, columns)
    order = np.argsort(t, kind="stable")
    laid = _lay_out(centred[order], t[order], s[order])
    top = climb(lambda b: _pseudo_likelihood(laid, b), np.zeros(x.shape[1]), np.abs(centred).max(axis=0))
    if isinstance(top, NotEstimable):
        return top
    scores = _scores(laid, top.coefficients)
    whose = None if clusters is None else np.asarray(clusters)[order]
    covariance = robust_covariance(top.covariance, scores, whose)
    counts = np.bincount(s.astype(int), minlength=3)
    return FineGrayFit(top.coefficients, covariance, top.point.value, int(counts[1]), int(counts[2]))


def _lay_out(x: Vector, t: Vector, s: Vector) -> _Laid:
    import numpy as np

    at, died = np.unique(t[s == OF_INTEREST], return_counts=True)
    stay = _staying(t, s == CENSORED, t)
    return _Laid(x, t, s, at, died, np.searchsorted(t, at), stay, _staying(t, s == CENSORED, at))


def _staying(t: Vector, censored: Vector, at: Vector) -> Vector:
    """Kaplan-Meier estimate of being uncensored just before times; t in order."""
    import numpy as np

    times, left = np.unique(t[censored], return_counts=True)
    running = np.concatenate([[1.0], np.cumprod(1 - left / (len(t) - np.searchsorted(t, times)))])
    return np.asarray(running[np.searchsorted(times, at, side="left")])


def _sums(laid: _Laid, risk: Vector) -> tuple[Vector, Vector, Vector]:
    """S0 (T) and S1 (T x p) at event times; and the weight exp(eta) / G(T-) of competing ones, 0 of others (n)."""
    import numpy as np

    carried = np.where(laid.status == COMPETING, risk / np.where(laid.stay > 0, laid.stay, 1), 0)
    both = [np.column_stack([w, laid.x * w[:, None]]) for w in (risk, carried)]
    zero = np.zeros((1, both[0].shape[1]))
    ahead, behind = (np.concatenate([zero, np.cumsum(b, axis=0)]) for b in both)
    total = ahead[-1] - ahead[laid.place] + laid.stay_at[:, None] * behind[laid.place]
    return total[:, 0], total[:, 1:], carried


def _pseudo_likelihood(laid: _Laid, beta: Vector) -> Point:
    import numpy as np

    eta = laid.x @ beta
    middle = eta.max()
    risk = np.exp(eta - middle)
    s0, s1, carried = _sums(laid, risk)
    if not (s0 > 0).all():
        return Point(-np.inf, np.zeros(len(beta)), np.eye(len(beta)))
    mine, means = laid.status == OF_INTEREST, s1 / s0[:, None]
    value = float((eta[mine] - middle).sum() - laid.died @ np.log(s0))
    lived = _lived(laid, laid.died / s0, risk, carried)
    information = (laid.x * lived[:, None]).T @ laid.x - (means * laid.died[:, None]).T @ means
    return Point(value, laid.x[mine].sum(axis=0) - laid.died @ means, information)


def _lived(laid: _Laid, hazard: Vector, risk: Vector, carried: Vector) -> Vector:
    """Each row's weighted risk times the hazard (T, or T x q) it was at risk for (n, or n x q)."""
    import numpy as np

    shape = (-1, *[1] * (hazard.ndim - 1))
    zero = np.zeros((1, *hazard.shape[1:]))
    before = np.concatenate([zero, np.cumsum(hazard, axis=0)])
    thinned = np.concatenate([zero, np.cumsum(hazard * laid.stay_at.reshape(shape), axis=0)])
    place = np.searchsorted(laid.at, laid.time, side="right")
    return np.asarray(risk.reshape(shape) * before[place] + carried.reshape(shape) * (thinned[-1] - thinned[place]))


def _scores(laid: _Laid, beta: Vector) -> Vector:
    """Eta and psi of each row (n x p)."""
    import numpy as np

    eta = laid.x @ beta
    risk = np.exp(eta - eta.max())
    s0, s1, carried = _sums(laid, risk)
    means, hazard = s1 / s0[:, None], laid.died / s0
    lived = _lived(laid, np.column_stack([hazard, means * hazard[:, None]]), risk, carried)
    parts = lived[:, 1:] - laid.x * lived[:, :1]
    mine = np.flatnonzero(laid.status == OF_INTEREST)
    parts[mine] += laid.x[mine] - means[np.searchsorted(laid.at, laid.time[mine])]
    return np.asarray(parts + _of_censoring(laid, carried, hazard, means))


def _of_censoring(laid: _Laid, carried: Vector, hazard: Vector, means: Vector) -> Vector:
    """Psi: what each row adds to the estimate of G, weighed by what G does to the score (n x p)."""
    import numpy as np

    times, left = np.unique(laid.time[laid.status == CENSORED], return_counts=True)
    if not len(times):
        return np.zeros_like(laid.x)
    behind = np.cumsum(np.column_stack([carried, laid.x * carried[:, None]]), axis=0)
    behind = np.concatenate([np.zeros((1, behind.shape[1])), behind])[np.searchsorted(laid.time, times)]
    weighed = hazard * laid.stay_at
    ahead = np.cumsum(np.column_stack([weighed, means * weighed[:, None]])[::-1], axis=0)[::-1]
    ahead = np.concatenate([ahead, np.zeros((1, ahead.shape[1]))])[np.searchsorted(laid.at, times, side="left")]
    at_risk = len(laid.time) - np.searchsorted(laid.time, times)
    pull = (behind[:, 1:] * ahead[:, :1] - behind[:, :1] * ahead[:, 1:]) / at_risk[:, None]
    running = np.concatenate([np.zeros((1, pull.shape[1])), np.cumsum(pull * (left / at_risk)[:, None], axis=0)])
    found = -running[np.searchsorted(times, laid.time, side="right")]
    gone = np.flatnonzero(laid.status == CENSORED)
    found[gone] += pull[np.searchsorted(times, laid.time[gone])]
    return np.asarray(found)
