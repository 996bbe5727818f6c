"""Persons, observation and cohort entry: SQL 2xx and 4xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store


def find_persons(store: Store) -> None:
    """Persons this registry contributes and the time they were observed."""
    store.make_tables(files_between(200, 299))


def enter_cohorts(store: Store) -> None:
    """Candidates, entry criteria in order, cohort entry, attrition and baseline."""
    store.make_tables(files_between(400, 499))
