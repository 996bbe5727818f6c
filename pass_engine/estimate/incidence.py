"""Rates of every cell: incidence proportion, EAIR and EAER with their intervals, and standardised rates.

All divisions of the engine's rates happen here, once, on whole numbers that have been summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.asked import PARTS, SIR, cells_by_analysis, incidence_analyses
from pass_engine.estimate.margins import MARGIN_HELD, held_in, lacks_margin
from pass_engine.estimate.reference import expectation_of, sir_row, sir_scale
from pass_engine.estimate.rows import level_rank, numbers_of, registry_rank
from pass_engine.estimate.standard import standardised_rate, weighting_of
from pass_engine.stats import (
    FEW_PERSONS,
    NO_SQUARES,
    PROPORTION_METHOD_WORDS,
    RATE_METHOD_WORDS,
    PersonSums,
    proportion_interval,
    rate_interval,
    robust_rate_interval,
)
from pass_engine.terms import DAYS_PER_YEAR, OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.estimate.asked import Asked, Place
    from pass_engine.estimate.margins import Held
    from pass_engine.estimate.reference import Expectation
    from pass_engine.estimate.standard import Weighting
    from pass_engine.protocol import Protocol

PER_PERSONS = 100


@dataclass(frozen=True)
class _Analysis:
    """One analysis, its cells, what the registries kept back of it (``held``: margins), weights and reference rates."""

    asked: Asked
    cells: Mapping[Place, Sequence[Row]]
    kept_back: Mapping[tuple[str, str], str]
    held: Held
    weighting: Weighting | None
    expectation: Expectation | None

    def derive(self, measure: str, overall: Row, found: Sequence[Row]) -> Row:
        """A measure of the overall cell that rests on the cells of another margin, among those found."""
        source = self.expectation if measure == SIR else self.weighting
        if source is not None and lacks_margin(self.held, overall, source.stratum):
            counted = PARTS[measure.removeprefix("standardised_") if measure != SIR else "eair"]
            return {**numbers_of(overall, *(overall[name] for name in counted)), **MARGIN_HELD}
        if measure == SIR and self.expectation is not None:
            return sir_row(self.asked, self.expectation, overall, found)
        return standardised_rate(self.asked, self.weighting, measure, overall, found) if self.weighting else {}


def incidence_rows(counts: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of incidence.csv, in their fixed order."""
    order = protocol.study.data.registries
    by_analysis = cells_by_analysis(counts)
    kept_back = records(withheld[withheld["table"] == "counts"])
    held = held_in(withheld)
    for asked in incidence_analyses(protocol):
        cells = by_analysis.get(asked.analysis.id, {})
        mine = {(w["registry"], w["cohort"]): w["reason"] for w in kept_back if w["analysis"] == asked.analysis.id}
        analysis = _Analysis(asked, cells, mine, held, weighting_of(asked, cells), expectation_of(asked))
        registries = {k[0] for k in cells} | {k[0] for k in mine} | {POOLED}
        for registry in sorted(registries, key=lambda r: registry_rank(r, order)):
            yield from _registry_rows(analysis, registry)


def _registry_rows(analysis: _Analysis, registry: str) -> Iterator[Row]:
    asked, kept_back = analysis.asked, analysis.kept_back
    for cohort in asked.analysis.cohorts:
        for outcome, time_at_risk in asked.pairs():
            key = {
                "analysis": asked.analysis.id,
                "role": asked.role,
                "registry": registry,
                "cohort": cohort,
                "outcome": outcome,
                "time_at_risk": time_at_risk,
                "counting": asked.counting(outcome),
            }
            found = analysis.cells.get((registry, cohort, outcome, time_at_risk), [])
            reason = kept_back.get((registry, cohort)) or kept_back.get((registry, ""), "")
            if found:
                yield from _cell_rows(analysis, key, found)
            elif reason or registry == POOLED:
                yield from _absent_rows(asked, key, reason)


def _absent_rows(asked: Asked, key: Row, reason: str) -> Iterator[Row]:
    """Rows that say why there are no numbers: kept back by the registry, or nobody contributed."""
    status = {"status": "withheld" if reason else "not_estimable", "note": reason or "no registry contributed"}
    outcome = str(key["outcome"])
    for measure in [*asked.measures(outcome), *asked.derived(outcome)]:
        registries = "" if key["registry"] == POOLED else key["registry"]
        yield {
            **key,
            "stratum": OVERALL,
            "level": "",
            "measure": measure,
            "registries": registries,
            **_scale(asked, measure),
            **status,
        }


def _cell_rows(analysis: _Analysis, key: Row, found: Sequence[Row]) -> Iterator[Row]:
    asked, outcome = analysis.asked, str(key["outcome"])
    for stratum in asked.margins:
        cells = sorted((c for c in found if c["stratum"] == stratum), key=lambda c: level_rank(c["level"]))
        for cell in cells:
            place = {**key, "stratum": stratum, "level": cell["level"], "registries": cell["registries"]}
            for measure in asked.measures(outcome):
                yield {**place, "measure": measure, **_scale(asked, measure), **_estimate(asked, measure, cell)}
            if stratum == OVERALL:
                for measure in asked.derived(outcome):
                    estimate = analysis.derive(measure, cell, found)
                    yield {**place, "measure": measure, **_scale(asked, measure), **estimate}


def _scale(asked: Asked, measure: str) -> Row:
    interval = asked.analysis.interval
    if measure == SIR:
        return sir_scale(asked)
    if measure == "incidence_proportion":
        return {
            "per": PER_PERSONS,
            "interval_level": interval.level,
            "method": PROPORTION_METHOD_WORDS[asked.analysis.proportion_interval],
        }
    standard = measure.startswith("standardised")
    method = "Fay–Feuer gamma" if standard else RATE_METHOD_WORDS[interval.method]
    return {"per": asked.analysis.per_person_years, "interval_level": interval.level, "method": method}


def _estimate(asked: Asked, measure: str, cell: Row) -> Row:
    if measure == "incidence_proportion":
        return _proportion(asked, cell)
    return _rate(asked, measure, cell)


def _proportion(asked: Asked, cell: Row) -> Row:
    method, level = asked.analysis.proportion_interval, asked.analysis.interval.level
    limits = proportion_interval(method, cell["persons_with_event"], cell["persons"], level)
    row = numbers_of(cell, cell["events"], cell["person_days"])
    if limits is None:
        return {**row, "status": "not_estimable", "note": "no person at risk"}
    share = cell["persons_with_event"] / cell["persons"]
    return {
        **row,
        "status": "shown",
        "rate": share * PER_PERSONS,
        "rate_low": limits[0] * PER_PERSONS,
        "rate_high": limits[1] * PER_PERSONS,
    }


def _rate(asked: Asked, measure: str, cell: Row) -> Row:
    numerator, denominator = PARTS[measure]
    events, days = cell[numerator], cell[denominator]
    row = numbers_of(cell, events, days)
    if numerator == "first_events":
        # A case belongs to the one cell that holds its first event: a later event makes no case elsewhere.
        row["persons_with_event"] = events
    if days == 0:
        return {**row, "status": "not_estimable", "note": "no person-time"}
    interval = asked.analysis.interval
    units = days / DAYS_PER_YEAR / asked.analysis.per_person_years
    limits = rate_interval(interval.method, events, units, interval.level)
    notes = [] if limits else ["interval not estimable without events"]
    low, high = limits or (None, None)
    (robust_low, robust_high), remark = _robust(measure, cell, interval.level)
    scale = DAYS_PER_YEAR * asked.analysis.per_person_years
    return {
        **row,
        "status": "shown",
        "rate": events / units,
        "rate_low": low,
        "rate_high": high,
        "robust_low": None if robust_low is None else robust_low * scale,
        "robust_high": None if robust_high is None else robust_high * scale,
        "note": "; ".join([*notes, *filter(None, [remark])]),
    }


def _robust(measure: str, cell: Row, level: float) -> tuple[tuple[float | None, float | None], str]:
    """Person-robust limits per day, and what there is to say about them; EAIR needs none."""
    if measure == "eair":
        return (None, None), ""
    counted = ("persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2")
    if measure != "eaer":
        # A person has one first event or none, so the sum of its squares is the sum itself.
        counted = ("first_events", "first_events", "window_days", "first_events", "sum_fw", "sum_w2")
    sums = [n for n in (cell.get(name) for name in counted) if n is not None]
    if len(sums) < len(counted):
        return (None, None), NO_SQUARES
    arm = PersonSums(*sums)
    limits = robust_rate_interval(arm, level)
    if limits is None:
        return (None, None), "person-robust interval not estimable below 2 persons with event"
    few = arm.persons_with_event < FEW_PERSONS
    return limits, "person-robust interval: few persons" if few else ""
