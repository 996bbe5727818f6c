"""The harmonised tables, column by column: what counting is given."""

from __future__ import annotations

from pass_engine.tables.harmonised import DICTIONARY, HARMONISED

__all__ = ["DICTIONARY", "HARMONISED"]
