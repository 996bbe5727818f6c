"""Values of any source as text: dates as ISO days, whole numbers without ``.0``, missing as NULL.

A column is trimmed, and blank text is missing; what the text means is decided by ``harmonise`` alone.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

Kind = Literal["text", "date", "number"]

WHOLE_LIMIT = 2.0**53
"""Beyond this a float no longer holds every whole number."""


class NotTextError(TypeError):
    """A type that cannot be read as text; its name is the message."""


def text_of_values(values: Sequence[object]) -> tuple[pa.Array, set[Kind]]:
    """Python values of one column as text, and the kinds of value seen. A column may mix kinds (workbooks do)."""
    import pyarrow as pa

    try:
        return text_of_array(pa.array(values, from_pandas=True))
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        seen: set[Kind] = set()
        return _blank_to_null(pa.array([text_of(v, seen) for v in values], pa.string())), seen


def text_of(value: object, seen: set[Kind]) -> str | None:
    """One Python value as text; adds its kind to ``seen``."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        seen.add("date")
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, int | float):
        seen.add("number")
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, bytes):
        raise NotTextError("bytes")
    return str(value)


def text_of_array(array: pa.Array) -> tuple[pa.Array, set[Kind]]:
    """An Arrow column as text, and the kind its type has."""
    import pyarrow as pa
    from pyarrow import types

    kind = array.type
    if types.is_dictionary(kind):
        return text_of_array(array.dictionary_decode())
    if types.is_null(kind) or types.is_boolean(kind):
        return array.cast(pa.string()), set()
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _blank_to_null(array.cast(pa.string())), set()
    if types.is_date(kind) or types.is_timestamp(kind):
        return array.cast(pa.date32(), safe=False).cast(pa.string()), {"date"}
    if types.is_integer(kind):
        return array.cast(pa.string()), {"number"}
    if types.is_decimal(kind) or types.is_floating(kind):
        return (_text_of_decimals if types.is_decimal(kind) else _text_of_floats)(array), {"number"}
    raise NotTextError(str(kind))


def _text_of_decimals(array: pa.Array) -> pa.Array:
    """Every digit stays, since identifiers may be decimals that no float holds; zeros behind the point go."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = array.cast(pa.string())
    short = pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    fixed = pc.if_else(pc.match_substring(text, "."), short, text)
    return pc.if_else(pc.match_substring(text, "E"), _text_of_floats(array), fixed)


def _text_of_floats(array: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    # A 32-bit float is read through its own shortest text, so that 0.1 stays 0.1.
    numbers = array.cast(pa.string()).cast(pa.float64())
    finite = pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    whole = pc.and_(pc.equal(pc.floor(finite), finite), pc.less(pc.abs(finite), WHOLE_LIMIT))
    as_whole = pc.if_else(whole, finite, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(pa.string())
    return pc.if_else(whole, as_whole, finite.cast(pa.string()))


def _blank_to_null(array: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
