"""Estimation: rates, ratios and their intervals from pooled counts, as result tables."""

from pass_engine.estimate.columns import FLOATS, INTEGERS, RESULT_COLUMNS
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

__all__ = [
    "FLOATS",
    "INTEGERS",
    "RESULT_COLUMNS",
    "Results",
    "estimate_results",
    "fold_members",
    "frame_of",
    "leave_one_out_rows",
    "name_members",
    "read_results",
    "write_results",
]
