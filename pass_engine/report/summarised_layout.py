"""Which result column becomes which estimate of a ``summarised_result``: data, read by :mod:`summarised`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pass_engine.report.reading import Row

COLUMNS: Final = (
    "result_id", "cdm_name", "group_name", "group_level", "strata_name", "strata_level", "variable_name",
    "variable_level", "estimate_name", "estimate_type", "estimate_value", "additional_name", "additional_level",
)  # fmt: skip
OVERALL: Final = "overall"
"""Name and level of a pair that divides nothing, and the level of a name that a row has none for."""
NA: Final = "\x00NA"
"""A missing value: no text of a result can be this one."""
Type = Literal["integer", "numeric", "percentage", "proportion", "character"]


def _always(_row: Row) -> bool:
    return True


@dataclass(frozen=True)
class Estimate:
    """One estimate: its column, its name and type, and the rows that have it.

    ``kept``: it is told of rows that withhold their numbers too. ``of``: a variable that stands in place of the row's.
    """

    column: str
    name: str
    type: Type
    has: Callable[[Row], bool] = _always
    kept: bool = True
    of: str = ""


@dataclass(frozen=True)
class Layout:
    """One results file: its pairs as (name, column), where its variable and level stand, and its estimates."""

    file: str
    result_type: str
    group: tuple[tuple[str, str], ...]
    additional: tuple[tuple[str, str], ...]
    variable: str
    estimates: tuple[Estimate, ...]
    strata: tuple[tuple[str, str], ...] = ()
    level: str = ""
    has: Callable[[Row], bool] = _always


def _is_proportion(row: Row) -> bool:
    return row["measure"] == "incidence_proportion"


def _is_rate(row: Row) -> bool:
    return row["measure"] not in {"incidence_proportion", "sir"}


def _is_ratio(row: Row) -> bool:
    return row["measure"] == "sir"


def _is_median(row: Row) -> bool:
    return row["point"] == "median"


def _is_share(row: Row) -> bool:
    return row["point"] not in {"median", "total"}


def _is_total(row: Row) -> bool:
    return row["point"] == "total"


def _is_category(row: Row) -> bool:
    return row["level"] != ""


def _is_measured(row: Row) -> bool:
    return row["level"] == "" and row["variable"] != "persons"


def _of_cohort(row: Row) -> bool:
    return row["scope"] == "cohort"


def _of_analysis(row: Row) -> bool:
    return row["scope"] == "analysis"


COHORT: Final = (("cohort_name", "cohort"),)
TIME: Final = ("time_at_risk", "time_at_risk")
COUNTING: Final = ("counting", "counting")
MEASURE: Final = ("measure", "measure")
METHOD: Final = Estimate("method", "interval_method", "character", kept=False)
LEVEL: Final = Estimate("interval_level", "interval_level", "numeric", kept=False)
STEPS: Final = (
    Estimate("persons", "count", "integer", of="number_subjects"),
    Estimate("excluded", "count", "integer", of="excluded_subjects"),
)

LAYOUTS: Final = (
    Layout(
        "incidence.csv", "pass_incidence", COHORT, (TIME, COUNTING, MEASURE), "outcome",
        (
            Estimate("persons", "denominator_count", "integer"),
            Estimate("persons_with_event", "subject_with_event_count", "integer"),
            Estimate("events", "outcome_count", "integer"),
            Estimate("person_days", "person_days", "integer"),
            Estimate("expected", "outcome_expected", "numeric", _is_ratio),
            Estimate("per", "rate_per", "integer", kept=False),
            Estimate("rate", "incidence_proportion", "percentage", _is_proportion),
            Estimate("rate_low", "incidence_proportion_lower", "percentage", _is_proportion),
            Estimate("rate_high", "incidence_proportion_upper", "percentage", _is_proportion),
            Estimate("rate", "incidence_rate", "numeric", _is_rate),
            Estimate("rate_low", "incidence_rate_lower", "numeric", _is_rate),
            Estimate("rate_high", "incidence_rate_upper", "numeric", _is_rate),
            Estimate("rate", "standardised_ratio", "numeric", _is_ratio),
            Estimate("rate_low", "standardised_ratio_lower", "numeric", _is_ratio),
            Estimate("rate_high", "standardised_ratio_upper", "numeric", _is_ratio),
            Estimate("robust_low", "person_robust_lower", "numeric", kept=False),
            Estimate("robust_high", "person_robust_upper", "numeric", kept=False),
            LEVEL, METHOD,
        ),
        strata=(("stratum", "level"),),
    ),
    Layout(
        "comparison.csv", "pass_comparison", (("cohort_name", "target"), ("comparator_name", "comparator")),
        (TIME, COUNTING, MEASURE, ("adjusted_for", "adjusted_for")), "outcome",
        (
            Estimate("target_events", "target_outcome_count", "integer"),
            Estimate("target_person_days", "target_person_days", "integer"),
            Estimate("comparator_events", "comparator_outcome_count", "integer"),
            Estimate("comparator_person_days", "comparator_person_days", "integer"),
            Estimate("per", "rate_per", "integer", kept=False),
            Estimate("estimate", "estimate", "numeric"),
            Estimate("low", "estimate_lower", "numeric"),
            Estimate("high", "estimate_upper", "numeric"),
            Estimate("robust_low", "person_robust_lower", "numeric", kept=False),
            Estimate("robust_high", "person_robust_upper", "numeric", kept=False),
            LEVEL, METHOD,
        ),
    ),
    Layout(
        "survival.csv", "pass_survival", COHORT, (TIME, MEASURE, ("point", "point"), ("time", "day")), "outcome",
        (
            Estimate("persons", "denominator_count", "integer", _is_total),
            Estimate("at_risk", "at_risk_count", "integer", _is_share),
            Estimate("events", "outcome_count", "integer"),
            Estimate("competing", "competing_count", "integer"),
            Estimate("estimate", "estimate", "proportion", _is_share),
            Estimate("std_error", "std_error", "numeric", _is_share),
            Estimate("low", "estimate_lower", "proportion", _is_share),
            Estimate("high", "estimate_upper", "proportion", _is_share),
            Estimate("estimate", "median_day", "integer", _is_median),
            Estimate("low", "median_day_lower", "integer", _is_median, kept=False),
            Estimate("high", "median_day_upper", "integer", _is_median, kept=False),
            LEVEL, METHOD,
        ),
    ),
    Layout(
        "lock_points.csv", "pass_lock_points", COHORT,
        (TIME, COUNTING, ("lock_point", "lock_point"), ("span", "span")), "outcome",
        (
            Estimate("first_events", "first_outcome_count", "integer"),
            Estimate("events", "outcome_count", "integer"),
            Estimate("person_days", "person_days", "integer"),
            Estimate("first_event_days", "person_days_to_first", "integer"),
        ),
    ),
    Layout(
        "attrition.csv", "pass_cohort_attrition", COHORT, (("reason_id", "position"),), "", STEPS,
        strata=(("reason", "label"),), has=_of_cohort,
    ),
    Layout(
        "attrition.csv", "pass_analysis_attrition", COHORT,
        (("reason_id", "position"), ("outcome_name", "outcome"), TIME), "", STEPS,
        strata=(("reason", "label"),), has=_of_analysis,
    ),
    Layout(
        "baseline.csv", "pass_characteristics", COHORT, (), "variable",
        (
            Estimate("persons", "count", "integer"),
            Estimate("percent", "percentage", "percentage", _is_category),
            Estimate("mean", "mean", "numeric", _is_measured),
            Estimate("sd", "sd", "numeric", _is_measured, kept=False),
        ),
        level="level",
    ),
)  # fmt: skip
"""What is exported. Quality, participation and weights have no place in that layout, and stay in ``results/``."""
