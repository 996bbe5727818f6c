"""Excel workbooks: the first row that is not blank is the header."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place
from pass_engine.source.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from python_calamine import CalamineSheet


def open_workbook(file: Path, place: Place, *, sheet: str | None) -> Opened:
    """Read the header of one sheet, the first one unless another is named."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(file))
        name = sheet if sheet is not None else next(iter(book.sheet_names), "")
        if name not in book.sheet_names:
            raise SourceError(faults.no_table(place.where, place.path, "sheet", name, book.sheet_names))
        found = book.get_sheet_by_name(name)
    except (CalamineError, OSError) as error:
        raise SourceError(faults.unreadable_file(place.where, place.path, "an Excel workbook")) from error
    header = next(_filled_rows(found), None)
    if header is None:
        raise SourceError(faults.empty_file(f"{place.where}, sheet {name}", place.path))
    names = tuple((text_of(cell, set()) or "").strip() for cell in header)

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        rows = islice(_filled_rows(found), 1, None)
        positions = [names.index(column) for column in wanted]
        while batch := list(islice(rows, BATCH_ROWS)):
            yield [[None if row[p] == "" else row[p] for row in batch] for p in positions]

    return Opened(names, read)


def _filled_rows(sheet: CalamineSheet) -> Iterator[Sequence[Any]]:
    if sheet.start is None:  # nothing was ever written on it
        return iter(())
    return (row for row in sheet.iter_rows() if any(cell != "" for cell in row))


def sheet_names(file: Path, place: Place) -> tuple[str, ...]:
    """Names of the sheets on which something is written."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(file))
        return tuple(name for name in book.sheet_names if next(_filled_rows(book.get_sheet_by_name(name)), None))
    except (CalamineError, OSError) as error:
        raise SourceError(faults.unreadable_file(place.where, place.path, "an Excel workbook")) from error
