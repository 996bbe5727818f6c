"""Design, setting, subjects and entry criteria in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import cohorts_of, counted_analyses
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.sentences.words import counted, in_words, listed, quoted, some
from pass_engine.protocol.windows import read_window

if TYPE_CHECKING:
    from pass_engine.protocol.models import Criterion, Population, Study

CONTRASTS = {
    "rate_ratio": "a crude rate ratio",
    "rate_difference": "a crude rate difference",
    "mantel_haenszel_rate_ratio": "a rate ratio adjusted by stratification",
    "poisson_rate_ratio": "a rate ratio adjusted by Poisson regression",
}
MANY = (
    "Each candidate era that meets all criteria is an entry, and lays out its own time at risk; the days of a person's "
    "entries are united, so that a day counts once. Persons are counted once, values at entry and time since entry are "
    "those of the first entry."
)
DISEASE = {"disease.diagnosis_date": "diagnosis", "disease.onset_date": "first symptoms"}


def say_design(study: Study) -> tuple[str, ...]:
    """What kind of study this is."""
    kind = {"PASS": "post-authorisation safety study", "PAES": "post-authorisation efficacy study"}[study.study.type]
    cohorts = _cohorts(study)
    told = [
        f"This {kind} is a cohort study in {some(len(study.data.registries), 'registry', 'registries')} of patients."
    ]
    if len(cohorts) > 1:
        told.append(f"It follows {some(len(cohorts), 'cohort')} side by side: {listed(cohorts)}.")
    else:
        told.append(f"It follows one cohort: {''.join(cohorts)}.")
    for analysis in study.analyses:
        if isinstance(analysis, Comparison):
            target, comparator = study.exposures[analysis.of.target], study.exposures[analysis.of.comparator]
            words = listed([CONTRASTS[measure] for measure in analysis.measures])
            told.append(
                f"The rates of {quoted(target.label)} and {quoted(comparator.label)} are also set against each "
                f"other as {words}."
            )
    told.append(
        "Persons, events and days are counted for each registry on its own; only aggregated counts leave it and "
        "are added up over the registries."
    )
    return tuple(told)


def _cohorts(study: Study) -> list[str]:
    named = dict.fromkeys(cohort for analysis in counted_analyses(study) for cohort in cohorts_of(analysis))
    return [quoted(study.exposures[name].label) for name in named]


def say_setting(study: Study) -> tuple[str, ...]:
    """Periods, observation, and how registries are kept apart."""
    period, data = study.population.period, study.data
    told = [
        (
            f"Persons enter a cohort from {in_words(period.start)} to {in_words(period.end)}, both days included. "
            f"The data are cut on {in_words(data.cut)}, or on a registry's own data cut where that is earlier; the "
            "day of the cut still counts."
        ),
        (
            "A person is observed during the periods of follow-up that the registry states; periods that overlap or "
            "touch are one. Where a registry states none, a person is observed from entry into the registry to the "
            "earliest of death, the data cut and, where the registry knows of deaths from its own visits only, last "
            "contact."
        ),
    ]
    told += [
        f"Persons of {rule.from_} whose country of residence is {listed(rule.countries, 'or')} may be in another "
        f"registry of the study as well and are left out of {rule.from_}; persons without a recorded country stay. "
        "Persons who are in two registries for another reason cannot be detected."
        for rule in data.registry_overlap
    ]
    return tuple(told)


def say_subjects(study: Study) -> tuple[str, ...]:
    """Who enters, on which day, and in which order criteria are applied."""
    population = study.population
    told = [
        "A person is a candidate for a cohort with each exposure era that begins in the period of entry. Day 0 is the "
        "first day of the era, and the day of cohort entry. " + _entries(population)
    ]
    if population.criteria:
        number = some(len(population.criteria), "criterion", "criteria")
        verb = "is" if len(population.criteria) == 1 else "are"
        told.append(f"The {number} below {verb} applied in this order. {_looks_back(population.landmark_days)}")
    told.append(
        "A person can enter several cohorts, each once. Persons who refused consent to secondary use are left out "
        "before anything is counted."
    )
    return tuple(told)


def _looks_back(landmark: int) -> str:
    if landmark:
        return (
            f"No criterion looks beyond the landmark, which is day {landmark}; follow-up begins on that day, so that "
            "nothing that happens during follow-up decides who enters."
        )
    return "All of them look at day 0 or before it, so that nothing that happens later decides who enters."


def _entries(population: Population) -> str:
    if not population.criteria and population.entries != "all":
        return "The first candidate era is the one of entry."
    if population.entries == "first":
        return (
            "Only the first candidate era is looked at: a person enters if it meets all criteria, and never with a "
            "later one."
        )
    if population.entries == "all":
        return MANY
    return "A person enters with the first candidate era that meets all criteria."


def say_criterion(study: Study, key: str) -> tuple[str, ...]:
    """One entry criterion."""
    criterion = next(c for c in study.population.criteria if c.id == key)
    if criterion.require == "age":
        return (_age(criterion),)
    window = _window(criterion)
    if criterion.require == "observation":
        first = read_window(criterion.window or "")
        span = "on day 0" if first is None or (first.first == 0 and first.last == 0) else f"on every day {window}"
        return (f"Observed in one unbroken period {span}.",)
    if criterion.require in DISEASE:
        return (f"Date of {DISEASE[criterion.require]} recorded {window}.",)
    whose = "the cohort's own exposure" if criterion.of == "self" else quoted(study.exposures[criterion.of or ""].label)
    era = "No era" if criterion.of != "self" else "No other era" if _beyond_day_0(criterion) else "No earlier era"
    return (f"{era} of {whose} with a day {window}.",)


def _beyond_day_0(criterion: Criterion) -> bool:
    window = read_window(criterion.window or "")
    return window is not None and window.last > 0


def _age(criterion: Criterion) -> str:
    low, high = criterion.at_least, criterion.at_most
    if low is not None and high is not None:
        told = f"Aged {low} to {high} years on day 0"
    elif low is not None:
        told = f"Aged {low} years or more on day 0"
    else:
        told = f"Aged {high} years or less on day 0"
    return f"{told}, in completed years. Persons without a date of birth do not qualify."


def _window(criterion: Criterion) -> str:
    window = read_window(criterion.window or "[0, 0]")
    if window is None:
        return "on day 0"
    last = _day(window.last)
    if window.first is None:
        ends = {0: "on or before day 0", -1: "at any time before day 0"}
        return ends.get(window.last, f"at any time up to {last}")
    if window.last == -1:
        return (
            "on the day before day 0" if window.first == -1 else f"in the {counted(-window.first, 'day')} before day 0"
        )
    if window.first == window.last:
        return f"on {last}" if window.last >= 0 else f"exactly {last}"
    return f"from {_day(window.first)} to {last}"


def _day(day: int) -> str:
    return f"day {day}" if day >= 0 else f"{counted(-day, 'day')} before day 0"
