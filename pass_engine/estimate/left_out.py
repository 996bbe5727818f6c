"""Leave-one-out: overall rates without each registry in turn, made from published numbers alone.

A number is given only where both the pooled one and the registry's own are shown. Then it is the difference of two that
are printed, and nothing is told that was not told before. A registry whose mode of release gives
no row of its own is never left out, since the difference of two pools would be that row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, WITHHELD, small_status
from pass_engine.stats import PROPORTION_METHOD_WORDS, RATE_METHOD_WORDS, proportion_interval, rate_interval
from pass_engine.terms import DAYS_PER_YEAR, MASKED, OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pass_engine.disclose.thresholds import Thresholds

FEWEST = 3
"""Contributors: of two, what is left is a registry's own row."""
PROPORTION = "incidence_proportion"
MEASURES = (PROPORTION, "eair", "eair_total_exposure", "eaer")
PLACE = ("analysis", "cohort", "outcome", "time_at_risk", "measure")
NUMBERS = ("persons", "persons_with_event", "events", "person_days")
COUNTS = NUMBERS[:3]
CARRIED = ("analysis", "role", "cohort", "outcome", "time_at_risk", "measure", "per", "interval_level", "method")
SHOWN = "shown"


def leave_one_out_rows(incidence: pd.DataFrame, thresholds: Thresholds) -> Iterator[Row]:
    """Rows of leave_one_out.csv from the published incidence table; a count below the threshold is not printed."""
    overall = incidence[(incidence["stratum"] == OVERALL) & incidence["measure"].isin(MEASURES)]
    listed = records(overall)
    own = {(r["registry"], *_place(r)): r for r in listed if r["registry"] != POOLED}
    for row in (r for r in listed if r["registry"] == POOLED):
        contributors = row["registries"].split(SEPARATOR)
        least = thresholds.of(POOLED, row["registries"])
        for registry in contributors if len(contributors) >= FEWEST else ():
            alone = own.get((registry, *_place(row)))
            if alone is None or registry == MASKED:
                continue
            rest = SEPARATOR.join(r for r in contributors if r != registry)
            carried = {column: row[column] for column in CARRIED}
            yield {**carried, "left_out": registry, "registries": rest, **_without(row, alone, least)}


def _place(row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in PLACE)


def _without(pooled: Row, alone: Row, least: int) -> Row:
    """Numbers of the rest: each where both it is taken from are shown, and the rate where its two parts are."""
    numbers = {c: None if None in (pooled[c], alone[c]) else pooled[c] - alone[c] for c in NUMBERS}
    parts = ("persons_with_event", "persons") if pooled["measure"] == PROPORTION else ("events", "person_days")
    events, whole = (numbers[column] for column in parts)
    if events is None or whole is None or pooled["status"] not in (SHOWN, NOT_ESTIMABLE):
        return {"status": WITHHELD}
    if any(0 < (numbers[column] or 0) < least for column in COUNTS):
        return {"status": small_status(least)}
    if not whole:
        return {**numbers, "status": NOT_ESTIMABLE}
    return {**numbers, "status": SHOWN, **_estimate(pooled, events, whole)}


def _estimate(pooled: Row, events: int, whole: int) -> Row:
    """Estimate and limits, divided in the same order as those of incidence.csv; no limits where the method has none."""
    level, per = pooled["interval_level"], pooled["per"]
    if pooled["measure"] == PROPORTION:
        limits = proportion_interval(_method(PROPORTION_METHOD_WORDS, pooled["method"]), events, whole, level)
        low, high = limits or (0.0, 1.0)
        return {"rate": events / whole * per, "rate_low": low * per, "rate_high": high * per}
    units = whole / DAYS_PER_YEAR / per
    low_high = rate_interval(_method(RATE_METHOD_WORDS, pooled["method"]), events, units, level) or (None, None)
    return {"rate": events / units, "rate_low": low_high[0], "rate_high": low_high[1]}


def _method(words: dict[str, str], text: str) -> str:
    return next(name for name, word in words.items() if word == text)
