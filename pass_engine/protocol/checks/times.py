"""Times at risk: what always stops them, extensions, lags and switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import first_era_seen, out_of_place, required
from pass_engine.protocol.checks.overlaps import told_apart
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Exposure, TimeAtRisk
    from pass_engine.yamltext import KeyPath

ALWAYS_STOPS = ("death", "observation_end", "data_cut")
OF_EACH_ERA = ("era_start", "era_end")
"""Start anchors of which a person can have several."""
FROM_ENTRY = ("era_start", "era_end", "cohort_entry")
"""Start anchors that lie on or after cohort entry."""
ONCE_BY_ENTRY = ("first_era_start", "cohort_entry")
"""Start anchors that a person has once, on or before cohort entry."""


def check_times(draft: Draft) -> Iterator[Problem]:
    """Each time at risk by itself, then with the cohorts it is used for."""
    for name, time in draft.times.items():
        path = ("times_at_risk", name)
        missing = [stop for stop in ALWAYS_STOPS if stop not in time.stop_at]
        if missing:
            yield Problem(
                (*path, "stop_at"),
                Wrong.STOP_MISSING,
                f"nobody is at risk after {' or '.join(_words(missing))}",
                f"add {', '.join(missing)}",
            )
        yield from _start(draft, path, time)
        yield from _end(draft, path, time)
        yield from _switch(draft, path, time)
    yield from _cohorts(draft)


def _words(stops: list[str]) -> list[str]:
    words = {"death": "death", "observation_end": "the end of observation", "data_cut": "the data cut"}
    return [words[stop] for stop in stops]


def _start(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    here = (*path, "start", "plus_days")
    if time.start.plus_days < 0:
        yield Problem(
            here,
            Wrong.BEFORE_START,
            "days before the start would be at risk only for those who start later (immortal time)",
            "write 0 or more",
        )
    if draft.period is not None and draft.data is not None and time.start.anchor in FROM_ENTRY:
        days = (draft.data.cut - draft.period.start).days
        if 0 <= days < time.start.plus_days:
            problem = (
                f"nobody enters before {draft.period.start}, and the data are cut on {draft.data.cut}: "
                "no day is ever at risk"
            )
            yield Problem(here, Wrong.NEVER_AT_RISK, problem, f"write at most {days} days")
    if time.start.anchor not in OF_EACH_ERA:
        yield from out_of_place(draft, path, ("eras",), f"where time at risk begins at {time.start.anchor}")
    yield from _fixed_date(draft, (*path, "start"), time)
    if time.start.anchor == "disease_onset":
        yield from required(
            draft, (*path, "start", "anchor"), "disease.onset_date", "nobody would be at risk where it is not recorded"
        )


def _fixed_date(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    day = time.start.date
    if time.start.anchor != "fixed_date":
        yield from out_of_place(draft, path, ("date",), "without anchor: fixed_date")
    elif day is None:
        yield Problem(
            (*path, "date"),
            Wrong.START_DATE_MISSING,
            "nothing says on which day time at risk begins",
            "write date, as 2020-01-01",
        )
    elif draft.period is not None and draft.data is not None and draft.period.start <= draft.data.cut:
        first, last = draft.period.start, draft.data.cut
        if not first <= day <= last:
            yield Problem(
                (*path, "date"),
                Wrong.DATE_OUTSIDE,
                f"days can be at risk from {first}, when entry begins, to {last}, the data cut",
                "write a day between the two",
            )
        elif time.start.plus_days > (last - day).days:
            problem = f"the data are cut on {last}: no day is ever at risk"
            yield Problem((*path, "plus_days"), Wrong.NEVER_AT_RISK, problem, f"write at most {(last - day).days} days")


def _end(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    here: KeyPath = (*path, "end")
    if time.end.anchor == "follow_up_end":
        yield from out_of_place(draft, here, ("plus_days",), "after the end of follow-up")
    if time.start.anchor == "era_end":
        yield from _after_era(path, time)
    within, lag = time.end.within_days, time.start.plus_days
    if within is None:
        return
    if within < lag:
        problem = f"it begins {lag} days after the start anchor and ends {within} days after it: no day is at risk"
        yield Problem((*here, "within_days"), Wrong.NEVER_AT_RISK, problem, f"write {lag} days or more")
    elif within < draft.landmark and (time.start.anchor in ONCE_BY_ENTRY or _entry_era_only(time)):
        problem = f"follow-up begins at the landmark, {draft.landmark} days after entry: no day is at risk"
        yield Problem((*here, "within_days"), Wrong.NEVER_AT_RISK, problem, f"write {draft.landmark} days or more")


def _entry_era_only(time: TimeAtRisk) -> bool:
    return time.start.anchor == "era_start" and time.eras == "first"


def _after_era(path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    """Time after treatment has no end of its own in the era, and begins when the era is over."""
    if time.end.anchor != "follow_up_end":
        yield Problem(
            (*path, "end", "anchor"),
            Wrong.END_BEFORE_START,
            "time at risk that begins at the end of an era cannot end with it",
            "write follow_up_end, with within_days for a fixed length",
        )
    if time.start.plus_days == 0:
        yield Problem(
            (*path, "start", "plus_days"),
            Wrong.STILL_TREATED,
            "the last treated day would be in the time on treatment and in the time after it",
            "write plus_days: 1 or more",
        )


def _switch(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    """A switch is to an exposure by substances, or to the time after one; only the former have days of their own."""
    for number, name in enumerate(time.switch_to or ()):
        exposure = draft.exposures.get(name)
        if exposure is None or exposure.substances or (exposure.past and time.overlap == "cut_at_switch"):
            continue
        kind = "a state (not_yet)" if exposure.not_yet else "a state (past)" if exposure.past else "days under two"
        problem = f"{name} is {kind} that nobody switches to"
        mend = "name exposures that are made of substances"
        yield Problem((*path, "switch_to", number), Wrong.SWITCH_TO_A_STATE, problem, mend)


def _cohorts(draft: Draft) -> Iterator[Problem]:
    used: dict[str, list[str]] = {}
    for design in draft.designs():
        cohorts = used.setdefault(design.time, [])
        if design.cohort not in cohorts:
            cohorts.append(design.cohort)
    for name, cohorts in used.items():
        for cohort in dict.fromkeys((*cohorts, *told_apart(draft, draft.times[name]))):
            if cohort in draft.exposures and draft.exposures[cohort].overlap_of is None:
                yield from _extension(draft, name, cohort)
                yield from _end_of_state(draft, name, cohort)
        if draft.times[name].start.anchor == "first_era_start":
            here = ("times_at_risk", name, "start", "anchor")
            yield from first_era_seen(draft, here, cohorts, "anchor: cohort_entry")


def _is_state(exposure: Exposure) -> bool:
    return exposure.not_yet is not None or exposure.past is not None


def _extension(draft: Draft, name: str, cohort: str) -> Iterator[Problem]:
    time, waits = draft.times[name], _is_state(draft.exposures[cohort])
    if time.end.anchor == "follow_up_end":
        return
    path: KeyPath = ("times_at_risk", name, "end", "plus_days")
    plus = time.end.plus_days
    if isinstance(plus, dict):
        if not waits and cohort not in plus:
            problem = f"the cohort {cohort} is analysed over this time at risk and has no extension here"
            yield Problem(path, Wrong.EXTENSION_MISSING, problem, f"add {cohort}: and its days, 0 for none")
        plus = plus.get(cohort, 0)
        path = (*path, cohort)
    if waits and plus:
        problem = f"{cohort} ends the day before another exposure begins; days after that belong to the other"
        yield Problem(path, Wrong.EXTENSION_OF_A_STATE, problem, f"write days for each exposure, and none for {cohort}")


def _end_of_state(draft: Draft, name: str, cohort: str) -> Iterator[Problem]:
    if draft.times[name].start.anchor == "era_end" and _is_state(draft.exposures[cohort]):
        yield Problem(
            ("times_at_risk", name, "start", "anchor"),
            Wrong.EXTENSION_OF_A_STATE,
            f"{cohort} ends the day before another exposure begins; days after that belong to the other",
            f"write anchor: era_start, or do not analyse {cohort} over this time at risk",
        )
