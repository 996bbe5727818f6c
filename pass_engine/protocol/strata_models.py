"""Stratifiers that analyses may name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import Days, Model


class AgeStratum(Model):
    """Age bands [a, b) in completed years; the last one is open."""

    bands: tuple[Annotated[int, Field(ge=0, le=130)], ...] = Field(min_length=1, description="Lower limits, rising")


class SexStratum(Model):
    """Sex as recorded."""


class ValueAtEntry(Model):
    """A value a person has at cohort entry; it does not change after that."""


class TimeSinceStartStratum(Model):
    """Days since an origin, in bands [a, b); the origin is day 0 and the last band is open."""

    cuts_days: tuple[Days, ...] = Field(min_length=1, description="Lower limits in days, rising")
    origin: Literal["entry", "first_era", "period"] = Field(
        "entry",
        description="Origin: cohort entry, start of the first era ever, or the anchor of the period that holds the day",
    )


class ExposureDurationStratum(Model):
    """Days exposed before a day, in bands [a, b); the last band is open."""

    cuts_days: tuple[Days, ...] = Field(min_length=1, description="Lower limits in days, rising")


class CumulativeDosesStratum(Model):
    """Doses given by a day, that day's included, in bands [a, b); the last band is open."""

    cuts: tuple[Annotated[int, Field(ge=0, le=10000)], ...] = Field(
        min_length=1, description="Lower limits in numbers of doses, rising"
    )


class CalendarStratum(Model):
    """Calendar intervals."""

    by: Literal["year", "quarter", "month"] = Field(description="Length of an interval")
    complete_intervals: bool = Field(
        False,
        description="Show an interval only if it lies wholly in the registry's observable span; the rest is incomplete",
    )


class Strata(Model):
    """Stratifiers an analysis may name in ``by``."""

    age: AgeStratum | None = Field(None, description="Attained age, split at birthdays")
    sex: SexStratum | None = Field(None, description="Sex")
    calendar: CalendarStratum | None = Field(None, description="Calendar time, split at its boundaries")
    time_since_start: TimeSinceStartStratum | None = Field(None, description="Time since start, split at its cuts")
    exposure_duration: ExposureDurationStratum | None = Field(
        None, description="Days of the cohort's exposure before each day, whenever they were; split at its cuts"
    )
    cumulative_doses: CumulativeDosesStratum | None = Field(
        None, description="Doses (administrations) of the cohort's exposure up to each day; split at its cuts"
    )
    country: ValueAtEntry | None = Field(None, description="Country of residence")
    centre: ValueAtEntry | None = Field(None, description="Treating centre")
    course: ValueAtEntry | None = Field(None, description="Disease course at entry")
    edss: ValueAtEntry | None = Field(None, description="Last EDSS in the year before entry, in groups")
    relapses_12_months: ValueAtEntry | None = Field(None, description="Relapses in the year before entry")
    prior_substances: ValueAtEntry | None = Field(None, description="Other substances before entry")
    entry_year: ValueAtEntry | None = Field(None, description="Calendar year of entry")
    line_of_treatment: ValueAtEntry | None = Field(
        None, description="Line of treatment at entry: substances begun before day 0, the cohort's own included, plus 1"
    )
