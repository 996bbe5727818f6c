"""One measure of a comparison from the sums of both arms: estimate, limits, and what there is to say about them.

Conditional, score, normal and Mantel-Haenszel intervals suppose that no person is in both arms; where persons are,
the person-robust interval takes their place, or there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.thresholds import WITHHELD
from pass_engine.estimate.rows import withheld_in
from pass_engine.estimate.standard import STRATA_SUPPRESSED
from pass_engine.protocol.names import margin_name
from pass_engine.stats import (
    DIFFERENCE_METHOD_WORDS,
    FEW_PERSONS,
    NO_SQUARES,
    RATIO_METHOD_WORDS,
    WIDEST,
    CrossSums,
    PersonSums,
    exact_ratio_interval,
    log_normal_ratio_interval,
    mantel_haenszel_ratio,
    mid_p_ratio_interval,
    robust_difference_interval,
    robust_ratio_interval,
    score_difference_interval,
    wald_difference_interval,
)
from pass_engine.stats.diagnosis import NotEstimable
from pass_engine.stats.stratified import poisson_ratio
from pass_engine.terms import DAYS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pass_engine.disclose import Row
    from pass_engine.protocol.models import Comparison
    from pass_engine.stats import Limits, Stratum

    RobustInterval = Callable[[PersonSums, PersonSums, CrossSums | None, float], Limits | None]
    Strata = Mapping[tuple[str, ...], Stratum]

RATIO, DIFFERENCE = "rate_ratio", "rate_difference"
OVER_STRATA, REGRESSION = "mantel_haenszel_rate_ratio", "poisson_rate_ratio"
ADJUSTED = (OVER_STRATA, REGRESSION)
ROBUST = "person-robust"
MANTEL_HAENSZEL = "Mantel–Haenszel, Greenland–Robins"
POISSON = "Poisson regression, Wald"
COUNTED = {"first": ("first_events", "first_event_days"), "recurrent": ("events", "person_days")}
"""Counting to numerator and denominator: first events give a contrast of EAIR, all events one of EAER."""

ARM_SUMS = ("persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2")
RATIO_INTERVALS = {
    "exact": exact_ratio_interval,
    "mid_p": mid_p_ratio_interval,
    "log_normal": log_normal_ratio_interval,
}
DIFFERENCE_INTERVALS = {"miettinen_nurminen": score_difference_interval, "wald": wald_difference_interval}
NOT_ROBUST = "person-robust interval not estimable below 2 persons with event in each arm"


def scale_of(analysis: Comparison, measure: str) -> Row:
    """What a row of this measure has whatever its numbers are."""
    return {
        "measure": measure,
        "adjusted_for": margin_name(analysis.adjust) if measure in ADJUSTED else "",
        "per": analysis.per_person_years if measure == DIFFERENCE else None,
    }


def contrast(analysis: Comparison, measure: str, counting: str, row: Row, strata: Strata | None) -> Row:
    """Numbers of both arms and the measure made from them.

    ``strata`` are the cells of both arms, by their labels; None where one was withheld before it left a registry.
    """
    numerator, denominator = COUNTED[counting]
    counts = (
        row[f"target_{numerator}"],
        row[f"target_{denominator}"],
        row[f"comparator_{numerator}"],
        row[f"comparator_{denominator}"],
    )
    names = ("target_events", "target_person_days", "comparator_events", "comparator_person_days")
    numbers = {**dict(zip(names, counts, strict=True)), "persons_in_both": row["persons_in_both"]}
    if None in numbers.values() or (measure in ADJUSTED and strata is None):
        gone = withheld_in(row, *numbers.values())
        return {**numbers, **(gone or {"status": WITHHELD, "note": STRATA_SUPPRESSED})}
    for arm in ("target", "comparator"):
        if numbers[f"{arm}_person_days"] == 0:
            return {**numbers, **_none(f"no person-time in the {arm}")}
    if measure in ADJUSTED:
        return {**numbers, **_adjusted(measure, analysis, counting, row, strata or {})}
    make = _ratio if measure == RATIO else _difference
    return {**numbers, **make(analysis, counting, row, counts)}


def _none(reason: str, method: str = "") -> Row:
    return {"status": "not_estimable", "method": method, "note": reason}


def _ratio(analysis: Comparison, counting: str, row: Row, counts: tuple[int, int, int, int]) -> Row:
    n1, t1, n2, t2 = counts
    if n2 == 0:
        return _none("no event in the comparator")
    level, method = analysis.interval.level, analysis.interval.method or "exact"
    robust, note = _beside(counting, row, robust_ratio_interval, level)
    if row["persons_in_both"]:
        limits, words = robust, ROBUST
    else:
        limits, words = RATIO_INTERVALS[method](*counts, level), RATIO_METHOD_WORDS[method]
        note = note if limits else "no event in the target"
    if limits is None and note != NO_SQUARES:
        return _none(note, words)
    return _shown((n1 / t1) / (n2 / t2), limits, robust, words, note)


def _difference(analysis: Comparison, counting: str, row: Row, counts: tuple[int, int, int, int]) -> Row:
    n1, t1, n2, t2 = counts
    level, method = analysis.interval.level, analysis.difference_interval
    scale = DAYS_PER_YEAR * (analysis.per_person_years or 1)
    robust, note = _beside(counting, row, robust_difference_interval, level)
    if row["persons_in_both"]:
        limits, words = robust, ROBUST
    else:
        limits, words = DIFFERENCE_INTERVALS[method](*counts, level), DIFFERENCE_METHOD_WORDS[method]
        missing = "" if limits else "interval not estimable without an event in each arm"
        note = "; ".join(filter(None, (missing, note)))
    return _shown((n1 / t1 - n2 / t2) * scale, _times(limits, scale), _times(robust, scale), words, note)


def _times(limits: Limits | None, scale: float) -> Limits | None:
    return None if limits is None else (limits[0] * scale, limits[1] * scale)


def _adjusted(measure: str, analysis: Comparison, counting: str, row: Row, strata: Strata) -> Row:
    method = POISSON if measure == REGRESSION else MANTEL_HAENSZEL
    if row["persons_in_both"]:
        return _none("persons in both arms: a ratio over strata supposes that there are none", method)
    level, cells = analysis.interval.level, list(strata.values())
    found = poisson_ratio(cells, list(strata), level) if measure == REGRESSION else mantel_haenszel_ratio(cells, level)
    if isinstance(found, NotEstimable):
        return _none(found.words(), method)
    if found is None:
        return _none("no event of one arm in the strata with person-time in both", method)
    note = "events of one person can depend on each other; the interval supposes that they do not"
    return _shown(found[0], found[1:], None, method, note if counting == "recurrent" else "")


def _shown(estimate: float, limits: Limits | None, robust: Limits | None, method: str, note: str) -> Row:
    low, high = limits or (None, None)
    robust_low, robust_high = robust or (None, None)
    return {
        "status": "shown",
        "estimate": estimate,
        "low": low,
        "high": high,
        "robust_low": robust_low,
        "robust_high": robust_high,
        "method": method,
        "note": note,
    }


def _beside(counting: str, row: Row, interval: RobustInterval, level: float) -> tuple[Limits | None, str]:
    """The person-robust limits where they are called for, and a remark on them."""
    if not row["persons_in_both"] and counting != "recurrent":
        return None, ""
    sums = _sums(row)
    if sums is None:
        return None, NO_SQUARES
    robust = interval(*sums, level)
    if robust is None:
        return None, NOT_ROBUST
    fewest = min(row["target_persons_with_event"], row["comparator_persons_with_event"])
    told = (WIDEST if sums[2] is None else "", "person-robust interval: few persons" if fewest < FEW_PERSONS else "")
    return robust, "; ".join(filter(None, told))


def _sums(row: Row) -> tuple[PersonSums, PersonSums, CrossSums | None] | None:
    """The sums over persons of both arms, and of those in both; None where a registry kept one of them back."""
    target, comparator = ([row[f"{arm}_{name}"] for name in ARM_SUMS] for arm in ("target", "comparator"))
    shared = [row[name] for name in ("sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2")]
    if None in (*target, *comparator):
        return None
    return PersonSums(*target), PersonSums(*comparator), None if None in shared else CrossSums(*shared)
