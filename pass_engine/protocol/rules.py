"""The protocol as tables that the static SQL joins to.

One table a subject, one row a rule; constants that only rules need are columns here rather than parameters.
Mappings are read in sorted order, so that key order in the file changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import components_of, counts_of, source_of
from pass_engine.protocol.margin_rules import RuleTable, analysis_tables
from pass_engine.protocol.names import BEYOND_AGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Criterion, Exposure, Outcome, Study, TimeAtRisk

UNBOUNDED_DAYS = 100_000
"""Stands for "any time before": longer than any life."""


def other_exposures(study: Study, exposure: str) -> tuple[str, ...]:
    """Exposures by substances that share none with this one."""
    own = set(study.exposures[exposure].substances or ())
    return tuple(
        name
        for name, other in sorted(study.exposures.items())
        if other.substances and name != exposure and own and not own & set(other.substances)
    )


def extension_days(time_at_risk: TimeAtRisk, exposure: str) -> int:
    """Days added to the end anchor for one exposure."""
    plus = time_at_risk.end.plus_days
    return plus if isinstance(plus, int) else plus.get(exposure, 0)


def rule_tables(study: Study, code_lists: Mapping[str, tuple[Code, ...]]) -> dict[str, RuleTable]:
    """Every rule table of one scenario, by name."""
    counts = counts_of(study)
    windows = {key: n for n, key in enumerate(sorted({_window_key(study, c) for c in counts}), start=1)}
    cohorts = sorted({c.cohort for c in counts})
    components = components_of(study)
    return {
        "study_rule": RuleTable(
            {
                "period_start": "DATE",
                "period_end": "DATE",
                "entries": "VARCHAR",
                "prior_observation_days": "INTEGER",
                "landmark_days": "INTEGER",
                "fatal_as_death": "BOOLEAN",
                "has_registry_overlap": "BOOLEAN",
                "since_origin": "VARCHAR",
                "complete_intervals": "BOOLEAN",
            },
            [_study_row(study)],
        ),
        "exposure_rule": RuleTable(
            {
                "exposure": "VARCHAR",
                "kind": "VARCHAR",
                "source": "VARCHAR",
                "gap_days": "INTEGER",
                "effect_days": "INTEGER",
                "waits_for": "VARCHAR",
            },
            [_exposure_row(name, e) for name, e in sorted(study.exposures.items())],
        ),
        "exposure_substance": RuleTable(
            {"exposure": "VARCHAR", "substance": "VARCHAR"},
            [(name, s) for name, e in sorted(study.exposures.items()) for s in sorted(set(e.substances or ()))],
        ),
        "other_exposure": RuleTable(
            {"exposure": "VARCHAR", "other": "VARCHAR"},
            [(name, other) for name in sorted(study.exposures) for other in other_exposures(study, name)],
        ),
        "cohort_rule": RuleTable({"cohort": "VARCHAR"}, [(c,) for c in cohorts]),
        "criterion_rule": RuleTable(
            {
                "cohort": "VARCHAR",
                "position": "INTEGER",
                "criterion": "VARCHAR",
                "kind": "VARCHAR",
                "from_day": "INTEGER",
                "to_day": "INTEGER",
                "at_least": "INTEGER",
                "at_most": "INTEGER",
                "of_exposure": "VARCHAR",
            },
            [
                _criterion_row(cohort, n, c)
                for cohort in cohorts
                for n, c in enumerate(study.population.criteria, start=1)
            ],
        ),
        "outcome_rule": RuleTable(
            {
                "outcome": "VARCHAR",
                "source": "VARCHAR",
                "is_recorded": "BOOLEAN",
                "has_codes": "BOOLEAN",
                "nth": "INTEGER",
                "serious_only": "BOOLEAN",
                "counting": "VARCHAR",
                "same_event_days": "INTEGER",
                "chain": "BOOLEAN",
                "clean_window_days": "INTEGER",
                "prior_in_adverse_event": "BOOLEAN",
                "prior_in_comorbidity": "BOOLEAN",
            },
            [_outcome_row(study, name) for name in sorted({name for name, _ in components})],
        ),
        "outcome_component": RuleTable({"outcome": "VARCHAR", "component": "VARCHAR"}, list(components)),
        "outcome_code": RuleTable(
            {
                "outcome": "VARCHAR",
                "system": "VARCHAR",
                "code_from": "VARCHAR",
                "code_to": "VARCHAR",
                "match": "VARCHAR",
            },
            list(_outcome_code_rows(study, code_lists)),
        ),
        "at_risk_rule": RuleTable(
            {
                "time_at_risk": "VARCHAR",
                "cohort": "VARCHAR",
                "start_anchor": "VARCHAR",
                "start_date": "DATE",
                "start_plus_days": "INTEGER",
                "end_anchor": "VARCHAR",
                "end_plus_days": "INTEGER",
                "within_days": "INTEGER",
                "eras": "VARCHAR",
                "gap_at_risk": "BOOLEAN",
                "any_other_substance": "BOOLEAN",
            },
            [_at_risk_row(study, t, c) for t, c in sorted({(c.time_at_risk, c.cohort) for c in counts})],
        ),
        "switch_exposure": RuleTable(
            {"time_at_risk": "VARCHAR", "cohort": "VARCHAR", "switch_exposure": "VARCHAR"},
            [
                (t, c, s)
                for t, c in sorted({(c.time_at_risk, c.cohort) for c in counts})
                for s in switches_of(study, t, c)
            ],
        ),
        "covered_substance": RuleTable(
            {"cohort": "VARCHAR", "substance": "VARCHAR"},
            [(c, s) for c in cohorts for s in covered_substances(study, c)],
        ),
        "window_rule": RuleTable(
            {
                "window_no": "INTEGER",
                "cohort": "VARCHAR",
                "time_at_risk": "VARCHAR",
                "source": "VARCHAR",
                "stop_last_contact": "BOOLEAN",
                "stop_study_end": "BOOLEAN",
            },
            [
                (
                    n,
                    cohort,
                    tar,
                    source,
                    "last_contact" in study.times_at_risk[tar].stop_at,
                    "study_end" in study.times_at_risk[tar].stop_at,
                )
                for (cohort, tar, source), n in windows.items()
            ],
        ),
        "count_rule": RuleTable(
            {
                "count_no": "INTEGER",
                "window_no": "INTEGER",
                "cohort": "VARCHAR",
                "outcome": "VARCHAR",
                "time_at_risk": "VARCHAR",
                "counting": "VARCHAR",
                "exclude_prior": "BOOLEAN",
                "look_back_days": "INTEGER",
                "filled_prior": "VARCHAR",
                "filled_inside": "BOOLEAN",
            },
            [
                (
                    c.count_no,
                    windows[_window_key(study, c)],
                    c.cohort,
                    c.outcome,
                    c.time_at_risk,
                    study.outcomes[c.outcome].counting,
                    *_prior(study.outcomes[c.outcome]),
                )
                for c in counts
            ],
        ),
        **analysis_tables(study, counts),
    }


def _study_row(study: Study) -> tuple[object, ...]:
    population, calendar, since = study.population, study.strata.calendar, study.strata.time_since_start
    return (
        population.period.start,
        population.period.end,
        population.entries,
        population.prior_observation_days,
        population.landmark_days,
        population.fatal_reports == "death",
        bool(study.data.registry_overlap),
        since.origin if since else "entry",
        calendar.complete_intervals if calendar else False,
    )


def switches_of(study: Study, time_at_risk: str, cohort: str) -> tuple[str, ...]:
    """Exposures whose first day ends a window of this cohort; for one that waits, the exposure it waits for."""
    rule = study.times_at_risk[time_at_risk]
    if rule.overlap != "cut_at_switch":
        return ()
    awaited = study.exposures[cohort].not_yet
    if awaited:
        return (awaited,)
    if rule.switch_to is None:
        return other_exposures(study, cohort)
    return tuple(sorted(set(rule.switch_to) - {cohort}))


def covered_substances(study: Study, cohort: str) -> tuple[str, ...]:
    """Substances of the cohort's own exposure and of the exposures beside it: any other one is "another substance"."""
    named = (cohort, *other_exposures(study, cohort))
    return tuple(sorted({s for name in named for s in study.exposures[name].substances or ()}))


def _window_key(study: Study, count: Count) -> tuple[str, str, str]:
    return count.cohort, count.time_at_risk, source_of(study, count.outcome)


def _exposure_row(name: str, exposure: Exposure) -> tuple[object, ...]:
    kind = "not_yet" if exposure.not_yet else "substances"
    return name, kind, exposure.from_, exposure.gap_days or 0, exposure.effect_days, exposure.not_yet


def window_bounds(window: str | None) -> tuple[int, int]:
    """A window such as ``[-365, 0]`` or ``[.., -1]`` as days; without one, day 0 alone."""
    if window is None:
        return 0, 0
    low, high = (part.strip() for part in window.strip().strip("[]").split(","))
    return (-UNBOUNDED_DAYS if low == ".." else int(low)), int(high)


def _criterion_row(cohort: str, position: int, criterion: Criterion) -> tuple[object, ...]:
    subject = criterion.require or criterion.exclude or ""
    low, high = window_bounds(criterion.window)
    of = cohort if criterion.of == "self" else criterion.of
    return (
        cohort,
        position,
        criterion.id,
        subject.removeprefix("disease."),
        low,
        high,
        criterion.at_least if criterion.at_least is not None else -BEYOND_AGE,
        criterion.at_most if criterion.at_most is not None else BEYOND_AGE,
        of,
    )


def _outcome_row(study: Study, name: str) -> tuple[object, ...]:
    outcome = study.outcomes[name]
    excludes = outcome.prior_events.rule == "exclude_person"
    return (
        name,
        source_of(study, name),
        outcome.from_ != "composite",
        outcome.codes is not None,
        outcome.nth,
        outcome.serious,
        outcome.counting,
        outcome.same_event_days,
        outcome.chain,
        outcome.clean_window_days or 0,
        excludes and "adverse_event" in outcome.prior_events.from_,
        excludes and "comorbidity" in outcome.prior_events.from_,
    )


def _prior(outcome: Outcome) -> tuple[bool, int, str, bool]:
    rule = outcome.prior_events
    days = rule.look_back if isinstance(rule.look_back, int) else UNBOUNDED_DAYS
    inside = outcome.filled_dates == "inside"
    return rule.rule == "exclude_person", days, "incident" if inside else rule.filled_dates, inside


def _outcome_code_rows(study: Study, code_lists: Mapping[str, tuple[Code, ...]]) -> Iterator[tuple[object, ...]]:
    for name, outcome in sorted(study.outcomes.items()):
        lists = [study.outcomes[o].codes for o in outcome.of or (name,)]
        for code in sorted({code for path in lists if path for code in code_lists[path]}):
            yield name, code.system, code.code_from, code.code_to, code.match


def _at_risk_row(study: Study, name: str, cohort: str) -> tuple[object, ...]:
    rule, exposure = study.times_at_risk[name], study.exposures[cohort]
    any_other = rule.overlap == "cut_at_switch" and rule.switch_to is None and exposure.not_yet is None
    return (
        name,
        cohort,
        rule.start.anchor,
        rule.start.date,
        rule.start.plus_days,
        rule.end.anchor,
        extension_days(rule, cohort),
        UNBOUNDED_DAYS if rule.end.within_days is None else rule.end.within_days,
        rule.eras,
        exposure.gap_time == "at_risk",
        any_other,
    )
