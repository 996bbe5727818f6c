"""Outcomes: the fields each kind needs, and those that would do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated, required, unknown_name
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Outcome
    from pass_engine.yamltext import KeyPath

ONLY_REPORTS = ("serious", "same_event_days", "chain")
"""Rules on single reports."""

FEWEST_COMPONENTS = 2


def check_outcomes(draft: Draft) -> Iterator[Problem]:
    """Each outcome by itself, then the components of composites."""
    for name, outcome in draft.outcomes.items():
        path: KeyPath = ("outcomes", name)
        if outcome.from_ == "death":
            yield from _death(draft, path, outcome)
        elif outcome.from_ == "composite":
            yield from _composite(draft, path, outcome)
        else:
            yield from _report(draft, path, outcome)
        if outcome.from_ != "composite":
            yield from out_of_place(draft, path, ("of",), "without from: composite")
        if outcome.nth > 1 and outcome.counting != "first" and outcome.from_ != "death":
            yield Problem(
                (*path, "nth"),
                Wrong.NTH_RECURRENT,
                "the n-th event of a person happens once",
                "write counting: first, or take nth away",
            )


def _death(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    names = (*ONLY_REPORTS, "prior_events", "clean_window_days", "nth", "filled_dates")
    yield from out_of_place(draft, path, names, "beside from: death")
    if outcome.counting == "recurrent":
        yield Problem((*path, "counting"), Wrong.DEATH_TWICE, "death does not recur", "write counting: first")
    if outcome.codes is not None:
        yield from required(
            draft, (*path, "codes"), "person.cause_of_death", "no death would count where causes are not recorded"
        )


def _report(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    if outcome.codes is None:
        yield Problem(
            (*path, "codes"),
            Wrong.CODES_MISSING,
            "nothing says which reports are this outcome",
            "write codes: codelists/ and the name of a code list",
        )
    yield from _again(draft, path, outcome)
    if outcome.same_event_days == 0:
        yield from out_of_place(draft, path, ("chain",), "where same_event_days is 0")
    yield from _prior(draft, (*path, "prior_events"), outcome)


def _composite(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    yield from out_of_place(draft, path, ("codes", *ONLY_REPORTS), "beside from: composite; it is a rule of components")
    yield from _components(draft, (*path, "of"), outcome.of or ())
    yield from _again(draft, path, outcome)
    yield from _prior(draft, (*path, "prior_events"), outcome)


def _components(draft: Draft, path: KeyPath, names: tuple[str, ...]) -> Iterator[Problem]:
    if len(set(names)) < FEWEST_COMPONENTS:
        yield Problem(
            path,
            Wrong.COMPONENTS_MISSING,
            "a composite is made of two outcomes or more",
            "write of: and the names of its components",
        )
    yield from repeated(path, names, "component")
    for number, name in enumerate(names):
        yield from unknown_name((*path, number), name, "outcome", draft.names("outcomes"))
        component = draft.outcomes.get(name)
        if component is not None and component.from_ == "composite":
            yield Problem(
                (*path, number),
                Wrong.NOT_A_COMPONENT,
                "a component is an outcome from adverse_event or death",
                "name outcomes that are not composites",
            )


def _again(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
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


def _prior(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
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
