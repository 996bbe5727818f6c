"""An identifier for every row of the results, and the way back from it: its analysis, SQL and bundles.

``results/index.csv`` numbers the rows of all results files through, in the order of the files. The identifier
``R-000123`` stands beside every number that a report prints, and ``pass-engine trace`` looks it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pass_engine.bundle import write_csv
from pass_engine.disclose import records
from pass_engine.estimate.columns import RESULT_COLUMNS
from pass_engine.sqltext import chain_to
from pass_engine.terms import MASKED, POOLED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from pass_engine.estimate.results import Results

INDEX: Final = "index.csv"
INDEX_COLUMNS: Mapping[str, str] = {
    "id": "identifier of a row of the results; reports print it, and pass-engine trace looks it up",
    "file": "results file the row stands in",
    "row": "its number in the file; the head is row 1",
    "analysis": "identifier of the analysis in the protocol; empty where the row belongs to none",
    "sql": "numbers of the SQL files that its counts come from, in reading order; manifest.json holds their digests",
    "bundles": "each registry that contributed, = and the first 16 of the SHA-256 of its bundle's manifest",
}
DIGEST: Final = 16
"""Characters of a digest that the index holds; the manifest of the run holds all."""
NOT_NUMBERED: Final = ("data_dictionary", "withheld")
"""They describe the other files and hold no result."""
COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    "incidence": ("incidence_count",),
    "comparison": ("incidence_count", "arm_overlap"),
    "survival": ("life_table",),
    "lock_points": ("lock_count",),
    "attrition": ("cohort_attrition", "analysis_attrition"),
    "baseline": ("baseline",),
    "quality": ("quality_count",),
    "indicators": ("indicator_count",),
    "completeness_by_year": ("completeness_year",),
    "verification": (),  # a registry's own check, sent as counts
    "quality_gates": ("indicator_count",),
    "leave_one_out": ("incidence_count",),
    "heterogeneity": ("incidence_count",),
    "bounds": ("incidence_count",),
    "second_stage": ("incidence_count", "arm_overlap"),
    "unmeasured": ("incidence_count", "arm_overlap"),
    "subgroups": ("incidence_count", "arm_overlap"),
    "participation": ("cohort_attrition",),
    "contribution": ("incidence_count", "arm_overlap", "life_table"),
    "weighted": ("arm_outcome", "arm_pattern"),
    "balance": ("arm_pattern",),
    "propensity": ("arm_pattern",),
    "propensity_model": ("arm_pattern",),
    "regression": ("regression_span",),
    "regression_members": ("regression_span",),
    "standard_weights": ("incidence_count",),
    "reference_rates": ("incidence_count",),
}
"""Results file to the SQL tables of counts that it is made from."""


def write_index(run_dir: Path, results: Results, bundles: Mapping[str, str], members: Collection[str] = ()) -> None:
    """Write ``results/index.csv``.

    ``bundles``: registry to the SHA-256 of its bundle's manifest; ``members``: registries of which there is the sum
    alone, in the bundle ``masked``.
    """
    import pandas as pd

    tables = {name: records(results[name]) for name in RESULT_COLUMNS}
    rows = list(index_rows(tables, bundles, members))
    write_csv(run_dir / "results" / INDEX, pd.DataFrame(rows, columns=list(INDEX_COLUMNS), dtype="str"))


def index_rows(
    tables: Mapping[str, list[dict[str, Any]]], bundles: Mapping[str, str], members: Collection[str] = ()
) -> Iterator[dict[str, str]]:
    """One row of the index for every row of the tables, which come by name without ``.csv``."""
    number = 0
    for table in RESULT_COLUMNS:
        if table in NOT_NUMBERED:
            continue
        sql = " ".join(str(f.number) for f in chain_to(COUNTED_BY[table]))
        for at, row in enumerate(tables.get(table, ()), start=2):
            number += 1
            yield {
                "id": f"R-{number:06d}",
                "file": f"{table}.csv",
                "row": str(at),
                "analysis": str(row.get("analysis", "")),
                "sql": sql,
                "bundles": " ".join(f"{key}={bundles[key][:DIGEST]}" for key in contributors(row, bundles, members)),
            }


def contributors(row: Mapping[str, Any], known: Mapping[str, Any], members: Collection[str] = ()) -> tuple[str, ...]:
    """Registries whose bundles a row is made from: those it names, else all; instead of masked ones their sum."""
    named = str(row.get("registries") or "").split(";")
    one = str(row.get("registry") or "")
    if one and one != POOLED:
        return (one,) if one in known else ()
    asked = [key for key in named if key] or list(known)
    return tuple(dict.fromkeys(MASKED if key in members else key for key in asked if key in known))
