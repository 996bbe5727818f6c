"""Propensity scores in words: who is weighted how, and when a result is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.propensity_models import Matched
from pass_engine.protocol.sentences.words import listed, percent, quoted, separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Comparison, Propensity, Study

WEIGHTINGS: Final = {
    "ate": "inverse probability of the own cohort, stabilised by its share (everybody of both cohorts)",
    "att": "odds of the target for the comparator, 1 for the target (persons such as those of the target)",
    "overlap": "probability of the other cohort (those who could have been in either)",
    "matching": "the smaller probability over that of the own cohort (those whom a match would keep)",
    "matched": "1 for a person of the target who has a match, shared among those matched to them",
}


def say_propensity(study: Study, analysis: Comparison) -> Iterator[str]:
    """The propensity score of a comparison; nothing where it asks for none."""
    asked = analysis.propensity
    if asked is None:
        return
    names = listed([quoted(study.covariates[name].label) for name in asked.covariates])
    yield (
        f"It is weighted as well, by a propensity score: each registry fits, on its own persons, a logistic model of "
        f"being in the target with the main effects of {names}. Who entered both cohorts counts in the one entered "
        "first, and in neither if both were entered on one day; persons with a level that fewer than "
        f"{asked.min_level_persons} persons of either cohort have are left out at that registry. Coefficients, "
        "standardised differences and weighted counts leave a registry, no score of a person does."
    )
    kinds = separated([f"{kind}: {WEIGHTINGS[kind]}" for kind in asked.weights])
    yield f"The weights are {kinds}.{_truncated(asked)}{_matched(asked)}"
    level = percent(analysis.interval.level)
    yield (
        "A registry's weighted rate ratio is that of weighted events over weighted days, with a person-robust "
        f"{level} interval that takes the weights as known. Registries are pooled in two stages: random effects (REML) "
        "with the interval of Hartung and Knapp where at least three show a ratio, else a fixed effect. Overlap and "
        "matching weights answer for another population at each registry."
    )
    yield _gates(asked)


def _truncated(asked: Propensity) -> str:
    if "ate" not in asked.weights or not asked.truncate_percent:
        return ""
    low, high = asked.truncate_percent, 100 - asked.truncate_percent
    return f" Weights of ate beyond the percentiles {low:g} and {high:g} are set to them."


def _matched(asked: Propensity) -> str:
    if "matched" not in asked.weights:
        return ""
    how = asked.matched or Matched()
    most = "one person" if how.ratio == 1 else f"up to {how.ratio} persons"
    return (
        f" For matched, {most} of the comparator, each once, stand for a person of the target, the nearest first and "
        f"those with high scores choosing first, within {how.caliper:g} times the spread of the logits; all choose "
        "once before any chooses again. Persons with the same score have the same share in a match; those without one "
        "are counted, and have no weight."
    )


def _gates(asked: Propensity) -> str:
    equipoise = (
        f", or, with {listed([k for k in asked.weights if k in ('ate', 'att')], 'or')}, fewer than "
        f"{percent(asked.min_equipoise)} of a cohort have a preference score from 0.3 to 0.7"
        if {"ate", "att"} & set(asked.weights)
        else ""
    )
    return (
        f"A registry's ratio is not shown, and is not in the pool, where a cohort has fewer than {asked.min_events} "
        f"events, a standardised difference after weighting is above {asked.max_difference:g}, one person carries "
        f"most of a cohort's weight{equipoise}."
    )
