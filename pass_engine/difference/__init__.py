"""Two protocols in the field's words, and two runs with the change that moved each number."""

from pass_engine.difference.protocols import Change, changes_between, in_words
from pass_engine.difference.runs import diff_runs

__all__ = ["Change", "changes_between", "diff_runs", "in_words"]
