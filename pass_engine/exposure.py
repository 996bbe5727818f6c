"""Exposure eras: SQL 3xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store


def build_eras(store: Store) -> None:
    """Recorded spans of each exposure, joined into eras, and the days on which any substance begins."""
    store.make_tables(files_between(300, 399))
