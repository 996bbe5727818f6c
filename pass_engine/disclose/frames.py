"""Frames as rows of plain values, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

Row = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts of Python values; missing whole numbers are None."""
    columns = {str(name): _values(frame[name]) for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def like(frame: pd.DataFrame, rows: Sequence[Row]) -> pd.DataFrame:
    """A frame of the same columns and types from as many changed rows."""
    import pandas as pd

    return pd.DataFrame(
        {
            column: pd.Series([row[column] for row in rows], index=frame.index, dtype=frame[column].dtype)
            for column in frame.columns
        }
    )


def _values(column: pd.Series[Any]) -> list[Any]:
    import pandas as pd

    if str(column.dtype) != "Int64":
        return column.tolist()
    return [None if pd.isna(v) else int(v) for v in column.tolist()]
