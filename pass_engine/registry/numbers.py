"""Numbers of the faults a registry's ``registry.yaml`` can have; the code is ``PE2`` and two digits.

1 to 9 are those of every YAML file (``pass_engine.protocol.numbers``); 10 and 21 to 30 belong to other rooms.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Wrong(IntEnum):
    """What can be wrong with a registry's file."""

    NO_SUCH_TABLE = 40
    NO_SUCH_COLUMN = 41
    COLUMN_TWICE = 42
    COLUMN_MISSING = 43
    FILE_OR_TABLE = 44
    ONE_OF_TWO = 45
    OUT_OF_PLACE = 46
    NO_SUCH_FILE = 47
    NOT_A_CODE = 48
    DATES_OUT_OF_ORDER = 49
    PATH_OUTSIDE = 50
    NAME_TWICE = 51
    NOT_A_UNIT = 52
    NOT_A_PART = 53
    NOT_A_TEST = 54
    NOT_A_VERIFICATION = 62
    NOT_A_BENCHMARK = 63
    NOT_ON_CLUSTER = 64


MEANINGS: dict[Wrong, str] = {
    Wrong.NO_SUCH_TABLE: "a mapping for a table that the core data model does not have",
    Wrong.NO_SUCH_COLUMN: "a mapping for a column that the core table does not have",
    Wrong.COLUMN_TWICE: "a core column that is both mapped and a constant",
    Wrong.COLUMN_MISSING: "a core column without which the table means nothing is not mapped",
    Wrong.FILE_OR_TABLE: "a table's mapping names a file where the source is a database, or the other way round",
    Wrong.ONE_OF_TWO: "two fields of which only one can hold",
    Wrong.OUT_OF_PLACE: "a field that has no effect beside the others",
    Wrong.NO_SUCH_FILE: "a map, terms or dictionary file that is not beside registry.yaml",
    Wrong.NOT_A_CODE: "a value that is not in the core column's code list",
    Wrong.DATES_OUT_OF_ORDER: "collection that starts after the data cut",
    Wrong.PATH_OUTSIDE: "a path that is not relative to registry.yaml or leaves its folder",
    Wrong.NAME_TWICE: "something named twice where once is meant",
    Wrong.NOT_A_UNIT: "a conversion of units that is not known, not exact, or of something that is no number",
    Wrong.NOT_A_PART: "a split that names no part, or that has no effect",
    Wrong.NOT_A_TEST: "a test of rows or values that says nothing, or two things",
    Wrong.NOT_A_VERIFICATION: "a file of source data verification that cannot be used",
    Wrong.NOT_A_BENCHMARK: "a file of figures from outside (benchmarks) that cannot be used",
    Wrong.NOT_ON_CLUSTER: "a source on a cluster with something that is not read there",
}
"""What each number means, in one line; docs/errors.md is made from it."""
