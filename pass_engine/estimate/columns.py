"""The result files: their columns, in order, with what each means. The data dictionary is made from this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.publish import RECORD_COLUMNS
from pass_engine.estimate.columns_network import BOUNDS, CONTRIBUTION, HETEROGENEITY, LEAVE_ONE_OUT, PARTICIPATION
from pass_engine.estimate.columns_regression import REGRESSION_RESULTS
from pass_engine.estimate.columns_second import SECOND_STAGE, SUBGROUPS, UNMEASURED
from pass_engine.estimate.columns_weighted import WEIGHTED_FLOATS, WEIGHTED_INTEGERS, WEIGHTED_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS = (
    "why numbers of the row are empty: shown; <k (a count of persons or events is at least 1 and below k); "
    "withheld (would give such a count back, or kept back by the registry); not_estimable"
)
_REGISTRY = "identifier of the registry, or pooled"
_LEVEL = "two-sided confidence level of the intervals"
_CONTRIBUTORS = "registries that contributed to the row, separated by semicolons"
_PLACE = {"cohort": "exposure cohort", "outcome": "outcome", "time_at_risk": "time at risk"}
_KEYS = {
    "analysis": "identifier of the analysis in the protocol",
    "role": "primary, secondary or exploratory, or sensitivity",
    "registry": _REGISTRY,
    **_PLACE,
}

INCIDENCE: Mapping[str, str] = {
    **_KEYS,
    "counting": "first: the first event only; recurrent: all events outside clean windows",
    "stratum": "margin: overall, or stratifiers joined by *",
    "level": "level of the margin; empty for overall",
    "measure": (
        "incidence_proportion: persons with event per 100 persons; eair: first events over time to the first event or "
        "end; eair_total_exposure: first events over all exposure time; eaer: all counted events over time at risk; "
        "standardised_eair and standardised_eaer: directly standardised; sir: observed over expected first events"
    ),
    "status": _STATUS,
    "persons": "persons with at least one day at risk in the cell",
    "persons_with_event": (
        "persons with at least one counted event in the cell; for eair, eair_total_exposure and sir those whose first "
        "event falls in it"
    ),
    "events": (
        "events the measure counts in the cell: first events for eair, eair_total_exposure and sir, else all counted"
    ),
    "person_days": "whole days the measure divides by, both ends counted; time at risk for incidence_proportion",
    "expected": "for sir: events expected in the same time at the reference rates",
    "per": "the rate is per this many person-years; for incidence_proportion per this many persons; 1 for sir",
    "rate": "estimate",
    "rate_low": "lower limit by the method named",
    "rate_high": "upper limit by the method named",
    "robust_low": "lower limit of the person-robust interval, where events of one person may depend on each other",
    "robust_high": "upper limit of the person-robust interval",
    "interval_level": _LEVEL,
    "method": "method of rate_low and rate_high",
    "registries": _CONTRIBUTORS,
    "note": "remarks",
}
COMPARISON: Mapping[str, str] = {
    **{k: v for k, v in _KEYS.items() if k != "cohort"},
    "target": "cohort of interest",
    "comparator": "cohort it is held against",
    "counting": "first: first events over time to the first event; recurrent: all events over time at risk",
    "measure": (
        "rate_ratio: rate of the target over rate of the comparator, crude; rate_difference: rate of the target less "
        "rate of the comparator, crude; mantel_haenszel_rate_ratio: ratio over strata; poisson_rate_ratio: ratio of a "
        "Poisson regression on the strata and, pooled, the registry"
    ),
    "adjusted_for": "strata of the ratio over strata, joined by *; empty for crude measures",
    "status": _STATUS,
    "target_events": "events of the target",
    "target_person_days": "days at risk of the target",
    "comparator_events": "events of the comparator",
    "comparator_person_days": "days at risk of the comparator",
    "persons_in_both": "persons with time at risk in both arms; empty where at least 1 and below k",
    "per": "a difference is per this many person-years; empty for ratios",
    "estimate": "estimate",
    "low": "lower limit by the method named",
    "high": "upper limit by the method named",
    "robust_low": (
        "lower limit of the person-robust interval, given for crude measures where counts are not Poisson or arms "
        "share persons"
    ),
    "robust_high": "upper limit of the person-robust interval",
    "interval_level": _LEVEL,
    "method": "method of low and high; person-robust where a person is in both arms",
    "registries": _CONTRIBUTORS,
    "note": "remarks",
}
SURVIVAL: Mapping[str, str] = {
    **_KEYS,
    "measure": (
        "survival: share still without the event (Kaplan-Meier); cumulative_incidence: share with the event where "
        "other events compete (Aalen-Johansen)"
    ),
    "point": (
        "table: a day of the protocol; curve: a further day of the figure; band: the last day of a band of time since "
        "start; total: all days together; median: the estimate and its limits are the first day on which survival, or "
        "its limit, is at most a half"
    ),
    "day": "day since the origin, which is day 0; empty for total and median",
    "status": _STATUS,
    "persons": "for total: persons with at least one day at risk",
    "at_risk": "persons at risk on the day; who leaves on it is at risk on it",
    "events": "first events up to and including the day",
    "competing": "competing events up to and including the day, death among them",
    "estimate": "share, from 0 to 1; for median a day",
    "std_error": "standard error of the share: Greenwood, or of Greenwood type for cumulative incidence",
    "low": "lower limit by the method named",
    "high": "upper limit by the method named",
    "interval_level": _LEVEL,
    "method": "estimator, and the scale on which its limits are made",
    "registries": _CONTRIBUTORS,
    "note": "remarks",
}
LOCK_POINTS: Mapping[str, str] = {
    **_KEYS,
    "counting": "first: the first event only; recurrent: all events outside clean windows",
    "lock_point": "data lock point: last day of the interval, and of the cumulative count",
    "span": "interval: from the day after the lock point before; cumulative: from the start of the study period",
    "status": _STATUS,
    "first_events": "first events in the span",
    "events": "all counted events in the span",
    "person_days": "days at risk in the span, both ends counted",
    "first_event_days": "days up to the first event or the end, in the span",
    "registries": _CONTRIBUTORS,
    "note": "remarks",
}
ATTRITION: Mapping[str, str] = {
    "registry": _REGISTRY,
    "registries": _CONTRIBUTORS,
    "scope": "cohort: on the way into the cohort; analysis: from the cohort to the analysis set",
    "analysis": "analysis; empty for cohorts of the main analyses",
    "cohort": "exposure cohort",
    "outcome": "outcome, for scope analysis",
    "time_at_risk": "time at risk, for scope analysis",
    "position": "order of the step",
    "step": "identifier of the step",
    "label": "what the step asks",
    "status": _STATUS,
    "persons": "persons left after the step",
    "excluded": "persons the step took out",
}
BASELINE: Mapping[str, str] = {
    "registry": _REGISTRY,
    "registries": _CONTRIBUTORS,
    "cohort": "exposure cohort",
    "variable": "characteristic at cohort entry",
    "level": "category; empty for the values of a measured variable; missing where not known",
    "status": _STATUS,
    "persons": "persons",
    "percent": "persons per 100 persons of the cohort",
    "mean": "mean of a measured variable",
    "sd": "standard deviation of a measured variable (n - 1)",
}
QUALITY: Mapping[str, str] = {
    "registry": "identifier of the registry",
    "kind": "completeness, fault or mapping",
    "rule_id": "identifier of the check",
    "table_name": "table of the core data model",
    "column_name": "column of the core data model",
    "label": "what is checked",
    "status": _STATUS,
    "tested": "rows tested",
    "failed": "rows that failed; for completeness, rows without a value",
    "percent": "failed per 100 tested",
}
INDICATORS: Mapping[str, str] = {
    "registry": "identifier of the registry",
    "indicator": "identifier of the quality indicator",
    "dimension": "reliability, extensiveness, coherence, timeliness or relevance",
    "label": "what is measured",
    "status": _STATUS,
    "numerator": "what the indicator counts, by docs/quality-indicators.md",
    "denominator": "what it is counted over; days where the unit is a rate",
    "value": "numerator over denominator in the unit",
    "unit": "percent; per_year and per_100_years: per person-year and 100 of them; days: mean days",
    "direction": "at_least: more is better; at_most: less is better",
    "threshold": "default limit of the engine; a study sets its own by quality gates",
    "verdict": "kept or not kept, against the default limit; empty where the value is not shown",
}
COMPLETENESS_YEAR: Mapping[str, str] = {
    "registry": "identifier of the registry",
    "table_name": "table of the core data model",
    "column_name": "column of the core data model",
    "calendar_year": (
        "year of the row's own date (of a person: entry into the registry; of a disease: diagnosis); < and +: all "
        "years before and after the study's; unknown: rows without that date"
    ),
    "status": _STATUS,
    "tested": "rows of the year",
    "failed": "rows without a value",
    "percent": "failed per 100 tested",
}
VERIFICATION: Mapping[str, str] = {
    "registry": "identifier of the registry",
    "table_name": "table of the core data model",
    "column_name": "column of the core data model",
    "status": _STATUS,
    "checked": "fields held against source documents",
    "errors": "fields that differed from them",
    "percent": "errors per 100 fields checked",
    "low": "lower limit of the percentage",
    "high": "upper limit of the percentage",
    "interval_level": _LEVEL,
    "method": "method of low and high",
}
GATES: Mapping[str, str] = {
    "registry": "identifier of the registry",
    "position": "place of the gate in the protocol, from 1",
    "indicator": "identifier of the quality indicator",
    "variable": "variable, for variable_complete",
    "limit_text": "limit that the protocol sets",
    "action": "what follows where it is not kept: flag, exclude_analysis, exclude_registry or stop",
    "analyses": "analyses the registry is excluded from, for exclude_analysis, separated by semicolons",
    "verdict": "kept, not kept, or nothing to test, as decided at the registry on its whole numbers",
}
WEIGHTS: Mapping[str, str] = {
    "analysis": "analysis",
    "outcome": "outcome; empty where the weights are the same for all",
    "time_at_risk": "time at risk; empty where the weights are the same for all",
    "standard": "standard population, and the part of it used",
    "level": "cell of the study",
    "status": _STATUS,
    "weight": "weight of the cell; the weights of an analysis, outcome and time at risk sum to 1",
}
REFERENCE: Mapping[str, str] = {
    "analysis": "analysis",
    "reference": "file of the reference rates",
    "level": "cell of the study in which someone has time at risk",
    "per": "the rate is per this many person-years",
    "rate": "reference rate",
}
DICTIONARY: Mapping[str, str] = {"file": "result file", "column": "column", "meaning": "what it holds"}

RESULT_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "incidence": INCIDENCE,
    "comparison": COMPARISON,
    "survival": SURVIVAL,
    "lock_points": LOCK_POINTS,
    "attrition": ATTRITION,
    "baseline": BASELINE,
    "quality": QUALITY,
    "indicators": INDICATORS,
    "completeness_by_year": COMPLETENESS_YEAR,
    "verification": VERIFICATION,
    "quality_gates": GATES,
    "participation": PARTICIPATION,
    "contribution": CONTRIBUTION,
    "leave_one_out": LEAVE_ONE_OUT,
    "heterogeneity": HETEROGENEITY,
    "bounds": BOUNDS,
    **WEIGHTED_TABLES,
    **REGRESSION_RESULTS,
    "second_stage": SECOND_STAGE,
    "unmeasured": UNMEASURED,
    "subgroups": SUBGROUPS,
    "standard_weights": WEIGHTS,
    "reference_rates": REFERENCE,
    "withheld": RECORD_COLUMNS,
    "data_dictionary": DICTIONARY,
}
"""Result table to its columns and their meanings; the file is ``<table>.csv``."""

INTEGERS = WEIGHTED_INTEGERS | frozenset(
    {
        "persons",
        "persons_with_event",
        "events",
        "person_days",
        "per",
        "target_events",
        "target_person_days",
        "comparator_events",
        "comparator_person_days",
        "persons_in_both",
        "position",
        "row",
        "excluded",
        "tested",
        "failed",
        "min_cell",
        "degrees",
        "numerator",
        "denominator",
        "checked",
        "errors",
        "day",
        "at_risk",
        "competing",
        "first_events",
        "first_event_days",
        "events_least",
        "events_most",
        "days_least",
        "days_most",
    }
)
FLOATS = WEIGHTED_FLOATS | frozenset(
    {
        "expected",
        "hazards_chi2",
        "hazards_p",
        "rate",
        "rate_low",
        "rate_high",
        "rate_least",
        "rate_most",
        "robust_low",
        "robust_high",
        "interval_level",
        "estimate",
        "low",
        "high",
        "percent",
        "mean",
        "sd",
        "std_error",
        "prediction_low",
        "prediction_high",
        "q",
        "ratio_of_ratios",
        "ratio_of_ratios_low",
        "ratio_of_ratios_high",
        "chi2",
        "p",
        "i2_percent",
        "tau2",
        "e_value",
        "e_value_limit",
        "detectable_ratio",
        "power",
        "weight",
        "value",
        "threshold",
    }
)
