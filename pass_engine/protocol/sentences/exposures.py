"""Exposures and times at risk in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import cohorts_of, counted_analyses, times_of
from pass_engine.protocol.sentences.states import (
    say_not_yet,
    say_overlap,
    say_past,
    say_same_day,
    say_span,
    say_stockpiling,
    say_told_apart,
)
from pass_engine.protocol.sentences.words import counted, in_words, listed, quoted, separated

if TYPE_CHECKING:
    from pass_engine.protocol.models import Exposure, Study, TimeAtRisk

STOPS = {
    "death": "death",
    "last_contact": "last contact",
    "observation_end": "the end of observation",
    "data_cut": "the data cut",
    "study_end": "the end of the period of entry",
}


def say_exposure(study: Study, key: str) -> tuple[str, ...]:
    """How one exposure is made from the records."""
    exposure = study.exposures[key]
    if exposure.not_yet is not None:
        return say_not_yet(study, exposure)
    if exposure.past is not None:
        return say_past(study, exposure)
    if exposure.overlap_of is not None:
        return say_overlap(study, exposure.overlap_of)
    substances = exposure.substances or ()
    named = substances[0] if len(substances) == 1 else f"any of {listed(substances, 'or')}"
    by = f", the study's list of substances for ATC {listed(exposure.atc, 'and')}" if exposure.atc else ""
    told = [f"Treatment with {named}{by}.", say_span(exposure), *say_stockpiling(exposure), _era(study, key, exposure)]
    if exposure.gap_days:
        told.append(_gap_days_at_risk(exposure))
    return tuple(told)


def _era(study: Study, key: str, exposure: Exposure) -> str:
    what = "Doses" if exposure.from_ == "administration" else "Episodes"
    if not exposure.gap_days:
        return f"{what} that overlap or follow each other without a day between are joined into one era."
    others = [quoted(study.exposures[name].label) for name in others_beside(study, key)]
    unless = f", unless {listed(others, 'or')} is recorded on a day of the gap" if others else ""
    return (
        f"{what} are joined into one era where at most {counted(exposure.gap_days, 'day')} without treatment lie "
        f"between them{unless}. The gap is never added to the end of an era."
    )


def _gap_days_at_risk(exposure: Exposure) -> str:
    if exposure.gap_time == "at_risk":
        reason = (exposure.gap_reason or "").rstrip(".")
        return (
            "The days of a bridged gap count as time at risk, although they are known to be part of an era only for "
            f"persons who come back to treatment. Reason: {reason}."
        )
    return (
        "Where time at risk follows the era, days of a gap beyond its extension are not at risk, because they would be "
        "counted only for persons who come back to treatment."
    )


def others_beside(study: Study, key: str) -> tuple[str, ...]:
    """Other exposures by substances, that share none with this one."""
    own = set(study.exposures[key].substances or ())
    return tuple(
        name
        for name, other in study.exposures.items()
        if name != key and other.substances and own and not own & set(other.substances)
    )


def cohorts_over(study: Study, time: str) -> tuple[str, ...]:
    """Cohorts that are analysed over a time at risk, in the order of the analyses; all exposures where none is."""
    found: dict[str, None] = {}
    for analysis in counted_analyses(study):
        if any(time in times_of(analysis, outcome) for outcome in analysis.outcomes):
            found.update(dict.fromkeys(cohorts_of(analysis)))
    return tuple(found) or tuple(study.exposures)


def say_time_at_risk(study: Study, key: str) -> tuple[str, ...]:
    """Start, end, stops and switches of one time at risk."""
    time = study.times_at_risk[key]
    return (*_start(time), *_end(study, key, time), _stops(study, time), *_switch(study, key, time))


def _anchor(time: TimeAtRisk) -> str:
    eras = "the era of cohort entry" + (" and of each later era" if time.eras == "all" else "")
    return {
        "era_start": f"the first day of {eras}",
        "era_end": f"the last treated day of {eras}",
        "first_era_start": "the first day of the person's first era of the exposure",
        "cohort_entry": "the day of cohort entry",
        "fixed_date": in_words(time.start.date) if time.start.date else "",
        "disease_onset": "the day of first symptoms of the disease",
    }[time.start.anchor]


def _start(time: TimeAtRisk) -> tuple[str, ...]:
    lag = time.start.plus_days
    if time.start.anchor == "era_end":
        begins = f"Begins {counted(lag, 'day')} after {_anchor(time)}."
    elif lag == 0:
        begins = f"Begins on {_anchor(time)}."
    else:
        begins = f"Begins {counted(lag, 'day')} after {_anchor(time)}; the days before are not at risk."
    if time.start.anchor == "fixed_date":
        return (begins, "Persons who enter the cohort after that are at risk from their entry.")
    if time.start.anchor == "disease_onset":
        unknown = "Persons for whom that day is not recorded have no time at risk."
        return (begins, "Persons who enter the cohort after that are at risk from their entry.", unknown)
    if time.start.anchor == "first_era_start":
        return (begins, "That is the first era ever, whether or not the person enters the cohort with it.")
    return (begins,)


def _end(study: Study, key: str, time: TimeAtRisk) -> tuple[str, ...]:
    within = time.end.within_days
    if time.start.anchor == "era_end":
        return _until_next_era(study, key, time)
    if time.end.anchor == "follow_up_end":
        if within is not None:
            return (f"Ends {_within(time)}, whether or not treatment goes on.",)
        return ("Runs to the end of follow-up, whether or not treatment goes on.",)
    cohorts = cohorts_over(study, key)
    treated = [name for name in cohorts if study.exposures[name].substances]
    states = [quoted(e.label) for e in (study.exposures[name] for name in cohorts) if e.not_yet or e.past]
    told = [_extension(study, time, treated)] if treated else []
    if states:
        told.append(f"For {listed(states)} it ends on the last day of that state.")
    if treated and time.start.anchor != "era_start":
        told.append("The last treated day is that of the era of cohort entry.")
    if within is not None:
        told.append(f"In any case it ends no later than {_within(time)}.")
    bridged = any((study.exposures[name].gap_days or 0) > 0 for name in treated)
    if bridged and time.start.anchor == "era_start":
        told.append(
            "It is laid out from each treated span; a day covered by several spans or eras counts once, "
            "and so does an event on it."
        )
    elif time.start.anchor == "era_start" and time.eras == "all" and treated:
        told.append("A day covered by several eras counts once, and so does an event on it.")
    return tuple(told)


def _within(time: TimeAtRisk) -> str:
    days = time.end.within_days or 0
    if time.start.anchor in {"era_start", "era_end"}:
        what = {"era_start": "the first day of the era", "era_end": "the last treated day of the era"}
        after = what[time.start.anchor]
    else:
        after = _anchor(time)
    return f"{counted(days, 'day')} after {after}" if days else f"on {after}"


def _until_next_era(study: Study, key: str, time: TimeAtRisk) -> tuple[str, ...]:
    last = "to the end of follow-up" if time.end.within_days is None else f"until {_within(time)}"
    told = [f"Runs {last}, and ends the day before the person's next era of the same exposure."]
    gaps = {e.gap_days for e in (study.exposures[name] for name in cohorts_over(study, key)) if e.gap_days}
    if gaps:
        told.append(
            "Gaps that are bridged within an era are no time after treatment: who comes back within "
            f"{listed([counted(days, 'day') for days in sorted(gaps)], 'or')}, as the exposure has it, has not ended "
            "treatment."
        )
    return tuple(told)


def _extension(study: Study, time: TimeAtRisk, cohorts: list[str]) -> str:
    plus = time.end.plus_days
    if isinstance(plus, int):
        after = "on the last treated day" if plus == 0 else f"{counted(plus, 'day')} after the last treated day"
        return f"Ends {after}{', for every cohort' if len(cohorts) > 1 else ''}."
    by_days: dict[int, list[str]] = {}
    for name in cohorts:
        by_days.setdefault(plus.get(name, 0), []).append(quoted(study.exposures[name].label))
    parts = [
        f"{'on the last treated day' if days == 0 else counted(days, 'day') + ' after the last treated day'} for "
        f"{listed(names)}"
        for days, names in by_days.items()
    ]
    return f"Ends {separated(parts)}."


def _stops(study: Study, time: TimeAtRisk) -> str:
    stops = [STOPS[name] for name in STOPS if name in time.stop_at]
    first = [quoted(study.outcomes[name].label) for name in time.stop_at_outcomes]
    events = f", or at the first {listed(first, 'or')} on or after cohort entry" if first else ""
    return f"Stops at the earliest of {listed(stops)}{events}; that day itself is at risk."


def _switch(study: Study, key: str, time: TimeAtRisk) -> tuple[str, ...]:
    if time.overlap == "keep":
        return (
            (
                "A switch to another exposure does not end it. Days and events after a switch count under both "
                "exposures, so that cohorts must not be added up."
            ),
        )
    if time.overlap == "own_category":
        return say_told_apart(study, time)
    if not any(study.exposures[name].substances for name in cohorts_over(study, key)):
        return ()
    return (
        (
            f"It ends the day before a switch, that is the first day of {_switches(study, time)}; the day of the "
            "switch belongs to what comes next. Going back is a switch as well. A switch ends only the window in which "
            "it falls."
        ),
        *_same_day(study, time),
    )


def _same_day(study: Study, time: TimeAtRisk) -> tuple[str, ...]:
    if time.start.anchor == "era_end":
        return (
            "Another exposure that began on or before the last treated day of the era is no switch and ends nothing.",
        )
    told = "An era that begins on the same day as such a switch is a combination and gives no time at risk"
    if isinstance(time.same_day, str):
        return (f"{told}.",)
    return (say_same_day(study, time.same_day), f"{told}, unless the exposure is the later of two in that order.")


def _switches(study: Study, time: TimeAtRisk) -> str:
    if time.switch_to is not None:
        names = [quoted(study.exposures[name].label) for name in time.switch_to]
        return (
            f"an era of {listed(names, 'or')}"
            if len(names) == 1
            else f"an era of {listed(names, 'or')}, whichever is another one"
        )
    named = [name for name, e in study.exposures.items() if e.substances]
    other = "an era of another exposure of this protocol, or of " if len(named) > 1 else ""
    return f"{other}treatment with any substance that the protocol does not name"
