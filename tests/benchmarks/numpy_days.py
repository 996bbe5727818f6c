"""Tools of the pandas and numpy program: intervals of whole days, groups kept apart by the high digits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

Array = Any
"""A numpy array."""

DIGIT = 1 << 20
"""More than any number of a day: a group times this, plus a day, sorts by group and then by day."""

EVER = DIGIT - 1
NONE = -1
"""No day."""


def day(iso: str) -> int:
    """A date as whole days since 1970."""
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


def read_table(folder: Path, name: str, **columns: str) -> pd.DataFrame:
    """Some columns of a table under shorter names; dates as whole days, a missing one as a day that never comes."""
    frame = pd.read_parquet(folder / f"{name}.parquet", columns=list(columns.values()), dtype_backend="pyarrow")
    frame.columns = pd.Index(list(columns))
    for column in frame.columns:
        if str(frame[column].dtype) == "date32[day][pyarrow]":
            whole = frame[column].array._pa_array.cast("int32").fill_null(EVER)
            frame[column] = whole.to_numpy().astype(np.int64)
    return frame


def key_of(group: Array, days: Array) -> Array:
    """Group and day as one number."""
    return group * DIGIT + days


def begins_group(group: Array) -> Array:
    """Is this the first row of its group? Sorted by group."""
    return np.diff(group, prepend=NONE) != 0


def with_cover(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in order, with how far they and (``covered``) the earlier ones of their group reach."""
    rows = rows.sort_values(["g", "start", "end"], ignore_index=True)
    group = rows["g"].to_numpy()
    reach = np.maximum.accumulate(key_of(group, rows["end"].to_numpy()))
    before = np.concatenate([[NONE], reach[:-1]])
    return rows.assign(reach=reach, covered=np.where(before // DIGIT == group, before % DIGIT, NONE))


def runs(rows: pd.DataFrame, begins: Array) -> pd.DataFrame:
    """One row for each run of rows: the first one of it, with the furthest end of all."""
    lasts = np.concatenate([begins[1:], [True]])
    return rows[begins].assign(end=rows["reach"].to_numpy()[lasts] % DIGIT).reset_index(drop=True)


def united(rows: pd.DataFrame) -> pd.DataFrame:
    """Intervals of a group that overlap or touch, made one."""
    ordered = with_cover(rows)
    begins = (ordered["covered"] == NONE) | (ordered["start"] > ordered["covered"] + 1)
    return runs(ordered, begins.to_numpy()).drop(columns=["reach", "covered"])


def next_day(keys: Array, group: Array, days: Array) -> Array:
    """The first day of the group on or after a day, among sorted keys; a day that never comes if there is none."""
    found = np.concatenate([keys, [np.iinfo(np.int64).max]])[np.searchsorted(keys, key_of(group, days))]
    return np.where(found // DIGIT == group, found % DIGIT, EVER)


def birthday(birth: Array, years: int) -> Array:
    """The day on which a person is so many years old; 28 February where there is no 29th."""
    born = birth.astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    in_month = (born - month).astype(np.int64)
    there = month + 12 * years
    length = ((there + 1).astype("datetime64[D]") - there.astype("datetime64[D]")).astype(np.int64)
    return there.astype("datetime64[D]").astype(np.int64) + np.minimum(in_month, length - 1)


def matches(system: str, code: str, of_system: str, match: str, low: str, high: str) -> bool:
    """Is a code on one line of a code list?"""
    if system != of_system:
        return False
    if match == "range":
        return code[: len(low)] >= low and code[: len(high)] <= high
    return code == low if match == "exact" else code.startswith(low)


def collapsed(reports: pd.DataFrame, days: int) -> pd.DataFrame:
    """Reports within so many days of an event's first onset made one event; walked event by event."""
    rest = reports.sort_values(["p", "start"], ignore_index=True)
    parts = []
    while len(rest):
        begins = begins_group(rest["p"].to_numpy())
        first = rest["start"].to_numpy()[np.maximum.accumulate(np.where(begins, np.arange(len(rest)), 0))]
        same = (rest["start"].to_numpy() - first) <= days
        parts.append(rest.assign(first=first)[same])
        rest = rest[~same].reset_index(drop=True)
    events: pd.DataFrame = (
        pd.concat(parts).groupby(["p", "first"], as_index=False).agg({"end": "max", "serious": "max"})
    )
    return events.rename(columns={"first": "start"})


def clean_windows(events: pd.DataFrame, days: int) -> pd.DataFrame:
    """Days after an event on which no new one is counted, united for each person."""
    laid_out = pd.DataFrame({"g": events["p"], "start": events["start"] + 1, "end": events["end"] + days})
    return united(laid_out[laid_out["start"] <= laid_out["end"]])


def outside(counted: pd.DataFrame, clean: pd.DataFrame) -> pd.DataFrame:
    """Events that lie in no clean window."""
    starts = key_of(clean["g"].to_numpy(), clean["start"].to_numpy())
    ends = np.concatenate([key_of(clean["g"].to_numpy(), clean["end"].to_numpy()), [NONE]])
    own = key_of(counted["p"].to_numpy(), counted["start"].to_numpy())
    free: pd.DataFrame = counted[ends[np.searchsorted(starts, own, side="right") - 1] < own]
    return free


def inside(periods: pd.DataFrame, clean: pd.DataFrame) -> pd.DataFrame:
    """Clean windows inside the periods."""
    columns = {"g": "p", "start": "off", "end": "until"}
    both = periods.merge(clean[list(columns)].rename(columns=columns), on="p")
    both["start"] = np.maximum(both["start"], both["off"])
    both["end"] = np.minimum(both["end"], both["until"])
    return both[both["start"] <= both["end"]].drop(columns=["off", "until"])


def without(periods: pd.DataFrame, off: pd.DataFrame) -> pd.DataFrame:
    """Periods less what lies inside them: the stretches between the cuts."""
    ends = pd.concat([periods[["row", "end"]], off[["row", "start"]].rename(columns={"start": "end"}).assign(cut=1)])
    starts = pd.concat([periods[["row", "start"]], off[["row", "end"]].rename(columns={"end": "start"}).assign(cut=1)])
    ends["end"] -= ends["cut"].fillna(0).astype(np.int64)
    starts["start"] += starts["cut"].fillna(0).astype(np.int64)
    starts = starts.sort_values(["row", "start"], ignore_index=True)
    ends = ends.sort_values(["row", "end"], ignore_index=True)
    stretches = starts[["row", "start"]].assign(end=ends["end"])
    kept = stretches[stretches["start"] <= stretches["end"]]
    return kept.merge(periods.drop(columns=["start", "end"]), on="row")
