"""A cheap look at a whole text file: does every row have as many fields as the header, and how many rows are there?

It counts delimiters and line ends outside quotation marks, block by block, with numpy. Whatever is not plainly right it
does not judge: it answers None, and the strict reader decides and names the line. It shares no code with the reader
that loads the rows, so that the two can be held against each other.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 8 * 1024 * 1024
QUOTE, LINE_FEED, RETURN, NUL = 34, 10, 13, 0
BYTES = 256


class UnclearError(Exception):
    """Something that the strict reader has to look at."""


def count_rows(file: Path, *, delimiter: str, encoding: str, is_quoted: bool, width: int) -> int | None:
    """Rows below the header, blank lines aside; None where it takes the strict reader to tell."""
    if not _is_simple(encoding) or not delimiter.isascii():
        return None
    scan = _Scan(ord(delimiter), width, is_quoted=is_quoted)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if _is_utf_8(encoding) else encoding)()
    skipped = len(codecs.BOM_UTF8) if _is_utf_8(encoding) else 0
    with file.open("rb") as raw:
        if raw.read(skipped) != codecs.BOM_UTF8[:skipped]:
            raw.seek(0)
        try:
            while block := raw.read(BLOCK):
                decoder.decode(block)
                scan.take(block)
            decoder.decode(b"", final=True)
            return scan.end() - 1
        except (UnclearError, UnicodeError):
            return None


def _is_utf_8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}


def _is_simple(encoding: str) -> bool:
    """Is a byte below 128 always the character of that number? So it is in UTF-8 and where a byte is a character."""
    if _is_utf_8(encoding):
        return True
    try:
        text = bytes(range(BYTES)).decode(encoding, errors="replace")
    except (UnicodeError, LookupError):
        return False
    return len(text) == BYTES and text[:128] == bytes(range(128)).decode("ascii")


@dataclass
class _Scan:
    """Where a scan stands between two blocks: inside quotation marks or not, and how far in a row."""

    delimiter: int
    width: int
    is_quoted: bool
    rows: int = 0
    fields: int = 0
    """Delimiters seen in the row that is not yet ended."""
    filled: int = 0
    """Bytes seen in it, the line end aside."""
    inside: int = 0
    before: int = LINE_FEED
    """The byte before the block."""

    def take(self, block: bytes) -> None:
        """Look at the next block; UnclearError where it is not plainly right."""
        import numpy as np

        data = np.frombuffer(block, np.uint8)
        if (data == NUL).any():
            raise UnclearError
        outside = self._outside(data)
        ends = np.flatnonzero((data == LINE_FEED) if outside is None else (data == LINE_FEED) & outside)
        self._check_returns(data, outside)
        marks = np.flatnonzero((data == self.delimiter) if outside is None else (data == self.delimiter) & outside)
        self._count(data, ends, marks)
        self.before = int(data[-1])

    def end(self) -> int:
        """Rows of the whole file, the header among them."""
        if self.inside or self.before == RETURN:
            raise UnclearError
        if self.filled:
            if self.fields != self.width - 1:
                raise UnclearError
            self.rows += 1
        return self.rows

    def _outside(self, data: Any) -> Any:
        """Which bytes stand outside quotation marks; None where all do. Marks stand at the ends of fields only."""
        import numpy as np

        quotes = data == QUOTE
        if not self.is_quoted or (not self.inside and not quotes.any()):
            self._check_start(data)
            return None
        parity = np.cumsum(quotes, dtype=np.int32)
        parity -= quotes
        parity += self.inside
        outside = (parity & 1) == 0
        earlier = np.concatenate(([self.before], data[:-1]))
        if not self._may_border(earlier[quotes & outside]).all():
            raise UnclearError
        # What stands outside behind a mark stands behind one that closed: a delimiter, a line end, or a second mark.
        if not self._may_border(data[(earlier == QUOTE) & outside]).all():
            raise UnclearError
        self.inside = int((self.inside + int(quotes.sum())) & 1)
        return outside

    def _check_start(self, data: Any) -> None:
        """The first byte after a block that ended with a closing mark."""
        if self.is_quoted and self.before == QUOTE and not self._may_border(data[:1]).all():
            raise UnclearError

    def _may_border(self, values: Any) -> Any:
        return (values == self.delimiter) | (values == LINE_FEED) | (values == RETURN) | (values == QUOTE)

    def _check_returns(self, data: Any, outside: Any) -> None:
        """Outside quotation marks a carriage return stands before a line feed, or the line end is not plain."""
        import numpy as np

        returns = (data == RETURN) if outside is None else (data == RETURN) & outside
        if self.before == RETURN and not self.inside and data[0] != LINE_FEED:
            raise UnclearError
        at = np.flatnonzero(returns[:-1])
        if at.size and not (data[at + 1] == LINE_FEED).all():
            raise UnclearError

    def _count(self, data: Any, ends: Any, marks: Any) -> None:
        """Add up the rows that end in this block; each has the header's number of fields, or is blank."""
        import numpy as np

        if not ends.size:
            self.fields += int(marks.size)
            self.filled += int(data.size)
            return
        until = np.searchsorted(marks, ends)
        fields = np.diff(until, prepend=0)
        fields[0] += self.fields
        filled = np.diff(ends, prepend=-1) - 1
        filled[0] += self.filled
        before_end = np.where(ends > 0, data[ends - 1], self.before)
        filled = filled - ((before_end == RETURN) & (filled > 0))
        is_row = filled > 0
        if not (fields[is_row] == self.width - 1).all():
            raise UnclearError
        self.rows += int(is_row.sum())
        self.fields = int(marks.size - until[-1])
        self.filled = int(data.size - 1 - ends[-1])
