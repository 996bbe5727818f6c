"""The score of every group of persons, and the weights that follow from it, in whole units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.propensity.arms import Term, terms_of, value_of
from pass_engine.protocol.models import Matched
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.equipoise import equipoise
from pass_engine.stats.logistic import fit_logistic
from pass_engine.stats.matching import match_nearest, same_scores
from pass_engine.stats.weighting import propensity_weights, truncated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pass_engine.propensity.arms import Arms, Group
    from pass_engine.protocol.models import Propensity
    from pass_engine.stats.equipoise import Equipoise

    Vector = NDArray[Any]

UNIT = 1_000_000
"""Parts of a weight of 1: weights are rounded to them once, so that every sum of them is exact."""
ATE = "ate"
MATCHED = "matched"
NO_MATCH = "nobody of the target has a match within the caliper"
NO_LEVEL = "nobody has only levels that enough persons of both cohorts have"
PER_CENT = 100


@dataclass(frozen=True)
class Scored:
    """Groups in a fixed order with their scores; the model's columns and coefficients; how the arms overlap."""

    arms: Arms
    groups: tuple[Group, ...]
    scores: tuple[float, ...]
    terms: tuple[Term, ...]
    coefficients: tuple[float, ...]
    overlap: Equipoise


@dataclass(frozen=True)
class Weights:
    """Of one kind: each group's weight in parts of UNIT, and persons of target and comparator that were truncated."""

    kind: str
    units: tuple[int, ...]
    truncated: tuple[int, int] = (0, 0)
    unmatched: tuple[int, int] = (0, 0)
    """Persons of target and comparator without a match; of matched alone."""


@dataclass(frozen=True)
class NoWeights:
    """A kind of weights that cannot be made, and why."""

    kind: str
    why: str


def score_arms(arms: Arms) -> Scored | str:
    """Fit the score by logistic regression on main effects; or why there is none, in words."""
    import numpy as np

    groups = tuple(sorted(arms.persons, key=lambda g: (not g.is_target, g.digits)))
    if not (arms.size(is_target=True) and arms.size(is_target=False)):
        return NO_LEVEL if any(arms.left_out["rare_level"]) else NotEstimable(Diagnosis.EMPTY_ARM).words()
    terms = tuple(t for t in terms_of(arms) if not t.is_reference)
    matrix = np.array([[value_of(t, g, arms.places) for t in terms] for g in groups])
    counts = [arms.persons[g] for g in groups]
    fit = fit_logistic(matrix, [float(g.is_target) for g in groups], [float(n) for n in counts])
    if isinstance(fit, NotEstimable):
        return fit.words([_name(t) for t in terms])
    scores = tuple(float(p) for p in fit.probabilities)
    overlap = equipoise(np.repeat(scores, counts), np.repeat([int(g.is_target) for g in groups], counts))
    if isinstance(overlap, NotEstimable):
        return overlap.words()
    return Scored(arms, groups, scores, terms, tuple(float(c) for c in fit.coefficients), overlap)


def _name(term: Term) -> str:
    return f"{term.covariate}: {term.level}" if term.level else term.covariate


def weigh(scored: Scored, asked: Propensity) -> tuple[Weights | NoWeights, ...]:
    """Weights of every kind asked for, or why there are none of it (a score of 0 or 1 has no weight)."""
    return tuple(
        _matched(scored, asked.matched or Matched())
        if kind == MATCHED
        else _weights(scored, kind, asked.truncate_percent)
        for kind in asked.weights
    )


def _persons(scored: Scored) -> tuple[Vector, Vector, Vector]:
    """Of every person the score and the arm, group by group; and where each group starts."""
    import numpy as np

    counts = [scored.arms.persons[g] for g in scored.groups]
    score = np.repeat(scored.scores, counts)
    arm = np.repeat([int(g.is_target) for g in scored.groups], counts)
    return score, arm, np.concatenate([[0], np.cumsum(counts)[:-1]])


def _matched(scored: Scored, how: Matched) -> Weights | NoWeights:
    """Weights of those who have a match.

    Persons of a group are told apart by nothing here, and so each has the mean weight of all of the arm who have their
    score: what matching them in every order there is would give on average.
    """
    import numpy as np

    score, arm, starts = _persons(scored)
    found = match_nearest(score, arm, how.ratio, how.caliper)
    if isinstance(found, NotEstimable):
        return NoWeights(MATCHED, NO_MATCH)
    alike = np.column_stack([arm, same_scores(score)])
    _, number = np.unique(alike, axis=0, return_inverse=True)
    number = number.ravel()
    shared = np.bincount(number, weights=found.weights) / np.bincount(number)
    alone = found.sets < 0
    unmatched = (int((alone & (arm == 1)).sum()), int((alone & (arm == 0)).sum()))
    return Weights(MATCHED, tuple(round(float(w) * UNIT) for w in shared[number][starts]), unmatched=unmatched)


def _weights(scored: Scored, kind: Any, truncate_percent: float) -> Weights | NoWeights:
    import numpy as np

    score, arm, starts = _persons(scored)
    weights = propensity_weights(np.column_stack([1 - score, score]), arm, kind)
    if isinstance(weights, NotEstimable):
        return NoWeights(kind, weights.words())
    beyond = (0, 0)
    if kind == ATE and truncate_percent:
        cut, _ = truncated(weights, truncate_percent / PER_CENT, 1 - truncate_percent / PER_CENT)
        changed = cut != weights
        beyond, weights = (int(changed[arm == 1].sum()), int(changed[arm == 0].sum())), cut
    return Weights(kind, tuple(round(float(w) * UNIT) for w in weights[starts]), beyond)


def unweighted(groups: Sequence[Group]) -> Weights:
    """Everybody once."""
    return Weights("none", (UNIT,) * len(groups))
