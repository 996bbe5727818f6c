"""Tools of the polars program: intervals of whole days, persons numbered, groups kept apart by the high digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

DIGIT = 1 << 20
"""More than any number of a day: a group times this, plus a day, sorts by group and then by day."""

EVER = DIGIT - 1
from_day, to_day, person_no = pl.col("start"), pl.col("end"), pl.col("p")


def day(iso: str) -> int:
    """A date as whole days since 1970."""
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


@dataclass(frozen=True)
class Registry:
    """The Parquet files of one registry."""

    folder: Path

    def table(self, name: str, **columns: str) -> pl.LazyFrame:
        """Some columns of a table under shorter names; dates as whole days."""
        picked = [pl.col(old).alias(new) for new, old in columns.items()]
        frame = pl.scan_parquet(self.folder / f"{name}.parquet").select(picked)
        return frame.with_columns(pl.col(pl.Date).to_physical())

    @cached_property
    def person(self) -> pl.DataFrame:
        """Persons, each with the number of its row."""
        person = self.table(
            "person", person_id="person_id", birth="birth_date", sex="sex", entered="registry_entry_date",
            death="death_date", last="last_contact_date",
        )  # fmt: skip
        return person.with_row_index("p").with_columns(person_no.cast(pl.Int64)).collect()

    def numbered(self, table: pl.LazyFrame) -> pl.LazyFrame:
        """Rows with the number of their person instead of the pseudonym."""
        ids = self.person.lazy().select("person_id", "p")
        return table.join(ids, on="person_id", maintain_order="left").drop("person_id")


def day_of(key: pl.Expr) -> pl.Expr:
    """The day in a number of group and day."""
    return (key % DIGIT).cast(pl.Int32)


def with_cover(frame: pl.DataFrame) -> pl.DataFrame:
    """Add how far the earlier rows of the group reach; sorted by group ``g``, start and end."""
    reach = (pl.col("g") * DIGIT + to_day.cast(pl.Int64)).cum_max()
    before = reach.shift(1)
    same = before // DIGIT == pl.col("g")
    return frame.with_columns(reach=reach, covered=pl.when(same).then(day_of(before)))


def runs(frame: pl.DataFrame, begins: pl.Expr) -> pl.DataFrame:
    """One row for each run of rows: the first one of it, with the furthest end of all."""
    marked = frame.with_columns(begins=begins)
    lasts = marked.filter(pl.col("begins").shift(-1, fill_value=True))
    return marked.filter("begins").with_columns(end=(lasts["reach"] % DIGIT).cast(pl.Int32))


def united(frame: pl.DataFrame) -> pl.DataFrame:
    """Intervals of a group that overlap or touch, made one."""
    ordered = with_cover(frame.sort("g", "start", "end"))
    return runs(ordered, pl.col("covered").is_null() | (from_day > pl.col("covered") + 1)).drop(
        "reach", "covered", "begins"
    )


def gather(values: pl.Series, by: str) -> pl.Expr:
    """The values at the places that a column names."""
    return pl.lit(values).gather(pl.col(by))


def birthday(years: int) -> pl.Expr:
    """The day on which a person is so many years old; 28 February where there is no 29th."""
    return pl.col("birth").cast(pl.Date).dt.offset_by(f"{12 * years}mo").to_physical()


def matches(system: str, code: str, of_system: str, match: str, low: str, high: str) -> bool:
    """Is a code on one line of a code list?"""
    if system != of_system:
        return False
    if match == "range":
        return code[: len(low)] >= low and code[: len(high)] <= high
    return code == low if match == "exact" else code.startswith(low)


def collapsed(reports: pl.DataFrame, days: int) -> pl.DataFrame:
    """Reports within so many days of an event's first onset made one event; sorted by person and onset.

    A report that follows its neighbour at more than that distance begins an event in any case; what is left
    is walked event by event, all persons at once.
    """
    new = (person_no != person_no.shift(1, fill_value=-1)) | (from_day - from_day.shift(1) > days)
    rest = reports.with_columns(chain=new.cum_sum())
    parts = []
    while rest.height:
        begins = pl.col("chain") != pl.col("chain").shift(1, fill_value=0)
        rest = rest.with_columns(first=pl.when(begins).then(from_day).forward_fill())
        parts.append(rest.filter(from_day - pl.col("first") <= days))
        rest = rest.filter(from_day - pl.col("first") > days)
    events = pl.concat(parts).group_by("p", "first").agg(to_day.max(), pl.col("serious").any())
    return events.rename({"first": "start"}).sort("p", "start")


def clean_windows(events: pl.DataFrame, days: int) -> pl.DataFrame:
    """Days after an event on which no new one is counted, united for each person."""
    laid_out = events.select("p", g="p", start=from_day + 1, end=to_day + days)
    return united(laid_out.filter(from_day <= to_day))


def outside(counted: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
    """Events that lie in no clean window."""
    latest = clean.select(key=person_no * DIGIT + from_day, until=person_no * DIGIT + to_day)
    keyed = counted.with_columns(key=person_no * DIGIT + from_day).sort("key")
    free = keyed.join_asof(latest, on="key", strategy="backward").filter(
        pl.col("until").is_null() | (pl.col("until") < pl.col("key"))
    )
    return free.drop("key", "until").sort("g", "start")


def without(periods: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
    """Periods less the clean windows inside them."""
    rows = periods.with_row_index("row")
    off = rows.join(clean.select("p", off="start", until="end"), on="p").filter(
        (pl.col("off") <= to_day) & (pl.col("until") >= from_day)
    )
    off = off.sort("row", "off")
    same = pl.col("row") == pl.col("row").shift(1)
    before = off.with_columns(
        start=pl.when(same).then(pl.col("until").shift(1) + 1).otherwise(from_day), end=pl.col("off") - 1
    )
    after = off.filter((pl.col("row") != pl.col("row").shift(-1)).fill_null(value=True)).with_columns(
        start=pl.col("until") + 1
    )
    whole = rows.filter(~pl.col("row").is_in(off["row"].unique().implode()))
    parts = [whole, before.select(whole.columns), after.select(whole.columns)]
    return pl.concat(parts).filter(from_day <= to_day).sort("g", "start").drop("row")


def inside(periods: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
    """Clean windows inside the periods."""
    off = periods.join(clean.select("p", off="start", until="end"), on="p")
    cut = off.with_columns(start=pl.max_horizontal("start", "off"), end=pl.min_horizontal("end", "until"))
    return cut.filter(from_day <= to_day).select(periods.columns)
