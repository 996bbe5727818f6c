"""Files that are no text, though their names say so: told by their first bytes, and by a byte 0 further on."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from pass_engine.errors import SourceError
from pass_engine.source import faults

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.source.opened import Place

WIDE: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
"""Encodings in which a line end is more than one byte."""
BEGINNINGS: Final = (
    (b"PK\x03\x04", "an Excel workbook (xlsx), or another archive", "as what it is (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls)", "as what it is, after saving it as .xlsx"),
    (b"PAR1", "a Parquet file", "as what it is (.parquet)"),
    (b"SQLite format 3\x00", "a SQLite database", "as what it is, under kind: sqlite"),
    (b"\x1f\x8b", "a compressed file (gzip)", "as what it is, after unpacking it"),
    (b"$FL2", "an SPSS file", "as what it is (.sav)"),
)
"""First bytes of a kind of file, what it is, and how it is to be named."""
BLOCK: Final = 4 * 1024 * 1024


def check_is_text(file: Path, place: Place) -> None:
    """Raise SourceError where the first bytes are those of another kind of file."""
    with file.open("rb") as raw:
        start = raw.read(16)
    for beginning, kind, ending in BEGINNINGS:
        if start.startswith(beginning):
            raise SourceError(faults.not_text(place.where, place.path, kind, ending))


def check_no_nul(file: Path, place: Place, encoding: str) -> None:
    """Raise SourceError at the first byte 0 of a text whose characters have none."""
    if codecs.lookup(encoding).name in WIDE:
        return
    line = 1
    with file.open("rb") as raw:
        while block := raw.read(BLOCK):
            at = block.find(b"\0")
            if at >= 0:
                line += block.count(b"\n", 0, at)
                raise SourceError(faults.nul_byte(place.line(line), place.path, line))
            line += block.count(b"\n")
