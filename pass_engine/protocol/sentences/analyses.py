"""Measures, statistics and sensitivity analyses in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.models import Comparison, Incidence, Sensitivity
from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.sentences.changes import say_change
from pass_engine.protocol.sentences.comparisons import say_comparison
from pass_engine.protocol.sentences.curves import say_curves, say_lock_points
from pass_engine.protocol.sentences.words import counted, listed, percent
from pass_engine.protocol.standards import STUDY_POPULATION
from pass_engine.stats import STANDARDS
from pass_engine.terms import DAYS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Interval, Reference, Standardise, Study

RATE_INTERVALS = {
    "exact": "exact Poisson limits (Garwood)",
    "mid_p": "mid-P Poisson limits",
    "byar": "Byar's approximate Poisson limits",
    "log_normal": "log-normal limits",
    "normal": "normal limits, which are not cut at 0",
}
AT_0 = frozenset({"exact", "mid_p", "byar"})
AT_NO_EVENT = {
    True: "Without an event the lower limit is 0.",
    False: "Without an event they are not estimable.",
}
"""Whether a rate of 0 has limits by the method; a lower limit of 0 where it has."""
PROPORTION_INTERVALS = {"clopper_pearson": "Clopper–Pearson", "wilson": "Wilson score"}
STRATA_OF_RATES = {"age": "age", "sex": "sex", "calendar": "calendar year"}
STANDARD_NAMES = {key: standard.name for key, standard in STANDARDS.items()}


def incidences(study: Study) -> tuple[Incidence, ...]:
    """Incidence analyses in their order."""
    return tuple(a for a in study.analyses if isinstance(a, Incidence))


def the_analyses(names: list[str]) -> str:
    """Analyses by their identifiers: the analysis main, the analyses a and b."""
    return f"the {'analysis' if len(names) == 1 else 'analyses'} {listed(names)}"


def say_measures(study: Study) -> tuple[str, ...]:
    """Each measure in use, with numerator and denominator."""
    used: set[str] = {m for analysis in incidences(study) for m in analysis.measures}
    used |= {"sir"} if any(a.reference is not None for a in incidences(study)) else set()
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
    told.append("Where there is no person-time a rate is not estimable, and its row says so.")
    return (*told, *say_days(study))


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
    "sir": (
        "Standardised incidence ratio (SIR; of deaths, standardised mortality ratio): first events observed over first "
        "events expected in the same time at reference rates."
    ),
}


def say_days(_study: Study) -> tuple[str, ...]:
    """How days are counted."""
    return (
        (
            "Days are counted whole, and the first and the last day of every period count. A person-year is "
            f"{DAYS_PER_YEAR:g} days."
        ),
        (
            "The day of an event is at risk, as are the days of death, last contact and data cut and the last day of "
            "the study; only the day of a switch belongs to what comes next."
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
    told += [*_between_registries(study), *_standardised(study)]
    told += [_expected(study, a.id, a.reference) for a in incidences(study) if a.reference is not None]
    told += [say_comparison(study, a) for a in study.analyses if isinstance(a, Comparison)]
    told += [*say_curves(study), *say_lock_points(study)]
    told.append("No correction is made for multiple testing, and no hypothesis is tested.")
    return tuple(told)


def _between_registries(study: Study) -> Iterator[str]:
    """How registries are held against each other, where there are several."""
    if len(study.data.registries) > 1 and incidences(study):
        yield (
            "How far overall rates differ between registries is shown by a meta-analysis of their logarithms: random "
            "effects (REML) with the interval of Hartung and Knapp, of two registries a fixed effect; I², τ² and, of "
            "three registries or more, a prediction interval. Registries without an event, or whose rate is withheld "
            "or masked, are not in it. Overall rates are also given without each registry in turn."
        )


def _intervals(study: Study) -> Iterator[str]:
    by_interval: dict[Interval, list[str]] = {}
    for analysis in incidences(study):
        by_interval.setdefault(analysis.interval, []).append(analysis.id)
    for interval, names in by_interval.items():
        where = f" in {the_analyses(names)}" if len(by_interval) > 1 else ""
        yield (
            f"Rates have two-sided {percent(interval.level)} confidence intervals{where}: "
            f"{RATE_INTERVALS[interval.method]}. {AT_NO_EVENT[interval.method in AT_0]}"
        )
    if any("incidence_proportion" in a.measures for a in incidences(study)):
        used = dict.fromkeys(a.proportion_interval for a in incidences(study) if "incidence_proportion" in a.measures)
        words = listed([PROPORTION_INTERVALS[method] for method in used])
        yield f"Incidence proportions have {words} intervals of the same level."


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
        if analysis.standardise is not None:
            recurrent = any(study.outcomes[name].counting == "recurrent" for name in analysis.outcomes)
            yield " ".join((*_standard(study, analysis.id, analysis.standardise), *_gamma(recurrent=recurrent)))


def _standard(study: Study, name: str, standard: Standardise) -> Iterator[str]:
    over = listed(canonical_order(standard.over))
    whose = f"Rates of the analysis {name} are also directly standardised over {over}, to"
    if standard.to == STUDY_POPULATION:
        yield (
            f"{whose} the study population: for each outcome and time at risk, the weight of a cell is its share of "
            "the days at risk of all cohorts of the analysis, added up over the registries that contributed."
        )
        yield "Days outside the bands of the study, or of persons whose age or sex is not known, have no weight."
        return
    yield f"{whose} the {STANDARD_NAMES.get(standard.to, f'standard in {standard.to}')}."
    if "age" in standard.over and study.strata.age is not None:
        yield (
            "Its weights are added up over the bands of the study and rescaled to 1 over them; the rates refer to "
            f"the part of the standard aged {study.strata.age.bands[0]} years or more."
        )
        if standard.split == "uniform":
            yield (
                "Where a band of the study divides a band of the standard, each year of that band has the same weight."
            )
    if "sex" in standard.over:
        told = "" if standard.to in STANDARD_NAMES else "Where the file does not tell the sexes apart, "
        rest = "women and men have half of each weight."
        yield f"{told}{rest}" if told else f"The standard does not distinguish sex; {rest}"


def _gamma(*, recurrent: bool) -> Iterator[str]:
    yield "Limits are those of the gamma distribution (Fay and Feuer 1997), with the weights taken as known."
    if recurrent:
        yield "They suppose Poisson counts, and no person-robust interval stands beside those of event rates."
    yield "A rate is not estimable where a cell with weight has no person-time; cells are not merged or dropped."


def _expected(study: Study, name: str, reference: Reference) -> str:
    by = listed([STRATA_OF_RATES[s] for s in canonical_order(reference.by)])
    unknown = [
        w
        for s, w in (("age", "an age outside the bands or not known"), ("sex", "a sex not known"))
        if s in reference.by
    ]
    told = [
        (
            f"The expected number of the analysis {name} is the sum, over its cells by {by}, of the days at risk up to "
            f"the first event times the reference rate of the cell, from {reference.rates}."
        ),
        ("The ratio has exact Poisson limits of the observed number, over the expected one, which is taken as known."),
    ]
    if unknown:
        told.append(f"It is not estimable where person-time has no reference rate, as with {listed(unknown, 'or')}.")
    if "calendar" in reference.by and study.strata.calendar is not None and study.strata.calendar.by != "year":
        told.append("An interval shorter than a year has the rate of its year.")
    return " ".join(told)


def say_sensitivity(study: Study, key: str) -> tuple[str, ...]:
    """What one sensitivity analysis changes, and why."""
    analysis = next(a for a in study.analyses if isinstance(a, Sensitivity) and a.id == key)
    path, new = next(iter(analysis.change.items()))
    change = say_change(study, path, new)
    return (
        f"The analysis {analysis.id} repeats the analysis {analysis.of} with one change: {change}.",
        f"Purpose: {analysis.why.rstrip('.')}.",
    )
