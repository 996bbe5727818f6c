"""A run before there are data: the rows of what compares two cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.counted import cell_analyses, cohorts_of
from pass_engine.protocol.covariate_rules import MISSING, level_names, places_of
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.regression_rules import CRUDE, regressions_of
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.propensity_models import Propensity

Values = dict[str, str]


def everybody(protocol: Protocol) -> tuple[str, ...]:
    """The registries invited, pooled last."""
    return (*protocol.study.data.registries, POOLED)


def _comparison(protocol: Protocol) -> Iterator[Values]:
    for analysis in cell_analyses(protocol.study):
        if isinstance(analysis, Comparison):
            target, comparator = cohorts_of(analysis)
            for outcome, time in analysis.outcomes.items():
                for measure in analysis.measures:
                    for registry in everybody(protocol):
                        yield {
                            "analysis": analysis.id, "registry": registry, "outcome": outcome, "time_at_risk": time,
                            "target": target, "comparator": comparator, "measure": measure,
                            "counting": protocol.study.outcomes[outcome].counting,
                        }  # fmt: skip


def ratios(protocol: Protocol) -> Iterator[tuple[Comparison, Values]]:
    """Every ratio of two cohorts that is asked for, and where its rows stand."""
    for analysis in cell_analyses(protocol.study):
        if isinstance(analysis, Comparison):
            for outcome, time in analysis.outcomes.items():
                for measure in analysis.measures:
                    if measure != "rate_difference":
                        place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "measure": measure}
                        yield analysis, place


def _second_stage(protocol: Protocol) -> Iterator[Values]:
    for analysis, place in ratios(protocol):
        for number, model in enumerate(analysis.two_stage):
            if model != "likelihood" or place["measure"] == "rate_ratio":
                for out in ("", *(protocol.study.data.registries if number == 0 else ())):
                    yield {**place, "model": model, "without": out}


def _unmeasured(protocol: Protocol) -> Iterator[Values]:
    for analysis, place in ratios(protocol):
        if analysis.e_value or analysis.power is not None:
            power = f"{analysis.power:g}" if analysis.power is not None else ""
            yield from ({**place, "registry": registry, "power": power} for registry in everybody(protocol))


def _scored(protocol: Protocol) -> Iterator[tuple[Comparison, Propensity]]:
    for analysis in protocol.study.analyses:
        if isinstance(analysis, Comparison) and analysis.propensity is not None:
            yield analysis, analysis.propensity


def _weighted(protocol: Protocol) -> Iterator[Values]:
    for analysis, score in _scored(protocol):
        for outcome, time in analysis.outcomes.items():
            for weighting in score.weights:
                for registry in everybody(protocol):
                    yield {
                        "analysis": analysis.id, "registry": registry, "outcome": outcome, "time_at_risk": time,
                        "weighting": weighting,
                    }  # fmt: skip


def _scores(protocol: Protocol) -> Iterator[Values]:
    for analysis, _ in _scored(protocol):
        for registry in protocol.study.data.registries:
            for cohort in (analysis.of.target, analysis.of.comparator):
                yield {"analysis": analysis.id, "registry": registry, "cohort": cohort, "weighting": "none"}


def _balance(protocol: Protocol) -> Iterator[Values]:
    for analysis, score in _scored(protocol):
        for place in places_of(protocol.study):
            for level in level_names(place) if place.name in score.covariates else ():
                if level != MISSING:
                    for weighting in score.weights:
                        yield {
                            "analysis": analysis.id, "registry": POOLED, "weighting": weighting,
                            "covariate": place.name, "level": level,
                        }  # fmt: skip


def _models(protocol: Protocol) -> Iterator[tuple[Comparison, Values]]:
    for analysis, asked in regressions_of(protocol.study):
        for outcome, time in analysis.outcomes.items():
            for model in asked.fit:
                for name in (CRUDE, *asked.adjust):
                    yield analysis, {
                        "analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "model": model,
                        "adjustment": name,
                    }  # fmt: skip


def _regression(protocol: Protocol) -> Iterator[Values]:
    for analysis, place in _models(protocol):
        for registry in protocol.study.data.registries:
            yield {**place, "registry": registry}
        for pooling in analysis.two_stage:
            yield {**place, "registry": POOLED, "pooling": pooling}


def _members(protocol: Protocol) -> Iterator[Values]:
    for analysis, _ in regressions_of(protocol.study):
        for outcome, time in analysis.outcomes.items():
            for registry in protocol.study.data.registries:
                for cohort in (analysis.of.target, analysis.of.comparator):
                    yield {
                        "analysis": analysis.id, "registry": registry, "cohort": cohort, "outcome": outcome,
                        "time_at_risk": time,
                    }  # fmt: skip


CONTRASTS: Final[dict[str, Callable[[Protocol], Iterator[Values]]]] = {
    "comparison.csv": _comparison,
    "second_stage.csv": _second_stage,
    "unmeasured.csv": _unmeasured,
    "weighted.csv": _weighted,
    "propensity.csv": _scores,
    "balance.csv": _balance,
    "regression.csv": _regression,
    "regression_members.csv": _members,
}
"""Results file to the maker of its rows."""
