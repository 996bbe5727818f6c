"""Is a SAS transport file whole? Its reader takes one that is cut off for a shorter one, and loses rows without a word.

The file is made of records of 80 bytes. Version 8 writes the number of rows into the head of the data; version 5 does
not, but fills the last record with blanks, so that a row that is cut off shows (SAS technical support, TS-140: Record
layout of a SAS version 5 or 6 data set in SAS transport format; TS-140 of version 8 for the other). A version 5
file that ends between two rows and two records cannot be told from a shorter one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RECORD = 80
DATA_HEAD = b"HEADER RECORD*******OBS"
COUNT_AT = 48
"""Where the number of rows stands in version 8, after the fixed words of the record."""
BLANK = b" "


def is_whole(file: Path, row_bytes: int, rows: int) -> bool:
    """Do the rows that were read fill the file to its end? ``row_bytes`` is the stored width of one."""
    size = file.stat().st_size
    with file.open("rb") as raw:
        head = next((r for r in iter(lambda: raw.read(RECORD), b"") if r.startswith(DATA_HEAD)), None)
        if head is None or size % RECORD or row_bytes <= 0:
            return False
        count = head[COUNT_AT:].strip()
        if head.startswith(DATA_HEAD + b"V8") and count.isdigit():
            return int(count) == rows
        begin = raw.tell()
        raw.seek(begin + (size - begin) // row_bytes * row_bytes)
        return not raw.read().strip(BLANK)
