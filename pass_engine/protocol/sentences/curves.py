"""Survival analyses and data lock points in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import survival_analyses
from pass_engine.protocol.sentences.words import in_words, listed, percent, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Study, Survival

SCALES = {"log_log": "complementary log-log", "log": "logarithmic", "plain": "plain"}
ESTIMATORS = {
    "survival": (
        "Survival is estimated by the Kaplan–Meier method with Greenwood's variance; who has a competing event is "
        "censored on that day."
    ),
    "cumulative_incidence": (
        "Cumulative incidence is estimated by the Aalen–Johansen method with a variance of Greenwood's type, so that a "
        "competing event takes a person out for good."
    ),
}


def say_curves(study: Study) -> Iterator[str]:
    """Each survival analysis: its time, its estimators, what competes."""
    for analysis in survival_analyses(study):
        yield " ".join(_parts(study, analysis))


def _parts(study: Study, analysis: Survival) -> Iterator[str]:
    since = study.strata.time_since_start
    origin = "the start of the first era of the exposure" if since and since.origin == "first_era" else "cohort entry"
    yield (
        f"The analysis {analysis.id} follows persons in days from {origin}, which is day 0, to their first event. Who "
        "comes under risk later is counted from then on (delayed entry), a day of a gap in the time at risk is not "
        "counted, and on one day events come before competing events and these before the end of follow-up."
    )
    yield from (ESTIMATORS[measure] for measure in ESTIMATORS if measure in analysis.measures)
    others = [quoted(study.outcomes[name].label) for name in analysis.competing]
    yield f"What competes, on a day at risk, is {listed(['death', *others])}."
    yield (
        f"Limits of {percent(analysis.interval.level)} are made on the {SCALES[analysis.interval.scale]} scale. Pooled "
        "curves are made from the sum of the registries' life tables and are those of all persons together."
    )


def say_lock_points(study: Study) -> Iterator[str]:
    """Intervals between data lock points."""
    points = study.data.lock_points
    if points:
        yield (
            f"Events and person-years are also counted in the intervals that end with the data lock points "
            f"{listed([in_words(point) for point in points])}, and cumulative to each from the start of the study "
            "period; a cumulative count is the one before and the interval. Persons are not counted by interval."
        )
