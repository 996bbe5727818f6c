"""Rule tables of analyses: what they count, the margins they ask for, and the bands those margins split by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.counted import (
    cell_analyses,
    cohorts_of,
    counts_of,
    dated_counts,
    dated_way,
    margins_of,
    times_of,
)
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.names import age_edges, age_years, calendar_intervals, margin_name, since_bands
from pass_engine.terms import DATED_STRATA, STRATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Incidence, Study

SHORT = {"time_since_start": "since"}
"""Stratifiers whose flag in ``margin_rule`` has a shorter name."""


@dataclass(frozen=True)
class RuleTable:
    """A small table: column name to SQL type, and rows."""

    columns: dict[str, str]
    rows: list[tuple[object, ...]]


def analysis_tables(study: Study, counts: tuple[Count, ...]) -> dict[str, RuleTable]:
    """Rule tables of analyses, margins, bands and contrasts."""
    number = {(c.cohort, c.outcome, c.time_at_risk): c.count_no for c in counts}
    analyses = cell_analyses(study)
    bands = study.strata.age.bands if study.strata.age else (0,)
    cuts = study.strata.time_since_start.cuts_days if study.strata.time_since_start else (0,)
    return {
        "analysis_rule": RuleTable(
            {
                "analysis": "VARCHAR",
                "count_no": "INTEGER",
                "shown_count_no": "INTEGER",
                **{f"by_{name}": "BOOLEAN" for name in DATED_STRATA},
            },
            [row for a in analyses for c in cohorts_of(a) for o, t in _pairs(a) for row in _counted(study, a, c, o, t)],
        ),
        "margin_rule": RuleTable(
            {
                "analysis": "VARCHAR",
                "stratum": "VARCHAR",
                **{f"by_{SHORT.get(name, name)}": "BOOLEAN" for name in STRATA},
            },
            [(a.id, margin_name(m), *(name in m for name in STRATA)) for a in analyses for m in margins_of(a)],
        ),
        "age_edge": RuleTable({"band_no": "INTEGER", "age_from": "INTEGER", "age_to": "INTEGER"}, age_edges(bands)),
        "age_band": RuleTable({"age": "INTEGER", "band_no": "INTEGER", "label": "VARCHAR"}, age_years(bands)),
        "since_band": RuleTable(
            {"since_no": "INTEGER", "from_day": "INTEGER", "to_day": "INTEGER", "label": "VARCHAR"}, since_bands(cuts)
        ),
        "dated_rule": RuleTable(
            {
                "kind": "VARCHAR",
                "band_no": "INTEGER",
                "from_value": "INTEGER",
                "to_value": "INTEGER",
                "label": "VARCHAR",
            },
            [(kind, *band) for kind, limits in _dated_cuts(study) for band in since_bands(limits)],
        ),
        "calendar_interval": RuleTable(
            {"interval_no": "INTEGER", "interval_start": "DATE", "interval_end": "DATE", "label": "VARCHAR"},
            [(n, *interval) for n, interval in enumerate(_intervals(study), start=1)],
        ),
        "calendar_month": RuleTable(
            {"month_no": "INTEGER", "interval_no": "INTEGER"},
            [
                (start.year * 12 + start.month - 1 + m, n)
                for n, (start, end, _) in enumerate(_intervals(study), start=1)
                for m in range((end.year - start.year) * 12 + end.month - start.month + 1)
            ],
        ),
        "contrast_rule": RuleTable(
            {
                "analysis": "VARCHAR",
                "outcome": "VARCHAR",
                "time_at_risk": "VARCHAR",
                "target": "VARCHAR",
                "comparator": "VARCHAR",
                "target_count_no": "INTEGER",
                "comparator_count_no": "INTEGER",
            },
            [
                (a.id, o, t, a.of.target, a.of.comparator, number[a.of.target, o, t], number[a.of.comparator, o, t])
                for a in analyses
                if isinstance(a, Comparison)
                for o, t in _pairs(a)
            ],
        ),
    }


def _counted(study: Study, analysis: Incidence | Comparison, *key: str) -> Iterator[tuple[object, ...]]:
    """The count an analysis shows, and those made once more for its margins by dated bands."""
    counts = counts_of(study)
    shown = next(c for c in counts if (c.cohort, c.outcome, c.time_at_risk) == key)
    yield analysis.id, shown.count_no, shown.count_no, *(False for _ in DATED_STRATA)
    ways = {dated_way(margin) for margin in margins_of(analysis)}
    for number, (count, way) in enumerate(dated_counts(study), start=len(counts) + 1):
        if count == shown and way in ways:
            yield analysis.id, number, shown.count_no, *(name in way for name in DATED_STRATA)


def _dated_cuts(study: Study) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Stratifiers by dated bands that a margin splits by, with their lower limits."""
    used = {name for _, way in dated_counts(study) for name in way}
    duration, doses = study.strata.exposure_duration, study.strata.cumulative_doses
    if duration is not None and "exposure_duration" in used:
        yield "exposure_duration", duration.cuts_days
    if doses is not None and "cumulative_doses" in used:
        yield "cumulative_doses", doses.cuts


def _pairs(analysis: Incidence | Comparison) -> list[tuple[str, str]]:
    """Outcome and time at risk, in a fixed order."""
    return [(o, t) for o in sorted(analysis.outcomes) for t in sorted(times_of(analysis, o))]


def _intervals(study: Study) -> list[tuple[date, date, str]]:
    """Calendar intervals in which a day can be at risk: from the start of the study period to the data cut."""
    by = study.strata.calendar.by if study.strata.calendar else "year"
    return calendar_intervals(by, study.population.period.start, study.data.cut)
