"""Regression models of a comparison: fitted in each registry, crude and adjusted side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import NO_BOOL, Id, Model

Fit = Literal["cox"]
TimeScale = Literal["since_start", "since_first_entry", "age", "calendar"]


class Regressions(Model):
    """Models that each registry fits on its own persons, and gates on what comes of them."""

    fit: Annotated[tuple[Fit, ...], Field(min_length=1)] = Field(
        description="Models: cox (ratio of hazards, time to the first event)"
    )
    adjust: dict[Id, Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Sets of covariates by a name of your own, such as age_sex and full, each fitted beside the crude "
        "model; the last one is the most adjusted",
    )
    persons: Literal["first_cohort", "both_cohorts"] = Field(
        "first_cohort",
        description="Who entered both cohorts: counts in the one entered first, and in neither if both were entered on "
        "one day; or counts in both, each with its own days",
    )
    time_scale: TimeScale = Field(
        "since_start",
        description="Time of cox: from the origin of strata.time_since_start; since_first_entry: from entry into the "
        "cohort entered first; age: from birth; calendar: by the date",
    )
    ties: Literal["efron", "breslow"] = Field("efron", description="Events of cox on one day")
    min_level_persons: Annotated[int, NO_BOOL, Field(ge=1)] = Field(
        5,
        description="Persons with a level of a covariate that fewer persons than this have, both cohorts together, are "
        "left out at the registry",
    )
    min_events: Annotated[int, NO_BOOL, Field(ge=1)] = Field(
        10, description="Gate: fewest persons with an event in each cohort, at the registry; likelihoods need none"
    )
