"""How one core column is read from its source column: the SQL of its text, of its value, and of what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.harmonise.dates import EARLIEST, ISO_DATES, ISO_DAY, date_sql, precision_sql
from pass_engine.harmonise.maps import is_coded
from pass_engine.harmonise.shaping import condition_sql, converted_sql, is_shaped, source_text_sql
from pass_engine.registry.models import ColumnMap
from pass_engine.store import quote_text

if TYPE_CHECKING:
    from pass_engine.registry.models import TableMap
    from pass_engine.tables.core import Column
    from pass_engine.tables.raw import RawTable

SQL_TYPES = {"date": "DATE", "number": "DOUBLE", "integer": "BIGINT"}
FARTHEST_DAY = 100_000
PART_MISSING = "part missing"
"""Reason of a loss: a value is there, but not the part asked for, or not every column that is joined."""
NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"


@dataclass(frozen=True)
class Reading:
    """One core column of one table, with everything that says how it is read."""

    table: str
    column: Column
    column_map: ColumnMap | None
    constant: str | None
    formats: tuple[str, ...]
    decimal: str
    typed_number: bool

    @property
    def name(self) -> str:
        """Name of the core column."""
        return self.column.name

    @property
    def is_mapped(self) -> bool:
        """Does the registry supply this column?"""
        return self.column_map is not None or self.constant is not None

    @property
    def is_coded(self) -> bool:
        """Is it read through ``code_map``?"""
        return self.is_mapped and is_coded(self.column, self.column_map)

    @property
    def is_date(self) -> bool:
        """Is it a date, with a precision beside it?"""
        return self.column.kind == "date"

    @property
    def sql_type(self) -> str:
        """Type of the core column."""
        return SQL_TYPES.get(self.column.kind, "VARCHAR")

    @property
    def reads_days(self) -> bool:
        """Is the source column a number of days from a day 0?"""
        return self.column_map is not None and self.column_map.days_from is not None

    @property
    def can_lose(self) -> bool:
        """May a value that is there fail to be read?"""
        kind = self.column.kind
        return self.is_mapped and (self.is_coded or kind in SQL_TYPES or kind == "code" or self.is_shaped)

    @property
    def is_shaped(self) -> bool:
        """Is its text a part of a source column, or several joined?"""
        return is_shaped(self.column_map)


def reading_of(table: str, column: Column, table_map: TableMap | None, raw: RawTable | None) -> Reading:
    """Gather what registry.yaml and the source say about one core column."""
    stated = table_map.columns.get(column.name) if table_map else None
    column_map = ColumnMap.model_validate({"from": stated}) if isinstance(stated, str) else stated
    constant = table_map.constants.get(column.name) if table_map and column_map is None else None
    formats = formats_of(column_map, table_map) if constant is None else ISO_DATES
    sources = set(column_map.sources) if column_map else set()
    if raw and len(sources) == 1 and sources <= raw.typed_dates:
        formats = tuple(dict.fromkeys((ISO_DAY, *formats)))
    return Reading(
        table,
        column,
        column_map,
        constant,
        formats,
        table_map.decimal if table_map and constant is None else ".",
        typed_number=bool(raw and sources and sources <= raw.typed_numbers),
    )


def formats_of(column_map: ColumnMap | None, table_map: TableMap | None) -> tuple[str, ...]:
    """The date formats stated for a column: its own, else its table's."""
    own = column_map.date_format if column_map else None
    stated = own if own is not None else (table_map.date_format if table_map else ISO_DAY)
    return (stated,) if isinstance(stated, str) else stated


def text_sql(reading: Reading) -> str:
    """The text of a column in a row ``r`` of the source, where its ``when`` holds."""
    if reading.column_map is None:
        return quote_text(reading.constant) if reading.constant else "CAST(NULL AS VARCHAR)"
    text = _plain_code(reading, source_text_sql(reading.column_map, is_date=reading.is_date))
    if reading.column_map.when:
        return f"CASE WHEN {condition_sql(reading.column_map.when)} THEN {text} END"
    return text


def read_sql(reading: Reading) -> str | None:
    """What a text says as a date or number, before it is judged; None where the text itself is the value."""
    text = f"{reading.name}_text"
    if reading.is_coded:
        return None
    if reading.is_date and not reading.reads_days:
        return date_sql(text, reading.formats)
    return number_sql(text, reading) if reading.column.kind in SQL_TYPES else None


def value_sql(reading: Reading) -> str:
    """The value of a column, from its text or from what was read of it."""
    text, read = f"{reading.name}_text", f"{reading.name}_read"
    if reading.is_coded:
        core = f"nullif({reading.name}_map.core, '')"
        return f"lower({core})" if reading.name == "substance" else core
    if reading.is_date:
        return _relative_day(reading) if reading.reads_days else f"CASE WHEN {read} >= {EARLIEST} THEN {read} END"
    if reading.column.kind == "number":
        return read
    if reading.column.kind == "integer":
        return f"CASE WHEN {read} = floor({read}) THEN CAST({read} AS BIGINT) END"
    if reading.column.kind == "code":  # a country: the only code without a closed list
        return f"CASE WHEN regexp_full_match(upper({text}), '[A-Z]{{2}}') THEN upper({text}) END"
    return f"lower({text})" if reading.name == "substance" else text


def precision_value_sql(reading: Reading) -> str:
    """The precision that the text of a date has."""
    return "'day'" if reading.reads_days else precision_sql(f"{reading.name}_text", reading.formats)


def number_sql(text: str, reading: Reading) -> str:
    """A number from its text by the declared decimal mark; NULL where it is not one."""
    pointed = f"replace({text}, ',', '.')" if reading.decimal == "," else text
    unit = reading.column_map.unit if reading.column_map else None
    value = converted_sql(pointed, unit) if unit else f"try_cast({pointed} AS DOUBLE)"
    number = f"CASE WHEN regexp_full_match({pointed}, '{NUMBER}') THEN {value} END"
    if reading.decimal == "," and not reading.typed_number:  # "1.234" may be a thousand: not for us to say
        return f"CASE WHEN NOT contains({text}, '.') THEN {number} END"
    return number


def loss_sql(reading: Reading) -> str:
    """The reason why a value that is there was not taken over, or was changed; NULL where it was taken as it is."""
    read = _reading_loss(reading)
    if reading.is_shaped:
        return f"CASE WHEN {reading.name}_unshaped THEN '{PART_MISSING}' ELSE {read} END"
    return read


def _reading_loss(reading: Reading) -> str:
    text, value = f"{reading.name}_text", reading.name
    if reading.is_coded:
        return f"CASE WHEN {text} IS NOT NULL AND NOT {value}_known THEN 'unknown code' END"
    if reading.column.kind not in SQL_TYPES and reading.column.kind != "code":
        return "CAST(NULL AS VARCHAR)"  # a text is taken as it is
    reason = {"date": "unreadable date", "code": "unknown code"}.get(reading.column.kind, "unreadable number")
    lost = f"WHEN {text} IS NOT NULL AND {value} IS NULL THEN '{reason}'"
    if reading.reads_days:
        read = f"{value}_read"
        return f"CASE {lost} WHEN {read} <> floor({read}) THEN 'part day rounded down' END"
    return f"CASE {lost} END"


def _relative_day(reading: Reading) -> str:
    if reading.column_map is None or reading.column_map.days_from is None:
        raise ValueError("not a relative day")
    days = f"{reading.name}_read"
    allowed = f"abs({days}) <= {FARTHEST_DAY}"
    if reading.column_map.part_days is None:
        allowed += f" AND {days} = floor({days})"
    origin = f"DATE '{reading.column_map.days_from.isoformat()}'"
    return f"CASE WHEN {allowed} THEN {origin} + CAST(floor({days}) AS INTEGER) END"


def _plain_code(reading: Reading, text: str) -> str:
    """Codes that are numbers (EDSS, ISCED) may come as ``2.0`` or ``2,0``."""
    has_map = reading.column_map is not None and (reading.column_map.map or reading.column_map.map_file)
    numeric = reading.column.codes and all(code.replace(".", "").isdigit() for code in reading.column.codes)
    if has_map or not numeric:
        return text
    if reading.decimal == ",":
        text = f"replace({text}, ',', '.')"
    return f"regexp_replace({text}, '[.]0+$', '')"
