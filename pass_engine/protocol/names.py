"""Names that counts, results and reports share: margins and their levels."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pass_engine.terms import OVERALL, STRATA

if TYPE_CHECKING:
    from collections.abc import Iterable

BEYOND_AGE = 150
"""No person is this old."""

BEYOND_DAYS = 100_000
"""Longer than any life, in days."""


def canonical_order(strata: Iterable[str]) -> tuple[str, ...]:
    """Stratifiers in the one order in which margins name them: age, sex, calendar."""
    return tuple(sorted(set(strata), key=STRATA.index))


def margin_name(strata: Iterable[str]) -> str:
    """Name of a margin: ``overall``, ``sex``, ``age*sex``."""
    return "*".join(canonical_order(strata)) or OVERALL


def age_labels(bands: tuple[int, ...]) -> tuple[str, ...]:
    """Labels of the age bands, without ``outside`` and ``unknown``: ``18-29``, …, ``70+``."""
    closed = tuple(f"{low}-{high - 1}" if high - 1 > low else f"{low}" for low, high in itertools.pairwise(bands))
    return (*closed, f"{bands[-1]}+")


def age_years(bands: tuple[int, ...]) -> list[tuple[object, ...]]:
    """Age bands as one row a completed year of age: (age, band number, label). What is below the first has none."""
    named = zip(itertools.pairwise([*bands, BEYOND_AGE]), age_labels(bands), strict=True)
    return [(age, n, label) for n, ((low, high), label) in enumerate(named, start=1) for age in range(low, high)]


def age_edges(bands: tuple[int, ...]) -> list[tuple[object, ...]]:
    """Age bands as (band number, from, to), [from, to) in completed years; band 0 is below the first."""
    edges = [-BEYOND_AGE, *bands, BEYOND_AGE]
    return [(n, low, high) for n, (low, high) in enumerate(itertools.pairwise(edges))]


def since_bands(cuts: tuple[int, ...]) -> list[tuple[object, ...]]:
    """Bands of time since start as (number, from, to, label), [from, to) in days; band 0 is before the first cut."""
    named = zip(itertools.pairwise([*cuts, BEYOND_DAYS]), age_labels(cuts), strict=True)
    bands = [(n, low, high, label) for n, ((low, high), label) in enumerate(named, start=1)]
    return [(0, -BEYOND_DAYS, cuts[0], "outside"), *bands]


MONTHS = {"year": 12, "quarter": 3, "month": 1}
"""Months in a calendar interval."""


def calendar_intervals(by: str, first: date, last: date) -> list[tuple[date, date, str]]:
    """Calendar intervals that hold a day of a closed period: (first day, last day, label), in order."""
    months = MONTHS[by]
    intervals = []
    start = date(first.year, (first.month - 1) // months * months + 1, 1)
    while start <= last:
        index = start.year * 12 + start.month - 1 + months
        following = date(index // 12, index % 12 + 1, 1)
        label = {"year": f"{start:%Y}", "quarter": f"{start:%Y}-Q{(start.month + 2) // 3}", "month": f"{start:%Y-%m}"}[
            by
        ]
        intervals.append((start, following - timedelta(days=1), label))
        start = following
    return intervals


STEP_LABELS = {
    "persons": "Persons in the registry who may be counted",
    "registry_overlap": "Not given up to another registry of the network",
    "data_fault": "Without a contradiction for which the protocol leaves a person out",
    "exposed": "Began the exposure in the study period",
    "entered_both": "Entered the cohort of the exposure that began earlier as well",
    "window": "At least one day in the time at risk and in follow-up",
    "prior_event": "No event before the first day at risk",
    "prior_event measured": "With a baseline from which the change can be reached",
    "prior_event_after_entry": "Of those left out, with an event on or after cohort entry",
    "at_risk": "Analysis set: at least one day at risk",
    "filled_date_straddles": "With an event whose filled date may lie inside or outside the time at risk",
}
"""Steps of attrition, and what each asks; those of a protocol's criteria are its own."""
