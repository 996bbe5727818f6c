"""Counts the quality of a registry's data: completeness, faults and mapping. Whole numbers only; sets nothing right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from pass_engine.store import Store

FIRST_FILE, LAST_FILE = 180, 199


def count_quality(store: Store) -> None:
    """Make ``quality_count`` from the mapped and harmonised tables."""
    store.make_tables(files_between(FIRST_FILE, LAST_FILE))
