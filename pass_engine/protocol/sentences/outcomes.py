"""Outcomes and follow-up in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import counted_analyses, source_of, times_of
from pass_engine.protocol.sentences.visits import say_disability, say_records
from pass_engine.protocol.sentences.words import counted, listed, ordinal, quoted
from pass_engine.terms import VISITED

if TYPE_CHECKING:
    from pass_engine.protocol.models import Outcome, Population, Study

TABLES = {"adverse_event": "the reports of adverse events", "comorbidity": "the recorded comorbidities"}


def say_outcome(study: Study, key: str) -> tuple[str, ...]:
    """How one outcome is made from the records, and what counts."""
    outcome = study.outcomes[key]
    if outcome.from_ == "death":
        return _death(outcome)
    if outcome.disability is not None:
        return say_disability(outcome.disability) + _counting(outcome)
    if outcome.from_ in VISITED:
        return (*say_records(outcome), *_counting(outcome), *_prior(outcome), *_filled(outcome))
    if outcome.from_ == "composite":
        return (*_composite(study, outcome), *_counting(outcome), *_prior(outcome), *_filled(outcome))
    return (
        _reports(outcome),
        *_collapse(outcome),
        *_serious(outcome),
        *_counting(outcome),
        *_prior(outcome),
        *_filled(outcome),
    )


def _death(outcome: Outcome) -> tuple[str, ...]:
    if outcome.codes is None:
        return (
            "Death from any cause, on the recorded date of death. A person is at risk up to and including that day.",
        )
    return (
        (
            f"Death whose recorded underlying cause is in the code list {outcome.codes.removeprefix('codelists/')}, on "
            "the recorded date of death. A death without a recorded cause, or from another one, does not count; it "
            "ends the time at risk all the same."
        ),
    )


def _composite(study: Study, outcome: Outcome) -> tuple[str, ...]:
    components = [study.outcomes[name] for name in outcome.of or ()]
    several = "Events of several components on one day are one event, which ends with the latest of them."
    own = (
        "How reports of a component become events is described there; its own rules on counting and on prior events "
        "play no part, and those that follow hold for all components together."
    )
    return (f"Any of {listed([quoted(c.label) for c in components], 'or')}.", several, own)


def _reports(outcome: Outcome) -> str:
    return (
        f"Reports of adverse events whose code is in the code list {(outcome.codes or '').removeprefix('codelists/')}."
    )


def _collapse(outcome: Outcome) -> tuple[str, ...]:
    joined = "the onset is the earliest one and the end the latest one"
    if outcome.serious:
        joined += ", and the event is serious if any of its reports is"
    if outcome.same_event_days == 0:
        return (f"Reports of a person with the same onset are one event: {joined}.",)
    since = "the latest report of an event" if outcome.chain else "the first onset of an event"
    return (
        (
            f"Reports of a person with an onset at most {counted(outcome.same_event_days, 'day')} after {since} "
            f"belong to that event: {joined}."
        ),
    )


def _serious(outcome: Outcome) -> tuple[str, ...]:
    if not outcome.serious:
        return ("Events count whether serious or not.",)
    return (
        (
            "Only serious events count. A report is serious if it is flagged so or if any criterion of seriousness "
            "is met; where seriousness is not known it is not taken to be serious."
        ),
    )


def _counting(outcome: Outcome) -> tuple[str, ...]:
    if outcome.nth > 1:
        return (_nth(outcome),)
    if outcome.counting == "first":
        return (
            (
                "The first event on a day at risk counts; the person is at risk up to and including that day, and not "
                "after it."
            ),
        )
    window = outcome.clean_window_days or 0
    last = "the last day of the event" if window == 0 else f"{counted(window, 'day')} after its end"
    return (
        (
            f"All events count. After an event the person is not at risk from the day after its onset to {last}; an "
            "event that begins on one of these days does not count, but keeps the person off risk in its turn. "
            "Events before the time at risk do so in the same way."
        ),
    )


def _nth(outcome: Outcome) -> str:
    return (
        f"Only the {ordinal(outcome.nth)} event of a person counts, in the order of onset and from any time, also "
        "before the time at risk. Where it falls on a day at risk it counts, and the person is at risk up to and "
        "including that day, and not after it; other events play no part."
    )


def _prior(outcome: Outcome) -> tuple[str, ...]:
    rule = outcome.prior_events
    if rule.rule == "allow":
        return ("An event before the time at risk does not keep a person out.",)
    back = "at any time" if rule.look_back == "ever" else f"in the {counted(int(rule.look_back or 0), 'day')}"
    return (
        (
            f"A person with {_history(outcome)} {back} before the first day at risk is left out of the "
            "analysis of this outcome. The first day at risk is that of the cohort and time at risk analysed, after "
            "any lag and after collection of the outcome began; an event between cohort entry and that day "
            "therefore leaves the person out as well, and such persons are reported apart. An event counts as prior "
            "under whatever exposure it fell, and also before its collection began."
        ),
    )


def _filled(outcome: Outcome) -> tuple[str, ...]:
    """What is made of a filled date that does not say on which side of an edge the event lies."""
    told = []
    prior = outcome.prior_events
    if prior.rule == "exclude_person" and prior.filled_dates == "prior" and outcome.filled_dates == "as_filled":
        told.append(
            "An event whose date is filled, and which may lie before the first day at risk or later, is taken to lie "
            "before it."
        )
    if prior.rule == "exclude_person" and prior.filled_dates == "incident" and outcome.filled_dates == "as_filled":
        told.append(
            "An event whose date is filled, and which may lie before the first day at risk or later, does not leave "
            "the person out; it is placed on the first day at risk on which it may lie."
        )
    if outcome.filled_dates == "inside":
        told.append(
            "An event whose date is filled, and which may lie in the time at risk or outside it, is placed on the "
            "first day at risk on which it may lie, and is not taken to lie before the time at risk."
        )
    return (" ".join(told),) if told else ()


def _history(outcome: Outcome) -> str:
    """What excludes a person: in recorded comorbidities it is any entry, whatever the rank of the event."""
    tables = outcome.prior_events.from_
    if outcome.from_ in VISITED:
        return "such an event" if outcome.nth == 1 else f"a {ordinal(outcome.nth)} such event"
    if outcome.nth == 1:
        return f"such an event in {listed([TABLES[name] for name in tables], 'or')}"
    found = {
        "adverse_event": f"a {ordinal(outcome.nth)} event in {TABLES['adverse_event']}",
        "comorbidity": f"such a condition in {TABLES['comorbidity']}",
    }
    return listed([found[name] for name in tables], "or")


def say_follow_up(study: Study) -> tuple[str, ...]:
    """Which days can be at risk at all, for each source of outcomes in use."""
    sources = {source_of(study, name) for name in study.outcomes}
    times = [study.times_at_risk[name] for name in sorted(_used_times(study))]
    contact = any("last_contact" in t.stop_at for t in times)
    told = [
        (
            "Windows and lags are laid out from the true dates of treatment and then cut. No day is at risk before "
            "the latest of cohort entry, the start of observation, entry into the registry and the start of the "
            "study period, nor before the registry began to collect the source of the outcome (late entry)."
        )
    ]
    if sources == {"adverse_event", "death"}:
        told.append("The start of the collection of adverse events does not delay the time at risk of death.")
    seen = _seen(sources)
    if contact and "death" in sources and seen:
        told.append(
            f"Last contact ends the time at risk of {seen} at every registry; it ends that of death only "
            "where the registry knows of deaths from its own visits, and not where deaths are known independently "
            "of visits."
        )
    elif contact and "death" in sources:
        told.append(
            "Last contact ends the time at risk of death only where the registry knows of deaths from its own visits, "
            "and not where deaths are known independently of visits."
        )
    elif contact:
        told.append(f"Last contact ends the time at risk, because {seen} are seen at visits.")
    mixed = [quoted(o.label) for name, o in study.outcomes.items() if _is_mixed(study, name)]
    if mixed:
        told.append(
            f"{listed(mixed)}, composed of adverse events and death, {_is(mixed)} followed as adverse events are."
        )
    told += _later_start(study.population)
    if study.population.fatal_reports == "death":
        told.append(
            "A person without a death record, but with a report of fatal outcome, is taken to have died on the last "
            "day of that report, unless the person was in contact with the registry later."
        )
    told.append(
        "Time between two periods of observation is not at risk, and nothing after the death of a person counts."
    )
    return (" ".join(told),)


def _seen(sources: set[str]) -> str:
    """Outcomes that are seen at the registry's own visits, as the sentence names them."""
    names = {"adverse_event": ["adverse events"], "visit": ["relapses", "courses", "disability"]}
    return listed([word for source in ("adverse_event", "visit") if source in sources for word in names[source]])


def _is_mixed(study: Study, name: str) -> bool:
    sources = {study.outcomes[part].from_ for part in study.outcomes[name].of or ()}
    return sources == {"adverse_event", "death"}


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _later_start(population: Population) -> list[str]:
    """What delays the start of follow-up by a rule of the protocol."""
    told = []
    if population.prior_observation_days:
        told.append(
            "In each period of observation, no day is at risk before the person has been observed for "
            f"{counted(population.prior_observation_days, 'day')} of that period."
        )
    if population.landmark_days:
        told.append(
            f"Follow-up begins no earlier than the landmark, day {population.landmark_days} after cohort entry: no "
            "earlier day is at risk, and no event on an earlier day counts. Who dies or leaves observation before the "
            "landmark has no time at risk."
        )
    return told


def _used_times(study: Study) -> set[str]:
    return {time for a in counted_analyses(study) for outcome in a.outcomes for time in times_of(a, outcome)}
