"""Which values may stand in a table that leaves: short texts, and whole numbers."""

from __future__ import annotations

from typing import Any

LONGEST_TEXT = 400
"""Longest text of a row let through: labels and levels are short, copied records are not."""


def is_short_text(value: object) -> bool:
    """Is a value a text of one line that is no longer than labels are?"""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and "\n" not in value and "\r" not in value


def is_whole(value: Any, *, empty: bool) -> bool:
    """Is a value a whole number from 0, or missing where it may be?"""
    import pandas as pd

    if isinstance(value, str | bool):
        return False
    if pd.isna(value):
        return empty
    try:
        return bool(value == int(value) and value >= 0)
    except (TypeError, ValueError, OverflowError):
        return False
