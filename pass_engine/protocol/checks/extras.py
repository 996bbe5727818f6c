"""Variables beyond the core data model: tables that exist, names told apart, values where they have a meaning."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.numbers import Wrong
from pass_engine.tables.core import CORE
from pass_engine.yamltext import Problem, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Extra
    from pass_engine.yamltext import KeyPath

TAKEN_ENDS: Final = ("_text", "_read", "_map", "_known", "_loss", "_unshaped", "_precision")
"""Ends of names that the mapping gives to what it keeps beside a column."""
TAKEN_LEVELS: Final = ("missing", "outside", "incomplete")
"""Levels that the tables of results keep for themselves."""
NUMBERS: Final = ("number", "integer")
ONE_ROW: Final = "one row a person"


def check_extras(draft: Draft) -> Iterator[Problem]:
    """Each extra by itself, and names that stand twice."""
    extras = draft.data.extras if draft.data is not None else ()
    for number, extra in enumerate(extras):
        path: KeyPath = ("data", "extras", number)
        yield from _name(path, extra, [_stem(e.name) for e in extras[:number]])
        yield from _values(path, extra)
        yield from _at_entry(path, extra)


def _name(path: KeyPath, extra: Extra, before: list[str]) -> Iterator[Problem]:
    if extra.table not in CORE:
        problem = "the core data model has no table of this name; an extra is a column more of one it has"
        yield Problem((*path, "table"), Wrong.NO_SUCH_VARIABLE, problem, suggest(extra.table, CORE))
    if _stem(extra.name) in before:
        problem = "this name stands twice (with or without _date); in tables of results it means one variable"
        yield Problem((*path, "name"), Wrong.NAME_TWICE, problem, "give one of them another name")
    taken = next((end for end in TAKEN_ENDS if extra.name.endswith(end)), None)
    if taken:
        problem = f"the mapping keeps names that end with {taken} for itself"
        yield Problem((*path, "name"), Wrong.NAME_TAKEN, problem, "give another name")


def _stem(name: str) -> str:
    """What the precision of a date is named after: x_scan and x_scan_date are too like."""
    return name.removesuffix("_date")


def _values(path: KeyPath, extra: Extra) -> Iterator[Problem]:
    if extra.kind == "code" and not extra.values:
        problem = "a code has a closed list of values, and there is none"
        yield Problem(path, Wrong.MISSING, problem, "write values: [..], or kind: text")
    if extra.kind != "code" and extra.values:
        yield _no_effect((*path, "values"), "on an extra that is no code")
    for number, value in enumerate(extra.values):
        here: KeyPath = (*path, "values", number)
        if value in extra.values[:number]:
            yield Problem(here, Wrong.NAME_TWICE, "this value stands twice in the list", "keep one of them")
        if value in TAKEN_LEVELS or "*" in value or value != value.strip():
            problem = "tables of results keep this word, or a * or a space at its end, for themselves"
            yield Problem(here, Wrong.NAME_TAKEN, problem, "write another word")
    if extra.unit and extra.kind not in NUMBERS:
        yield _no_effect((*path, "unit"), "on an extra that is no number")


def _at_entry(path: KeyPath, extra: Extra) -> Iterator[Problem]:
    if not extra.at_entry:
        if extra.bands:
            yield _no_effect((*path, "bands"), "without at_entry: true")
        return
    if extra.table in CORE and CORE[extra.table].grain != ONE_ROW:
        problem = f"{extra.table} has {CORE[extra.table].grain}, and nothing says which row holds at entry"
        yield Problem((*path, "at_entry"), Wrong.OUT_OF_PLACE, problem, "take at_entry away", at_key=True)
    if extra.kind in NUMBERS and not extra.bands:
        problem = "persons are counted by bands of a number, and none are given"
        yield Problem((*path, "at_entry"), Wrong.MISSING, problem, "write bands: [..]", at_key=True)
    if extra.kind in {"text", "date"}:
        problem = f"persons are not counted by a {extra.kind}: each may be a person's own"
        yield Problem((*path, "at_entry"), Wrong.OUT_OF_PLACE, problem, "take at_entry away", at_key=True)
    if extra.kind not in NUMBERS and extra.bands:
        yield _no_effect((*path, "bands"), "on an extra that is no number")
    if any(high <= low for low, high in pairwise((-1.0, *extra.bands))) or any(b < 0 for b in extra.bands):
        problem = "bands begin at 0 or more, each above the one before"
        yield Problem((*path, "bands"), Wrong.BANDS_NOT_RISING, problem, "write them in rising order")


def _no_effect(path: KeyPath, reason: str) -> Problem:
    name = str(path[-1])
    return Problem(path, Wrong.OUT_OF_PLACE, f"{name} has no effect {reason}", f"take {name} away", at_key=True)
