"""Rule tables of life tables, of outcomes that stop time at risk, and of data lock points."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pass_engine.protocol.counted import survival_analyses, times_of
from pass_engine.protocol.margin_rules import RuleTable
from pass_engine.protocol.models import Incidence

if TYPE_CHECKING:
    from datetime import date

    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Study


def curve_tables(study: Study, counts: tuple[Count, ...]) -> dict[str, RuleTable]:
    """Rule tables ``curve_rule``, ``lock_rule``, ``competing_outcome``, ``stop_outcome`` and ``lock_interval``."""
    number = {(c.cohort, c.outcome, c.time_at_risk): c.count_no for c in counts}
    curves = survival_analyses(study)
    return {
        "curve_rule": RuleTable(
            {"analysis": "VARCHAR", "count_no": "INTEGER"},
            [
                (a.id, number[cohort, outcome, time])
                for a in curves
                for cohort in a.cohorts
                for outcome in sorted(a.outcomes)
                for time in sorted(times_of(a, outcome))
            ],
        ),
        "lock_rule": RuleTable(
            {"analysis": "VARCHAR", "count_no": "INTEGER"},
            [
                (a.id, number[cohort, outcome, time])
                for a in study.analyses
                if isinstance(a, Incidence)
                for cohort in a.cohorts
                for outcome in sorted(a.outcomes)
                for time in sorted(times_of(a, outcome))
            ],
        ),
        "competing_outcome": RuleTable(
            {"analysis": "VARCHAR", "outcome": "VARCHAR"}, [(a.id, o) for a in curves for o in sorted(a.competing)]
        ),
        "stop_outcome": RuleTable(
            {"time_at_risk": "VARCHAR", "outcome": "VARCHAR"},
            [
                (time, outcome)
                for time in sorted({c.time_at_risk for c in counts})
                for outcome in sorted(study.times_at_risk[time].stop_at_outcomes)
            ],
        ),
        "lock_interval": RuleTable(
            {"lock_point": "VARCHAR", "interval_start": "DATE", "interval_end": "DATE"},
            [(end.isoformat(), start, end) for start, end in lock_intervals(study)],
        ),
    }


def lock_intervals(study: Study) -> list[tuple[date, date]]:
    """First and last day of the interval that each data lock point ends; the first begins with the study period."""
    points = study.data.lock_points
    starts = [study.population.period.start, *(point + timedelta(1) for point in points[:-1])]
    return list(zip(starts, points, strict=False))
