"""Outcomes and follow-up in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.models import Comparison, Incidence
from pass_engine.protocol.sentences.words import counted, listed

if TYPE_CHECKING:
    from pass_engine.protocol.models import Outcome, Study

TABLES = {"adverse_event": "the reports of adverse events", "comorbidity": "the recorded comorbidities"}


def say_outcome(study: Study, key: str) -> tuple[str, ...]:
    """How one outcome is made from the records, and what counts."""
    outcome = study.outcomes[key]
    if outcome.from_ == "death":
        return (
            "Death from any cause, on the recorded date of death. A person is at risk up to and including that day.",
        )
    return (_reports(outcome), *_collapse(outcome), *_serious(outcome), *_counting(outcome), *_prior(outcome))


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


def _prior(outcome: Outcome) -> tuple[str, ...]:
    rule = outcome.prior_events
    if rule.rule == "allow":
        return ("An event before the time at risk does not keep a person out.",)
    tables = listed([TABLES[name] for name in rule.from_], "or")
    back = "at any time" if rule.look_back == "ever" else f"in the {counted(int(rule.look_back or 0), 'day')}"
    return (
        (
            f"A person with such an event in {tables} {back} before the first day at risk is left out of the "
            "analysis of this outcome. The first day at risk is that of the cohort and time at risk analysed, after "
            "any lag and after collection of the outcome began; an event between cohort entry and that day "
            "therefore leaves the person out as well, and such persons are reported apart."
        ),
    )


def say_follow_up(study: Study) -> tuple[str, ...]:
    """Which days can be at risk at all, for each source of outcomes in use."""
    sources = {o.from_ for o in study.outcomes.values()}
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
    if contact and "death" in sources:
        told.append(
            "Last contact ends the time at risk of adverse events at every registry; it ends that of death only "
            "where the registry knows of deaths from its own visits, and not where deaths are known independently "
            "of visits."
        )
    elif contact:
        told.append("Last contact ends the time at risk, because adverse events are seen at visits.")
    told.append(
        "Time between two periods of observation is not at risk, and nothing after the death of a person counts."
    )
    return (" ".join(told),)


def _used_times(study: Study) -> set[str]:
    found: set[str] = set()
    for analysis in study.analyses:
        if isinstance(analysis, Incidence | Comparison):
            for times in analysis.outcomes.values():
                found.update((times,) if isinstance(times, str) else times)
    return found
