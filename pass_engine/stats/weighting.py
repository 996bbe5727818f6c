"""Weights from propensity scores: which population each makes the arms alike to, and who carries it.

With e_k(x) the probability of arm k and z a person's own arm, the weight is h(x) / e_z(x), where the tilting function h
says for whom the effect is (Li, Morgan & Zaslavsky, JASA 2018;113:390-400, doi 10.1080/01621459.2016.1260466; for more
than two arms Li & Li, Ann Appl Stat 2019;13:2389-2415, doi 10.1214/19-AOAS1282):

- ``ate``: h = 1, everybody; stabilised by the arm's share, which is one number an arm (Robins, Hernan & Brumback,
  Epidemiology 2000;11:550-560);
- ``att``: h = e_t, those of the target arm t;
- ``overlap``: h = 1 / sum_k 1 / e_k, those who could as well have been in any arm; of two arms the weight is the
  probability of the other arm;
- ``matching``: h = min_k e_k, those a pairwise match would keep (Li & Greene, Int J Biostat 2013;9:215-234;
  Yoshida et al., Epidemiology 2017;28:387-395).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.sandwich import cluster_sums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]

Weighting = Literal["ate", "att", "overlap", "matching"]
WEIGHTING_WORDS = {
    "ate": "inverse probability, stabilised: everybody",
    "att": "odds: those of the target arm",
    "overlap": "overlap: those who could have been in either arm",
    "matching": "matching: those a match would keep",
}
"""How a kind of weight and its population are printed."""
MOST_OF_ARM = 0.5
"""A person with a larger share of an arm's weight is that arm."""


def propensity_weights(scores: ArrayLike, arm: ArrayLike, kind: Weighting, target: int = 1) -> Vector | NotEstimable:
    """Weights of n persons.

    Args:
        scores: probability of each of K arms (n x K), rows adding to 1.
        arm: own arm, whole numbers from 0 to K - 1 (n).
        kind: which population.
        target: the arm of ``att``.

    Returns:
        n weights, above 0; EMPTY_ARM where an arm has nobody; NO_OVERLAP where somebody's own arm had no chance.

    Raises:
        ValueError: shapes that do not fit, or scores outside 0 to 1.
    """
    import numpy as np

    e, z = np.asarray(scores, dtype=float), np.asarray(arm, dtype=int)
    if e.ndim != 2 or z.shape != (len(e),) or not ((e >= 0) & (e <= 1)).all():  # noqa: PLR2004 - a matrix
        raise ValueError("scores from 0 to 1 of every arm, and an arm each, are needed")
    arms = e.shape[1]
    missing = tuple(k for k in range(arms) if not (z == k).any())
    if missing:
        return NotEstimable(Diagnosis.EMPTY_ARM, arms=missing)
    own = e[np.arange(len(z)), z]
    if not (own > 0).all():
        return NotEstimable(Diagnosis.NO_OVERLAP, arms=tuple(sorted({int(k) for k in z[own <= 0]})))
    return np.asarray(_tilt(e, z, kind, target) / own)


def _tilt(e: Vector, z: Vector, kind: Weighting, target: int) -> Vector:
    """h(x), or for stabilised weights the share of the own arm."""
    import numpy as np

    if kind == "ate":
        return np.asarray(np.bincount(z, minlength=e.shape[1])[z] / len(z))
    if kind == "att":
        return np.asarray(e[:, target])
    if kind == "matching":
        return np.asarray(e.min(axis=1))
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 / e).sum(axis=1))


def truncated(weights: ArrayLike, low: float = 0.01, high: float = 0.99) -> tuple[Vector, int]:
    """Weights beyond two quantiles set to them, and how many were (Cole & Hernan, Am J Epidemiol 2008;168:656-664).

    Quantiles are interpolated as in R's ``quantile(type = 7)``.
    """
    import numpy as np

    w = np.asarray(weights, dtype=float)
    bottom, top = np.quantile(w, [low, high])
    return np.clip(w, bottom, top), int(((w < bottom) | (w > top)).sum())


@dataclass(frozen=True)
class ArmWeight:
    """Of one arm: persons, their weight, effective sample size, and the share of the heaviest person.

    The effective sample size (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965) is of persons: their rows are added
    first.
    """

    arm: int
    persons: int
    weight: float
    effective: float
    heaviest: float


def arm_weights(weights: ArrayLike, arm: ArrayLike, persons: ArrayLike | None = None) -> tuple[ArmWeight, ...]:
    """What the arms weigh, in their order. ``persons``: whose row it is (n); each row a person without it."""
    import numpy as np

    w, z = np.asarray(weights, dtype=float), np.asarray(arm, dtype=int)
    found = []
    for k in sorted({int(a) for a in z}):
        mine = z == k
        own = cluster_sums(w[mine][:, None], None if persons is None else np.asarray(persons)[mine])[:, 0]
        total, squares = float(own.sum()), float(own @ own)
        effective, heaviest = (total**2 / squares, float(own.max()) / total) if total > 0 else (0.0, 0.0)
        found.append(ArmWeight(k, len(own), total, effective, heaviest))
    return tuple(found)


def weight_in_one(arms: tuple[ArmWeight, ...]) -> NotEstimable | None:
    """WEIGHT_IN_ONE with the arms most of whose weight is one person's; None where it is spread."""
    found = tuple(a.arm for a in arms if a.heaviest > MOST_OF_ARM)
    return NotEstimable(Diagnosis.WEIGHT_IN_ONE, arms=found) if found else None
