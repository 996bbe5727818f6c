"""Outcomes: when a person is at risk again after an event, and what events before the time at risk mean."""

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


def check_again(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    """When is a person at risk again after an event?"""
    if outcome.counting == "first":
        yield from out_of_place(draft, path, ("clean_window_days",), "beside counting: first")
    elif outcome.clean_window_days is None:
        yield Problem(
            (*path, "clean_window_days"),
            Wrong.CLEAN_WINDOW_MISSING,
            "nothing says when a person is at risk again after an event",
            "write clean_window_days, 0 for the day after its end",
        )


def check_prior(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    """Do rules on earlier events have what they need, and an effect?"""
    rule = outcome.prior_events
    if rule.rule == "allow":
        yield from out_of_place(draft, path, ("look_back", "from", "filled_dates"), "beside rule: allow")
        return
    yield from repeated((*path, "from"), rule.from_, "table")
    if rule.look_back is None:
        yield Problem(
            (*path, "look_back"),
            Wrong.LOOK_BACK_MISSING,
            "nothing says how far back an event excludes a person",
            "write look_back: ever, or a number of days",
        )
