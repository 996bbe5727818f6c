"""The main job in one go, on a machine that holds the data of every registry."""

from pass_engine.run.compare import compare_extracts
from pass_engine.run.pinned import check_run, print_again
from pass_engine.run.study import RunOutcome, run_study

__all__ = ["RunOutcome", "check_run", "compare_extracts", "print_again", "run_study"]
