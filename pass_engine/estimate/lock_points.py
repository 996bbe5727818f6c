"""Counts between data lock points, and cumulative to each: cumulative(n) = cumulative(n - 1) + interval(n)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.disclose.border import CUMULATIVE
from pass_engine.disclose.thresholds import SHOWN, WITHHELD
from pass_engine.estimate.asked import incidence_analyses
from pass_engine.estimate.rows import kept_back_of, registry_rank, withheld_in
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from pass_engine.estimate.asked import Asked
    from pass_engine.protocol import Protocol

NUMBERS = ("first_events", "events", "person_days", "first_event_days")
"""Numbers that add up over intervals; persons do not, and are not counted by interval."""


def lock_point_rows(lock_counts: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of lock_points.csv: of each lock point the interval that it ends, then cumulative."""
    if not protocol.study.data.lock_points:
        return
    order = protocol.study.data.registries
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in records(lock_counts):
        place = (row["analysis"], row["registry"], row["cohort"], row["outcome"], row["time_at_risk"])
        found.setdefault(place, []).append(row)
    for asked in (a for a in incidence_analyses(protocol) if a.is_main):
        name = asked.analysis.id
        kept_back = kept_back_of(withheld, "lock_counts", name)
        registries = {k[1] for k in found if k[0] == name} | {k[0] for k in kept_back} | {POOLED}
        for registry in sorted(registries, key=lambda r: registry_rank(r, order)):
            for key in _keys(asked, registry):
                rows = found.get((name, registry, key["cohort"], key["outcome"], key["time_at_risk"]), [])
                reason = kept_back.get((registry, str(key["cohort"]))) or kept_back.get((registry, ""), "")
                if rows:
                    yield from _spans(key, rows)
                elif reason or registry == POOLED:
                    yield from _absent(key, protocol, reason)


def _keys(asked: Asked, registry: str) -> Iterator[Row]:
    for cohort in asked.analysis.cohorts:
        for outcome, time in asked.pairs():
            yield {
                "analysis": asked.analysis.id,
                "role": asked.role,
                "registry": registry,
                "cohort": cohort,
                "outcome": outcome,
                "time_at_risk": time,
                "counting": asked.counting(outcome),
            }


def _spans(key: Row, rows: Sequence[Row]) -> Iterator[Row]:
    for row in sorted(rows, key=lambda r: str(r["lock_point"])):
        place = {**key, "lock_point": row["lock_point"], "registries": row["registries"]}
        own = {name: row[name] for name in NUMBERS}
        total = {name: row[CUMULATIVE + name] for name in NUMBERS}
        yield {**place, "span": "interval", "status": SHOWN, **own, **(withheld_in(row, *own.values()) or {})}
        gone = {"status": WITHHELD} if None in total.values() else {}
        yield {**place, "span": "cumulative", "status": SHOWN, **total, **gone}


def _absent(key: Row, protocol: Protocol, reason: str) -> Iterator[Row]:
    status = {"status": "withheld" if reason else "not_estimable", "note": reason or "no registry contributed"}
    registries = "" if key["registry"] == POOLED else key["registry"]
    for point in protocol.study.data.lock_points:
        for span in ("interval", "cumulative"):
            yield {**key, "lock_point": point.isoformat(), "span": span, **status, "registries": registries}
