"""Rows of the result tables that hold no rates: attrition, baseline, quality, weights, references, dictionary."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.asked import cells_by_analysis, incidence_analyses
from pass_engine.estimate.columns import RESULT_COLUMNS
from pass_engine.estimate.index import INDEX, INDEX_COLUMNS
from pass_engine.estimate.reference import expectation_of, reference_rows_of
from pass_engine.estimate.rows import level_rank, registry_rank
from pass_engine.estimate.standard import weight_rows_of, weighting_of
from pass_engine.protocol.covariate_rules import PREFIX, places_of
from pass_engine.terms import SYNTHETIC_NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pass_engine.protocol import Protocol

ALL_PERSONS = "persons"
"""Variable of the baseline table that counts the cohort."""


def attrition_rows(attrition: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of attrition.csv: cohorts first, then analyses, each in the protocol's order."""
    order = protocol.study.data.registries
    analyses = ["", *(a.id for s in protocol.scenarios for a in s.study.analyses), *(s.id for s in protocol.scenarios)]
    cohorts = list(protocol.study.exposures)
    rows = sorted(
        records(attrition),
        key=lambda r: (
            r["scope"] != "cohort",
            analyses.index(r["analysis"]),
            registry_rank(r["registry"], order),
            cohorts.index(r["cohort"]),
            r["outcome"],
            r["time_at_risk"],
            r["position"],
            r["step"],
        ),
    )
    for row in rows:
        yield {**row, "status": "shown"}


def baseline_rows(baseline: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of baseline.csv; variables stay in the order in which the sites describe them."""
    order = protocol.study.data.registries
    cohorts = list(protocol.study.exposures)
    listed = records(baseline)
    variables = sorted({r["variable"] for r in listed}, key=lambda v: (v != ALL_PERSONS, v))
    sizes = {(r["registry"], r["cohort"]): r["persons"] for r in listed if r["variable"] == ALL_PERSONS}
    rows = sorted(
        listed,
        key=lambda r: (
            registry_rank(r["registry"], order),
            cohorts.index(r["cohort"]),
            variables.index(r["variable"]),
            level_rank(r["level"]),
        ),
    )
    units = {f"{PREFIX}{place.name}": place.units for place in places_of(protocol.study) if place.is_linear}
    for row in rows:
        size = sizes.get((row["registry"], row["cohort"]), 0)
        yield {**row, "status": "shown", **_describe(row, size, units.get(row["variable"], 1))}


def _describe(row: Row, size: int, units: int = 1) -> Row:
    """``units``: how many of those that are summed make one of those that are shown."""
    n, total, squares = row["persons"], row["sum_value"], row["sum_square"]
    found: Row = {"percent": 100 * n / size if size else None}
    if total is not None and squares is not None and n > 0:
        found["mean"] = total / (n * units)
        if n > 1:
            # whole numbers up to the division, so that nothing cancels
            found["sd"] = sqrt((n * squares - total * total) / (n * (n - 1))) / units
    return found


def quality_rows(quality: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of quality.csv; a check that had nothing to test is not estimable."""
    order = protocol.study.data.registries
    keys = ("kind", "table_name", "column_name", "rule_id", "label")
    for row in sorted(records(quality), key=lambda r: (registry_rank(r["registry"], order), *(r[k] for k in keys))):
        if row["tested"]:
            yield {**row, "status": "shown", "percent": 100 * row["failed"] / row["tested"]}
        else:
            yield {**row, "failed": None, "status": "not_estimable"}


def weight_rows(counts: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of standard_weights.csv."""
    by_analysis = cells_by_analysis(counts)
    for asked in incidence_analyses(protocol):
        weighting = weighting_of(asked, by_analysis.get(asked.analysis.id, {}))
        if weighting is not None:
            yield from weight_rows_of(asked, weighting)


def reference_rows(counts: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of reference_rates.csv."""
    by_analysis = cells_by_analysis(counts)
    for asked in incidence_analyses(protocol):
        expectation = expectation_of(asked)
        if expectation is not None:
            yield from reference_rows_of(asked, expectation, by_analysis.get(asked.analysis.id, {}))


def dictionary_rows(*, synthetic: bool) -> Iterator[Row]:
    """Rows of data_dictionary.csv: first the notice where any contributing data are made up."""
    if synthetic:
        yield {"file": "", "column": "", "meaning": SYNTHETIC_NOTICE}
    described = {**{f"{table}.csv": columns for table, columns in RESULT_COLUMNS.items()}, INDEX: INDEX_COLUMNS}
    for file, columns in described.items():
        for column, meaning in columns.items():
            yield {"file": file, "column": column, "meaning": meaning}
