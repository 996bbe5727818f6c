"""Text files with a delimiter. Every row is checked against the header: nothing is padded, skipped or guessed.

Python's strict csv reader is used because faster ones lose rows without a word (an open quotation mark swallows
the rest of the file; a row with one empty field too many is cut).
"""

from __future__ import annotations

import codecs
import csv
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.errors import Fault

DELIMITERS = (";", ",", "\t", "|")
PYTHON_ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
LONGEST_FIELD = 16 * 1024 * 1024


def open_csv(file: Path, place: Place, *, delimiter: str, encoding: str) -> Opened:
    """Read the header; the rows follow when asked for."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SourceError(faults.bad_delimiter(place.where, place.path, delimiter))
    csv.field_size_limit(LONGEST_FIELD)
    _check_not_utf8(file, place, encoding)
    with _rows(file, place, delimiter, encoding) as rows:
        header = next((row for row in rows if row), None)
    if header is None:
        raise SourceError(faults.empty_file(place.where, place.path))
    if any("\0" in name for name in header):
        raise SourceError(faults.wrong_encoding(place.line(1), place.path, encoding, 1, "utf-16"))
    names = tuple(name.strip() for name in header)

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        with _rows(file, place, delimiter, encoding) as found:
            checked = _full_rows(found, place, len(names))
            next(checked)
            pick = _picker([names.index(name) for name in wanted])
            while batch := list(islice(checked, BATCH_ROWS)):
                yield list(zip(*map(pick, batch), strict=True))

    return Opened(names, read)


def likely_delimiter(names: tuple[str, ...], delimiter: str) -> str | None:
    """Another usual delimiter in a header of one column, if there is one."""
    if len(names) != 1:
        return None
    counts = {d: names[0].count(d) for d in DELIMITERS if d != delimiter and d in names[0]}
    return max(counts, key=lambda d: counts[d]) if counts else None


@contextmanager
def _rows(file: Path, place: Place, delimiter: str, encoding: str) -> Iterator[Any]:
    with file.open(encoding=PYTHON_ENCODINGS.get(encoding, encoding), newline="") as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            yield reader
        except csv.Error as error:
            raise SourceError(faults.broken_row(place.line(reader.line_num), place.path, reader.line_num)) from error
        except (UnicodeDecodeError, UnicodeError) as error:
            raise SourceError(_encoding_fault(file, place, encoding, reader.line_num)) from error


def _full_rows(rows: Any, place: Place, width: int) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == width:
            yield row
        elif row:
            raise SourceError(faults.ragged_row(place.line(rows.line_num), place.path, rows.line_num, width, len(row)))


def _picker(positions: list[int]) -> Any:
    if len(positions) == 1:
        only = positions[0]
        return lambda row: (row[only],)
    return itemgetter(*positions)


def _encoding_fault(file: Path, place: Place, encoding: str, read_so_far: int) -> Fault:
    line = _undecodable_line(file, encoding) if encoding != "utf-16" else read_so_far + 1
    with file.open("rb") as raw:
        start = raw.read(2)
    guess = {"utf-16": "utf-8", "windows-1252": "latin-1"}.get(encoding, "windows-1252 or latin-1")
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        guess = "utf-16"
    return faults.wrong_encoding(place.line(line), place.path, encoding, line, guess)


def _undecodable_line(file: Path, encoding: str) -> int:
    with file.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 1


def _check_not_utf8(file: Path, place: Place, encoding: str) -> None:
    """UTF-8 read as latin-1 never fails, and garbles every accented letter: refuse it."""
    if encoding not in {"latin-1", "windows-1252"}:
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = 0
    with file.open("rb") as raw:
        try:
            for number, line in enumerate(raw, 1):
                first = first or (0 if line.isascii() else number)
                decoder.decode(line)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return
    if first:
        raise SourceError(faults.wrong_encoding(place.line(first), place.path, encoding, first, "utf-8"))
