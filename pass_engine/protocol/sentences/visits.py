"""Outcomes that are seen at visits, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.sentences.words import counted, listed
from pass_engine.protocol.windows import read_window

if TYPE_CHECKING:
    from pass_engine.protocol.models import Disability, Outcome

WEEK = 7


def say_records(outcome: Outcome) -> tuple[str, ...]:
    """Which relapses or courses are the outcome, and how they become events."""
    if outcome.from_ == "course":
        what = f"The recorded beginning of the course {listed(outcome.course or (), 'or')}."
        thing = "Beginnings"
    else:
        what, thing = "Relapses that the registry records, by the day of their onset.", "Relapses"
    if outcome.same_event_days == 0:
        return (what,)
    since = "the latest of an event" if outcome.chain else "the first onset of an event"
    return (
        what,
        f"{thing} of a person at most {counted(outcome.same_event_days, 'day')} after {since} belong to that event.",
    )


def say_disability(rule: Disability) -> tuple[str, ...]:
    """Baseline, change, confirmation, and what relapses do to them."""
    return (_baseline(rule), _change(rule), _confirmed(rule), *_set_aside(rule), *_beside(rule))


def _baseline(rule: Disability) -> str:
    window = read_window(rule.baseline_window)
    first, last = (window.first, window.last) if window else (None, None)
    reached = {
        None: f" or whose score there is already {rule.reach}" if rule.reach else "",
        "worsening": "",
        "improvement": " or whose score there is below 2.0",
    }[rule.change]
    return (
        "Baseline is the score on the Expanded Disability Status Scale (EDSS) at the last visit from day "
        f"{first} to day {last} of cohort entry. Persons without one{reached} are left out of the analysis of this "
        "outcome."
    )


def _change(rule: Disability) -> str:
    if rule.reach is not None:
        return f"The outcome is an EDSS of {rule.reach} or more at a later visit."
    half = rule.half_step_from
    if rule.change == "improvement":
        return f"The outcome is a score lower than baseline by 1.0 or more, or by 0.5 or more from {half} on."
    text = (
        "The outcome is a score higher than at baseline by 1.5 or more from 0, by 1.0 or more from 1.0 to "
        f"{half - 0.5}, and by 0.5 or more from {half} on."
    )
    if rule.baseline == "roving":
        text += (
            " The baseline is roving: where lower scores last from a visit to one that confirms them, the highest of "
            "them is what later visits are compared with."
        )
    return text


def _confirmed(rule: Disability) -> str:
    days = counted(rule.confirm_days, "day")
    time = f"{rule.confirm_days // WEEK} weeks ({days})" if rule.confirm_days % WEEK == 0 else days
    return (
        f"It counts if it is confirmed: at the first visit at least {time} later, and at every visit in between, the "
        "score is still such a one. The event is on the day of the first of these visits. Where no visit "
        "confirms, before death and data cut, there is no event. The visit that confirms may lie after the end of the "
        "time at risk."
    )


def _set_aside(rule: Disability) -> tuple[str, ...]:
    if not rule.relapse_free_days:
        return ()
    days = counted(rule.relapse_free_days, "day")
    text = (
        f"Visits on the day on which a relapse begins, or at most {days} after it, are set aside: they are neither "
        "baseline, nor change, nor confirmation."
    )
    return (text,)


def _beside(rule: Disability) -> tuple[str, ...]:
    if rule.relapse == "any":
        return ()
    which = "Only a change with a relapse" if rule.relapse == "with" else "Only a change without any relapse"
    text = (
        f"{which} from 90 days before to 30 days after it counts (both days included). It is the first confirmed "
        "change of a person that is looked at; where it is of the other kind, the person has no event."
    )
    return (text,)
