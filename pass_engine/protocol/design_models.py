"""Who enters, under which exposure, and when they are at risk."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import AtcCode, Days, Id, Label, Model


class Period(Model):
    """A closed period: both days belong to it."""

    start: dt.date = Field(description="First day")
    end: dt.date = Field(description="Last day")


class Criterion(Model):
    """One entry criterion: a row of the attrition table. Exactly one of ``require`` and ``exclude``."""

    id: Id = Field(description="Identifier of the criterion")
    require: Literal["age", "observation", "disease.diagnosis_date", "disease.onset_date"] | None = Field(
        None, description="What the person must have"
    )
    exclude: Literal["exposure"] | None = Field(None, description="What the person must not have had")
    of: str | None = Field(None, description="For exclude: exposure: the exposure meant, or self")
    window: str | None = Field(None, description='Days around day 0, for example "[-365, 0]" or "[.., -1]"')
    at_least: Annotated[int, Field(ge=0, le=130)] | None = Field(None, description="For age: completed years, lowest")
    at_most: Annotated[int, Field(ge=0, le=130)] | None = Field(None, description="For age: completed years, highest")
    why: Label = Field(description="Reason, printed in the attrition table")


class Population(Model):
    """Who enters, and when."""

    period: Period = Field(description="Cohort entry falls in this period")
    index: Literal["cohort_entry"] = Field(description="Day 0 is the day of cohort entry")
    criteria: tuple[Criterion, ...] = Field((), description="Entry criteria, applied in this order")
    entries: Literal["first", "first_qualifying", "all"] = Field(
        description="first: the first era in the period must meet all criteria; "
        "first_qualifying: the first era that meets them; all: every era that meets them is an entry, and the "
        "windows of a person's entries are united"
    )
    fatal_reports: Literal["reported", "death"] = Field(
        "reported",
        description="A report with a fatal outcome, of a person without a death record: reported only, or taken as "
        "death on the report's last day unless the person was in contact later",
    )
    prior_observation_days: Days = Field(
        0, description="Follow-up of an observation period begins this many days after its first day"
    )
    landmark_days: Days = Field(
        0, description="Landmark: criteria may look up to this day, and follow-up begins no earlier"
    )


class Exposure(Model):
    """An exposure cohort: substances, a state before or after an exposure, or days under two exposures at once."""

    label: Label = Field(description="Name in tables")
    substances: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="Active substances (INN) that make this exposure"
    )
    atc: Annotated[tuple[AtcCode, ...], Field(min_length=1)] | None = Field(
        None,
        description="Instead of substances: ATC codes, or beginnings of them, as L04AA; stands for the substances that "
        "data.substance_list has under them",
    )
    not_yet: Id | None = Field(
        None,
        description="Instead of substances: from start of observation to the day before the first era of this exposure",
    )
    past: Id | None = Field(
        None,
        description="Instead of substances: from the day after an era of this exposure to the day before its next one",
    )
    after_days: Days = Field(
        0, description="With past: days after an era that do not yet belong to the state, as an extension has them"
    )
    overlap_of: tuple[Id, Id] | None = Field(
        None,
        description="Instead of substances: [old, new], the days at risk under both, of which the second began later; "
        "needs overlap: own_category",
    )
    gap_days: Days | None = Field(
        None, description="Episodes are joined while the gap is at most this long; required with substances"
    )
    gap_time: Literal["as_extension", "at_risk"] | None = Field(
        None,
        description="Are the days of a gap beyond the extension at risk? Required where gap_days exceeds the extension",
    )
    gap_reason: Label | None = Field(None, description="Reason for gap_time: at_risk")
    from_: Literal["treatment", "administration"] = Field(
        "treatment", alias="from", description="Table that holds the exposure"
    )
    effect_days: Days = Field(0, description="For administrations: days after each dose that still count as treated")
    missing_stop: Literal["data_cut", "last_contact", "fixed_days", "drop"] = Field(
        "data_cut",
        description="For treatments: where an episode without a stop ends; drop: the episode is not used. The episodes "
        "concerned are counted",
    )
    missing_stop_days: Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="With missing_stop: fixed_days: length of such an episode, its first day included"
    )
    stockpiling: bool = Field(
        False,
        description="A supply that starts before the one before it of the same substance ends begins the day after it",
    )
    stockpile_max_days: Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="With stockpiling: a supply is put off by at most this many days; the rest is lost"
    )


class Anchor(Model):
    """A day from which time at risk is laid out."""

    anchor: str = Field(description="The anchoring day")
    plus_days: int = Field(0, ge=-36525, le=36525, description="Days added to it")


class StartAnchor(Anchor):
    """Start of the time at risk."""

    anchor: Literal["era_start", "era_end", "first_era_start", "cohort_entry", "fixed_date", "disease_onset"] = Field(
        description="The anchoring day"
    )
    date: dt.date | None = Field(None, description="For fixed_date: the day")


class EndAnchor(Model):
    """End of the time at risk."""

    anchor: Literal["era_end", "follow_up_end"] = Field(description="The anchoring day")
    plus_days: Days | dict[Id, Days] = Field(0, description="Days added to it: one number, or one for each exposure")
    within_days: Days | None = Field(
        None, description="The window ends no later than this many days after the start anchor"
    )


class TimeAtRisk(Model):
    """A named time at risk."""

    label: Label = Field(description="Name in tables")
    start: StartAnchor = Field(description="First day")
    end: EndAnchor = Field(description="Last day")
    eras: Literal["first", "all"] = Field(
        "all", description="For era anchors: the era of entry only, or later eras too"
    )
    stop_at: tuple[Literal["death", "last_contact", "observation_end", "data_cut", "study_end"], ...] = Field(
        description="What stops it; death, observation_end and data_cut must be among them"
    )
    stop_at_outcomes: tuple[Id, ...] = Field(
        (), description="Outcomes whose first event on or after cohort entry stops it (competing events)"
    )
    overlap: Literal["cut_at_switch", "keep", "own_category"] = Field(
        description="What happens when another exposure begins; with own_category days under both are in neither, and "
        "make a category (overlap_of)"
    )
    switch_to: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        None,
        description="Exposures whose start is a switch; without it every other substance with a treatment row. With "
        "own_category: exposures whose days are told apart; without it all that are made of substances",
    )
    same_day: Literal["combination"] | Annotated[tuple[Id, ...], Field(min_length=2)] = Field(
        "combination",
        description="Exposures that begin on one day: a combination, in no cohort; or a list: those named earlier are "
        "taken to have begun first",
    )
