"""The SQL of this engine as Spark has it: the numbered files, and the column maps of a source that lies there."""

from pass_engine.dialect.texts import DIRECTIVES
from pass_engine.dialect.translate import SOURCE, TARGET, WORKING, Recursion, Translation, translate

__all__ = ["DIRECTIVES", "SOURCE", "TARGET", "WORKING", "Recursion", "Translation", "translate"]
