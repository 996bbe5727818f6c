"""Frames as rows of plain values, and back."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from pass_engine.disclose.thresholds import EARLIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

Row = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts of Python values; missing numbers are None."""
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


def emptied(row: Row, status: str, columns: Iterable[str]) -> Row:
    """The row with these numbers empty and this status, unless it was withheld before; remarks tell of numbers too."""
    if not status:
        return dict(row)
    kept = row["status"] if row["status"].startswith(EARLIER) else status
    remark = {"note": row["note"] if kept == row["status"] else ""} if "note" in row else {}
    return {**row, "status": kept, **dict.fromkeys(columns), **remark}


def _values(column: pd.Series[Any]) -> list[Any]:
    import pandas as pd

    values = column.tolist()
    if str(column.dtype) == "Int64":
        return [None if pd.isna(v) else int(v) for v in values]
    return [None if isinstance(v, float) and isnan(v) else v for v in values]
