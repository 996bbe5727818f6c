"""Time at risk: SQL 6xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store


def open_periods(store: Store) -> None:
    """Windows, switches, follow-up, prior events, clean windows, counted events and segments of time."""
    store.make_tables(files_between(600, 699))
