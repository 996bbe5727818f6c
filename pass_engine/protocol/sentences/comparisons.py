"""Comparisons of two cohorts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.sentences.propensity import say_propensity
from pass_engine.protocol.sentences.regression import say_regressions
from pass_engine.protocol.sentences.strata import stratum_in_words
from pass_engine.protocol.sentences.words import counted, listed, percent, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pass_engine.protocol.models import Comparison, Study

RATIO_INTERVALS = {
    "exact": "exact conditional limits",
    "mid_p": "mid-P conditional limits",
    "log_normal": "log-normal limits",
}
DIFFERENCE_INTERVALS = {
    "miettinen_nurminen": "score limits (Miettinen and Nurminen 1985)",
    "wald": "normal limits (Wald), which are not estimable where a cohort has no event",
}


def say_comparison(study: Study, analysis: Comparison) -> str:
    """What a comparison divides or takes from what, and its intervals."""
    target, comparator = (quoted(study.exposures[name].label) for name in (analysis.of.target, analysis.of.comparator))
    outcomes = listed([quoted(study.outcomes[name].label) for name in analysis.outcomes])
    countings = {study.outcomes[name].counting for name in analysis.outcomes}
    told = [
        (
            f"The analysis {analysis.id} holds the rate of {target} against that of {comparator}, for {outcomes}: "
            f"{_rate_of(countings)}."
        ),
        *(
            sentence
            for measure in CRUDE
            if measure in analysis.measures
            for sentence in CRUDE[measure](study, analysis)
        ),
    ]
    crude = [m for m in CRUDE if m in analysis.measures]
    if crude:
        told.append(
            "Where persons are in both cohorts, a person-robust interval, which allows for it, takes the place of "
            f"{'these' if len(crude) > 1 else 'this one'}. Where a registry keeps back the products over the "
            "few of them who have an event, the widest interval that these could give is shown, and marked."
        )
    if crude and "recurrent" in countings:
        told.append("For recurrent events the person-robust interval always stands beside.")
    if "mantel_haenszel_rate_ratio" in analysis.measures:
        told += _over_strata(study, analysis)
    if "poisson_rate_ratio" in analysis.measures:
        told += _by_regression(study, analysis)
    return " ".join(
        (
            *told,
            *say_propensity(study, analysis),
            *_negative_controls(study, analysis),
            *_of_ratios(study, analysis),
            *say_regressions(study, analysis),
        )
    )


def _negative_controls(study: Study, analysis: Comparison) -> Iterator[str]:
    for name in analysis.outcomes:
        outcome = study.outcomes[name]
        if outcome.negative_control is not None:
            yield (
                f"{quoted(outcome.label)} is a negative control outcome, on which neither exposure is thought to act "
                f"({outcome.negative_control.rstrip('.')}): a ratio whose interval leaves out 1 points to bias."
            )


def _by_regression(study: Study, analysis: Comparison) -> Iterator[str]:
    by = listed([stratum_in_words(study, s) for s in canonical_order(analysis.adjust)])
    yield (
        f"The rate ratio of a Poisson regression of the cells is adjusted for {by} and, over several registries, for "
        "the registry, with a term for each value and none for interactions, and for nothing else; what is outside the "
        "bands or not known is a value of its own."
    )
    yield (
        f"Its {percent(analysis.interval.level)} interval is Wald's on the log scale and supposes Poisson counts; the "
        "ratio is not estimable where a person is in both cohorts."
    )


def _of_ratios(study: Study, analysis: Comparison) -> Iterator[str]:
    """What is made of ratios afterwards."""
    if analysis.subgroups:
        by = listed([stratum_in_words(study, s) for s in analysis.subgroups])
        yield (
            f"The crude rate ratio is shown in subgroups as well, by {by}, each level's ratio against that of the "
            "first one, with a test that all levels have one ratio (Cochran's Q of their logarithms): a test of "
            "interaction, on the ratio's scale. Levels without an event in a cohort, or with a cell that is withheld, "
            "are in no test; P is not corrected for the number of tests."
        )
    if analysis.two_stage:
        main, *others = (TWO_STAGE[model] for model in analysis.two_stage)
        beside = f", and beside it {listed(others)}" if others else ""
        yield (
            f"The registries' own ratios are brought together in a second stage, on the log scale: {main}{beside}; of "
            "fewer than three registries, a fixed effect instead of random ones. The first is repeated without each "
            "registry in turn."
        )
    if analysis.e_value:
        yield (
            "The E-value (VanderWeele and Ding 2017) says how strongly an unmeasured confounder would have to go with "
            "exposure and outcome, at least, to explain a ratio, or its limit nearer to 1, away; it takes the rate "
            "ratio for a risk ratio, as holds for rare events."
        )
    if analysis.power is not None:
        yield (
            f"The smallest ratio that would be found with a power of {percent(analysis.power)} comes from the events "
            "and person-time of both cohorts together (Schoenfeld 1983), not from the ratio found."
        )


def _rate_of(countings: Collection[str]) -> str:
    if set(countings) == {"first"}:
        return "persons with an event over the person-years to their first event"
    if set(countings) == {"recurrent"}:
        return "all events that count over the person-years at risk"
    return "to the first event where only first events count, and of all events otherwise"


def _ratio(_study: Study, analysis: Comparison) -> Iterator[str]:
    limits = RATIO_INTERVALS[analysis.interval.method or "exact"]
    yield "The rate ratio is crude, that is not adjusted for any difference between the cohorts."
    yield _interval(analysis, limits)


def _difference(_study: Study, analysis: Comparison) -> Iterator[str]:
    per = counted(analysis.per_person_years or 1, "person-year")
    limits = DIFFERENCE_INTERVALS[analysis.difference_interval]
    as_well = "rate_ratio" in analysis.measures
    crude = "as well" if as_well else "that is not adjusted for any difference between the cohorts"
    yield f"The rate difference, per {per}, is crude{' ' if as_well else ', '}{crude}."
    yield _interval(analysis, limits)


def _interval(analysis: Comparison, limits: str) -> str:
    level = percent(analysis.interval.level)
    return f"Its {level} interval has {limits}, which suppose that no person is in both cohorts."


def _over_strata(study: Study, analysis: Comparison) -> Iterator[str]:
    by = listed([stratum_in_words(study, s) for s in canonical_order(analysis.adjust)])
    yield (
        f"The Mantel–Haenszel rate ratio is adjusted for {by} by stratification, and for nothing else; what is outside "
        "the bands or not known is a stratum of its own."
    )
    yield (
        f"Its {percent(analysis.interval.level)} interval takes the variance of Greenland and Robins (1985), which "
        "supposes Poisson counts; the ratio is not estimable where a person is in both cohorts."
    )


TWO_STAGE: Mapping[str, str] = {
    "reml": "random effects (REML) with the interval of Hartung and Knapp, its factor at least 1",
    "dersimonian_laird": "random effects (DerSimonian and Laird) with the interval of Hartung and Knapp",
    "fixed": "a fixed effect",
    "likelihood": (
        "the registries' exact conditional likelihoods added, to which a registry without an event in one cohort adds "
        "as well, and which suppose that no person is in both cohorts"
    ),
}
"""How ratios of registries are brought together, in words."""
CRUDE: Mapping[str, Callable[[Study, Comparison], Iterator[str]]] = {
    "rate_ratio": _ratio,
    "rate_difference": _difference,
}
"""Crude measure of a comparison to its sentences."""
