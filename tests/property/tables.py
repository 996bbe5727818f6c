"""The harmonised tables, column by column: what counting is given."""

from __future__ import annotations

from pass_engine.tables.harmonised import DICTIONARY, EXTRA, HARMONISED

__all__ = ["DICTIONARY", "EXTRA", "HARMONISED"]
