"""Columns of the result files that say who took part in what, and what each registry changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVEL = "two-sided confidence level of the intervals"
PARTICIPATION: Mapping[str, str] = {
    "registry": "identifier of an invited registry",
    "name": "name of the registry",
    "status": "took part, declined, did not take part, failed, or excluded (by a quality gate)",
    "reason": "why it did not take part",
    "decision": (
        "signed: the registry decided under its own key; local: whoever held all the data decided, unsigned; empty "
        "where no decision is known"
    ),
    "persons": "persons in the registry; empty where at least 1 and below k",
    "data_cut_date": "last day the registry's data cover",
    "deaths": "visits: deaths known from visits only; linked: known independently of visits",
    "min_cell": "smallest count the registry lets be published",
    "release": (
        "how the registry's counts left: exact to the centre; suppressed, without small cells and what would give them "
        "back; or masked, so that the centre read only sums over at least three masked registries"
    ),
    "synthetic": "true where the data are made up",
}
CONTRIBUTION: Mapping[str, str] = {
    "analysis": "identifier of the analysis in the protocol",
    "outcome": "outcome",
    "registry": "identifier of an invited registry",
    "status": (
        "contributed; declined (the registry's decision does not cover the analysis, or the study); kept back (its "
        "policy does not let it leave); excluded (by a quality gate); no counts; or why it did not take part at all"
    ),
    "reason": "why it did not contribute, or what of it was kept back",
}
LEAVE_ONE_OUT: Mapping[str, str] = {
    "analysis": "identifier of the analysis in the protocol",
    "role": "primary, secondary or exploratory, or sensitivity",
    "left_out": "registry whose numbers are taken from the pooled ones",
    "cohort": "exposure cohort",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "measure": "measure, overall: as in incidence.csv",
    "status": "shown; withheld where the pooled row or the registry's own is not shown; not_estimable",
    "persons": "persons of the other registries",
    "persons_with_event": "persons with an event of the other registries",
    "events": "events of the other registries",
    "person_days": "days of the other registries",
    "per": "the rate is per this many person-years; for incidence_proportion per this many persons",
    "rate": "estimate without the registry",
    "rate_low": "lower limit by the method named",
    "rate_high": "upper limit by the method named",
    "interval_level": LEVEL,
    "method": "method of rate_low and rate_high; a person-robust interval is not given here",
    "registries": "registries that remain, separated by semicolons",
}
BOUNDS: Mapping[str, str] = {
    "analysis": "identifier of the analysis in the protocol",
    "role": "primary, secondary or exploratory, or sensitivity",
    "cohort": "exposure cohort",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "counting": "first: the first event only; recurrent: all events outside clean windows",
    "stratum": "margin: overall, or stratifiers joined by *",
    "level": "level of the margin; empty for overall",
    "measure": "measure, as in incidence.csv, of which the pooled row lacks what a registry withheld before it left",
    "registries": "registries that contributed to the pooled row, separated by semicolons",
    "lacking": "those among them whose own number is not shown: it is bounded by what its mark leaves open",
    "persons": "persons of the pooled row",
    "events_least": "fewest events (for incidence_proportion persons with event) that the pool can have",
    "events_most": "most that it can have; empty where nothing published limits them",
    "days_least": "fewest days that the measure can divide by",
    "days_most": "most days",
    "per": "the rate is per this many person-years; for incidence_proportion per this many persons",
    "rate_least": "least that the pooled rate can be; no confidence limit",
    "rate_most": "most that it can be; empty where nothing published limits it",
    "note": "remarks",
}
HETEROGENEITY: Mapping[str, str] = {
    "analysis": "identifier of the analysis in the protocol",
    "role": "primary, secondary or exploratory, or sensitivity",
    "cohort": "exposure cohort",
    "outcome": "outcome",
    "time_at_risk": "time at risk",
    "measure": "measure, overall: as in incidence.csv",
    "status": "shown, or not_estimable where fewer than two registries show a rate with an event",
    "registries": "registries whose rates are taken, separated by semicolons; never a masked one",
    "left_out": "registries without an event, or whose row is withheld, separated by semicolons",
    "per": "the rate is per this many person-years",
    "rate": "mean over registries, of rates on the log scale; the pooled rate of incidence.csv is that of all persons",
    "rate_low": "lower limit by the method named",
    "rate_high": "upper limit by the method named",
    "prediction_low": "lower limit of the interval in which the rate of a further registry is expected; from three on",
    "prediction_high": "upper limit of that interval",
    "q": "Cochran's Q",
    "i2_percent": "I-squared: share of the spread of the rates that is between registries, percent",
    "tau2": "tau-squared: variance between registries of the logarithm of the rate; from three registries on",
    "interval_level": LEVEL,
    "method": "method of rate_low and rate_high; fixed effect alone of two registries",
    "note": "remarks",
}
