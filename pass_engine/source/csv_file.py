"""Text files with a delimiter. Every row is checked against the header: nothing is padded, skipped or guessed.

Python's strict csv reader checks a file before Arrow's fast one loads it, because fast readers lose rows without a
word (an open quotation mark swallows the rest of the file; a row with one empty field too many is cut). The check is
cheap: a million rows of thirteen fields a second.
"""

from __future__ import annotations

import codecs
import csv
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.not_text import WIDE, check_no_nul
from pass_engine.source.opened import Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from pass_engine.errors import Fault

DELIMITERS = (";", ",", "\t", "|")
UNICODE = ("utf-8", "utf-8-sig", "utf-7", "ascii", *WIDE)
"""What UTF-8 text cannot be taken for without an error."""
LONGEST_FIELD = 4 * 1024 * 1024
BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Form:
    """How a text file is written: its delimiter, its encoding, and whether quotation marks hold fields together."""

    delimiter: str
    encoding: str
    is_quoted: bool = True

    @property
    def python_encoding(self) -> str:
        """The encoding for Python, which is to pass over a byte order mark."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def arrow_encoding(self) -> str:
        """The encoding for Arrow: UTF-8 it reads itself, any other through Python."""
        return "utf8" if codecs.lookup(self.encoding).name in {"utf-8", "utf-8-sig"} else self.encoding


def open_csv(file: Path, place: Place, *, delimiter: str, encoding: str, is_quoted: bool = True) -> Opened:
    """Read the header; the rows follow when asked for."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SourceError(faults.bad_delimiter(place.where, place.path, delimiter))
    csv.field_size_limit(LONGEST_FIELD)
    form = Form(delimiter, encoding, is_quoted)
    _check_not_utf8(file, place, encoding)
    with _rows(file, place, form) as rows:
        blank_lines, header = next(((before, row) for before, row in enumerate(rows) if row), (0, None))
    if header is None:
        raise SourceError(faults.empty_file(place.where, place.path))
    if any("\0" in name for name in header):
        raise SourceError(faults.wrong_encoding(place.line(1), place.path, encoding, 1, "utf-16"))
    names = tuple(name.strip() for name in header)

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        import pyarrow as pa

        check_no_nul(file, place, encoding)
        with _rows(file, place, form) as found:
            rows = _count_rows(found, place, len(names))
        if not rows:
            return
        try:
            for batch in _batches(file, form, blank_lines, names, wanted):
                rows -= batch.num_rows
                yield batch.columns
        except pa.ArrowException:
            rows = -1
        if rows:  # the two readers must agree; Arrow's own message would show the row
            raise SourceError(faults.broken_row(place.where, place.path, 0)) from None

    return Opened(names, read)


def likely_delimiter(names: tuple[str, ...], delimiter: str) -> str | None:
    """Another usual delimiter in a header of one column, if there is one."""
    if len(names) != 1:
        return None
    counts = {d: names[0].count(d) for d in DELIMITERS if d != delimiter and d in names[0]}
    return max(counts, key=lambda d: counts[d]) if counts else None


@contextmanager
def _rows(file: Path, place: Place, form: Form) -> Iterator[Any]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.is_quoted else csv.QUOTE_NONE
    with file.open(encoding=form.python_encoding, newline="") as text:
        reader = csv.reader(text, delimiter=form.delimiter, strict=True, quoting=quoting)
        try:
            yield reader
        except csv.Error as error:
            raise SourceError(faults.broken_row(place.line(reader.line_num), place.path, reader.line_num)) from error
        except (UnicodeDecodeError, UnicodeError) as error:
            raise SourceError(_encoding_fault(file, place, form.encoding, reader.line_num)) from error


def _count_rows(rows: Any, place: Place, width: int) -> int:
    """Rows below the header; raises SourceError at the first that has more or fewer fields."""
    count = -1
    for row in rows:
        if len(row) == width:
            count += 1
        elif row:
            raise SourceError(faults.ragged_row(place.line(rows.line_num), place.path, rows.line_num, width, len(row)))
    return count


def _batches(
    file: Path, form: Form, blank_lines: int, names: tuple[str, ...], wanted: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    """The columns asked for, as text; columns are told apart by position, since names may stand twice."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    pa.enable_signal_handlers(enable=False)  # Arrow's own would end the program before it has tidied up
    places = [f"column_{number}" for number, _ in enumerate(names)]
    kept = [places[names.index(name)] for name in wanted]
    with arrow_csv.open_csv(
        file,
        read_options=arrow_csv.ReadOptions(
            column_names=places,
            skip_rows=blank_lines,
            skip_rows_after_names=1,
            block_size=BLOCK_BYTES,
            encoding=form.arrow_encoding,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=form.is_quoted, quote_char='"' if form.is_quoted else False
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(kept, pa.string()), include_columns=kept, strings_can_be_null=False
        ),
    ) as reader:
        yield from reader


def _encoding_fault(file: Path, place: Place, encoding: str, read_so_far: int) -> Fault:
    line = read_so_far + 1 if codecs.lookup(encoding).name in WIDE else _undecodable_line(file, encoding)
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
    if codecs.lookup(encoding).name in UNICODE:
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
