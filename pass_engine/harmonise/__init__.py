"""Maps a registry's raw tables to the core model, then makes the harmonised tables by static SQL (1xx).

Writes ``mapped_<core table>``, ``mapping_loss``, ``table_tally``, ``column_tally`` and the tables of files 100-179.
"""

from pass_engine.harmonise.coding import dictionary_releases, find_unmapped, suggest_terms
from pass_engine.harmonise.steps import HarmoniseOutcome, harmonise

__all__ = ["HarmoniseOutcome", "dictionary_releases", "find_unmapped", "harmonise", "suggest_terms"]
