"""Columns of the results that come of propensity scores, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANALYSIS = "identifier of the analysis in the protocol"
_REGISTRY = "registry, or pooled"
_WEIGHTING = (
    "ate: everybody; att: such as the target; overlap: could have been in either; matching: a match would keep, all "
    "weighted; matched: those who have a match"
)
_COVARIATE = "covariate of the protocol"
_LEVEL = "level of the covariate; empty for one that is a number"

WEIGHTED: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "role": "primary, secondary or exploratory",
    "registry": _REGISTRY,
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "target": "cohort of interest",
    "comparator": "cohort it is held against",
    "weighting": _WEIGHTING,
    "counting": "first: first events over time to the first event; recurrent: all events over time at risk",
    "status": "shown; not_shown: a gate of the protocol is not met; not_estimable; withheld: by disclosure control",
    "estimate": "weighted rate ratio; pooled: mean over registries of its logarithm",
    "low": "lower limit",
    "high": "upper limit",
    "interval_level": "level of the interval",
    "q": "Cochran's Q between registries; pooled rows alone",
    "i2_percent": "I-squared; pooled rows alone",
    "tau2": "variance between registries on the log scale; empty for a fixed effect",
    "prediction_low": "lower limit of where the ratio of a further registry is expected",
    "prediction_high": "upper limit of it",
    "method": "method of the interval, and of the pool",
    "registries": "registries whose estimates are in the row",
    "note": "which gate is not met, or another remark",
}
BALANCE: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "registry": _REGISTRY,
    "weighting": _WEIGHTING,
    "covariate": _COVARIATE,
    "level": _LEVEL,
    "smd_before": "standardised mean difference, target less comparator, before weighting",
    "smd_after": "the same after weighting, in units of the spread before it",
    "registries": "registries whose persons are in the row",
}
PROPENSITY: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "registry": "registry",
    "cohort": "cohort",
    "weighting": f"none: as they are; {_WEIGHTING}",
    "status": "shown; not_estimable: the note says why; <k: a count is too small to show",
    "persons": "persons of the cohort with a score; empty where it would tell of few who have none",
    "later_arm": "left out: entered the other cohort before, or on the same day",
    "incomplete": "left out: without a covariate that may not be missing",
    "rare_level": "left out: with a level that few persons of either cohort have",
    "in_equipoise": "persons with a preference score from 0.3 to 0.7",
    "outside_support": "persons with a score beyond those of the other cohort",
    "truncated": "persons whose weight was truncated",
    "unmatched": "persons without a match; of matched alone above 0",
    "effective": "effective sample size of the weighted cohort (Kish); empty for none",
    "heaviest_percent": "share of the cohort's weight that the heaviest person carries; empty for none",
    "note": "why there is no score",
}
MODEL: Mapping[str, str] = {
    "analysis": _ANALYSIS,
    "registry": "registry",
    "covariate": f"{_COVARIATE}, or intercept",
    "level": _LEVEL,
    "coefficient": "logarithm of the odds ratio of being in the target, against the first level, whose own is 0",
}
WEIGHTED_TABLES: Mapping[str, Mapping[str, str]] = {
    "weighted": WEIGHTED,
    "balance": BALANCE,
    "propensity": PROPENSITY,
    "propensity_model": MODEL,
}
WEIGHTED_INTEGERS = frozenset(
    {"later_arm", "incomplete", "rare_level", "in_equipoise", "outside_support", "truncated", "unmatched"}
)
WEIGHTED_FLOATS = frozenset({"smd_before", "smd_after", "effective", "heaviest_percent", "coefficient"})
