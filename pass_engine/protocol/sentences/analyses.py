"""Measures, statistics and sensitivity analyses in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.models import Comparison, Incidence, Sensitivity
from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.sentences.changes import say_change
from pass_engine.protocol.sentences.words import counted, listed, percent, quoted
from pass_engine.terms import DAYS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pass_engine.protocol.models import Interval, Study

RATE_INTERVALS = {
    "exact": "exact Poisson limits (Garwood)",
    "mid_p": "mid-P Poisson limits",
    "byar": "Byar's approximate Poisson limits",
    "log_normal": "log-normal limits",
    "normal": "normal limits, which are not cut at 0",
}
RATIO_INTERVALS = {
    "exact": "exact conditional limits",
    "mid_p": "mid-P conditional limits",
    "log_normal": "log-normal limits",
}


def incidences(study: Study) -> tuple[Incidence, ...]:
    """Incidence analyses in their order."""
    return tuple(a for a in study.analyses if isinstance(a, Incidence))


def the_analyses(names: list[str]) -> str:
    """Analyses by their identifiers: the analysis main, the analyses a and b."""
    return f"the {'analysis' if len(names) == 1 else 'analyses'} {listed(names)}"


def say_measures(study: Study) -> tuple[str, ...]:
    """Each measure in use, with numerator and denominator."""
    used = {m for analysis in incidences(study) for m in analysis.measures}
    told = [text for measure, text in MEASURES.items() if measure in used]
    firsts = any(
        study.outcomes[o].counting == "first" for a in incidences(study) if "eaer" in a.measures for o in a.outcomes
    )
    if firsts:
        told.append(
            "For outcomes of which only the first event counts the event rate equals the incidence rate and is not "
            "printed."
        )
    for per in dict.fromkeys(a.per_person_years for a in incidences(study)):
        names = [a.id for a in incidences(study) if a.per_person_years == per]
        told.append(f"Rates of {the_analyses(names)} are given per {counted(per, 'person-year')}.")
    return (*told, say_days(study)[0])


MEASURES = {
    "incidence_proportion": (
        "Incidence proportion: persons with at least one event per 100 persons with at least one day at risk."
    ),
    "eair": (
        "Exposure-adjusted incidence rate (EAIR): persons with at least one event over the person-years at risk up "
        "to and including their first event or, without one, to the end of their time at risk."
    ),
    "eair_total_exposure": (
        "EAIR over total exposure: persons with at least one event over all person-years of the time at risk, "
        "before anything is taken off for events."
    ),
    "eaer": "Exposure-adjusted event rate (EAER): all events that count over the person-years at risk.",
}


def say_days(_study: Study) -> tuple[str, ...]:
    """How days are counted."""
    return (
        (
            "Days are counted whole, and the first and the last day of every period count. A person-year is "
            f"{DAYS_PER_YEAR:g} days."
        ),
        (
            "The day of an event is at risk, as are the days of death, last contact and data cut; only the day of a "
            "switch belongs to what comes next."
        ),
        (
            "A birthday is the same day and month of the year; for a person born on 29 February it is 28 February in "
            "common years."
        ),
        "Divisions are made once, after all counts have been added up, and rounding (half up) is for display only.",
    )


def say_statistics(study: Study) -> tuple[str, ...]:
    """Intervals, pooling, standardisation and comparison."""
    told = [*_intervals(study), *_robust(study)]
    told.append(
        "Pooled results are computed from the sums of counts and days over the registries that contributed, and no "
        "registry is weighted. Results of each registry stand beside them."
    )
    told += _standardised(study)
    told += [_comparison(study, a) for a in study.analyses if isinstance(a, Comparison)]
    told.append("No correction is made for multiple testing, and no hypothesis is tested.")
    return tuple(told)


def _intervals(study: Study) -> Iterator[str]:
    by_interval: dict[Interval, list[str]] = {}
    for analysis in incidences(study):
        by_interval.setdefault(analysis.interval, []).append(analysis.id)
    for interval, names in by_interval.items():
        where = f" in {the_analyses(names)}" if len(by_interval) > 1 else ""
        yield (
            f"Rates have two-sided {percent(interval.level)} confidence intervals{where}: "
            f"{RATE_INTERVALS[interval.method]}."
        )
    if any("incidence_proportion" in a.measures for a in incidences(study)):
        yield "Incidence proportions have Clopper–Pearson intervals of the same level."


def _robust(study: Study) -> Iterator[str]:
    measures = {m for a in incidences(study) for m in a.measures}
    which = [
        w for m, w in (("eaer", "event rates"), ("eair_total_exposure", "rates over total exposure")) if m in measures
    ]
    if which:
        yield (
            f"Counts behind {listed(which)} are not Poisson, because events of one person can depend on each other; "
            "a person-robust interval stands beside. It is not estimable with fewer than two persons with an event, "
            "and is marked where there are fewer than ten."
        )


def _standardised(study: Study) -> Iterator[str]:
    for analysis in incidences(study):
        standard = analysis.standardise
        if standard is None:
            continue
        over = listed(canonical_order(standard.over))
        told = [
            (
                f"Rates of the analysis {analysis.id} are also directly standardised over {over}, to the European "
                "Standard Population 2013."
            )
        ]
        if "age" in standard.over and study.strata.age is not None:
            told.append(
                "Its weights are added up over the bands of the study and rescaled to 1 over them; the rates refer to "
                f"the part of the standard aged {study.strata.age.bands[0]} years or more."
            )
            if standard.split == "uniform":
                told.append(
                    "Where a band of the study divides a band of the standard, each year of that band has the same "
                    "weight."
                )
        if "sex" in standard.over:
            told.append("The standard does not distinguish sex; women and men have half of each weight.")
        told.append(
            "Limits are those of the gamma distribution (Fay and Feuer 1997). A rate is not estimable where a cell "
            "with weight has no person-time; cells are not merged or dropped."
        )
        yield " ".join(told)


def _comparison(study: Study, analysis: Comparison) -> str:
    target, comparator = (quoted(study.exposures[name].label) for name in (analysis.of.target, analysis.of.comparator))
    outcomes = listed([quoted(study.outcomes[name].label) for name in analysis.outcomes])
    countings = {study.outcomes[name].counting for name in analysis.outcomes}
    told = [
        (
            f"The analysis {analysis.id} divides the rate of {target} by that of {comparator}, for {outcomes}: "
            f"{_ratio_of(countings)}."
        ),
        "The ratio is crude, that is not adjusted for any difference between the cohorts.",
        (
            f"Its {percent(analysis.interval.level)} interval has {RATIO_INTERVALS[analysis.interval.method]}, which "
            "suppose that no person is in both cohorts; where persons are, a person-robust interval, which allows for "
            "it, takes their place."
        ),
    ]
    if "recurrent" in countings:
        told.append("For recurrent events the person-robust interval always stands beside.")
    return " ".join(told)


def _ratio_of(countings: Collection[str]) -> str:
    if set(countings) == {"first"}:
        return "persons with an event over the person-years to their first event"
    if set(countings) == {"recurrent"}:
        return "all events that count over the person-years at risk"
    return "to the first event where only first events count, and of all events otherwise"


def say_sensitivity(study: Study, key: str) -> tuple[str, ...]:
    """What one sensitivity analysis changes, and why."""
    analysis = next(a for a in study.analyses if isinstance(a, Sensitivity) and a.id == key)
    path, new = next(iter(analysis.change.items()))
    change = say_change(study, path, new)
    return (
        f"The analysis {analysis.id} repeats the analysis {analysis.of} with one change: {change}.",
        f"Purpose: {analysis.why.rstrip('.')}.",
    )
