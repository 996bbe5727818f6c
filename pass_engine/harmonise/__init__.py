"""Maps a registry's raw tables to the core model, then makes the harmonised tables by static SQL (1xx).

Writes ``mapped_<core table>``, ``mapping_loss``, ``table_tally``, ``column_tally`` and the tables of files 100-179.
"""

from pass_engine.harmonise.coding import dictionary_releases, find_unmapped, pin_dictionaries, suggest_terms
from pass_engine.harmonise.column_map import TableReading
from pass_engine.harmonise.mixed_dates import SecondFormat, second_formats, swapped
from pass_engine.harmonise.steps import HarmoniseOutcome, Watch, harmonise, harmonise_data
from pass_engine.harmonise.tally import TableTally
from pass_engine.harmonise.values import ShapeCount, ValueCount, YearCount, count_filled, count_shapes, count_values

__all__ = [
    "HarmoniseOutcome",
    "SecondFormat",
    "ShapeCount",
    "TableReading",
    "TableTally",
    "ValueCount",
    "Watch",
    "YearCount",
    "count_filled",
    "count_shapes",
    "count_values",
    "dictionary_releases",
    "find_unmapped",
    "harmonise",
    "harmonise_data",
    "pin_dictionaries",
    "second_formats",
    "suggest_terms",
    "swapped",
]
