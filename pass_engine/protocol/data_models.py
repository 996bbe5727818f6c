"""The data a study stands on: registries, variables, partial dates, what becomes of faults."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import CodesPath, Id, Label, Model


class PartialDates(Model):
    """Which day a date of month or year precision is taken to be."""

    birth: Literal["first_day", "middle"] = Field("middle", description="Birth dates")
    start: Literal["first_day", "middle"] = Field("first_day", description="Dates on which something starts")
    stop: Literal["last_day", "middle"] = Field("last_day", description="Dates on which something ends")
    event: Literal["first_day", "middle", "last_day"] = Field("middle", description="Dates of events")


class RegistryOverlap(Model):
    """How two registries that may hold the same persons are made disjoint."""

    registries: tuple[Id, Id] = Field(description="The two registries concerned")
    rule: Literal["exclude_country"] = Field(description="Persons of the countries named leave one of them")
    from_: Id = Field(alias="from", description="The registry that gives the persons up")
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        min_length=1, description="Countries given up"
    )


RowFault = Literal["keep", "drop_row", "exclude_person"]
PersonFault = Literal["keep", "exclude_person"]


class DataFaults(Model):
    """What becomes of data that break a rule: they are kept, the row is not used, or the person is left out."""

    treatment_before_birth: RowFault = Field("keep", description="Treatments that start before birth")
    treatment_after_death: RowFault = Field("keep", description="Treatments that start after death")
    dose_after_death: RowFault = Field("keep", description="Doses after death")
    event_before_birth: RowFault = Field("keep", description="Reports of adverse events with an onset before birth")
    event_after_death: RowFault = Field("keep", description="Reports of adverse events with an onset after death")
    death_before_birth: PersonFault = Field("keep", description="Death before birth")
    birth_after_entry: PersonFault = Field("keep", description="Birth after entry into the registry")
    entry_after_death: PersonFault = Field("keep", description="Entry into the registry after death")
    contact_after_death: PersonFault = Field("keep", description="Last contact after death")
    contact_before_entry: PersonFault = Field("keep", description="Last contact before entry into the registry")


class Extra(Model):
    """A variable that the study asks for beyond the core data model: a column more of one of its tables.

    To make it required, name it under ``data.require``.
    """

    name: Annotated[str, Field(pattern=r"^x_[a-z][a-z0-9_]*$", max_length=40)] = Field(
        description="Name of the column; begins with x_"
    )
    table: str = Field(description="Table of the core data model that gets the column")
    kind: Literal["text", "date", "code", "number", "integer"] = Field(description="What its values are")
    meaning: Label = Field(description="What it means, in the data request and in the table of characteristics")
    values: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        (), description="Of a code: its values; any other counts as unknown"
    )
    unit: Annotated[str, Field(max_length=30)] = Field("", description="Of a number: its unit")
    at_entry: bool = Field(
        False,
        description="Is it a row of the table of characteristics at entry? For codes, and numbers with bands, of "
        "tables of one row a person",
    )
    bands: tuple[float, ...] = Field((), description="Of a number at entry: where each band but the first begins")


class Data(Model):
    """The data the study stands on."""

    model: Literal["core/1"] = Field(description="Version of the core data model")
    cut: dt.date = Field(description="Data cut of the study: the last day that can be at risk")
    registries: tuple[Id, ...] = Field(min_length=1, description="Registries invited; each decides for itself")
    require: tuple[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")], ...] = Field(
        (), description="Variables (table.column) without which a registry cannot take part"
    )
    extras: tuple[Extra, ...] = Field(
        (), description="Variables of this study alone, beyond the core data model; docs/extras.md"
    )
    substance_list: CodesPath | None = Field(
        None, description="List of substances (columns system, code, substance); required for exposures by ATC codes"
    )
    partial_dates: PartialDates = Field(PartialDates(), description="How partial dates are filled")
    registry_overlap: tuple[RegistryOverlap, ...] = Field((), description="How registries are made disjoint")
    lock_points: tuple[dt.date, ...] = Field(
        (), description="Data lock points, rising, the last one the data cut: counts in each interval and cumulative"
    )
    faults: DataFaults = Field(
        DataFaults(),
        description="What becomes of data that break a rule: kept where nothing is said. All are counted",
    )
