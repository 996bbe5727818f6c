"""Analyses: incidence, comparison, survival, and what is changed in a sensitivity analysis."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import Id, Label, Model, RatesPath, Stratifier
from pass_engine.protocol.propensity_models import Propensity
from pass_engine.protocol.regression_models import Regressions


class Interval(Model):
    """Interval method and level."""

    method: Literal["exact", "mid_p", "byar", "log_normal", "normal"] = Field(description="Method for rates")
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Standardise(Model):
    """Direct standardisation."""

    to: Literal["esp2013", "who2000_2025", "study_population"] | RatesPath = Field(
        description="The standard: European Standard Population 2013, WHO World Standard 2000–2025, the pooled "
        "person-time of all cohorts of the analysis, or a file of weights (columns age_from, age_to, weight, and sex "
        "where it tells the sexes apart)"
    )
    over: tuple[Literal["age", "sex"], ...] = Field(min_length=1, description="Stratifiers standardised over")
    split: Literal["uniform"] | None = Field(
        None, description="How a band of the standard that a study band divides is shared"
    )


class Reference(Model):
    """Reference rates: what was to be expected."""

    rates: RatesPath = Field(
        description="File of rates (columns rate_per, rate, and those of by: age_from, age_to; sex; year_from, year_to)"
    )
    by: tuple[Literal["age", "sex", "calendar"], ...] = Field(
        min_length=1, description="Stratifiers that the rates differ by; each must be declared under strata"
    )


class Incidence(Model):
    """Incidence of outcomes in cohorts."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["incidence"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    cohorts: tuple[Id, ...] = Field(min_length=1, description="Exposures compared side by side")
    outcomes: dict[Id, Id | Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(
        min_length=1, description="Outcome to time at risk (one or several)"
    )
    measures: tuple[Literal["incidence_proportion", "eair", "eair_total_exposure", "eaer"], ...] = Field(
        min_length=1, description="Measures printed"
    )
    per_person_years: Annotated[int, Field(ge=1, le=1000000)] = Field(description="Multiplier of the rates")
    interval: Interval = Field(description="Interval of the rates")
    proportion_interval: Literal["clopper_pearson", "wilson"] = Field(
        "clopper_pearson", description="Method of the interval of incidence proportions, at the same level"
    )
    by: tuple[tuple[Stratifier, ...], ...] = Field(((),), description="Margins: combinations of strata; [] is overall")
    standardise: Standardise | None = Field(None, description="Direct standardisation")
    reference: Reference | None = Field(
        None, description="Reference rates; gives the measure sir, observed over expected first events (SIR, SMR)"
    )


class Contrast(Model):
    """Two exposures."""

    target: Id = Field(description="Exposure of interest")
    comparator: Id = Field(description="Exposure it is held against")


class ContrastInterval(Model):
    """Interval of a comparison."""

    method: Literal["exact", "mid_p", "log_normal"] | None = Field(
        None, description="Method for rate_ratio, required with it; used where no person is in both arms"
    )
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Comparison(Model):
    """Rates of two cohorts held against each other: crude, or over strata."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["comparison"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    of: Contrast = Field(description="The two exposures")
    outcomes: dict[Id, Id] = Field(min_length=1, description="Outcome to time at risk")
    measures: tuple[
        Literal["rate_ratio", "rate_difference", "mantel_haenszel_rate_ratio", "poisson_rate_ratio"], ...
    ] = Field(("rate_ratio",), min_length=1, description="Measures printed")
    interval: ContrastInterval = Field(
        description="Interval; where a person is in both arms a person-robust one takes its place"
    )
    difference_interval: Literal["miettinen_nurminen", "wald"] = Field(
        "miettinen_nurminen", description="Method of the interval of rate_difference: score, or normal"
    )
    per_person_years: Annotated[int, Field(ge=1, le=1000000)] | None = Field(
        None, description="Multiplier of the difference; required with rate_difference"
    )
    adjust: tuple[Stratifier, ...] = Field(
        (),
        description="Strata of mantel_haenszel_rate_ratio and poisson_rate_ratio, required with either; each must be "
        "declared under strata",
    )
    propensity: Propensity | None = Field(
        None, description="Weighted rate ratios, by propensity scores; docs/propensity.md"
    )
    models: Regressions | None = Field(
        None, description="Regression models, crude and adjusted side by side; docs/regression.md"
    )
    subgroups: tuple[Stratifier, ...] = Field(
        (),
        description="Stratifiers by whose levels rate_ratio is shown and tested for interaction; an incidence analysis "
        "must show the cells of both cohorts by each",
    )
    two_stage: tuple[Literal["reml", "dersimonian_laird", "fixed", "likelihood"], ...] = Field(
        (),
        description="How the registries' own ratios are brought together beside the pooled one, the main way first: "
        "random effects (reml, dersimonian_laird), a fixed effect, or their likelihoods added",
    )
    e_value: bool = Field(default=False, description="Are E-values given for ratios and their limits?")
    power: Annotated[float, Field(ge=0.5, lt=1)] | None = Field(
        None, description="Power at which the smallest detectable ratio is given, for example 0.8"
    )


class CurveInterval(Model):
    """Interval of a curve."""

    scale: Literal["log_log", "log", "plain"] = Field("log_log", description="Scale on which limits are made")
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Survival(Model):
    """Curves over time since the origin: survival (Kaplan-Meier) and cumulative incidence (Aalen-Johansen)."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["survival"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    cohorts: tuple[Id, ...] = Field(min_length=1, description="Exposures side by side")
    outcomes: dict[Id, Id | Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(
        min_length=1, description="Outcome to time at risk (one or several); day 0 is the origin of time_since_start"
    )
    measures: tuple[Literal["survival", "cumulative_incidence"], ...] = Field(
        min_length=1, description="Measures printed"
    )
    competing: tuple[Id, ...] = Field(
        (), description="Outcomes that compete with the outcome, besides death, which always does"
    )
    at_days: tuple[Annotated[int, Field(ge=1, le=36525)], ...] = Field(
        min_length=1, description="Days since the origin at which the table shows the curve, rising"
    )
    curve_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="The figure shows the pooled curve at every so many days as well"
    )
    interval: CurveInterval = Field(description="Interval of the curves")


class Sensitivity(Model):
    """A second run of an analysis with one thing changed."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["sensitivity"] = Field(description="Kind of analysis")
    of: Id = Field(description="The incidence analysis repeated")
    change: dict[str, object] = Field(
        min_length=1, max_length=1, description="One dotted path of the protocol and its new value"
    )
    why: Label = Field(description="What is learnt")


Analysis = Annotated[Incidence | Comparison | Survival | Sensitivity, Field(discriminator="kind")]
