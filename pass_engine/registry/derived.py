"""Checks on how observation periods are derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.registry.models import Observation
from pass_engine.registry.numbers import Wrong
from pass_engine.yamltext import Problem, sound, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext import KeyPath

PATH: KeyPath = ("source", "observation")
NEEDS = {
    "registry_entry": ("person", "registry_entry_date"),
    "first_visit": ("visit", "visit_date"),
    "earlier_of_both": ("visit", "visit_date"),
    "last_contact": ("person", "last_contact_date"),
    "last_visit": ("visit", "visit_date"),
}
"""What a first or last day is made from."""


def check_observation(value: object) -> Iterator[Problem]:
    """Are observation periods derived only where they are not stated, and from what is mapped?"""
    if value_at(value, PATH) is None:
        return
    tables = ("source", "tables")
    if value_at(value, ("source", "kind")) == "omop" or value_at(value, (*tables, "observation_period")) is not None:
        problem = "observation has no effect where the table observation_period is mapped"
        yield Problem(PATH, Wrong.OUT_OF_PLACE, problem, "take one of them away", at_key=True)
        return
    given: Observation | None = sound(Observation, value, PATH)
    for key, how in (("from", given.from_), ("to", given.to)) if given else ():
        table, column = NEEDS.get(how, ("", ""))
        if table and value_at(value, (*tables, table, "columns", column)) is None:
            problem = f"{how} is made from {table}.{column}, which is not mapped"
            yield Problem((*PATH, key), Wrong.COLUMN_MISSING, problem, f"map {table}.{column}, or choose another day")
