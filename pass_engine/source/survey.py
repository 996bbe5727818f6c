"""A look at files nobody has mapped yet: their tables, names, encoding and delimiter, and values up to a limit."""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.duckdb_file import open_duckdb_file
from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.csv_file import DELIMITERS, open_csv
from pass_engine.source.not_text import check_is_text
from pass_engine.source.opened import Opened, Place
from pass_engine.source.parquet_file import open_parquet
from pass_engine.source.places import reason_of
from pass_engine.source.sqlite_file import open_sqlite
from pass_engine.source.stat_file import KINDS, open_stat_file
from pass_engine.source.text import text_of_array, text_of_values
from pass_engine.source.workbook import open_workbook, sheet_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT_ENDINGS = (".csv", ".txt", ".tsv")
DATABASES = {".sqlite": "sqlite", ".db": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx", *KINDS, *DATABASES)
SAMPLE_BYTES = 4 * 1024 * 1024
ROWS_READ = 200_000
LINES_TRIED = 50
UPPER_CONTROL = range(0x80, 0xA0)
"""Bytes that are letters in windows-1252 and control characters in latin-1."""


@dataclass(frozen=True)
class Surveyed:
    """One table as it was found. ``part`` is a sheet or a table of a database; ``kind`` the kind of source.

    ``values`` are the texts of each column, missing ones None; ``typed`` the kinds of value the source itself knows.
    """

    file: Path
    kind: str
    part: str
    delimiter: str
    encoding: str
    names: tuple[str, ...]
    values: dict[str, list[str | None]]
    typed: dict[str, frozenset[str]]


def survey(file: Path) -> Iterator[Surveyed]:
    """Every table of a file. Raises SourceError where no reader takes it."""
    place = Place(file.name, "--from")
    suffix = file.suffix.lower()
    try:
        if not file.is_file() or suffix not in ENDINGS:
            there = suffix not in ENDINGS and file.is_file()
            fault = faults.unknown_format(place.where, place.path, suffix, ENDINGS) if there else None
            raise SourceError(fault or faults.no_file(place.where, place.path, file.name, ()))
        if suffix in DATABASES:
            yield from _database(file, place, DATABASES[suffix])
        elif suffix in TEXT_ENDINGS:
            check_is_text(file, place)
            encoding = encoding_of(file)
            delimiter = delimiter_of(file, encoding)
            yield _looked(file, "files", "", open_csv(file, place, delimiter=delimiter, encoding=encoding),
                          delimiter, encoding)  # fmt: skip
        elif suffix == ".xlsx":
            for sheet in sheet_names(file, place):
                yield _looked(file, "files", sheet, open_workbook(file, place, sheet=sheet))
        else:
            opened = open_parquet(file, place) if suffix == ".parquet" else open_stat_file(file, place)
            yield _looked(file, "files", "", opened)
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, reason_of(error))) from error


def encoding_of(file: Path) -> str:
    """The encoding a text file has, by its bytes: UTF-8 where it is that, else one of a byte a character."""
    with file.open("rb") as raw:
        sample = raw.read(SAMPLE_BYTES)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "windows-1252" if any(byte in UPPER_CONTROL for byte in sample) else "latin-1"
    return "utf-8"


def delimiter_of(file: Path, encoding: str) -> str:
    """The delimiter that stands equally often, and most often, in the first lines of a file; else a comma."""
    with file.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as text:
        lines = [line for _, line in zip(range(LINES_TRIED), text, strict=False) if line.strip()]
    head = lines[0] if lines else ""
    counts = {d: head.count(d) for d in DELIMITERS if d in head}
    even = {d: n for d, n in counts.items() if sum(line.count(d) == n for line in lines) * 10 >= len(lines) * 9}
    return max(even or counts, key=lambda d: counts[d], default=",")


def _database(file: Path, place: Place, kind: str) -> Iterator[Surveyed]:
    if kind == "sqlite":
        with open_sqlite(file, place) as tables:
            for name in tables.names():
                yield _looked(file, kind, name, tables.open(name, place))
        return
    with _duckdb_tables(file) as opened:
        for name, table in opened:
            yield _looked(file, kind, name, table)


@contextmanager
def _duckdb_tables(file: Path) -> Iterator[list[tuple[str, Opened]]]:
    with open_duckdb_file(file, "main") as database:

        def reader(table: str) -> Any:
            return lambda wanted: (batch.columns for batch in database.batches(table, wanted, ROWS_READ))

        yield [(t, Opened(database.columns(t), reader(t))) for t in database.tables()]


def _looked(file: Path, kind: str, part: str, opened: Opened, delimiter: str = "", encoding: str = "") -> Surveyed:
    import pyarrow as pa

    names = tuple(dict.fromkeys(name for name in opened.names if name))
    values: dict[str, list[str | None]] = {name: [] for name in names}
    typed: dict[str, set[str]] = {name: {k for n, k in opened.kinds if n == name} for name in names}
    rows = 0
    for batch in opened.read(names) if names else ():
        for name, column in zip(names, batch, strict=True):
            array, kinds = text_of_array(column) if isinstance(column, pa.Array) else text_of_values(column)
            values[name].extend(array.to_pylist())
            typed[name] |= kinds
        rows += len(batch[0])
        if rows >= ROWS_READ:
            break
    kinds_of = {name: frozenset(kinds) for name, kinds in typed.items()}
    return Surveyed(file, kind, part, delimiter, encoding, names, values, kinds_of)
