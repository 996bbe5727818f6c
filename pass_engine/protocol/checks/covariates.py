"""Covariates: known by day 0, from variables that there are, in groups that a pattern can hold."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.checks.common import out_of_place, repeated, unknown_variable
from pass_engine.protocol.covariate_rules import (
    DATED,
    LARGEST,
    MOST,
    NUMBERS,
    OTHER,
    column_of,
    is_of_a_person,
    levels_of,
)
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.substances import substances_under
from pass_engine.protocol.windows import read_window
from pass_engine.yamltext import Problem, suggest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Covariate
    from pass_engine.tables.core import Column
    from pass_engine.yamltext import KeyPath

TEXTS: Final = ("code", "text")
HALVES: Final = 2
LARGEST_EDSS: Final = 10


def check_covariates(draft: Draft) -> Iterator[Problem]:
    """Each covariate by itself, then two groupings of one number, then how many patterns there are."""
    for name, covariate in draft.covariates.items():
        path: KeyPath = ("covariates", name)
        if "." in covariate.from_:
            yield from _variable(draft, path, covariate)
        yield from _window(draft, path, covariate)
        yield from _numbers(draft, path, covariate)
        yield from _values(draft, path, covariate)
        yield from _lists(draft, path, covariate)
    yield from _grouped_twice(draft)
    yield from _too_many(draft)


def _incomplete(path: KeyPath, field: str, problem: str, mend: str) -> Problem:
    return Problem((*path, field), Wrong.COVARIATE_RULE, problem, mend)


def _variable(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    here = (*path, "from")
    unknown = list(unknown_variable(here, covariate.from_, draft.data.extras if draft.data else ()))
    yield from unknown
    column = column_of(covariate.from_, draft.data)
    if column is not None and column.kind not in (*NUMBERS, *TEXTS):
        problem = "persons are told apart by codes, texts and numbers, not by a day or a pseudonym"
        mend = "name another variable; age and disease_duration are made from days"
        yield Problem(here, Wrong.COVARIATE_RULE, problem, mend)


def _is_dated(covariate: Covariate) -> bool:
    return covariate.from_ in DATED or ("." in covariate.from_ and not is_of_a_person(covariate.from_))


def _window(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    if not _is_dated(covariate):
        yield from out_of_place(draft, path, ("window",), f"on {covariate.from_}, which is known on day 0")
        return
    here = (*path, "window")
    if covariate.window is None:
        problem = "it says nothing about when"
        yield _incomplete(path, "window", problem, 'write window: "[-365, 0]", or "[.., -1]" for any time before')
        return
    window = read_window(covariate.window)
    last = -1 if covariate.from_ == "prior_treatments" else 0
    if window is None:
        problem, mend = "this is not a window of days around day 0", 'write it as "[-365, 0]", or "[.., -1]"'
        yield Problem(here, Wrong.WINDOW_FORM, problem, mend)
    elif window.last > last or (window.first is not None and window.first > last):
        why = "a covariate is known on day 0; what comes after may follow from the treatment"
        why = "the treatment that begins on day 0 is the cohort's own, and none before it" if last else why
        first = ".." if window.first is None else min(window.first, last)
        yield Problem(here, Wrong.WINDOW_AFTER_DAY_0, why, f'write "[{first}, {last}]"')
    elif window.first is not None and window.first > window.last:
        mend = f'write "[{window.last}, {window.first}]"'
        yield Problem(here, Wrong.WINDOW_REVERSED, "the window ends before it begins", mend)


def _column(draft: Draft, covariate: Covariate) -> Column | None:
    return column_of(covariate.from_, draft.data) if "." in covariate.from_ else None


def _numbers(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    column = _column(draft, covariate)
    is_number = covariate.from_ in MOST or (column is not None and column.kind in NUMBERS)
    if not is_number:
        yield from out_of_place(draft, path, ("groups",), "on what is no number")
        return
    if covariate.groups is None:
        if column is not None:
            problem = "persons are told apart by groups of this number, and none are given"
            yield _incomplete(path, "groups", problem, "write groups: [..], where each group but the first begins")
        elif covariate.missing == "category":
            problem = "a missing value has no place on a straight line"
            mend = "write missing: complete_case, or groups: [..]"
            yield _incomplete(path, "missing", problem, mend)
        return
    yield from _groups((*path, "groups"), covariate)


def _groups(path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    starts = covariate.groups or ()
    if any(high <= low for low, high in pairwise((0.0, *starts))):
        problem = "groups begin above 0, each above the one before"
        yield Problem(path, Wrong.BANDS_NOT_RISING, problem, "write them in rising order")
    elif covariate.from_ == "edss" and (
        any(s * HALVES != int(s * HALVES) for s in starts) or starts[-1] > LARGEST_EDSS
    ):
        problem = "the EDSS goes from 0 to 10 in half points"
        yield Problem(path, Wrong.COVARIATE_RULE, problem, "write groups such as [2, 4, 6]")
    elif covariate.from_ in MOST and covariate.from_ != "edss" and any(s != int(s) for s in starts):
        problem = "this is counted in whole numbers"
        yield Problem(path, Wrong.COVARIATE_RULE, problem, "write whole numbers")


def _values(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    column = _column(draft, covariate)
    if covariate.from_ != "sex" and (column is None or column.kind not in TEXTS):
        if "." not in covariate.from_ or column is not None:
            yield from out_of_place(draft, path, ("values",), "on what is no text or code")
        return
    if covariate.values is None:
        if column is not None and not column.codes:
            problem = (
                f"{covariate.from_} has no closed list of values, so the levels are not known before there are data"
            )
            yield _incomplete(path, "values", problem, "write values: [..]; any other is other")
        return
    yield from repeated((*path, "values"), covariate.values, "value")
    codes = column.codes if column else ("female", "male", "other")
    for number, value in enumerate(covariate.values):
        here = (*path, "values", number)
        if codes and value not in codes:
            problem = f"{covariate.from_} has no such value"
            yield Problem(here, Wrong.COVARIATE_RULE, problem, suggest(value, codes))
        elif value in {"missing", "unknown", *(() if codes else (OTHER,))} or "*" in value:
            problem = "tables of results keep this word, or a *, for themselves"
            yield Problem(here, Wrong.NAME_TAKEN, problem, "take it away; what is not known is missing")


def _lists(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    """What is looked for: codes, substances, ATC codes."""
    source = covariate.from_
    if source != "comorbidity":
        yield from out_of_place(draft, path, ("codes",), "without from: comorbidity")
    elif covariate.codes is None:
        yield _incomplete(path, "codes", "nothing says which diagnoses it is", "write codes: codelists/NAME.csv")
    if source != "prior_treatments":
        yield from out_of_place(draft, path, ("substances",), "without from: prior_treatments")
    if source == "comedication" and covariate.atc is None:
        yield _incomplete(path, "atc", "nothing says which medicines it is", "write atc: [..], as [C09, C10AA]")
    if source not in ("comedication", "prior_treatments"):
        yield from out_of_place(draft, path, ("atc",), "without from: comedication or prior_treatments")
    if source == "prior_treatments":
        yield from _class(draft, path, covariate)
    yield from repeated((*path, "atc"), covariate.atc or (), "code")


def _class(draft: Draft, path: KeyPath, covariate: Covariate) -> Iterator[Problem]:
    written = value_at(draft.value, (*path, "substances"))
    if covariate.atc is None:
        for number, substance in enumerate(covariate.substances or ()):
            if substance != substance.strip().lower() or not substance:
                problem = "substances are held in small letters, so this one is never found"
                mend = f"write {substance.strip().lower() or 'the name of a substance'}"
                yield Problem((*path, "substances", number), Wrong.SUBSTANCE_FORM, problem, mend)
        return
    if written is not None:
        problem = "a class of treatments is named by its substances or by its codes"
        yield Problem((*path, "atc"), Wrong.COVARIATE_RULE, problem, "keep one of them")
    elif value_at(draft.value, ("data", "substance_list")) is None:
        problem, mend = "nothing says which substances these codes stand for", "name a file under data.substance_list"
        yield Problem((*path, "atc"), Wrong.ATC_NOT_LISTED, problem, mend)
    else:
        known = [row.code for row in draft.listed]
        for number, code in enumerate(covariate.atc):
            if known and not substances_under((code,), draft.listed):
                mend = f"add a row for it to the list, or take a code that is there ({suggest(code, known)})"
                problem = "the list of substances has no such code"
                yield Problem((*path, "atc", number), Wrong.ATC_NOT_LISTED, problem, mend)


def _grouped_twice(draft: Draft) -> Iterator[Problem]:
    """Two ways to group one number tell of the few who are in one group and not in the other."""
    seen: dict[tuple[object, ...], str] = {}
    for name, covariate in draft.covariates.items():
        if covariate.groups is None:
            continue
        key = (covariate.from_, covariate.window, covariate.substances, covariate.atc)
        if key in seen:
            problem = f"{seen[key]} groups the same number; both tables together tell of few persons"
            mend = "keep one of them"
            yield Problem(("covariates", name, "groups"), Wrong.NAME_TWICE, problem, mend)
        seen.setdefault(key, name)


def _too_many(draft: Draft) -> Iterator[Problem]:
    """All covariates of a person are one whole number of 64 bits."""
    patterns = 1
    for covariate in draft.covariates.values():
        levels = levels_of(covariate, draft.data)
        patterns *= (len(levels) if levels else MOST.get(covariate.from_, 0) + 1) + 1
    if patterns - 1 > LARGEST:
        problem = "there are more combinations of their levels than a whole number of 64 bits can tell apart"
        mend = "group the numbers among them, or take fewer covariates"
        yield Problem(("covariates",), Wrong.COVARIATE_RULE, problem, mend)
