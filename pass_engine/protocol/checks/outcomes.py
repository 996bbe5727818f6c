"""Outcomes: the fields each kind needs, and those that would do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated, required, unknown_name
from pass_engine.protocol.checks.repeats import check_again, check_prior
from pass_engine.protocol.checks.visits import check_visited
from pass_engine.protocol.numbers import Wrong
from pass_engine.terms import VISITED
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
        elif outcome.from_ in VISITED:
            yield from check_visited(draft, path, outcome)
        else:
            yield from _report(draft, path, outcome)
        for field, source in (("of", "composite"), ("course", "course"), ("disability", "disability")):
            if outcome.from_ != source:
                yield from out_of_place(draft, path, (field,), f"without from: {source}")
        if not any(name in comparison.outcomes for _, comparison in draft.comparisons()):
            yield from out_of_place(draft, path, ("negative_control",), "without a comparison of this outcome")
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
    yield from check_again(draft, path, outcome)
    if outcome.same_event_days == 0:
        yield from out_of_place(draft, path, ("chain",), "where same_event_days is 0")
    yield from check_prior(draft, (*path, "prior_events"), outcome)


def _composite(draft: Draft, path: KeyPath, outcome: Outcome) -> Iterator[Problem]:
    yield from out_of_place(draft, path, ("codes", *ONLY_REPORTS), "beside from: composite; it is a rule of components")
    yield from _components(draft, (*path, "of"), outcome.of or ())
    yield from check_again(draft, path, outcome)
    yield from check_prior(draft, (*path, "prior_events"), outcome)


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
                "a component is an outcome that is recorded, not made of others",
                "name outcomes that are not composites",
            )
