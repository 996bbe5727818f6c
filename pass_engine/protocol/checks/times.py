"""Times at risk: what always stops them, extensions, lags and switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.windows import sound_window
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import TimeAtRisk
    from pass_engine.yamltext import KeyPath

ALWAYS_STOPS = ("death", "observation_end", "data_cut")


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
    if draft.period is not None and draft.data is not None and time.start.anchor != "first_era_start":
        days = (draft.data.cut - draft.period.start).days
        if 0 <= days < time.start.plus_days:
            problem = (
                f"nobody enters before {draft.period.start}, and the data are cut on {draft.data.cut}: "
                "no day is ever at risk"
            )
            yield Problem(here, Wrong.NEVER_AT_RISK, problem, f"write at most {days} days")
    if time.start.anchor != "era_start":
        yield from out_of_place(draft, path, ("eras",), f"where time at risk begins at {time.start.anchor}")


def _end(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    if time.end.anchor == "follow_up_end":
        yield from out_of_place(draft, (*path, "end"), ("plus_days",), "after the end of follow-up")


def _switch(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    if time.overlap == "keep":
        yield from out_of_place(draft, path, ("switch_to",), "beside overlap: keep")
    for number, name in enumerate(time.switch_to or ()):
        exposure = draft.exposures.get(name)
        if exposure is not None and exposure.not_yet is not None:
            yield Problem(
                (*path, "switch_to", number),
                Wrong.SWITCH_TO_A_STATE,
                f"{name} is a state (not_yet) that nobody switches to",
                "name exposures that are made of substances",
            )


def _cohorts(draft: Draft) -> Iterator[Problem]:
    used: dict[str, list[str]] = {}
    for design in draft.designs():
        cohorts = used.setdefault(design.time, [])
        if design.cohort not in cohorts:
            cohorts.append(design.cohort)
    for name, cohorts in used.items():
        for cohort in cohorts:
            yield from _extension(draft, name, cohort)
        yield from _first_era(draft, name, cohorts)


def _extension(draft: Draft, name: str, cohort: str) -> Iterator[Problem]:
    time, waits = draft.times[name], draft.exposures[cohort].not_yet is not None
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


def _first_era(draft: Draft, name: str, cohorts: list[str]) -> Iterator[Problem]:
    if draft.times[name].start.anchor != "first_era_start":
        return
    for criterion in draft.criteria.values():
        window = sound_window(criterion.window)
        if window is None or window.first is None:
            continue
        if criterion.exclude and criterion.of in {"self", *cohorts}:
            problem = (
                f"criterion {criterion.id} looks back {-window.first} days only, so that a person's first era "
                "may lie long before entry, and time would be laid out from there"
            )
            mend = f'write anchor: cohort_entry, or give {criterion.id} the window "[.., -1]"'
            yield Problem(("times_at_risk", name, "start", "anchor"), Wrong.FIRST_ERA_UNSEEN, problem, mend)
