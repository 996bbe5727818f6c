"""Write source tables as files whose bytes repeat: fixed order, fixed metadata, no clock."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from generator.days import Array, is_date_column
from generator.faults import text_dates
from generator.forms import NUMBERS, SourceTable

if TYPE_CHECKING:
    from collections.abc import Callable

LONG_AGO = datetime(2026, 9, 1)  # noqa: DTZ001 file formats want a stamp without zone; no clock is read
WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")


def write_tables(registry_id: str, source: dict[str, Any], tables: list[SourceTable], folder: Path) -> None:
    """Write every table of a registry where its ``registry.yaml`` says."""
    target = folder / source["path"]
    if source["kind"] == "sqlite":
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_sqlite(target, tables)
        return
    target.mkdir(parents=True, exist_ok=True)
    books: dict[str, list[SourceTable]] = {}
    for table in tables:
        name = table.spec["file"]
        if name.endswith(".xlsx"):
            books.setdefault(name, []).append(table)
        else:
            WRITERS[Path(name).suffix](registry_id, table, target / name)
    for name, sheets in books.items():
        _write_xlsx(registry_id, sheets, target / name)


def _write_csv(_: str, table: SourceTable, path: Path) -> None:
    data = table.data.fillna("")
    separator = table.spec.get("delimiter", ",")
    text = data.to_csv(index=False, sep=separator, lineterminator="\n")
    path.write_bytes(text.encode(table.spec.get("encoding", "utf-8")))


def _is_typed_date(registry_id: str, table: SourceTable, column: str) -> bool:
    core = table.origin[column]
    return is_date_column(core) and (table.core, core) not in text_dates(registry_id)


def _core_dates(table: SourceTable, column: str) -> Array:
    """Values of a typed date column, which were written in the registry's own format."""
    formats = table.spec.get("date_format", "%Y-%m-%d")
    first = formats if isinstance(formats, str) else formats[0]
    values = pd.to_datetime(table.data[column], format=first)
    return values.to_numpy().astype("datetime64[D]")


def _write_parquet(registry_id: str, table: SourceTable, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for column in table.data.columns:
        values = table.data[column]
        if _is_typed_date(registry_id, table, column):
            arrays[column] = pa.array(_core_dates(table, column), pa.date32())
        elif table.origin[column] in NUMBERS or table.origin[column] == "edss":
            arrays[column] = pa.array([None if v is None else float(v) for v in values], pa.float64())
        else:
            arrays[column] = pa.array(values.to_list(), pa.string())
    pq.write_table(pa.table(arrays), path, compression="zstd", compression_level=9)


def _write_stata(registry_id: str, table: SourceTable, path: Path) -> None:
    """Stata knows numbers, dates and text; a column is numeric if all its values are numbers."""
    data, dates = {}, {}
    for column in table.data.columns:
        values = table.data[column]
        if _is_typed_date(registry_id, table, column):
            data[column] = _core_dates(table, column).astype("datetime64[s]")
            dates[column] = "td"
        elif all(v is None or NUMBER.fullmatch(v) for v in values):
            data[column] = _smallest([np.nan if v is None else float(v) for v in values])
        else:
            data[column] = values.fillna("").to_numpy(dtype=object)
    pd.DataFrame(data).to_stata(
        path, write_index=False, version=118, convert_dates=dates, time_stamp=LONG_AGO, data_label="Synthetic data"
    )


def _smallest(values: list[float]) -> Array:
    """Single precision where it loses nothing, double otherwise."""
    wide = np.array(values, dtype=np.float64)
    return wide.astype(np.float32) if np.array_equal(wide, wide.astype(np.float32), equal_nan=True) else wide


def _write_sqlite(path: Path, tables: list[SourceTable]) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 4096")
    connection.execute("PRAGMA journal_mode = OFF")
    for table in tables:
        name, columns = table.spec["table"], list(table.data.columns)
        rows = [[_cell(v) for v in row] for row in table.data.to_numpy(dtype=object).tolist()]
        connection.execute(f'CREATE TABLE "{name}" ({", ".join(_quoted(c) for c in columns)})')
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 names are ours
    connection.commit()
    connection.execute("VACUUM")
    connection.close()


def _quoted(column: str) -> str:
    return f'"{column}"'


def _cell(value: str | None) -> str | int | float | None:
    """A number where the text is one."""
    if value is None:
        return None
    if WHOLE.fullmatch(value):
        return int(value)
    return float(value) if NUMBER.fullmatch(value) else value


def _write_xlsx(registry_id: str, tables: list[SourceTable], path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "generate.py"
    book.properties.created = book.properties.modified = LONG_AGO
    for table in tables:
        sheet = book.create_sheet(table.spec["sheet"])
        sheet.append(list(table.data.columns))
        for row in zip(*(_sheet_column(registry_id, table, c) for c in table.data.columns), strict=True):
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(_fix_zip(content.getvalue()))


def _sheet_column(registry_id: str, table: SourceTable, column: str) -> list[Any]:
    values: list[str | None] = table.data[column].to_list()
    if _is_typed_date(registry_id, table, column):
        dates: list[date | None] = _core_dates(table, column).astype(object).tolist()
        return dates
    numeric = table.origin[column] in NUMBERS or table.origin[column] == "edss"
    return [_cell(v) for v in values] if numeric else list(values)


def _fix_zip(content: bytes) -> bytes:
    """The same archive with fixed stamps inside and out."""
    result = io.BytesIO()
    deflate = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", deflate, compresslevel=9) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", LONG_AGO.isoformat().encode() + b"Z", data)
            entry = zipfile.ZipInfo(name, date_time=(2026, 9, 1, 0, 0, 0))
            entry.compress_type = deflate
            entry.external_attr = 0o644 << 16
            new.writestr(entry, data)
    return result.getvalue()


WRITERS: dict[str, Callable[[str, SourceTable, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".dta": _write_stata,
}
