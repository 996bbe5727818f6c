"""Days as whole numbers since 1970-01-01, with ages in completed years as the engine counts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]

FAR = 2_000_000
"""A day that never comes: not dead, going on, unknown. Becomes a missing date in every table."""

YEAR = 365.25


def day(text: str) -> int:
    """Day number of an ISO date."""
    return int(np.datetime64(text, "D").astype(np.int64))


def parts(days: Array) -> tuple[Array, Array]:
    """Calendar year, and month * 100 + day."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    in_year = (months.astype(np.int64) % 12 + 1) * 100 + (dates - months).astype(np.int64) + 1
    return year, in_year


def is_leap(year: Array) -> Array:
    """Leap years of the Gregorian calendar."""
    return ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)


def completed_years(birth: Array, days: Array) -> Array:
    """Age in completed years; who was born on 29 February has a birthday on the 28th in common years."""
    born, birthday = parts(birth)
    year, today = parts(days)
    birthday = np.where((birthday == 229) & ~is_leap(year), 228, birthday)
    return year - born - (today < birthday)


def nth_birthday(birth: Array, years: int) -> Array:
    """Day of the n-th birthday, 28 February in common years for a birth on 29 February."""
    born, birthday = parts(birth)
    year = born + years
    birthday = np.where((birthday == 229) & ~is_leap(year), 228, birthday)
    months = ((year - 1970) * 12 + birthday // 100 - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + birthday % 100 - 1


def is_date_column(name: str) -> bool:
    """Is this a date column of the core model?"""
    return name == "date" or name.endswith("_date")


def frame(columns: dict[str, Array]) -> pd.DataFrame:
    """A table whose date columns come as day numbers."""
    return pd.DataFrame({n: as_dates(v) if is_date_column(n) else v for n, v in columns.items()})


def as_dates(days: Array) -> Array:
    """Day numbers as dates; a day that never comes is missing."""
    dates = np.asarray(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    return np.where(np.asarray(days) >= FAR, np.datetime64("NaT", "s"), dates)
