"""Outcomes that the registry sees at its own visits: relapses, courses and changes of disability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, required
from pass_engine.protocol.checks.repeats import check_again, check_prior
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.windows import read_window
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Disability, Outcome
    from pass_engine.yamltext import KeyPath

OF_REPORTS = ("codes", "serious")
OF_SEVERAL = ("same_event_days", "chain")
NEEDED = {"relapse": "relapse.onset_date", "course": "course.start_date", "disability": "visit.edss"}
"""Variables without which nobody would have the outcome."""


def check_visited(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    """One outcome from relapses, courses or EDSS."""
    yield from out_of_place(draft, path, OF_REPORTS, f"beside from: {outcome.from_}")
    why = "no event would count where it is not recorded"
    yield from required(draft, (*path, "from"), NEEDED[outcome.from_], why)
    if outcome.from_ == "disability":
        yield from _disability(draft, path, outcome)
        return
    if outcome.from_ == "course" and outcome.course is None:
        problem = "nothing says which course is this outcome"
        yield Problem((*path, "course"), Wrong.VISIT_RULE, problem, "write course: and its courses, such as [SPMS]")
    if outcome.same_event_days == 0:
        yield from out_of_place(draft, path, ("chain",), "where same_event_days is 0")
    yield from out_of_place(draft, (*path, "prior_events"), ("from",), "beside an outcome that is seen at visits")
    yield from check_again(draft, path, outcome)
    yield from check_prior(draft, (*path, "prior_events"), outcome)


def _disability(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    names = (*OF_SEVERAL, "clean_window_days", "prior_events", "filled_dates", "nth")
    yield from out_of_place(draft, path, names, "beside from: disability")
    if outcome.counting == "recurrent":
        problem = "a change from baseline is counted once"
        yield Problem((*path, "counting"), Wrong.VISIT_RULE, problem, "write counting: first")
    if outcome.disability is None:
        problem = "nothing says which change of disability is this outcome"
        yield Problem(
            (*path, "disability"), Wrong.VISIT_RULE, problem, "write disability: with change and confirm_days"
        )
        return
    yield from _rule(draft, (*path, "disability"), outcome.disability)


def _rule(draft: Draft, path: KeyPath, rule: Disability) -> Iterator[Problem]:
    if (rule.change is None) == (rule.reach is None):
        problem = "a change of disability is a step from baseline, or an EDSS that is reached: one of the two"
        yield Problem(path, Wrong.VISIT_RULE, problem, "write change: worsening or improvement, or reach: and an EDSS")
    window = read_window(rule.baseline_window)
    if window is None or window.first is None or window.first > window.last:
        problem = "the days of the baseline cannot be told from it"
        mend = 'write two days from cohort entry, such as "[-180, 30]"'
        yield Problem((*path, "baseline_window"), Wrong.VISIT_RULE, problem, mend)
    if rule.change is None:
        yield from out_of_place(draft, path, ("half_step_from",), "beside reach")
    if rule.change != "worsening":
        yield from out_of_place(draft, path, ("baseline",), "without change: worsening")
    if rule.relapse_free_days or rule.relapse != "any":
        why = "a registry without relapses would set no visit aside, and tell no change from another"
        yield from required(draft, path, "relapse.onset_date", why)
