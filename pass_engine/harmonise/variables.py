"""Variables that only covariates read: one generated SELECT under each other, before partial dates are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.covariate_rules import NUMBERS, column_of, is_of_a_person
from pass_engine.store import quote_text
from pass_engine.tables.core import CORE, DATED_BY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.models import Data
    from pass_engine.tables.core import Column

VARIABLE_READ: Final = "variable_read"
"""The table that SQL file 175 reads."""
HEAD: Final = "-- Values of variables that covariates name, as the registry has them.\n"
NOTHING: Final = (
    "SELECT CAST(NULL AS VARCHAR) AS person_id, CAST(NULL AS VARCHAR) AS variable, CAST(NULL AS DATE) AS value_date,\n"
    "    CAST(NULL AS VARCHAR) AS value_precision, CAST(NULL AS VARCHAR) AS fill, false AS is_dated,\n"
    "    CAST(NULL AS VARCHAR) AS text_value, CAST(NULL AS DOUBLE) AS number_value\nWHERE 1 = 0\n"
)


def write_variable_values(variables: Sequence[str], data: Data) -> str:
    """The SELECT that makes ``variable_read``: one row a person, variable (table.column) and row that has a value."""
    found = [(name, column_of(name, data)) for name in variables]
    selects = [_select(name, column) for name, column in found if column is not None]
    return HEAD + ("\nUNION ALL\n".join(selects) + "\n" if selects else NOTHING)


def _select(variable: str, column: Column) -> str:
    table = variable.partition(".")[0]
    dated = not is_of_a_person(variable)
    day = CORE[table].column(DATED_BY[table]) if dated else None
    when = (
        f"{day.name} AS value_date, {day.precision_name} AS value_precision,\n"
        f"    {quote_text(day.fill or 'event')} AS fill"
        if day is not None
        else "CAST(NULL AS DATE) AS value_date, CAST(NULL AS VARCHAR) AS value_precision,\n    'event' AS fill"
    )
    value = (
        f"CAST(NULL AS VARCHAR) AS text_value, CAST({column.name} AS DOUBLE) AS number_value"
        if column.kind in NUMBERS
        else f"CAST({column.name} AS VARCHAR) AS text_value, CAST(NULL AS DOUBLE) AS number_value"
    )
    return (
        f"SELECT person_id, {quote_text(variable)} AS variable, {when}, {'true' if dated else 'false'} AS is_dated,\n"
        f"    {value}\nFROM mapped_{table}\nWHERE {column.name} IS NOT NULL"
    )
