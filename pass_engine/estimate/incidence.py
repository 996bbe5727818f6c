"""Rates of every cell: incidence proportion, EAIR and EAER with their intervals, and standardised rates.

All divisions of the engine's rates happen here, once, on whole numbers that have been summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.rows import level_rank, registry_rank
from pass_engine.estimate.standard import standard_cells
from pass_engine.protocol.models import Incidence
from pass_engine.protocol.names import margin_name
from pass_engine.stats import (
    FEW_PERSONS,
    RATE_METHOD_WORDS,
    STANDARDS,
    PersonSums,
    clopper_pearson,
    fay_feuer,
    rate_interval,
    robust_rate_interval,
    standard_text,
)
from pass_engine.terms import DAYS_PER_YEAR, OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol, Scenario

PER_PERSONS = 100
PARTS = {
    "eair": ("first_events", "first_event_days"),
    "eair_total_exposure": ("first_events", "window_days"),
    "eaer": ("events", "person_days"),
}
"""Measure to its numerator and denominator among the counts."""

MEASURES = ("incidence_proportion", *PARTS, "standardised_eair", "standardised_eaer")
"""Order of the measures in results."""


@dataclass(frozen=True)
class Asked:
    """One analysis of one scenario with what its rows need of the protocol."""

    scenario: Scenario
    analysis: Incidence
    is_main: bool

    @property
    def role(self) -> str:
        """The analysis's role, or sensitivity."""
        return self.analysis.role if self.is_main else "sensitivity"

    @property
    def margins(self) -> tuple[str, ...]:
        """Margins shown: overall, then those asked for, in their order."""
        return tuple(dict.fromkeys([OVERALL, *(margin_name(by) for by in self.analysis.by)]))

    def pairs(self) -> list[tuple[str, str]]:
        """Outcomes with their times at risk, both by name."""
        found = []
        for outcome, times in self.analysis.outcomes.items():
            found += [(outcome, time) for time in ([times] if isinstance(times, str) else times)]
        return sorted(found)

    def counting(self, outcome: str) -> str:
        """How events are counted: first or recurrent."""
        return self.scenario.study.outcomes[outcome].counting

    def measures(self, outcome: str) -> list[str]:
        """Crude measures printed: EAER of first events is their EAIR, and is left out."""
        asked = [m for m in MEASURES if m in self.analysis.measures]
        return [m for m in asked if m != "eaer" or self.counting(outcome) == "recurrent"]

    def standardised(self, outcome: str) -> list[str]:
        """Standardised measures printed."""
        if self.analysis.standardise is None:
            return []
        recurrent = self.counting(outcome) == "recurrent"
        return ["standardised_eair", "standardised_eaer"] if recurrent else ["standardised_eair"]


def incidence_analyses(protocol: Protocol) -> Iterator[Asked]:
    """Every incidence analysis: the main ones in the protocol's order, then the sensitivity analyses."""
    for number, scenario in enumerate(protocol.scenarios):
        for analysis in scenario.study.analyses:
            if isinstance(analysis, Incidence):
                yield Asked(scenario, analysis, is_main=number == 0)


def incidence_rows(counts: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of incidence.csv, in their fixed order."""
    order = protocol.study.data.registries
    by_analysis: dict[str, list[Row]] = {}
    for row in records(counts):
        by_analysis.setdefault(row["analysis"], []).append(row)
    kept_back = records(withheld[withheld["table"] == "counts"])
    for asked in incidence_analyses(protocol):
        cells: dict[tuple[str, str, str, str], list[Row]] = {}
        for row in by_analysis.get(asked.analysis.id, []):
            cells.setdefault((row["registry"], row["cohort"], row["outcome"], row["time_at_risk"]), []).append(row)
        mine = {(w["registry"], w["cohort"]): w["reason"] for w in kept_back if w["analysis"] == asked.analysis.id}
        registries = {k[0] for k in cells} | {k[0] for k in mine} | {POOLED}
        for registry in sorted(registries, key=lambda r: registry_rank(r, order)):
            yield from _registry_rows(asked, registry, cells, mine)


def _registry_rows(
    asked: Asked,
    registry: str,
    cells: Mapping[tuple[str, str, str, str], Sequence[Row]],
    kept_back: Mapping[tuple[str, str], str],
) -> Iterator[Row]:
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
            found = cells.get((registry, cohort, outcome, time_at_risk), [])
            reason = kept_back.get((registry, cohort)) or kept_back.get((registry, ""), "")
            if found:
                yield from _cell_rows(asked, key, found)
            elif reason or registry == POOLED:
                yield from _absent_rows(asked, key, reason)


def _absent_rows(asked: Asked, key: Row, reason: str) -> Iterator[Row]:
    """Rows that say why there are no numbers: kept back by the registry, or nobody contributed."""
    status = {"status": "withheld" if reason else "not_estimable", "note": reason or "no registry contributed"}
    outcome = str(key["outcome"])
    for measure in [*asked.measures(outcome), *asked.standardised(outcome)]:
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


def _cell_rows(asked: Asked, key: Row, found: Sequence[Row]) -> Iterator[Row]:
    outcome = str(key["outcome"])
    for stratum in asked.margins:
        cells = sorted((c for c in found if c["stratum"] == stratum), key=lambda c: level_rank(c["level"]))
        for cell in cells:
            place = {**key, "stratum": stratum, "level": cell["level"], "registries": cell["registries"]}
            for measure in asked.measures(outcome):
                yield {**place, "measure": measure, **_scale(asked, measure), **_estimate(asked, measure, cell)}
            if stratum == OVERALL:
                for measure in asked.standardised(outcome):
                    estimate = _standardise(asked, measure, cell, found)
                    yield {**place, "measure": measure, **_scale(asked, measure), **estimate}


def _scale(asked: Asked, measure: str) -> Row:
    interval = asked.analysis.interval
    if measure == "incidence_proportion":
        return {"per": PER_PERSONS, "interval_level": interval.level, "method": "Clopper–Pearson"}
    standard = measure.startswith("standardised")
    method = "Fay–Feuer gamma" if standard else RATE_METHOD_WORDS[interval.method]
    return {"per": asked.analysis.per_person_years, "interval_level": interval.level, "method": method}


def _estimate(asked: Asked, measure: str, cell: Row) -> Row:
    if measure == "incidence_proportion":
        return _proportion(cell, asked.analysis.interval.level)
    return _rate(asked, measure, cell)


def _proportion(cell: Row, level: float) -> Row:
    limits = clopper_pearson(cell["persons_with_event"], cell["persons"], level)
    row = _numbers(cell, cell["events"], cell["person_days"])
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
    row = _numbers(cell, events, days)
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
    if measure == "eaer":
        arm = PersonSums(
            cell["persons_with_event"],
            cell["events"],
            cell["person_days"],
            cell["sum_e2"],
            cell["sum_et"],
            cell["sum_t2"],
        )
    elif cell.get("sum_fw") is None or cell.get("sum_w2") is None:
        return (None, None), "person-robust interval not available"
    else:
        # A person has one first event or none, so the sum of its squares is the sum itself.
        arm = PersonSums(
            cell["first_events"],
            cell["first_events"],
            cell["window_days"],
            cell["first_events"],
            cell["sum_fw"],
            cell["sum_w2"],
        )
    limits = robust_rate_interval(arm, level)
    if limits is None:
        return (None, None), "person-robust interval not estimable below 2 persons with event"
    few = arm.persons_with_event < FEW_PERSONS
    return limits, "person-robust interval: few persons" if few else ""


def _standardise(asked: Asked, measure: str, overall: Row, found: Sequence[Row]) -> Row:
    numerator, denominator = PARTS[measure.removeprefix("standardised_")]
    stratum, weights = standard_cells(asked.scenario.study, asked.analysis)
    cells = {c["level"]: c for c in found if c["stratum"] == stratum}
    row = _numbers(overall, overall[numerator], overall[denominator])
    bare = [level for level in weights if level not in cells or cells[level][denominator] == 0]
    if bare:
        remark = f"no person-time in {len(bare)} of {len(weights)} weighted cells"
        return {**row, "status": "not_estimable", "note": remark}
    units = DAYS_PER_YEAR * asked.analysis.per_person_years
    estimate = fay_feuer(
        [cells[level][numerator] for level in weights],
        [cells[level][denominator] / units for level in weights],
        list(weights.values()),
        asked.analysis.interval.level,
    )
    rate, low, high = estimate or (None, None, None)
    left_out = any(c[denominator] for level, c in cells.items() if level not in weights)
    notes = [_standard_note(asked), *(["events and time outside the standard's cells left out"] if left_out else [])]
    return {**row, "status": "shown", "rate": rate, "rate_low": low, "rate_high": high, "note": "; ".join(notes)}


def _standard_note(asked: Asked) -> str:
    study, standardise = asked.scenario.study, asked.analysis.standardise
    if standardise is None:
        return ""
    cuts = study.strata.age.bands if "age" in standardise.over and study.strata.age else ()
    return standard_text(STANDARDS[standardise.to], cuts, by_sex="sex" in standardise.over)


def _numbers(cell: Row, events: int, days: int) -> Row:
    return {
        "persons": cell["persons"],
        "persons_with_event": cell["persons_with_event"],
        "events": events,
        "person_days": days,
        "note": "",
    }
