"""The protocol as tables that the static SQL joins to.

One table a subject, one row a rule; constants that only rules need are columns here rather than parameters.
Mappings are read in sorted order, so that key order in the file changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.counted import counts_of, dated_counts, event_key, source_of
from pass_engine.protocol.covariate_rules import covariate_codes, covariate_tables
from pass_engine.protocol.curve_rules import curve_tables
from pass_engine.protocol.data_faults import excludes_persons, fault_tables
from pass_engine.protocol.exposure_rules import UNBOUNDED_DAYS, exposure_tables
from pass_engine.protocol.extras import extra_tables
from pass_engine.protocol.margin_rules import RuleTable, analysis_tables
from pass_engine.protocol.names import BEYOND_AGE
from pass_engine.protocol.regression_rules import regression_tables
from pass_engine.protocol.visit_rules import keyed_components, visit_tables
from pass_engine.terms import DATED_STRATA, VISITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Criterion, Outcome, Study
    from pass_engine.protocol.visit_rules import Keyed


def rule_tables(study: Study, code_lists: Mapping[str, tuple[Code, ...]]) -> dict[str, RuleTable]:
    """Every rule table of one scenario, by name."""
    counts = counts_of(study)
    windows = {key: n for n, key in enumerate(sorted({_window_key(study, c) for c in counts}), start=1)}
    dated = dated_counts(study)
    cut_windows = {
        key: n
        for n, key in enumerate(
            sorted({(windows[_window_key(study, c)], way) for c, way in dated}), start=len(windows) + 1
        )
    }
    exposures = exposure_tables(study, counts)
    cohorts = [str(row[0]) for row in exposures["cohort_rule"].rows]
    components = keyed_components(study, counts)
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
                "excludes_faults": "BOOLEAN",
            },
            [_study_row(study)],
        ),
        **fault_tables(study),
        **extra_tables(study.data),
        **exposures,
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
                "recorded_in": "VARCHAR",
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
            [_outcome_row(study, *named) for named in sorted({(name, key) for name, key, _, _ in components})],
        ),
        "outcome_component": RuleTable(
            {"outcome": "VARCHAR", "component": "VARCHAR"}, [(key, part) for _, key, _, part in components]
        ),
        "outcome_code": RuleTable(
            {
                "outcome": "VARCHAR",
                "system": "VARCHAR",
                "code_from": "VARCHAR",
                "code_to": "VARCHAR",
                "match": "VARCHAR",
            },
            [*_outcome_code_rows(study, code_lists, components), *covariate_codes(study, code_lists)],
        ),
        "window_rule": RuleTable(
            {
                "window_no": "INTEGER",
                "cohort": "VARCHAR",
                "time_at_risk": "VARCHAR",
                "source": "VARCHAR",
                "stop_last_contact": "BOOLEAN",
                "stop_study_end": "BOOLEAN",
                "base_window_no": "INTEGER",
                **{f"by_{name}": "BOOLEAN" for name in DATED_STRATA},
            },
            [
                (n, *_window(study, key), base, *(name in way for name in DATED_STRATA))
                for key, base in windows.items()
                for n, way in ((base, ()), *((n, way) for (of, way), n in cut_windows.items() if of == base))
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
                *(_count_row(study, c.count_no, windows[_window_key(study, c)], c) for c in counts),
                *(
                    _count_row(study, n, cut_windows[windows[_window_key(study, c)], way], c)
                    for n, (c, way) in enumerate(dated, start=len(counts) + 1)
                ),
            ],
        ),
        **analysis_tables(study, counts),
        **curve_tables(study, counts),
        **covariate_tables(study),
        **regression_tables(study),
        **visit_tables(study, counts),
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
        excludes_persons(study),
    )


def _window_key(study: Study, count: Count) -> tuple[str, str, str]:
    return count.cohort, count.time_at_risk, source_of(study, count.outcome)


def _window(study: Study, key: tuple[str, str, str]) -> tuple[object, ...]:
    cohort, time, source = key
    stops = study.times_at_risk[time].stop_at
    return cohort, time, source, "last_contact" in stops, "study_end" in stops


def _count_row(study: Study, count_no: int, window_no: int, count: Count) -> tuple[object, ...]:
    outcome = study.outcomes[count.outcome]
    key = event_key(study, count.outcome, count.cohort)
    return count_no, window_no, count.cohort, key, count.time_at_risk, outcome.counting, *_prior(outcome)


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


def _outcome_row(study: Study, name: str, key: str) -> tuple[object, ...]:
    """``key``: the name under which the SQL finds its events."""
    outcome = study.outcomes[name]
    excludes = outcome.prior_events.rule == "exclude_person"
    return (
        key,
        source_of(study, name),
        outcome.from_,
        outcome.from_ != "composite",
        outcome.codes is not None,
        outcome.nth,
        outcome.serious,
        outcome.counting,
        outcome.same_event_days,
        outcome.chain,
        outcome.clean_window_days or 0,
        excludes and (outcome.from_ in VISITED or "adverse_event" in outcome.prior_events.from_),
        excludes and "comorbidity" in outcome.prior_events.from_,
    )


def _prior(outcome: Outcome) -> tuple[bool, int, str, bool]:
    rule = outcome.prior_events
    days = rule.look_back if isinstance(rule.look_back, int) else UNBOUNDED_DAYS
    inside = outcome.filled_dates == "inside"
    return rule.rule == "exclude_person", days, "incident" if inside else rule.filled_dates, inside


def _outcome_code_rows(
    study: Study, code_lists: Mapping[str, tuple[Code, ...]], components: Iterable[Keyed]
) -> Iterator[tuple[object, ...]]:
    keys = {key: name for name, key, _, _ in components} | {name: name for name in study.outcomes}
    for key, name in sorted(keys.items()):
        lists = [study.outcomes[o].codes for o in study.outcomes[name].of or (name,)]
        for code in sorted({code for path in lists if path for code in code_lists[path]}):
            yield key, code.system, code.code_from, code.code_to, code.match
