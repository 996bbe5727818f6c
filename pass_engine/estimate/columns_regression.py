"""Columns of the results of regression models, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANALYSIS = "identifier of the analysis in the protocol"
REGRESSION: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "role": "primary, secondary or exploratory",
    "registry": "registry, or pooled",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "target": "cohort of interest",
    "comparator": "cohort it is held against",
    "model": "cox: ratio of hazards",
    "adjustment": "crude, or the name of a set of covariates in the protocol",
    "adjusted_for": "covariates of the set, separated by semicolons",
    "pooling": "of pooled rows: reml, dersimonian_laird, fixed, or likelihood (likelihoods of the registries added)",
    "status": "shown; not_shown: too few events by the protocol; not_estimable; withheld, <k: by disclosure control",
    "estimate": "ratio of target over comparator",
    "low": "lower limit, by the variance of the model",
    "high": "upper limit",
    "robust_low": "lower limit by the person-robust variance; registries alone",
    "robust_high": "upper limit by it",
    "interval_level": "level of the intervals",
    "hazards_chi2": "are hazards proportional? chi-squared of the ratio's trend with time; pooled: the registries' sum",
    "hazards_p": "P of it; small: the ratio changes with time",
    "q": "Cochran's Q between registries; pooled rows alone",
    "i2_percent": "I-squared; pooled rows alone",
    "tau2": "variance between registries on the log scale; empty for a fixed effect",
    "prediction_low": "lower limit of where the ratio of a further registry is expected",
    "prediction_high": "upper limit of it",
    "method": "method of the estimate and of low and high",
    "registries": "registries whose estimates are in the row",
    "note": "why there is no estimate, or another remark",
}
MEMBERS: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "registry": "registry",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "cohort": "cohort",
    "status": "shown; <k: a count is too small to show",
    "persons": "persons with a day at risk who are in the models; empty where it would tell of few who are not",
    "later_arm": "left out: entered the other cohort before, or on the same day",
    "incomplete": "left out: without a covariate, or a date of birth, that may not be missing",
    "rare_level": "left out: with a level that few persons of both cohorts have",
}
REGRESSION_RESULTS: Mapping[str, Mapping[str, str]] = {"regression": REGRESSION, "regression_members": MEMBERS}
