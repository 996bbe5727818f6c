"""Checks on how a column is put together: parts, units, and tests of rows and values."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pass_engine.registry.models import RowTest
from pass_engine.registry.numbers import Wrong
from pass_engine.tables.units import FACTOR_DECIMALS, FACTOR_LIMIT, factor_between, fits, known_units
from pass_engine.yamltext import Problem, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.registry.models import ColumnMap, Split, Unit
    from pass_engine.tables.core import Column
    from pass_engine.yamltext import KeyPath

NUMBERS = ("number", "integer")
BY_PART = "write by: and part:, or first: and last:"
BY_FACTOR = "state factor: (and offset:) instead"


def check_parts(column: Column, given: ColumnMap, path: KeyPath) -> Iterator[Problem]:
    """Do the parts of a column, and its unit, say one thing each?"""
    yield from check_shape(given, path)
    if given.unit is not None:
        yield from _unit(column, given, given.unit, (*path, "unit"))


def check_shape(given: ColumnMap, path: KeyPath) -> Iterator[Problem]:
    """Do the parts of a column say one thing each, whatever it holds?"""
    joined = len(given.sources) > 1
    if given.join is not None and not joined:
        yield _no_effect((*path, "join"), "without several columns under from")
    if given.days_from is not None and joined:
        problem = "a number of days stands in one column"
        yield Problem((*path, "from"), Wrong.OUT_OF_PLACE, problem, "name one column, or take days_from away")
    if given.split is not None:
        yield from _split(given.split, (*path, "split"), joined=joined)


def check_tests(tests: Mapping[str, str | RowTest] | None, path: KeyPath) -> Iterator[Problem]:
    """Does each test of a source column say exactly one thing?"""
    for name, test in (tests or {}).items():
        if isinstance(test, RowTest):
            said = sum(x is not None for x in (test.one_of, test.not_, test.present, test.missing))
            if said != 1:
                problem = "the test says nothing" if not said else "the test says two things"
                mend = "write one of one_of, not, present, missing"
                yield Problem((*path, name), Wrong.NOT_A_TEST, problem, mend, at_key=True)


def _split(split: Split, path: KeyPath, *, joined: bool) -> Iterator[Problem]:
    by_part = split.by is not None and split.part is not None
    by_place = split.first is not None and split.last is not None
    mixed = (split.by is not None or split.part is not None) and (split.first is not None or split.last is not None)
    if joined:
        problem = "a column is split or joined, not both"
        yield Problem(path, Wrong.NOT_A_PART, problem, "name one source column under from", at_key=True)
    if mixed or not (by_part or by_place):
        yield Problem(path, Wrong.NOT_A_PART, "the split does not name one part", BY_PART, at_key=True)
    elif split.first is not None and split.last is not None and split.first > split.last:
        yield Problem((*path, "last"), Wrong.NOT_A_PART, "the part ends before it begins", "write a later last:")


def _unit(column: Column, given: ColumnMap, unit: Unit, path: KeyPath) -> Iterator[Problem]:
    if column.kind not in NUMBERS or given.map is not None or given.map_file is not None:
        problem = "only a number that is read as it stands has a unit"
        yield Problem(path, Wrong.NOT_A_UNIT, problem, "take unit away", at_key=True)
    named = unit.from_ is not None or unit.to is not None
    if named == (unit.factor is not None):
        problem = "a conversion names two units, or a factor"
        yield Problem(path, Wrong.NOT_A_UNIT, problem, "write from: and to:, or factor:", at_key=True)
    elif unit.factor is not None:
        yield from _decimals(unit, path)
    else:
        yield from _units(unit, path)


def _units(unit: Unit, path: KeyPath) -> Iterator[Problem]:
    for key, name in (("from", unit.from_), ("to", unit.to)):
        if name not in known_units():
            problem = "no unit of this name is known" if name else "a conversion names two units"
            mend = suggest(name or "", known_units(), limit=30) + f"; or {BY_FACTOR}"
            yield Problem((*path, key), Wrong.NOT_A_UNIT, problem, mend)
            return
    if factor_between(unit.from_ or "", unit.to or "") is None:
        problem = f"{unit.from_} cannot be brought to {unit.to} by an exact factor of {FACTOR_DECIMALS} decimals"
        yield Problem(path, Wrong.NOT_A_UNIT, problem, BY_FACTOR, at_key=True)
    elif unit.offset:
        yield _no_effect((*path, "offset"), "beside two known units")


def _decimals(unit: Unit, path: KeyPath) -> Iterator[Problem]:
    for key, number in (("factor", unit.factor), ("offset", unit.offset)):
        if number is not None and (not Decimal(str(number)).is_finite() or not fits(Decimal(str(number)))):
            problem = f"the {key} has more than {FACTOR_DECIMALS} decimals, or is not below {FACTOR_LIMIT}"
            yield Problem((*path, key), Wrong.NOT_A_UNIT, problem, "write it shorter")
    if unit.factor == 0:
        yield Problem((*path, "factor"), Wrong.NOT_A_UNIT, "a factor of 0 makes every number the same", BY_FACTOR)


def _no_effect(path: KeyPath, reason: str) -> Problem:
    name = str(path[-1])
    problem = f"{name} has no effect {reason}"
    return Problem(path, Wrong.OUT_OF_PLACE, problem, f"take {name} away", at_key=True)
