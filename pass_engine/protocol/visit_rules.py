"""Rule tables of outcomes that are seen at visits: courses, and changes of disability.

A change of disability is measured from cohort entry, so its events are those of one cohort: in the SQL such an outcome
goes by a key of outcome and cohort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import components_of, event_key, is_from_entry
from pass_engine.protocol.margin_rules import RuleTable
from pass_engine.protocol.windows import read_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Study

LEAST_TO_IMPROVE = 4
"""Half points of EDSS from which an improvement is looked for: 2.0."""

Keyed = tuple[str, str, str, str]
"""Outcome, the key of its events, component, and the key of that one's events."""


def keyed_components(study: Study, counts: Sequence[Count]) -> list[Keyed]:
    """Outcomes and their components with the keys of their events; one that is recorded is its own component."""
    cohorts = sorted({c.cohort for c in counts})
    keyed = [
        (outcome, event_key(study, outcome, cohort), component, event_key(study, component, cohort))
        for outcome, component in components_of(study)
        for cohort in (cohorts if is_from_entry(study, outcome) else cohorts[:1])
    ]
    return sorted(set(keyed))


def visit_tables(study: Study, counts: Sequence[Count]) -> dict[str, RuleTable]:
    """``outcome_course`` and ``disability_rule``; EDSS in half points, so that it is whole."""
    keyed = keyed_components(study, counts)
    courses = {(key, course) for outcome, key, _, _ in keyed for course in study.outcomes[outcome].course or ()}
    return {
        "outcome_course": RuleTable({"outcome": "VARCHAR", "course": "VARCHAR"}, sorted(courses)),
        "disability_rule": RuleTable(
            {
                "outcome": "VARCHAR",
                "cohort": "VARCHAR",
                "change": "VARCHAR",
                "reach": "INTEGER",
                "confirm_days": "INTEGER",
                "half_step_from": "INTEGER",
                "least_to_improve": "INTEGER",
                "baseline_from": "INTEGER",
                "baseline_to": "INTEGER",
                "is_roving": "BOOLEAN",
                "relapse_free_days": "INTEGER",
                "relapse": "VARCHAR",
            },
            [
                _disability_row(study, outcome, key)
                for outcome, key in sorted({(o, k) for o, k, _, _ in keyed})
                if study.outcomes[outcome].disability
            ],
        ),
    }


def _disability_row(study: Study, outcome: str, key: str) -> tuple[object, ...]:
    rule = study.outcomes[outcome].disability
    window = read_window(rule.baseline_window) if rule else None
    if rule is None or window is None or window.first is None:
        raise ValueError(f"{outcome} has no baseline that can be read")  # the checks refuse it before
    return (
        key,
        key.removeprefix(f"{outcome}@"),
        rule.change,
        None if rule.reach is None else round(rule.reach * 2),
        rule.confirm_days,
        round(rule.half_step_from * 2),
        LEAST_TO_IMPROVE,
        window.first,
        window.last,
        rule.baseline == "roving",
        rule.relapse_free_days,
        rule.relapse,
    )
