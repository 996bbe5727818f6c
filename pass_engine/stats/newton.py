"""The top of a concave log-likelihood by Newton's method with step halving; and a top that is nowhere.

Where data separate the outcome, the likelihood rises for ever along a direction: each step then moves the predictor by
about 1 while the likelihood no longer gains (Albert & Anderson, Biometrika 1984;71:1-10, doi 10.1093/biomet/71.1.1).
At a true top the steps shrink quadratically, so that the two are told apart by the last step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

ITERATIONS = 60
"""Steps at most; a sound fit takes fewer than ten, a separated one shows itself after about twenty-five."""
HALVINGS = 30
CLOSE = 1e-11
"""The likelihood has stopped to rise where a step gains less than this share of it."""
ARRIVED = 1e-9
"""The coefficients have arrived where a step moves no predictor by more than this."""
RUNNING = 0.05
"""A coefficient whose step still moves a predictor by this much, when the likelihood rises no more, has no end."""


@dataclass(frozen=True)
class Point:
    """A log-likelihood at a place: its value, gradient (p) and information, the negative Hessian (p x p)."""

    value: float
    gradient: Vector
    information: Vector


@dataclass(frozen=True)
class Top:
    """Where a log-likelihood is largest, and the point there."""

    coefficients: Vector
    point: Point

    @property
    def covariance(self) -> Vector:
        """Inverse of the information."""
        import numpy as np

        inverse: Vector = np.linalg.inv(self.point.information)
        return inverse


def climb(at: Callable[[Vector], Point], start: ArrayLike, reach: ArrayLike) -> Top | NotEstimable:
    """The largest value of a concave log-likelihood.

    Args:
        at: the log-likelihood and its derivatives at coefficients (p).
        start: coefficients to begin with (p).
        reach: how far a predictor moves with each coefficient (p): the largest size of its column.

    Returns:
        The top; SEPARATION with the coefficients that run off; or NOT_CONVERGED.
    """
    import numpy as np

    beta, size = np.asarray(start, dtype=float), np.maximum(np.asarray(reach, dtype=float), 1e-300)
    point = at(beta)
    for _ in range(ITERATIONS):
        step = _step(point, size)
        if step is None:
            return NotEstimable(Diagnosis.NOT_CONVERGED)
        moved = np.abs(step) * size
        if moved.max() < ARRIVED:
            return Top(beta + step, at(beta + step))
        there = _uphill(at, beta, step, point)
        if there is None:
            return _stuck(beta, point, moved)
        gained = there[1].value - point.value
        beta, point = there
        if gained <= CLOSE * (1 + abs(point.value)) and moved.max() > RUNNING:
            return _separated(moved)
    return NotEstimable(Diagnosis.NOT_CONVERGED)


def _step(point: Point, size: Vector) -> Vector | None:
    """Newton's step, solved in units in which each predictor moves alike; None where there is none."""
    import numpy as np

    scaled = point.information / np.outer(size, size)
    try:
        step = np.linalg.solve(scaled, point.gradient / size)
    except np.linalg.LinAlgError:
        step = np.linalg.lstsq(scaled, point.gradient / size, rcond=None)[0]
    if not np.isfinite(step).all():
        return None
    return np.asarray(step / size)


def _uphill(at: Callable[[Vector], Point], beta: Vector, step: Vector, point: Point) -> tuple[Vector, Point] | None:
    """A step, halved until the likelihood does not fall; None where it falls however short the step."""
    import numpy as np

    slack = 1e-13 * (1 + abs(point.value))
    for halved in range(HALVINGS):
        there = beta + step / 2**halved
        new = at(there)
        if np.isfinite(new.value) and new.value >= point.value - slack:
            return there, new
    return None


def _stuck(beta: Vector, point: Point, moved: Vector) -> Top | NotEstimable:
    """No step goes up: rounding ends a sound climb, a likelihood without end is flat."""
    if moved.max() > RUNNING:
        return _separated(moved)
    return Top(beta, point) if moved.max() < 1e-5 else NotEstimable(Diagnosis.NOT_CONVERGED)  # noqa: PLR2004 - of a predictor


def _separated(moved: Vector) -> NotEstimable:
    return NotEstimable(Diagnosis.SEPARATION, tuple(int(i) for i in (moved > RUNNING).nonzero()[0]))
