"""The protocol language, version 1, as frozen strict models.

A key is here only if the engine acts upon it. What later versions add is refused as unknown or as
"not in this version". Sequences are tuples; mappings are read in no particular order. The parts of a protocol stand in
modules of their own beside this one; their names are read from here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.analysis_models import (
    Analysis,
    Comparison,
    Contrast,
    ContrastInterval,
    CurveInterval,
    Incidence,
    Interval,
    Reference,
    Sensitivity,
    Standardise,
    Survival,
)
from pass_engine.protocol.covariate_models import Covariate
from pass_engine.protocol.data_models import (
    Data,
    DataFaults,
    Extra,
    PartialDates,
    PersonFault,
    RegistryOverlap,
    RowFault,
)
from pass_engine.protocol.design_models import (
    Anchor,
    Criterion,
    EndAnchor,
    Exposure,
    Period,
    Population,
    StartAnchor,
    TimeAtRisk,
)
from pass_engine.protocol.model_base import (
    NO_BOOL,
    AtcCode,
    CodesPath,
    Days,
    Id,
    Label,
    Model,
    RatesPath,
    Stratifier,
    TextPath,
)
from pass_engine.protocol.outcome_models import Disability, Outcome, PriorEvents
from pass_engine.protocol.propensity_models import Matched, Propensity
from pass_engine.protocol.regression_models import Regressions
from pass_engine.protocol.strata_models import (
    AgeStratum,
    CalendarStratum,
    CumulativeDosesStratum,
    ExposureDurationStratum,
    SexStratum,
    Strata,
    TimeSinceStartStratum,
    ValueAtEntry,
)
from pass_engine.protocol.study_models import (
    Amendment,
    Author,
    Holder,
    Milestone,
    Objective,
    StudyInfo,
    StudyText,
    Substance,
)

__all__ = [
    "NO_BOOL",
    "AgeStratum",
    "Amendment",
    "Analysis",
    "Anchor",
    "AtcCode",
    "Author",
    "CalendarStratum",
    "CodesPath",
    "Comparison",
    "Contrast",
    "ContrastInterval",
    "Covariate",
    "Criterion",
    "CumulativeDosesStratum",
    "CurveInterval",
    "Data",
    "DataFaults",
    "Days",
    "Disability",
    "EndAnchor",
    "Exposure",
    "ExposureDurationStratum",
    "Extra",
    "Holder",
    "Id",
    "Incidence",
    "Interval",
    "Label",
    "Matched",
    "Milestone",
    "Model",
    "Objective",
    "Outcome",
    "PartialDates",
    "Period",
    "PersonFault",
    "Population",
    "PriorEvents",
    "Propensity",
    "Publish",
    "Quality",
    "QualityGate",
    "RatesPath",
    "Reference",
    "RegistryOverlap",
    "Regressions",
    "RowFault",
    "Sensitivity",
    "SexStratum",
    "Standardise",
    "StartAnchor",
    "Strata",
    "Stratifier",
    "Study",
    "StudyInfo",
    "StudyText",
    "Substance",
    "Survival",
    "TextPath",
    "TimeAtRisk",
    "TimeSinceStartStratum",
    "ValueAtEntry",
]


class Publish(Model):
    """What is made public, and what is withheld."""

    min_cell: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="Smallest count of persons or events shown; registries may ask for more"
    )
    min_persons: Annotated[int, Field(ge=1)] = Field(
        1,
        description="Fewest persons of a cohort in a registry for any table of it to leave; registries may ask more",
    )
    zeros: Literal["shown", "withheld"] = Field(
        "shown", description="withheld: no event among persons at risk is not shown; registries may ask for it as well"
    )
    dominance: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="Largest share in per cent that one person may have of a shown cell's events"
    )
    max_levels: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Most levels of a stratifier in a registry; margins with more do not leave it"
    )
    max_parameters_per_event: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Most strata per event of a ratio over strata in a registry; with more they do not leave it"
    )
    reports: tuple[Literal["final_report", "interim_report", "progress_report"], ...] = Field(
        ("final_report",), min_length=1, description="Reports to be made; a run makes the first of them"
    )


class QualityGate(Model):
    """A limit on the quality of a registry's data, and what follows where it is not kept."""

    indicator: Id = Field(description="Quality indicator (docs/quality-indicators.md)")
    variable: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")] | None = Field(
        None, description="For variable_complete: the variable, as table.column"
    )
    at_least: Annotated[float, Field(ge=0)] | None = Field(None, description="Lowest value that keeps the limit")
    at_most: Annotated[float, Field(ge=0)] | None = Field(None, description="Highest value that keeps the limit")
    action: Literal["flag", "exclude_analysis", "exclude_registry", "stop"] = Field(
        description="flag: say so; exclude the registry from the analyses named, or from all; stop the whole run"
    )
    analyses: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        None, description="For exclude_analysis: the analyses; a sensitivity analysis of one of them goes with it"
    )
    why: Label = Field(description="Reason, printed with the gate")


class Quality(Model):
    """What the data of a registry must be like."""

    gates: tuple[QualityGate, ...] = Field(
        (), description="Limits, looked at in each registry before anything is counted"
    )


class Study(Model):
    """A whole protocol."""

    pass_engine: Annotated[Literal[1], NO_BOOL] = Field(description="Version of this language")
    study: StudyInfo = Field(description="Title page and administrative sections")
    data: Data = Field(description="Data the study stands on")
    population: Population = Field(description="Who enters, and when")
    exposures: dict[Id, Exposure] = Field(min_length=1, description="Exposure cohorts")
    times_at_risk: dict[Id, TimeAtRisk] = Field(min_length=1, description="Times at risk")
    outcomes: dict[Id, Outcome] = Field(min_length=1, description="Outcomes")
    strata: Strata = Field(Strata(), description="Stratifiers")
    covariates: dict[Id, Covariate] = Field({}, description="Covariates at cohort entry; docs/covariates.md")
    analyses: tuple[Analysis, ...] = Field(min_length=1, description="Analyses")
    quality: Quality = Field(Quality(), description="Limits on the quality of each registry's data")
    publish: Publish = Field(description="What is made public")
