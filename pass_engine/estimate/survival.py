"""Survival and cumulative incidence from the life tables of the registries and from their sum.

The sum of life tables is the life table of all persons together, so that pooled curves are exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.rows import kept_back_of, registry_rank
from pass_engine.protocol.counted import survival_analyses, times_of
from pass_engine.protocol.models import Incidence
from pass_engine.stats import CURVE_METHOD_WORDS, LifeRow, aalen_johansen, kaplan_meier, quantile_day
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Study, Survival
    from pass_engine.stats import CurvePoint

ESTIMATORS = {"survival": (kaplan_meier, "Kaplan–Meier"), "cumulative_incidence": (aalen_johansen, "Aalen–Johansen")}
"""Measure to its estimator and the name that is printed."""
LEAVING = ("events", "competing", "censored")
"""How a period at risk ends."""
FLOWS = ("persons", "entered", *LEAVING)
MEDIAN = 0.5


@dataclass(frozen=True)
class LifeTable:
    """One cohort, outcome and time at risk of a registry or pool: persons who come and leave, by day."""

    rows: Sequence[Row]
    days: Sequence[int]
    sums: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> LifeTable:
        """From rows in any order; ``sums`` are the columns added up over the days before each row, and over all."""
        ordered = sorted(rows, key=lambda r: int(r["day"]))
        sums = {name: [0, *accumulate(r[name] for r in ordered)] for name in FLOWS}
        return cls(ordered, [r["day"] for r in ordered], sums)

    def life_rows(self) -> list[LifeRow]:
        """As the estimators take it."""
        return [LifeRow(r["day"], self.on(r["day"])["at_risk"], r["events"], r["competing"]) for r in self.rows]

    def on(self, day: int) -> Row:
        """At risk on a day: who came up to it, less who left before it; events and competing events up to it."""
        through, before = bisect_right(self.days, day), bisect_left(self.days, day)
        left = sum(self.sums[name][before] for name in LEAVING)
        return {
            "at_risk": self.sums["entered"][through] - left,
            "events": self.sums["events"][through],
            "competing": self.sums["competing"][through],
        }

    def total(self) -> Row:
        """Persons, events and competing events of all days."""
        return {name: self.sums[name][-1] for name in ("persons", "events", "competing")}

    @property
    def last_day(self) -> int:
        """Last day on which anyone is at risk; -1 without anyone."""
        return max((r["day"] for r in self.rows if any(r[name] for name in LEAVING)), default=-1)


def survival_rows(life_table: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of survival.csv, in their fixed order."""
    order = protocol.study.data.registries
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in records(life_table):
        place = (row["analysis"], row["registry"], row["cohort"], row["outcome"], row["time_at_risk"])
        found.setdefault(place, []).append(row)
    for analysis in survival_analyses(protocol.study):
        kept_back = kept_back_of(withheld, "life_table", analysis.id)
        registries = {k[1] for k in found if k[0] == analysis.id} | {k[0] for k in kept_back} | {POOLED}
        for registry in sorted(registries, key=lambda r: registry_rank(r, order)):
            for key in _keys(analysis, registry):
                rows = found.get((analysis.id, registry, key["cohort"], key["outcome"], key["time_at_risk"]), [])
                reason = kept_back.get((registry, str(key["cohort"]))) or kept_back.get((registry, ""), "")
                if rows:
                    yield from _curve_rows(protocol.study, analysis, key, rows)
                elif reason or registry == POOLED:
                    yield from _absent_rows(analysis, key, reason)


def _keys(analysis: Survival, registry: str) -> Iterator[Row]:
    for cohort in analysis.cohorts:
        for outcome in sorted(analysis.outcomes):
            for time in sorted(times_of(analysis, outcome)):
                yield {
                    "analysis": analysis.id,
                    "role": analysis.role,
                    "registry": registry,
                    "cohort": cohort,
                    "outcome": outcome,
                    "time_at_risk": time,
                    "interval_level": analysis.interval.level,
                }


def _method(analysis: Survival, measure: str) -> str:
    return f"{ESTIMATORS[measure][1]}; {CURVE_METHOD_WORDS[analysis.interval.scale]} limits"


def _absent_rows(analysis: Survival, key: Row, reason: str) -> Iterator[Row]:
    status = {"status": "withheld" if reason else "not_estimable", "note": reason or "no registry contributed"}
    registries = "" if key["registry"] == POOLED else key["registry"]
    for measure in analysis.measures:
        method = _method(analysis, measure)
        yield {**key, "measure": measure, "point": "total", "method": method, "registries": registries, **status}


def _curve_rows(study: Study, analysis: Survival, key: Row, rows: Sequence[Row]) -> Iterator[Row]:
    table = LifeTable.of(rows)
    days = point_days(study, analysis, pooled=key["registry"] == POOLED)
    for measure in analysis.measures:
        estimator = ESTIMATORS[measure][0]
        points = list(estimator(table.life_rows(), analysis.interval.level, analysis.interval.scale))
        place = {
            **key, "measure": measure, "method": _method(analysis, measure), "registries": rows[0]["registries"],
        }  # fmt: skip
        yield {**place, "point": "total", "status": "shown", **table.total()}
        for day, point in days.items():
            yield {**place, "point": point, "day": day, **table.on(day), **_share(table, points, measure, day)}
        if measure == "survival":
            yield {**place, "point": "median", **_median(points)}


def point_days(study: Study, analysis: Survival, *, pooled: bool) -> dict[int, str]:
    """Days shown, rising, and why: of the table, of the figure (pooled only), last of a band of time since start."""
    days = dict.fromkeys(range(0, analysis.at_days[-1] + 1, analysis.curve_days), "curve") if pooled else {}
    since = study.strata.time_since_start
    if since and any("time_since_start" in by for a in study.analyses if isinstance(a, Incidence) for by in a.by):
        days |= {cut - 1: "band" for cut in since.cuts_days if 0 < cut <= analysis.at_days[-1]}
    return dict(sorted((days | dict.fromkeys(analysis.at_days, "table")).items()))


def _share(table: LifeTable, points: Sequence[CurvePoint], measure: str, day: int) -> Row:
    """The curve on a day: that of the last day before it on which anything happened."""
    if day > table.last_day:
        return {"status": "not_estimable", "note": "nobody was followed as long"}
    position = bisect_right([p.day for p in points], day)
    if position == 0:
        start = 1.0 if measure == "survival" else 0.0
        return {"status": "shown", "estimate": start, "std_error": 0.0, "low": start, "high": start}
    point = points[position - 1]
    remark = "" if point.low is not None else "no spread to make limits from"
    return {
        "status": "shown",
        "estimate": point.estimate,
        "std_error": point.std_error,
        "low": point.low,
        "high": point.high,
        "note": remark,
    }


def _median(points: Sequence[CurvePoint]) -> Row:
    middle, low, high = quantile_day(points, MEDIAN)
    if middle is None:
        return {"status": "not_estimable", "note": "the median is not reached"}
    return {"status": "shown", "estimate": float(middle), "low": _float(low), "high": _float(high)}


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)
