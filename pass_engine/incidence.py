"""Counts and whole days by stratum: SQL 7xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store


def count_incidence(store: Store) -> None:
    """Split days at birthdays and calendar years, and count persons, events and days in every cell."""
    store.make_tables(files_between(700, 799))
