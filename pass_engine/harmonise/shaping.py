"""The SQL that takes a column's text from its source: one column, a part of it, or several joined; and tests of rows.

Nothing is taken over by half. Where a value is there but the part is not, or one of several columns is missing, the
text is missing and the loss is counted. A date may lack its last parts (``2019``, ``2019-05``), never one in between.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pass_engine.store import quote_name, quote_text
from pass_engine.tables.units import FACTOR_DECIMALS, factor_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.registry.models import ColumnMap, RowTest, Split, Unit

JOIN = "-"
NUMBER_TYPE = "DECIMAL(20, 6)"
FACTOR_TYPE = f"DECIMAL(16, {FACTOR_DECIMALS})"
"""Their product and sum have at most 37 digits: DuckDB holds 38, so that no digit is lost."""


def source_text_sql(column_map: ColumnMap, *, is_date: bool) -> str:
    """The text of a column in a row ``r`` of the source."""
    names = [f"r.{quote_name(name)}" for name in column_map.sources]
    if len(names) > 1:
        return _joined(names, JOIN if column_map.join is None else column_map.join, is_date=is_date)
    return _part(names[0], column_map.split) if column_map.split else names[0]


def is_shaped(column_map: ColumnMap | None) -> bool:
    """Can the text be missing although the source has a value?"""
    return column_map is not None and (len(column_map.sources) > 1 or column_map.split is not None)


def unshaped_sql(column_map: ColumnMap, text: str) -> str:
    """Is there a value in the source of which no text could be made?"""
    there = " OR ".join(f"r.{quote_name(name)} IS NOT NULL" for name in column_map.sources)
    lost = f"({there}) AND ({text}) IS NULL"
    return f"({condition_sql(column_map.when)}) AND {lost}" if column_map.when else lost


def condition_sql(values: Mapping[str, str | RowTest]) -> str:
    """Source columns that hold what they are asked to hold."""
    return " AND ".join(_test(f"r.{quote_name(name)}", test) for name, test in values.items())


def converted_sql(number: str, unit: Unit) -> str:
    """A text that is a number, in the unit of the core column; NULL beyond 14 whole digits."""
    factor, offset = factor_of(unit)
    product = f"try_cast({number} AS {NUMBER_TYPE}) * CAST('{factor:f}' AS {FACTOR_TYPE})"
    return f"CAST({product} + CAST('{offset:f}' AS {FACTOR_TYPE}) AS DOUBLE)"


def factor_of(unit: Unit) -> tuple[Decimal, Decimal]:
    """Factor and offset of a conversion that the checks of ``registry.yaml`` let through."""
    if unit.factor is not None:
        return Decimal(str(unit.factor)), Decimal(str(unit.offset))
    factor = factor_between(unit.from_ or "", unit.to or "")
    if factor is None:
        raise ValueError("a conversion that was not checked")
    return factor, Decimal(0)


def _joined(names: list[str], between: str, *, is_date: bool) -> str:
    """Columns joined in order; of a date the first few will do, if none after them is there."""
    whens = []
    for kept in range(len(names), 0 if is_date else len(names) - 1, -1):
        present = [f"{name} IS NOT NULL" for name in names[:kept]]
        absent = [f"{name} IS NULL" for name in names[kept:]]
        text = f" || {quote_text(between)} || ".join(names[:kept])
        whens.append(f"WHEN {' AND '.join([*present, *absent])} THEN {text}")
    return f"CASE {' '.join(whens)} END"


def _part(name: str, split: Split) -> str:
    if split.by is not None:
        part = f"split_part({name}, {quote_text(split.by)}, {split.part})"
    else:
        first, last = split.first or 1, split.last or 1
        part = f"substr({name}, {first}, {last - first + 1})"
    return f"nullif(trim({part}), '')"


def _test(name: str, test: str | RowTest) -> str:
    if isinstance(test, str):
        return f"{name} = {quote_text(test.strip())}"
    if test.one_of is not None:
        return f"{name} IN ({_listed(test.one_of)})"
    if test.not_ is not None:
        refused = (test.not_,) if isinstance(test.not_, str) else test.not_
        return f"({name} IS NULL OR {name} NOT IN ({_listed(refused)}))"
    return f"{name} IS NOT NULL" if test.present else f"{name} IS NULL"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(quote_text(value.strip()) for value in values)
