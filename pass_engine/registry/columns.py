"""Checks on the columns of one table's mapping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pass_engine.registry.models import ColumnMap, TableMap
from pass_engine.registry.numbers import Wrong
from pass_engine.registry.parts import check_parts, check_shape, check_tests
from pass_engine.tables.core import EXTRA
from pass_engine.yamltext import Problem, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.registry.places import Folder
    from pass_engine.tables.core import Column, Table
    from pass_engine.yamltext import KeyPath

EXTRA_NAME: Final = re.compile(rf"{EXTRA}[a-z][a-z0-9_]*")
FROM_STUDY: Final = "write it as the study's data request does"
DATE_FIELDS = ("date_format", "days_from", "part_days")


def check_columns(core: Table, table: TableMap, path: KeyPath, files: Folder) -> Iterator[Problem]:
    """Core columns exist, are given once, and those without which the table means nothing are given."""
    known = {c.name: c for c in core.columns}
    for section in ("columns", "constants"):
        names: Mapping[str, object] = getattr(table, section)
        for name in names:
            if name not in known:
                yield from _unknown(core, known, name, (*path, section, name))
    for name in table.constants.keys() & table.columns.keys():
        problem = "the column is mapped above and cannot be a constant too"
        yield Problem((*path, "constants", name), Wrong.COLUMN_TWICE, problem, "keep one of them", at_key=True)
    yield from _required(core, table, path)
    for name, text in table.constants.items():
        if name in known:
            yield from _value(known[name], text, (*path, "constants", name))
    for name, column_map in table.columns.items():
        if isinstance(column_map, ColumnMap):
            yield from _one(known.get(name), column_map, (*path, "columns", name), files)


def _unknown(core: Table, known: Mapping[str, Column], name: str, path: KeyPath) -> Iterator[Problem]:
    """A column that the core model does not have, unless it is a variable of a study."""
    if not name.startswith(EXTRA):
        problem = f"the core table {core.name} has no column of this name"
        yield Problem(path, Wrong.NO_SUCH_COLUMN, problem, suggest(name, known), at_key=True)
    elif not EXTRA_NAME.fullmatch(name):
        problem = f"the name of a variable of a study is {EXTRA} and small letters, digits and _"
        yield Problem(path, Wrong.NO_SUCH_COLUMN, problem, FROM_STUDY, at_key=True)


def _required(core: Table, table: TableMap, path: KeyPath) -> Iterator[Problem]:
    for column in core.columns:
        if column.required and column.name not in table.columns and column.name not in table.constants:
            problem = (
                f"a row of {core.name} means nothing without {column.name} "
                f"({column.meaning[:1].lower()}{column.meaning[1:]})"
            )
            mend = f"write {column.name}: and the source column under columns"
            yield Problem((*path, "columns", column.name), Wrong.COLUMN_MISSING, problem, mend)


def _value(column: Column, text: str, path: KeyPath) -> Iterator[Problem]:
    if text and column.codes and text not in column.codes:
        problem = f"the core column {column.name} does not have this value"
        yield Problem(path, Wrong.NOT_A_CODE, problem, suggest(text, column.codes, limit=20))


def _one(column: Column | None, given: ColumnMap, path: KeyPath, files: Folder) -> Iterator[Problem]:
    """One column. Of what kind a variable of a study is only the protocol says: looked at when it is read."""
    if column is not None:
        yield from _column(column, given, path, files)
        return
    yield from _maps(given, path, files)
    yield from check_shape(given, path)
    yield from check_tests(given.when, (*path, "when"))
    yield from _date(given, path)


def _maps(given: ColumnMap, path: KeyPath, files: Folder) -> Iterator[Problem]:
    if given.map is not None and given.map_file is not None:
        yield _one_of_two(path, "map_file", "map")
    if given.map_file is not None:
        yield from files.find((*path, "map_file"), given.map_file)


def _column(column: Column, given: ColumnMap, path: KeyPath, files: Folder) -> Iterator[Problem]:
    yield from _maps(given, path, files)
    for source, text in (given.map or {}).items():
        yield from _value(column, text, (*path, "map", source))
    yield from check_parts(column, given, path)
    yield from check_tests(given.when, (*path, "when"))
    if column.kind == "date":
        yield from _date(given, path)
        if given.map or given.map_file:
            name = "map" if given.map else "map_file"
            yield Problem(
                (*path, name), Wrong.OUT_OF_PLACE, f"{name} has no effect on a date", f"take {name} away", at_key=True
            )
        return
    for name in DATE_FIELDS:
        if getattr(given, name) is not None:
            problem = f"{name} has no effect on a column that is no date"
            yield Problem((*path, name), Wrong.OUT_OF_PLACE, problem, f"take {name} away", at_key=True)


def _date(given: ColumnMap, path: KeyPath) -> Iterator[Problem]:
    if given.days_from is not None and given.date_format is not None:
        yield _one_of_two(path, "date_format", "days_from")
    if given.part_days is not None and given.days_from is None:
        problem = "part_days has no effect without days_from"
        yield Problem((*path, "part_days"), Wrong.OUT_OF_PLACE, problem, "take part_days away", at_key=True)


def _one_of_two(path: KeyPath, name: str, other: str) -> Problem:
    return Problem(
        (*path, name), Wrong.ONE_OF_TWO, f"a column has {other} or {name}, not both", "keep one of them", at_key=True
    )
