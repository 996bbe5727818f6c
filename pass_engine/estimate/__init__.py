"""Estimation: rates, ratios and their intervals from pooled counts, as result tables."""

from pass_engine.estimate.bounds import bound_rows
from pass_engine.estimate.columns import FLOATS, INTEGERS, RESULT_COLUMNS
from pass_engine.estimate.heterogeneity import heterogeneity_rows
from pass_engine.estimate.index import INDEX, INDEX_COLUMNS, index_rows, write_index
from pass_engine.estimate.left_out import leave_one_out_rows
from pass_engine.estimate.results import (
    Results,
    estimate_results,
    fold_members,
    name_members,
    read_results,
    write_results,
)
from pass_engine.estimate.rows import frame_of
from pass_engine.estimate.second_stage import second_stage_rows
from pass_engine.estimate.subgroups import subgroup_rows
from pass_engine.estimate.unmeasured import unmeasured_rows

__all__ = [
    "FLOATS",
    "INDEX",
    "INDEX_COLUMNS",
    "INTEGERS",
    "RESULT_COLUMNS",
    "Results",
    "bound_rows",
    "estimate_results",
    "fold_members",
    "frame_of",
    "heterogeneity_rows",
    "index_rows",
    "leave_one_out_rows",
    "name_members",
    "read_results",
    "second_stage_rows",
    "subgroup_rows",
    "unmeasured_rows",
    "write_index",
    "write_results",
]
