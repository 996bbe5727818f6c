"""How to mend what a column loses: what to write in registry.yaml, and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pass_engine.harmonise import swapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.harmonise import SecondFormat, ShapeCount, ValueCount
    from pass_engine.harmonise.reading import Reading

NO_CODE: Final = 1000
"""A column with more different values than that is hardly one of codes."""
NAMED: Final = 6
"""So many values are named in a mend."""
DATE_SHAPES: Final = {
    "9999-99-99": "%Y-%m-%d", "9999-99": "%Y-%m", "9999": "%Y", "99999999": "%Y%m%d", "99.99.9999": "%d.%m.%Y",
    "99-99-9999": "%d-%m-%Y", "99/99/9999": "%d/%m/%Y", "99.9999": "%m.%Y", "99-9999": "%m-%Y", "99/9999": "%m/%Y",
    "99aaa9999": "%d%b%Y", "9999-99-99 99:99:99": "%Y-%m-%d %H:%M:%S", "9.9.9999": "%d.%m.%Y",
    "9999/99/99": "%Y/%m/%d", "9999.99.99": "%Y.%m.%d", "9/9/9999": "%d/%m/%Y",
}  # fmt: skip
"""Shape of a date to the format that most likely reads it."""

APART: Final = re.compile(
    r"-?9{1,3}([ '\u00a0]999)+([.,]9+)?|-?9{1,3}(,999)+\.9+|-?9{1,3}(\.999)+,9+|-?9{1,3}([.,]999){2,}"
)
"""Shape of a number with its thousands set apart, whatever the decimal mark."""
EITHER: Final = re.compile(r"-?9{1,3},999")
"""Shape in which a comma may set thousands apart, or be the decimal mark."""


def mends_of(
    table: str,
    column: Reading,
    losses: Sequence[tuple[str, int]],
    values: Sequence[ValueCount],
    shapes: Sequence[ShapeCount],
    second: SecondFormat | None = None,
) -> tuple[str, ...]:
    """One line for each reason for which the column loses values."""
    path = f"source.tables.{table}.columns.{column.name}"
    reasons = {reason for reason, _ in losses}
    if "unreadable date" in reasons and second is not None:
        rest = tuple(_lines(path, column, reasons - {"unreadable date"}, values, shapes))
        return (*rest, _second(path, column, second))
    return tuple(_lines(path, column, reasons, values, shapes))


def _lines(
    path: str, column: Reading, reasons: set[str], values: Sequence[ValueCount], shapes: Sequence[ShapeCount]
) -> Iterator[str]:
    if "unknown code" in reasons:
        yield _map(path, column, values)
    if "unreadable date" in reasons:
        yield _date(path, column, shapes)
    if "unreadable number" in reasons:
        yield _number(path, column, shapes)
    if "part missing" in reasons:
        yield f"look at {path}: its split names a part, or its from a column, that some rows do not have"


def _map(path: str, column: Reading, values: Sequence[ValueCount]) -> str:
    if not column.is_coded:
        return f"{path} takes two capital letters (ISO 3166-1): write map: and the code for each value"
    different = sum(value.values for value in values if not value.is_known)
    if different > NO_CODE:
        return (
            f"{path} reads a column with {different} values that its code list does not have: look whether another "
            "column is meant, or take a part of it with split"
        )
    unknown = [value.source for value in values if not value.is_known and value.source is not None]
    named = ", ".join(unknown[:NAMED]) + (", …" if len(unknown) > NAMED else "")
    codes = column.column.codes
    targets = f" (one of {', '.join(codes)}; or '' for missing)" if codes else " ('' for missing)"
    where = "map_file" if column.column_map and column.column_map.map_file else "map"
    what = f"a line for {named}" if named else "lines for values that few persons have; look at them in the source"
    return f"add to {path}.{where}: {what}{targets}"


def _second(path: str, column: Reading, second: SecondFormat) -> str:
    how = f'"{second.date_format}"'
    if not second.is_swapped:
        return f"add to {path}.date_format: {how}, which reads {second.count} of the values lost, if that is right"
    stated = next(f for f in column.formats if second.date_format in swapped((f,)))
    if 2 * second.count <= second.tested:
        return (
            f"ask for the source column of {path} in one format: {second.count} of its dates are read by {how} "
            f'alone, so that others of the kind are read by "{stated}", as another day'
        )
    return (
        f'state {how} in place of "{stated}" under {path}.date_format, if the month comes where it has the day: it '
        f"reads {second.count} of the values lost; not both, since each would read dates of the other"
    )


def _date(path: str, column: Reading, shapes: Sequence[ShapeCount]) -> str:
    if column.reads_days:
        return f"{path} holds numbers of days that are none, or too large: look at them in the source"
    known = [(s.shape, DATE_SHAPES[s.shape]) for s in shapes if s.shape in DATE_SHAPES]
    likely = [(s, how) for s, how in known if how not in column.formats and how not in swapped(column.formats)]
    if known and not likely:
        return f"{path} holds dates in the stated format that no calendar has, or before 1850: mend them in the source"
    if not likely:
        return f"state the date_format that these values have under {path}, or leave them: they count as missing"
    named = ", ".join(f'"{how}" (as {shape})' for shape, how in likely)
    return f"add to {path}.date_format: {named}, if that is what they are"


def _number(path: str, column: Reading, shapes: Sequence[ShapeCount]) -> str:
    told = [s.shape for s in shapes if s.shape is not None]
    if any(APART.fullmatch(shape) for shape in told):
        return f"{path} holds numbers whose thousands are set apart: send them without"
    commas = [shape for shape in told if "," in shape]
    if commas and column.decimal == ".":
        if all(EITHER.fullmatch(shape) for shape in commas):
            return (
                f"{path} holds numbers such as 9,999: if the comma sets thousands apart, send them without it; "
                'if it is the decimal mark, write decimal: "," for the table'
            )
        return f'the numbers have a comma: write decimal: "," for the table of {path}'
    if column.decimal == "," and any("." in shape for shape in told):
        return f'the numbers have a point: write decimal: "." for the table of {path}'
    return f"{path} holds texts that are no numbers: they count as missing; take a number out of a text with split"
