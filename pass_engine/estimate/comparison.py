"""Crude rate ratios of two cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.rows import registry_rank
from pass_engine.protocol.models import Comparison
from pass_engine.stats import (
    FEW_PERSONS,
    RATIO_METHOD_WORDS,
    CrossSums,
    PersonSums,
    exact_ratio_interval,
    log_normal_ratio_interval,
    mid_p_ratio_interval,
    robust_ratio_interval,
)
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.stats import Limits

ROBUST = "person-robust"
COUNTED = {"first": ("first_events", "first_event_days"), "recurrent": ("events", "person_days")}
"""Counting to numerator and denominator: first events give a ratio of EAIR, all events one of EAER."""


def comparison_rows(arms: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of comparison.csv, in their fixed order."""
    order = protocol.study.data.registries
    found = {(r["analysis"], r["registry"], r["outcome"], r["time_at_risk"]): r for r in records(arms)}
    kept_back = records(withheld[withheld["table"].isin(["counts", "arm_overlap"])])
    study = protocol.scenarios[0].study
    for analysis in (a for a in study.analyses if isinstance(a, Comparison)):
        cohorts = {"", analysis.of.target, analysis.of.comparator}
        reasons = {
            w["registry"]: w["reason"] for w in kept_back if w["analysis"] == analysis.id and w["cohort"] in cohorts
        }
        names = {k[1] for k in found if k[0] == analysis.id} | set(reasons) | {POOLED}
        for registry in sorted(names, key=lambda r: registry_rank(r, order)):
            for outcome, time_at_risk in sorted(analysis.outcomes.items()):
                counting = study.outcomes[outcome].counting
                key = {
                    "analysis": analysis.id,
                    "role": analysis.role,
                    "registry": registry,
                    "outcome": outcome,
                    "time_at_risk": time_at_risk,
                    "target": analysis.of.target,
                    "comparator": analysis.of.comparator,
                    "counting": counting,
                    "measure": "rate_ratio",
                    "interval_level": analysis.interval.level,
                }
                row = found.get((analysis.id, registry, outcome, time_at_risk))
                if row is not None:
                    yield {**key, "registries": row["registries"], **_ratio(analysis, counting, row)}
                elif registry in reasons:
                    yield {**key, "registries": registry, "status": "withheld", "note": reasons[registry]}
                elif registry == POOLED:
                    yield {**key, "status": "not_estimable", "note": "no registry contributed both cohorts"}


def _ratio(analysis: Comparison, counting: str, row: Row) -> Row:
    numerator, denominator = COUNTED[counting]
    n1, t1 = row[f"target_{numerator}"], row[f"target_{denominator}"]
    n2, t2 = row[f"comparator_{numerator}"], row[f"comparator_{denominator}"]
    numbers = {
        "target_events": n1,
        "target_person_days": t1,
        "comparator_events": n2,
        "comparator_person_days": t2,
        "persons_in_both": row["persons_in_both"],
    }
    reason = _not_estimable(t1, n2, t2)
    if reason:
        return {**numbers, "status": "not_estimable", "method": "", "note": reason}
    method, limits, robust, note = _intervals(analysis, counting, row, (n1, t1, n2, t2))
    if limits is None:
        return {**numbers, "status": "not_estimable", "method": method, "note": note}
    return {
        **numbers,
        "status": "shown",
        "estimate": (n1 / t1) / (n2 / t2),
        "low": limits[0],
        "high": limits[1],
        "robust_low": robust[0] if robust else None,
        "robust_high": robust[1] if robust else None,
        "method": method,
        "note": note,
    }


def _not_estimable(t1: int, n2: int, t2: int) -> str:
    if t1 == 0 or t2 == 0:
        return f"no person-time in the {'target' if t1 == 0 else 'comparator'}"
    return "no event in the comparator" if n2 == 0 else ""


def _intervals(
    analysis: Comparison, counting: str, row: Row, counts: tuple[int, int, int, int]
) -> tuple[str, Limits | None, Limits | None, str]:
    """Method in words, its limits, the person-robust limits beside it, and a remark.

    Conditional and log-normal intervals suppose that no person is in both arms.
    """
    level = analysis.interval.level
    shared = row["persons_in_both"] > 0
    beside = shared or counting == "recurrent"
    robust = _robust(row, level) if beside else None
    fewest = min(row["target_persons_with_event"], row["comparator_persons_with_event"])
    note = ""
    if beside:
        note = "person-robust interval: few persons" if fewest < FEW_PERSONS else ""
        note = note if robust else "person-robust interval not estimable below 2 persons with event in each arm"
    if shared:
        return ROBUST, robust, robust, note
    method, limits = _unshared(analysis.interval.method, counts, level)
    return method, limits, robust, note if limits else "no event in the target"


def _unshared(asked: str, counts: tuple[int, int, int, int], level: float) -> tuple[str, Limits | None]:
    """Byar's and the normal limits are for one rate; a ratio takes the log-normal ones instead."""
    method = asked if asked in RATIO_METHOD_WORDS else "log_normal"
    intervals = {"exact": exact_ratio_interval, "mid_p": mid_p_ratio_interval, "log_normal": log_normal_ratio_interval}
    return RATIO_METHOD_WORDS[method], intervals[method](*counts, level)


def _robust(row: Row, level: float) -> Limits | None:
    target, comparator = (
        PersonSums(
            *(row[f"{arm}_{c}"] for c in ("persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2"))
        )
        for arm in ("target", "comparator")
    )
    cross = CrossSums(row["sum_e1e2"], row["sum_e1t2"], row["sum_t1e2"], row["sum_t1t2"])
    return robust_ratio_interval(target, comparator, cross, level)
