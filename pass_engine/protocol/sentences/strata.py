"""Strata in words: how days and events are split, and which margins are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.models import Incidence
from pass_engine.protocol.names import age_labels, canonical_order
from pass_engine.protocol.sentences.words import listed, quoted
from pass_engine.terms import DATED_STRATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import CalendarStratum, Strata, Study, TimeSinceStartStratum

FIXED = {
    "country": "country of residence",
    "centre": "treating centre",
    "course": "disease course at entry",
    "edss": "EDSS at entry",
    "relapses_12_months": "relapses in the year before entry",
    "prior_substances": "substances before entry",
    "entry_year": "year of entry",
    "line_of_treatment": "line of treatment at entry",
}
AT_ENTRY = {
    "country": "country is the recorded country of residence",
    "centre": "centre is the recorded treating centre",
    "course": "disease course is the one that began last on or before day 0",
    "edss": "EDSS is the last one on day 0 or in the 365 days before it, in the groups 0-1.5, 2-3.5, 4-5.5 and 6-10",
    "relapses_12_months": (
        "relapses are the days with an onset on day 0 or in the 365 days before it, in the groups 0, 1, 2 and 3 or more"
    ),
    "prior_substances": (
        "substances before entry are those of treatments begun before day 0, without those of the cohort's exposure, "
        "in the groups 0, 1, 2 and 3 or more"
    ),
    "entry_year": "year of entry is the calendar year of day 0",
    "line_of_treatment": (
        "line of treatment is the number of substances of which a treatment began before day 0, those of the cohort's "
        "exposure included, plus 1, in the groups 1, 2, 3 and 4 or more"
    ),
}
FIRST_DAYS = {"year": "1 January", "quarter": "the first day of each quarter", "month": "the first day of each month"}


def stratum_in_words(study: Study, stratum: str) -> str:
    """A stratifier within a sentence: age, calendar quarter, time since start."""
    if stratum == "calendar":
        return f"calendar {study.strata.calendar.by if study.strata.calendar else 'year'}"
    return FIXED.get(stratum, stratum.replace("_", " "))


def say_strata(study: Study) -> tuple[str, ...]:
    """How days and events are split, and which margins are shown."""
    told = list(_splits(study.strata))
    analyses = [a for a in study.analyses if isinstance(a, Incidence)]
    margins = dict.fromkeys(canonical_order(m) for analysis in analyses for m in analysis.by)
    shown = [" by ".join(stratum_in_words(study, s) for s in m) for m in margins if m]
    if shown:
        told.append(
            f"Results are shown overall and by {listed(shown)}; registries are always shown apart as well as pooled."
        )
    else:
        told.append("Results are shown overall; registries are shown apart as well as pooled.")
    return tuple(told)


def _splits(strata: Strata) -> Iterator[str]:
    if strata.age is not None:
        yield _age(strata.age.bands)
    if strata.sex is not None:
        yield "Sex is taken as recorded; sex that is not recorded has a cell of its own."
    if strata.calendar is not None:
        yield _calendar(strata.calendar)
    if strata.time_since_start is not None:
        yield _since(strata.time_since_start)
    yield from _dated(strata)
    fixed = [words for name, words in AT_ENTRY.items() if getattr(strata, name) is not None]
    if fixed:
        yield f"Values at entry do not change during follow-up: {'; '.join(fixed)}. {_unknown(strata)}".strip()
    if any(getattr(strata, name) is not None for name in ("age", "calendar", "time_since_start", *DATED_STRATA)):
        yield (
            "Each day at risk and each event lies in exactly one cell, so that days and events add up over cells; "
            "persons do not, as one person can be in several."
        )


def _age(bands: tuple[int, ...]) -> str:
    low = bands[0]
    outside = f" Days below age {low} have a cell of their own ({quoted('outside')})," if low else " There is"
    unknown = f" as have days of persons without a date of birth ({quoted('unknown')})."
    if not low:
        unknown = f" a cell of its own for persons without a date of birth ({quoted('unknown')})."
    return (
        f"Age is attained age in completed years, in the bands {listed(list(age_labels(bands)))}; a birthday belongs "
        f"to the older band.{outside}{unknown}"
    )


def _calendar(calendar: CalendarStratum) -> str:
    told = f"Calendar time is split at {FIRST_DAYS[calendar.by]}."
    if not calendar.complete_intervals:
        return told
    return (
        f"{told} A {calendar.by} is shown only where it lies wholly in the time that the registry could observe, from "
        "the start of the period of entry or, if later, of the collection of the outcome's source, to the data cut; "
        f"days and events of any other {calendar.by} are in a cell of their own ({quoted('incomplete')})."
    )


def _since(since: TimeSinceStartStratum) -> str:
    origin = {
        "entry": "cohort entry, which is day 0",
        "first_era": (
            "the first day of the person's first era ever of the cohort's exposure, which is day 0 and may lie before "
            "cohort entry"
        ),
        "period": (
            "the anchor of the period at risk that holds the day, before any lag; that is day 0, and each period "
            "begins anew"
        ),
    }[since.origin]
    low = since.cuts_days[0]
    outside = f" The days before day {low} have a cell of their own ({quoted('outside')})." if low else ""
    bands = list(age_labels(since.cuts_days))
    which = f"in the bands {listed(bands)}" if len(bands) > 1 else f"in one band from day {low} on"
    return f"Time since start is counted in days from {origin}, {which}.{outside}"


def _dated(strata: Strata) -> Iterator[str]:
    duration, doses = strata.exposure_duration, strata.cumulative_doses
    of = "A state goes by the exposure it is of, a category of days under two exposures by the one begun later."
    if duration is not None:
        yield (
            "Exposure duration is the number of days of the cohort's exposure before the day in question, whenever "
            f"they were, without extension and gaps, {_bands(duration.cuts_days, 'day')} {of}"
        )
    if doses is not None:
        yield (
            "Cumulative doses are the recorded doses of the cohort's exposure up to the day in question, that day's "
            f"included, {_bands(doses.cuts, 'dose')} {of} Where doses are not recorded, all days are in a cell of "
            f"their own ({quoted('unknown')})."
        )


def _bands(cuts: tuple[int, ...], what: str) -> str:
    low = cuts[0]
    outside = f" Days before {what} {low} is reached have a cell of their own ({quoted('outside')})." if low else ""
    bands = list(age_labels(cuts))
    return f"{f'in the bands {listed(bands)}' if len(bands) > 1 else f'in one band from {what} {low} on'}.{outside}"


def _unknown(strata: Strata) -> str:
    known = strata.model_copy(update={"entry_year": None, "sex": None})
    if not any(getattr(known, name) is not None for name in AT_ENTRY):
        return ""
    return f"What is not known has a cell of its own ({quoted('unknown')})."
