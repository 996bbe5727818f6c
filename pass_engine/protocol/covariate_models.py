"""Covariates: what is known of a person at cohort entry, from days up to day 0 alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import AtcCode, CodesPath, Label, Model

NamedSource = Literal[
    "age",
    "sex",
    "calendar_year",
    "disease_duration",
    "edss",
    "relapses",
    "prior_treatments",
    "comorbidity",
    "comedication",
]
Variable = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")]
"""A variable of the core data model, or of the study alone, as table.column."""


class Covariate(Model):
    """Something known of a person by day 0: a row of the table of characteristics, and what analyses adjust for."""

    label: Label = Field(description="Name in tables")
    from_: NamedSource | Variable = Field(
        alias="from",
        description="age, disease_duration: completed years on day 0; sex; calendar_year of day 0; edss: the last one "
        "in the window; relapses, prior_treatments (substances): how many began in it; comorbidity, comedication: was "
        "there one in it; or a variable of the core data model or of data.extras (table.column), the last value in the "
        "window where its table has several rows a person",
    )
    window: str | None = Field(
        None,
        description='Days before day 0 that are looked at, such as "[-365, 0]" or "[.., -1]"; required for what is '
        "dated, never after day 0. Prior treatments end before day 0",
    )
    groups: Annotated[tuple[Annotated[float, Field(ge=0, le=100000)], ...], Field(min_length=1)] | None = Field(
        None,
        description="Of a number: where each group but the first begins, rising; without it age, calendar_year, "
        "disease_duration, edss, relapses and prior_treatments are taken as numbers (a straight line in models)",
    )
    values: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(min_length=1)] | None = (
        Field(
            None,
            description="Of a text such as person.country: values told apart, any other is other; of a code: in which "
            "order, the first one being the reference in models",
        )
    )
    codes: CodesPath | None = Field(None, description="Of comorbidity: its code list, required")
    substances: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="Of prior_treatments: only these substances"
    )
    atc: Annotated[tuple[AtcCode, ...], Field(min_length=1)] | None = Field(
        None,
        description="Of comedication, required: ATC codes or beginnings of them; of prior_treatments: only substances "
        "that data.substance_list has under them",
    )
    missing: Literal["category", "complete_case"] = Field(
        "category",
        description="Where the value is not known: a category of its own, or the person is left out of analyses that "
        "adjust for it (complete_case; required for a number without groups)",
    )
