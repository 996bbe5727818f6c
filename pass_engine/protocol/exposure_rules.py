"""Rule tables of exposures, cohorts and times at risk: what makes a span, who is in play, what ends a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.margin_rules import RuleTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.protocol.counted import Count
    from pass_engine.protocol.models import Exposure, Study, TimeAtRisk

UNBOUNDED_DAYS = 100_000
"""Stands for "any time before": longer than any life."""


def exposure_tables(study: Study, counts: Sequence[Count]) -> dict[str, RuleTable]:
    """Rule tables of exposures, of the cohorts counted and those their windows are held against, and of windows."""
    counted = sorted({c.cohort for c in counts})
    pairs = sorted({(c.time_at_risk, c.cohort) for c in counts})
    parts = sorted({(t, name) for t, _ in pairs for name in in_play(study, t)})
    cohorts = sorted({*counted, *(name for _, name in parts)})
    laid_out = sorted({*parts, *((t, c) for t, c in pairs if study.exposures[c].overlap_of is None)})
    return {
        "exposure_rule": RuleTable(
            {
                "exposure": "VARCHAR",
                "kind": "VARCHAR",
                "source": "VARCHAR",
                "gap_days": "INTEGER",
                "effect_days": "INTEGER",
                "state_of": "VARCHAR",
                "after_days": "INTEGER",
                "missing_stop": "VARCHAR",
                "missing_stop_days": "INTEGER",
                "stockpiling": "BOOLEAN",
                "stockpile_max_days": "INTEGER",
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
        "cohort_rule": RuleTable(
            {"cohort": "VARCHAR", "is_counted": "BOOLEAN", "also_entered": "VARCHAR"},
            [(c, c in counted, (study.exposures[c].overlap_of or (None,))[0]) for c in cohorts],
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
            [_at_risk_row(study, t, c) for t, c in laid_out],
        ),
        "switch_exposure": RuleTable(
            {"time_at_risk": "VARCHAR", "cohort": "VARCHAR", "switch_exposure": "VARCHAR", "begins_before": "BOOLEAN"},
            [
                (t, c, s, begins_before(study.times_at_risk[t], s, c))
                for t, c in laid_out
                for s in switches_of(study, t, c)
            ],
        ),
        "part_rule": RuleTable(
            {"time_at_risk": "VARCHAR", "cohort": "VARCHAR", "order_no": "INTEGER"},
            [(t, c, _order_no(study.times_at_risk[t], c)) for t, c in parts],
        ),
        "overlap_rule": RuleTable(
            {"time_at_risk": "VARCHAR", "older": "VARCHAR", "newer": "VARCHAR", "cohort": "VARCHAR"},
            [(t, *(study.exposures[c].overlap_of or ()), c) for t, c in pairs if study.exposures[c].overlap_of],
        ),
        "covered_substance": RuleTable(
            {"cohort": "VARCHAR", "substance": "VARCHAR"},
            [(c, s) for c in counted for s in covered_substances(study, c)],
        ),
    }


def other_exposures(study: Study, exposure: str) -> tuple[str, ...]:
    """Exposures by substances that share none with this one."""
    own = set(study.exposures[exposure].substances or ())
    return tuple(
        name
        for name, other in sorted(study.exposures.items())
        if other.substances and name != exposure and own and not own & set(other.substances)
    )


def in_play(study: Study, time_at_risk: str) -> tuple[str, ...]:
    """Exposures whose windows are held against each other under ``own_category``; none under another rule."""
    rule = study.times_at_risk[time_at_risk]
    if rule.overlap != "own_category":
        return ()
    return tuple(sorted(rule.switch_to or (name for name, e in study.exposures.items() if e.substances)))


def extension_days(time_at_risk: TimeAtRisk, exposure: str) -> int:
    """Days added to the end anchor for one exposure."""
    plus = time_at_risk.end.plus_days
    return plus if isinstance(plus, int) else plus.get(exposure, 0)


def awaited_exposure(exposure: Exposure) -> str | None:
    """The exposure whose beginning ends a state; None for what is no state."""
    return exposure.not_yet or exposure.past


def switches_of(study: Study, time_at_risk: str, cohort: str) -> tuple[str, ...]:
    """Exposures whose first day ends a window of this cohort; for a state, the exposure that ends it."""
    rule = study.times_at_risk[time_at_risk]
    if rule.overlap != "cut_at_switch":
        return ()
    awaited = awaited_exposure(study.exposures[cohort])
    if awaited:
        return (awaited,)
    if rule.switch_to is None:
        return other_exposures(study, cohort)
    return tuple(sorted(set(rule.switch_to) - {cohort}))


def begins_before(rule: TimeAtRisk, one: str, other: str) -> bool:
    """Is one exposure taken to have begun before another, where both begin on one day?"""
    order: Iterable[str] = () if isinstance(rule.same_day, str) else rule.same_day
    listed = [name for name in order if name in {one, other}]
    return listed == [one, other]


def covered_substances(study: Study, cohort: str) -> tuple[str, ...]:
    """Substances of the cohort's own exposure and of the exposures beside it: any other one is "another substance"."""
    named = (cohort, *other_exposures(study, cohort))
    return tuple(sorted({s for name in named for s in study.exposures[name].substances or ()}))


def _order_no(rule: TimeAtRisk, exposure: str) -> int:
    """Place in the order of exposures that begin on one day; 0 for all where such days are a combination."""
    return 0 if isinstance(rule.same_day, str) else rule.same_day.index(exposure) + 1


def _exposure_row(name: str, exposure: Exposure) -> tuple[object, ...]:
    kind = next((k for k in ("not_yet", "past", "overlap_of") if getattr(exposure, k)), "substances")
    return (
        name,
        kind,
        exposure.from_,
        exposure.gap_days or 0,
        exposure.effect_days,
        awaited_exposure(exposure) or (exposure.overlap_of or (None, None))[1],
        exposure.after_days,
        exposure.missing_stop,
        exposure.missing_stop_days or 0,
        exposure.stockpiling,
        exposure.stockpile_max_days or UNBOUNDED_DAYS,
    )


def _at_risk_row(study: Study, name: str, cohort: str) -> tuple[object, ...]:
    rule, exposure = study.times_at_risk[name], study.exposures[cohort]
    is_state = awaited_exposure(exposure) is not None
    any_other = rule.overlap == "cut_at_switch" and rule.switch_to is None and not is_state
    return (
        name,
        cohort,
        rule.start.anchor,
        rule.start.date,
        rule.start.plus_days,
        rule.end.anchor,
        0 if is_state else extension_days(rule, cohort),
        UNBOUNDED_DAYS if rule.end.within_days is None else rule.end.within_days,
        rule.eras,
        exposure.gap_time == "at_risk",
        any_other,
    )
