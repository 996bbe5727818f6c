"""Faults of the mapping to the core model: one function each. Tables, columns and counts; never a value of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence


def not_mapped(registry: str, variables: Sequence[str]) -> Fault:
    """Variables the study requires and the registry does not supply: it cannot take part."""
    return Fault(
        f"registry {registry}",
        "source.tables",
        f"no mapping for {', '.join(variables)}",
        "nothing can be counted without them, or the study requires them (data.require)",
        "map them in registry.yaml; without them this registry cannot take part",
        "PE301",
    )


def no_value(where: str, path: str, rows: int) -> Fault:
    """A required variable without one usable value."""
    return Fault(
        where,
        path,
        f"no usable value in {rows} rows",
        "the study requires this variable (data.require)",
        "look at the codes and formats of its mapping; if it was not recorded, this registry cannot take part",
        "PE302",
    )


def bad_format(where: str, path: str, date_format: str, problem: str) -> Fault:
    """A date format that says no date, or not one date."""
    return Fault(
        where,
        path,
        f"date_format: {date_format}",
        problem,
        'use %Y with %m or %b and %d as the file has them, for example "%d-%m-%Y"',
        "PE303",
    )


def not_a_code(where: str, path: str, codes: Sequence[str], known: Sequence[str], whose: str) -> Fault:
    """A map leads to codes the core model (or the study) does not have. These stand in the map, not in a row."""
    return Fault(
        where,
        path,
        f"maps to {', '.join(codes)}",
        f"{whose} does not have this code",
        f"use one of {', '.join(known)}",
        "PE304",
    )


def no_map_file(where: str, path: str, name: str) -> Fault:
    """A map, terms or dictionary file is not there."""
    return Fault(where, path, name, "there is no such file", "put it beside registry.yaml, or mend its name", "PE305")


def bad_map_file(where: str, path: str, found: str, problem: str, mend: str, line: int = 0) -> Fault:
    """A map, terms or dictionary file that cannot be used."""
    return Fault(where, path, found, problem, mend, "PE306", line)


def unreadable_values(where: str, path: str, stated: tuple[str, str], failed: int, tested: int) -> Fault:
    """More than half of a column cannot be read: the format is wrong, not the data. ``stated``: key, meaning."""
    key, how = stated
    more = " (part_days: floor takes parts of a day)" if key == "days_from" else ""
    return Fault(
        where,
        path,
        f"{failed} of {tested} values cannot be read as {how}",
        "more than half of the column is unreadable: the stated format is not the one the data have",
        f"state the right {key} for this column{more}",
        "PE307",
    )


def contradicting_rows(where: str, columns: Sequence[str], persons: int) -> Fault:
    """Several rows of one person that disagree, in a table of one row a person."""
    return Fault(
        where,
        ", ".join(columns),
        f"{persons} person{'' if persons == 1 else 's'} with several rows that disagree",
        "this table has one row a person, and nothing says which row is right",
        "send one row a person (identical rows are allowed, and counted)",
        "PE308",
    )


def merged_rows_conflict(where: str, column: str, persons: int) -> Fault:
    """Rows to be merged that hold different values."""
    return Fault(
        where,
        column,
        f"{persons} persons with several values",
        "merge_rows makes one row of a person's rows, whose values must agree",
        "choose the rows with where, or the values with when",
        "PE309",
    )


def no_groups(registry: str, systems: Sequence[str]) -> Fault:
    """Code lists name groups of terms, and the registry's dictionary does not say what lies in them."""
    return Fault(
        f"registry {registry}",
        "source.dictionaries.meddra",
        f"no terms of {', '.join(systems)}",
        "code lists of the study name such groups, and the events of this registry have MedDRA codes",
        "name the folder of the whole dictionary: mdhier.asc for groups, smq_list.asc and smq_content.asc for queries",
        "PE313",
    )


def two_readings(where: str, path: str, formats: tuple[str, str]) -> Fault:
    """Two stated formats of which each reads the other's dates, as another day."""
    return Fault(
        where,
        path,
        f"date_format: {' and '.join(formats)}",
        "each reads dates of the other, with day and month swapped",
        "state one of them, and send the column in that one",
        "PE315",
    )


def dates_of_two_formats(where: str, path: str, formats: tuple[str, ...], other: tuple[str, ...], count: int) -> Fault:
    """Dates that only the swapped format reads: among the others there are some that were read wrongly."""
    return Fault(
        where,
        path,
        f"{count} dates that are read by {' or '.join(other)}, not by {' or '.join(formats)}",
        "the column holds dates of two formats, and of those that both read it cannot be told which day is meant",
        "send the column in one format, or each format in a column of its own",
        "PE315",
    )


def extra_of_another_kind(where: str, path: str, keys: Sequence[str], kind: str) -> Fault:
    """A variable of the study mapped as something else than the protocol says it is."""
    return Fault(
        where,
        path,
        f"{', '.join(keys)}, for a {kind}",
        f"the study asks for this variable as a {kind}, on which that has no effect",
        f"take {', '.join(keys)} away, or ask those who wrote the study",
        "PE317",
    )
