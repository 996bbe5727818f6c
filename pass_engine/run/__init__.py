"""The main job in one go, on a machine that holds the data of every registry."""

from pass_engine.run.folder import write_sums
from pass_engine.run.pinned import check_run
from pass_engine.run.study import RunOutcome, run_study

__all__ = ["RunOutcome", "check_run", "run_study", "write_sums"]
