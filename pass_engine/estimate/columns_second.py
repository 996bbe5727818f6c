"""Columns of what is made of published ratios: a second stage over registries, E-values, detectable ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE: Mapping[str, str] = {
    "analysis": "identifier of the analysis in the protocol",
    "role": "primary, secondary or exploratory",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "target": "cohort of interest",
    "comparator": "cohort it is held against",
    "measure": "ratio: as in comparison.csv",
    "adjusted_for": "strata of the ratio over strata, joined by *; empty for crude ratios",
}
SECOND_STAGE: Mapping[str, str] = {
    **_PLACE,
    "model": (
        "fixed, dersimonian_laird or reml: mean of the registries' ratios on the log scale; likelihood: their exact "
        "conditional likelihoods added"
    ),
    "without": "registry left out in turn; empty where none is",
    "status": "shown; not_estimable where fewer than two registries have something to add",
    "registries": "registries whose numbers are taken, separated by semicolons; never a masked one",
    "left_out": "registries with no ratio, or whose numbers are withheld, separated by semicolons",
    "estimate": "ratio",
    "low": "lower limit by the method named; 0 where the likelihood has none",
    "high": "upper limit by the method named; empty where the likelihood has none",
    "prediction_low": "lower limit of the interval in which the ratio of a further registry is expected; from three on",
    "prediction_high": "upper limit of that interval",
    "q": "Cochran's Q",
    "i2_percent": "I-squared: share of the spread of the ratios that is between registries, percent",
    "tau2": "tau-squared: variance between registries of the logarithm of the ratio; random effects only",
    "interval_level": "confidence level",
    "method": "how estimate and limits were made; fixed effect alone of two registries",
    "note": "remarks",
}
SUBGROUPS: Mapping[str, str] = {
    "analysis": _PLACE["analysis"],
    "role": _PLACE["role"],
    "registry": "registry; pooled for all",
    "outcome": _PLACE["outcome"],
    "time_at_risk": _PLACE["time_at_risk"],
    "target": _PLACE["target"],
    "comparator": _PLACE["comparator"],
    "counting": "first: first events over time to the first event; recurrent: all events over time at risk",
    "measure": "rate_ratio: crude, within the level",
    "stratum": "stratifier that tells the subgroups apart",
    "level": "subgroup; empty in the row of the test of interaction",
    "status": (
        "shown; not_estimable: the note says why; <k or withheld: a cell of the level is not shown, and the level is "
        "in no test"
    ),
    "target_events": "events of the target in the level",
    "target_person_days": "days of the target in the level",
    "comparator_events": "events of the comparator in the level",
    "comparator_person_days": "days of the comparator in the level",
    "estimate": "rate ratio in the level",
    "low": "lower limit by the method named",
    "high": "upper limit by the method named",
    "ratio_of_ratios": "ratio of the level's ratio to that of the first level shown; empty for that one",
    "ratio_of_ratios_low": "lower limit of it, log-normal",
    "ratio_of_ratios_high": "upper limit of it, log-normal",
    "chi2": "of the test that all levels have one ratio: Cochran's Q of their logarithms",
    "degrees": "degrees of freedom of chi2: levels in the test, less one",
    "p": "P of the test, not corrected for how many there are",
    "interval_level": "confidence level",
    "method": "method of low and high",
    "registries": "contributing registries, separated by semicolons",
    "note": "remarks",
}
UNMEASURED: Mapping[str, str] = {
    "analysis": _PLACE["analysis"],
    "role": _PLACE["role"],
    "registry": "registry; pooled for all",
    **{column: meaning for column, meaning in _PLACE.items() if column not in ("analysis", "role")},
    "status": "as the ratio's in comparison.csv",
    "e_value": (
        "E-value of the ratio: risk ratio that an unmeasured confounder would need with exposure and with outcome, at "
        "least, to explain the ratio away; empty where not asked for"
    ),
    "e_value_limit": "E-value of the limit nearer to 1; 1 where the interval holds 1",
    "detectable_ratio": (
        "smallest ratio above 1 that the events and person-time of both arms would show with this power; empty where "
        "not asked for"
    ),
    "power": "power of detectable_ratio, two-sided at the interval's level",
    "interval_level": "confidence level",
    "registries": "contributing registries, separated by semicolons",
    "note": "remarks",
}
