"""Propensity scores of a comparison: who is weighted by what, and when the result is shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import NO_BOOL, Id, Model

Weighting = Literal["ate", "att", "overlap", "matching", "matched"]


class Matched(Model):
    """How persons of the comparator are matched to those of the target."""

    ratio: Annotated[int, NO_BOOL, Field(ge=1, le=10)] = Field(
        1, description="Most persons of the comparator for one of the target"
    )
    caliper: Annotated[float, Field(gt=0, le=5)] = Field(
        0.2, description="Largest distance of two scores' logits, in units of their spread (Austin 2011)"
    )


class Propensity(Model):
    """Weights by a propensity score that each registry fits on its own persons, and gates on what comes of it."""

    covariates: Annotated[tuple[Id, ...], Field(min_length=1)] = Field(
        description="Covariates of the score, declared under covariates; main effects only"
    )
    weights: Annotated[tuple[Weighting, ...], Field(min_length=1)] = Field(
        description="ate: everybody (inverse probability, stabilised and truncated); att: persons such as those of the "
        "target; overlap: those who could have been in either cohort; matching: those whom a match would keep, all of "
        "them weighted; matched: persons of the target and the nearest of the comparator, one to one or to several"
    )
    matched: Matched | None = Field(
        None, description="Of matched: how many of the comparator, and how near; one, within 0.2, without it"
    )
    truncate_percent: Annotated[float, Field(ge=0, le=10)] = Field(
        1, description="Of ate: weights beyond this percentile at either end are set to it; 0 for none"
    )
    min_level_persons: Annotated[int, NO_BOOL, Field(ge=1)] = Field(
        5,
        description="Persons with a level that fewer persons than this have in either cohort are left out at the "
        "registry: there is nobody like them to hold them against",
    )
    min_events: Annotated[int, NO_BOOL, Field(ge=1)] = Field(
        10, description="Gate: fewest events in each cohort, at the registry"
    )
    max_difference: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1, description="Gate: largest standardised difference of any level of a covariate after weighting"
    )
    min_equipoise: Annotated[float, Field(ge=0, le=1)] = Field(
        0.5, description="Gate, of ate and att: smallest share of each cohort with a preference score from 0.3 to 0.7"
    )
