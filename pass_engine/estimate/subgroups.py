"""Does a ratio differ between subgroups? Ratios level by level, ratios of ratios, and a test of interaction.

All from published numbers: the cells of both cohorts as an incidence analysis shows them. A cell that is withheld is in
no ratio and in no test. Log ratios have the variance 1 / n1 + 1 / n2; of recurrent events that of the cells'
person-robust limits where it is larger. Levels are taken as independent: a person has days in one level of what is
known at entry, and of what changes with time each day and event is in one level.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final

from pass_engine.disclose import Row, records
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, WITHHELD
from pass_engine.estimate.rows import level_rank
from pass_engine.protocol.models import Comparison
from pass_engine.stats import (
    RATIO_METHOD_WORDS,
    exact_ratio_interval,
    log_normal_ratio_interval,
    mid_p_ratio_interval,
)
from pass_engine.stats.interaction import FEWEST, interaction_test
from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol

RATIO: Final = "rate_ratio"
MEASURE: Final = {"first": "eair", "recurrent": "eaer"}
INTERVALS: Final = {
    "exact": exact_ratio_interval,
    "mid_p": mid_p_ratio_interval,
    "log_normal": log_normal_ratio_interval,
}
ARMS: Final = ("target", "comparator")
SHOWN: Final = "shown"
SHARED: Final = "persons in both arms: ratios of subgroups suppose that there are none"
OTHERS: Final = "the cohorts' cells come of different registries"
NO_TEST: Final = "fewer than two levels show a ratio"
DEPENDENT: Final = "events of one person can depend on each other; the interval supposes that they do not"
CARRIED: Final = (
    *("analysis", "role", "registry", "outcome", "time_at_risk", "target", "comparator", "counting", "measure"),
    *("interval_level", "registries"),
)
Cells = dict[tuple[str, ...], dict[str, Row]]
"""Registry, cohort, outcome, time at risk and stratum to the published cells by level."""


def subgroup_rows(incidence: pd.DataFrame, comparison: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of subgroups.csv: of every stratifier asked for the levels, then the test of interaction (no level)."""
    asked = {a.id: a for a in protocol.scenarios[0].study.analyses if isinstance(a, Comparison) and a.subgroups}
    cells = _cells(incidence) if asked else {}
    for row in records(comparison):
        analysis = asked.get(row["analysis"])
        if analysis is None or row["measure"] != RATIO or not row["registries"]:
            continue
        for stratum in analysis.subgroups:
            key = {**{c: row[c] for c in CARRIED}, "stratum": stratum}
            levels = [{**key, **made} for made in _level_rows(row, analysis, stratum, cells)]
            yield from levels
            yield {**key, "level": "", **_test(levels, float(row["interval_level"]))}


def _cells(incidence: pd.DataFrame) -> Cells:
    found: Cells = {}
    for row in records(incidence):
        if row["role"] != "sensitivity" and row["measure"] == MEASURE[row["counting"]]:
            place = tuple(row[c] for c in ("registry", "cohort", "outcome", "time_at_risk", "stratum"))
            found.setdefault(place, {}).setdefault(row["level"], row)
    return found


def _level_rows(row: Row, analysis: Comparison, stratum: str, cells: Cells) -> Iterator[Row]:
    """Ratios of the levels that either cohort has, each against the first one shown; with variances for the test."""
    arms = [cells.get((row["registry"], row[a], row["outcome"], row["time_at_risk"], stratum), {}) for a in ARMS]
    first: Row | None = None
    for level in sorted({*arms[0], *arms[1]}, key=level_rank):
        pair = [arm.get(level) for arm in arms]
        made = {"level": level, **_ratio(row, analysis, pair)}
        if made["status"] == SHOWN:
            made |= _against(made, first, float(row["interval_level"]))
            first = first or made
        yield made


def _ratio(row: Row, analysis: Comparison, pair: Sequence[Row | None]) -> Row:
    numbers: Row = {}
    for arm, cell in zip(ARMS, pair, strict=True):
        events, days = (0, 0) if cell is None else (cell["events"], cell["person_days"])
        numbers |= {f"{arm}_events": events, f"{arm}_person_days": days}
    hidden = [cell["status"] for cell in pair if cell and str(cell["status"]).startswith(("<", WITHHELD))]
    if hidden or None in numbers.values():
        return {**numbers, "status": min(hidden, default=WITHHELD)}
    if row["persons_in_both"] != 0:
        return {**numbers, "status": NOT_ESTIMABLE, "note": SHARED}
    if any(cell and _members(cell) != _members(row) for cell in pair):
        return {**numbers, "status": NOT_ESTIMABLE, "note": OTHERS}
    counts = tuple(int(numbers[f"{arm}_{what}"]) for arm in ARMS for what in ("events", "person_days"))
    n1, t1, n2, t2 = counts
    if not (n1 and n2 and t1 and t2):
        return {**numbers, "status": NOT_ESTIMABLE, "note": "no event in an arm"}
    method, level = analysis.interval.method or "exact", float(row["interval_level"])
    limits = INTERVALS[method](n1, t1, n2, t2, level)
    low, high = limits or (None, None)
    ratio = {"estimate": (n1 / t1) / (n2 / t2), "low": low, "high": high, "method": RATIO_METHOD_WORDS[method]}
    note = DEPENDENT if row["counting"] == "recurrent" else ""
    return {**numbers, "status": SHOWN, **ratio, "note": note, "variance": _variance(counts, pair)}


def _members(row: Row) -> frozenset[str]:
    return frozenset(str(row["registries"]).split(SEPARATOR))


def _variance(counts: Sequence[int], pair: Sequence[Row | None]) -> float:
    """Of the logarithm of a ratio: of Poisson counts, or of the person-robust limits of both rates where larger."""
    poisson, robust = 1 / counts[0] + 1 / counts[2], 0.0
    for cell in pair:
        low, high = (cell["robust_low"], cell["robust_high"]) if cell else (None, None)
        if cell is None or low is None or high is None or not 0 < low < high:
            return poisson
        robust += (log(high / low) / (2 * normal_quantile(float(cell["interval_level"])))) ** 2
    return max(poisson, robust)


def _against(made: Row, first: Row | None, level: float) -> Row:
    """Ratio of a level's ratio to that of the first level, which has none of its own."""
    if first is None:
        return {}
    ratio = made["estimate"] / first["estimate"]
    factor = exp(normal_quantile(level) * sqrt(made["variance"] + first["variance"]))
    return {"ratio_of_ratios": ratio, "ratio_of_ratios_low": ratio / factor, "ratio_of_ratios_high": ratio * factor}


def _test(levels: Sequence[Row], level: float) -> Row:
    used = [row for row in levels if row["status"] == SHOWN]
    left = len(levels) - len(used)
    note = f"{left} of {len(levels)} levels not in the test" if left else ""
    if len(used) < FEWEST:
        reasons = {row.get("note") for row in levels} & {SHARED, OTHERS}
        return {"status": NOT_ESTIMABLE, "note": min((str(r) for r in reasons), default=NO_TEST)}
    found = interaction_test([log(row["estimate"]) for row in used], [row["variance"] for row in used], level)
    return {"status": SHOWN, "chi2": found.chi2, "degrees": found.degrees, "p": found.p, "note": note}
