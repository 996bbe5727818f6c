"""The results of a run: tables, as frames and as CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.bundle import read_csv, write_csv, write_parquet
from pass_engine.disclose.thresholds import SEPARATOR
from pass_engine.errors import BundleError, Fault
from pass_engine.estimate.columns import FLOATS, INTEGERS, RESULT_COLUMNS
from pass_engine.estimate.comparison import comparison_rows
from pass_engine.estimate.contribution import contribution_rows
from pass_engine.estimate.incidence import incidence_rows
from pass_engine.estimate.lock_points import lock_point_rows
from pass_engine.estimate.quality import quality_results
from pass_engine.estimate.regression import member_rows, models_of, regression_rows
from pass_engine.estimate.rows import frame_of
from pass_engine.estimate.survival import survival_rows
from pass_engine.estimate.tables import (
    attrition_rows,
    baseline_rows,
    dictionary_rows,
    quality_rows,
    reference_rows,
    weight_rows,
)
from pass_engine.estimate.weighted import balance_rows, model_rows, propensity_rows, scores_of, weighted_rows
from pass_engine.terms import MASKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from pass_engine.protocol import Protocol

FOLDER = "results"


@dataclass(frozen=True)
class Results:
    """The result tables by name: incidence, comparison, survival, attrition, baseline, quality and so on."""

    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, table: str) -> pd.DataFrame:
        """One table."""
        return self.tables[table]


def estimate_results(
    pooled: Mapping[str, pd.DataFrame], protocol: Protocol, participation: pd.DataFrame, *, synthetic: bool
) -> Results:
    """Every result table from pooled counts, before disclosure control at publication."""
    withheld, scores, models = pooled["withheld"], scores_of(pooled, protocol), models_of(pooled, protocol)
    return Results(
        {
            "incidence": frame_of("incidence", incidence_rows(pooled["counts"], withheld, protocol)),
            "comparison": frame_of("comparison", comparison_rows(pooled["arms"], pooled["counts"], withheld, protocol)),
            "survival": frame_of("survival", survival_rows(pooled["life_table"], withheld, protocol)),
            "lock_points": frame_of("lock_points", lock_point_rows(pooled["lock_counts"], withheld, protocol)),
            "attrition": frame_of("attrition", attrition_rows(pooled["attrition"], protocol)),
            "baseline": frame_of("baseline", baseline_rows(pooled["baseline"], protocol)),
            "quality": frame_of("quality", quality_rows(pooled["quality"], protocol)),
            **quality_results(pooled, protocol),
            "participation": participation,
            "contribution": frame_of("contribution", contribution_rows(pooled, participation, protocol)),
            "leave_one_out": frame_of("leave_one_out", ()),  # made at publication, from what is shown
            "withheld": frame_of("withheld", ()),  # likewise
            "heterogeneity": frame_of("heterogeneity", ()),  # as well
            "bounds": frame_of("bounds", ()),  # as well
            "weighted": frame_of("weighted", weighted_rows(scores, protocol)),
            "balance": frame_of("balance", balance_rows(scores)),
            "propensity": frame_of("propensity", propensity_rows(scores)),
            "propensity_model": frame_of("propensity_model", model_rows(scores)),
            "regression": frame_of("regression", regression_rows(models, protocol)),
            "regression_members": frame_of("regression_members", member_rows(models)),
            "second_stage": frame_of("second_stage", ()),
            "unmeasured": frame_of("unmeasured", ()),
            "subgroups": frame_of("subgroups", ()),
            "standard_weights": frame_of("standard_weights", weight_rows(pooled["counts"], protocol)),
            "reference_rates": frame_of("reference_rates", reference_rows(pooled["counts"], protocol)),
            "data_dictionary": frame_of("data_dictionary", dictionary_rows(synthetic=synthetic)),
        }
    )


def name_members(tables: Mapping[str, pd.DataFrame], members: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Tables in which the contributors of a row are all named, the masked ones one by one."""
    if not members:
        return dict(tables)

    def named(registries: str) -> str:
        parts = (members if part == MASKED else [part] for part in registries.split(SEPARATOR))
        return SEPARATOR.join(name for part in parts for name in part)

    return {
        table: frame.assign(registries=frame["registries"].map(named)) if "registries" in frame.columns else frame
        for table, frame in tables.items()
    }


def fold_members(tables: Mapping[str, pd.DataFrame], members: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The same the other way: masked registries that contributed together stand under one name."""
    if not members:
        return dict(tables)

    def folded(registries: str) -> str:
        parts = registries.split(SEPARATOR)
        others = [part for part in parts if part not in members]
        return SEPARATOR.join([*others, MASKED]) if len(parts) == len(others) + len(members) else registries

    return {
        table: frame.assign(registries=frame["registries"].map(folded)) if "registries" in frame.columns else frame
        for table, frame in tables.items()
    }


def write_results(run_dir: Path, results: Results) -> None:
    """Write ``results/<table>.csv`` and the same as ``.parquet`` under a run folder."""
    folder = run_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in RESULT_COLUMNS:
        write_csv(folder / f"{name}.csv", results[name])
        write_parquet(folder / f"{name}.parquet", results[name])


def read_results(run_dir: Path) -> Results:
    """Read what :func:`write_results` wrote. Raises BundleError naming every file missing or unlike it."""
    tables: dict[str, pd.DataFrame] = {}
    faults = []
    for name, columns in RESULT_COLUMNS.items():
        path = run_dir / FOLDER / f"{name}.csv"
        try:
            tables[name] = read_csv(path, INTEGERS, FLOATS)
            found = "" if list(tables[name].columns) == list(columns) else "other columns"
        except (OSError, ValueError) as error:
            found = "no file" if isinstance(error, FileNotFoundError) else "a value of another kind"
        if found:
            faults.append(
                Fault(
                    path.as_posix(),
                    "",
                    found,
                    "the results of a run are not whole",
                    "run the study again",
                    "PE608",
                )
            )
    if faults:
        raise BundleError(*faults)
    return Results(tables)
