"""Variables of a study beyond the core data model: is each mapped as what it is, and its values a person at entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.harmonise import faults
from pass_engine.store import quote_text
from pass_engine.tables.core import DATED_BY, EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.errors import Fault
    from pass_engine.harmonise.column_map import TableReading
    from pass_engine.harmonise.reading import Reading
    from pass_engine.protocol.models import Data

EXTRA_VALUE: Final = "extra_value"
"""The table that SQL file 458 reads."""
EXTRA_COMPLETENESS: Final = "extra_completeness"
"""The table that SQL file 880 reads."""
DATE_KEYS: Final = ("date_format", "days_from", "part_days")
NUMBERS: Final = ("number", "integer")


def extra_faults(reading: TableReading, column: Reading) -> Iterator[Fault]:
    """Is an extra mapped as the kind it is in the study, and a constant one of its values?"""
    if not column.name.startswith(EXTRA):
        return
    kind, given, codes = column.column.kind, column.column_map, column.column.codes
    if given is None:
        if codes and column.constant and column.constant not in codes:
            yield faults.not_a_code(reading.where, column.name, [column.constant], codes, "the study")
        return
    refused = [key for key in DATE_KEYS if kind != "date" and getattr(given, key) is not None]
    refused += [key for key in ("map", "map_file") if kind == "date" and getattr(given, key)]
    if given.unit is not None and (kind not in NUMBERS or given.map or given.map_file):
        refused.append("unit")
    if refused:
        yield faults.extra_of_another_kind(reading.where, column.name, refused, kind)


def write_extra_values(data: Data) -> str:
    """The SELECT that makes ``extra_value``: one row a person and variable at entry, where there is a value."""
    selects = [
        f"SELECT DISTINCT person_id, {quote_text(e.name)} AS variable, "
        + (
            f"{e.name} AS text_value, CAST(NULL AS DOUBLE) AS number_value"
            if e.kind == "code"
            else f"CAST(NULL AS VARCHAR) AS text_value, CAST({e.name} AS DOUBLE) AS number_value"
        )
        + f"\nFROM mapped_{e.table}\nWHERE {e.name} IS NOT NULL"
        for e in data.extras
        if e.at_entry
    ]
    head = "-- Values at entry of the study's own variables.\n"
    if not selects:
        return (
            f"{head}SELECT CAST(NULL AS VARCHAR) AS person_id, CAST(NULL AS VARCHAR) AS variable,\n"
            "    CAST(NULL AS VARCHAR) AS text_value, CAST(NULL AS DOUBLE) AS number_value\nWHERE 1 = 0\n"
        )
    return head + "\nUNION ALL\n".join(selects) + "\n"


def write_extra_completeness(data: Data) -> str:
    """The SELECT that makes ``extra_completeness``: rows and values present of each extra, by calendar year."""
    selects = [
        f"SELECT {quote_text(e.table)} AS table_name, {quote_text(e.name)} AS column_name,\n"
        f"    year({DATED_BY[e.table]}) AS calendar_year, count(*) AS tested, count({e.name}) AS present\n"
        f"FROM mapped_{e.table}\n"
        + ("WHERE coalesce(consent, '') <> 'no'\n" if e.table == "person" else "")
        + f"GROUP BY year({DATED_BY[e.table]})"
        for e in data.extras
    ]
    head = "-- Values present of the study's own variables, by calendar year.\n"
    if not selects:
        return (
            f"{head}SELECT CAST(NULL AS VARCHAR) AS table_name, CAST(NULL AS VARCHAR) AS column_name,\n"
            "    CAST(NULL AS BIGINT) AS calendar_year, CAST(NULL AS BIGINT) AS tested,\n"
            "    CAST(NULL AS BIGINT) AS present\n"
            "WHERE 1 = 0\n"
        )
    return head + "\nUNION ALL\n".join(selects) + "\n"
