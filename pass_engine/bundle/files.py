"""Files of a bundle: canonical CSV and JSON, so that equal content is equal bytes."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame: UTF-8, line feeds, no index, empty for missing, floats as the shortest text that reads back."""
    path.write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8", newline="")


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as one Parquet file with the same columns and types; equal content is equal bytes."""
    held = io.BytesIO()
    frame.to_parquet(held, engine="pyarrow", index=False, compression="zstd")
    path.write_bytes(held.getvalue())


def read_csv(path: Path, integers: Iterable[str], floats: Iterable[str] = ()) -> pd.DataFrame:
    """Read what :func:`write_csv` wrote: texts stay texts ('' stays ''), numbers may be missing.

    Raises ValueError where a number column holds something else.
    """
    import pandas as pd

    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    for column in (c for c in integers if c in frame.columns):
        frame[column] = pd.Series([int(v) if v else pd.NA for v in frame[column]], index=frame.index, dtype="Int64")
    for column in (c for c in floats if c in frame.columns):
        numbers = [float(v) if v else float("nan") for v in frame[column]]
        frame[column] = pd.Series(numbers, index=frame.index, dtype="float64")
    return frame


def write_json(path: Path, content: object) -> None:
    """Write canonical JSON: sorted keys, two blanks, a line feed at the end."""
    path.write_text(json_text(content), encoding="utf-8", newline="")


def json_text(content: object) -> str:
    """Canonical JSON, as it is written."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
