"""Outcome events: SQL 5xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store


def find_events(store: Store) -> None:
    """Reports matched to code lists, collapsed to clinical events, and what counts as history."""
    store.make_tables(files_between(500, 559))
