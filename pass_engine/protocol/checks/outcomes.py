"""Outcomes: the fields each kind needs, and those that would do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Outcome
    from pass_engine.yamltext import KeyPath

ONLY_REPORTS = ("codes", "serious", "same_event_days", "chain", "prior_events")


def check_outcomes(draft: Draft) -> Iterator[Problem]:
    """Each outcome by itself."""
    for name, outcome in draft.outcomes.items():
        path: KeyPath = ("outcomes", name)
        if outcome.from_ == "death":
            yield from _death(draft, path, outcome)
        else:
            yield from _report(draft, path, outcome)


def _death(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    yield from out_of_place(draft, path, (*ONLY_REPORTS, "clean_window_days"), "beside from: death")
    if outcome.counting == "recurrent":
        yield Problem((*path, "counting"), Wrong.DEATH_TWICE, "death does not recur", "write counting: first")


def _report(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    if outcome.codes is None:
        yield Problem(
            (*path, "codes"),
            Wrong.CODES_MISSING,
            "nothing says which reports are this outcome",
            "write codes: codelists/ and the name of a code list",
        )
    if outcome.counting == "first":
        yield from out_of_place(draft, path, ("clean_window_days",), "beside counting: first")
    elif outcome.clean_window_days is None:
        yield Problem(
            (*path, "clean_window_days"),
            Wrong.CLEAN_WINDOW_MISSING,
            "nothing says when a person is at risk again after an event",
            "write clean_window_days, 0 for the day after its end",
        )
    if outcome.same_event_days == 0:
        yield from out_of_place(draft, path, ("chain",), "where same_event_days is 0")
    yield from _prior(draft, (*path, "prior_events"), outcome)


def _prior(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    rule = outcome.prior_events
    if rule.rule == "allow":
        yield from out_of_place(draft, path, ("look_back", "from"), "beside rule: allow")
        return
    yield from repeated((*path, "from"), rule.from_, "table")
    if rule.look_back is None:
        yield Problem(
            (*path, "look_back"),
            Wrong.LOOK_BACK_MISSING,
            "nothing says how far back an event excludes a person",
            "write look_back: ever, or a number of days",
        )
