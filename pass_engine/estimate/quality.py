"""Rows of the results on data quality: indicators, completeness by year, source data verification, gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.disclose.thresholds import SHOWN
from pass_engine.estimate.rows import frame_of, level_rank, registry_rank
from pass_engine.stats import PROPORTION_METHOD_WORDS, clopper_pearson
from pass_engine.tables.core import CORE
from pass_engine.tables.indicators import indicators
from pass_engine.terms import GATE_MET, GATE_NOT_MET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from pass_engine.protocol import Protocol

PERCENT = 100
VERIFICATION_LEVEL = 0.95
"""Level of the intervals of error rates."""


def quality_results(pooled: Mapping[str, pd.DataFrame], protocol: Protocol) -> dict[str, pd.DataFrame]:
    """The four tables, by the name of their result file."""
    order = list(protocol.study.data.registries)
    made = {
        "indicators": indicator_rows(records(pooled["indicator"])),
        "completeness_by_year": year_rows(records(pooled["completeness_year"])),
        "verification": verification_rows(records(pooled["verification"])),
        "quality_gates": iter(sorted(records(pooled["quality_gate"]), key=lambda r: int(r["position"]))),
    }
    return {
        name: frame_of(name, sorted(rows, key=lambda r: registry_rank(r["registry"], order)))
        for name, rows in made.items()
    }


def indicator_rows(counts: list[Row]) -> Iterator[Row]:
    """Each indicator in the order of its declaration; one with nothing to count over is not estimable."""
    places = {name: place for place, name in enumerate(indicators())}
    for row in sorted(counts, key=lambda r: places[r["indicator"]]):
        declared = indicators()[row["indicator"]]
        facts: Row = {
            **row,
            "dimension": declared.dimension,
            "label": declared.label,
            "unit": declared.unit,
            "direction": declared.direction,
            "threshold": float(declared.limit),
        }
        if row["status"] != SHOWN:
            yield facts
            continue
        value = declared.exact(row["numerator"], row["denominator"])
        if value is None:
            yield {**facts, "numerator": None, "status": "not_estimable"}
        else:
            verdict = GATE_MET if declared.is_met(value) else GATE_NOT_MET
            yield {**facts, "value": float(value), "verdict": verdict}


def year_rows(counts: list[Row]) -> Iterator[Row]:
    """Variables in the order of the core data model, years rising."""
    places = {(t.name, c.name): n for n, (t, c) in enumerate((t, c) for t in CORE.values() for c in t.columns)}
    last_of = {t: max(n for (table, _), n in places.items() if table == t) for t, _ in places}

    def place(row: Row) -> tuple[float, str]:
        """A variable of the study's own stands behind those of its table, by its name."""
        known = places.get((row["table_name"], row["column_name"]))
        return (last_of[row["table_name"]] + 0.5, row["column_name"]) if known is None else (known, "")

    for row in sorted(counts, key=lambda r: (place(r), level_rank(r["calendar_year"]))):
        yield {**row, "percent": PERCENT * row["failed"] / row["tested"]} if row["status"] == SHOWN else row


def verification_rows(counts: list[Row]) -> Iterator[Row]:
    """Error rates with exact limits (Clopper & Pearson, Biometrika 1934;26:404-13)."""
    method = PROPORTION_METHOD_WORDS["clopper_pearson"]
    for row in counts:
        if row["status"] != SHOWN:
            yield row
            continue
        limits = clopper_pearson(row["errors"], row["checked"], VERIFICATION_LEVEL)
        if limits is None:
            yield {**row, "errors": None, "status": "not_estimable"}
            continue
        yield {
            **row,
            "percent": PERCENT * row["errors"] / row["checked"],
            "low": PERCENT * limits[0],
            "high": PERCENT * limits[1],
            "interval_level": VERIFICATION_LEVEL,
            "method": method,
        }
