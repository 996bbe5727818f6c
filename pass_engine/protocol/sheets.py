"""CSV files beside a protocol: read strictly, every fault with its line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.protocol.numbers import Wrong


class BadRowError(Exception):
    """What is wrong with a row, or with the file."""

    def __init__(self, number: int, column: str, found: str, problem: str, mend: str) -> None:
        """Keep what a fault is made from; the place is known to the caller."""
        super().__init__(problem)
        self.number, self.column = number, column
        self.found, self.problem, self.mend = found, problem, mend

    def fault(self, name: str, line: int) -> Fault:
        """The fault at its place."""
        code = f"PE1{self.number:02d}"
        return Fault(f"{name}:{line}:1", self.column, self.found, self.problem, self.mend, code, line, 1)


@dataclass(frozen=True)
class Sheet:
    """A kind of file: what it is called, its columns, those it may lack, and the number of a fault in its form."""

    noun: str
    row: str
    columns: tuple[str, ...]
    number: Wrong
    optional: tuple[str, ...] = ()

    @property
    def first_line(self) -> str:
        """The head of a file with every column."""
        return ",".join(self.columns)


Cells = dict[str, str]


def read_sheet(path: Path, sheet: Sheet) -> tuple[tuple[tuple[int, Cells], ...], tuple[Fault, ...]]:
    """Rows as (line, column to trimmed text), and every fault in the form; columns that are not there are missing."""
    name = shown_name(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = bad.object[: bad.start].count(b"\n") + 1
        bad_byte = BadRowError(
            sheet.number, "", "a byte that is not UTF-8", "the file is not UTF-8", "save it as UTF-8"
        )
        return (), (bad_byte.fault(name, line),)
    try:
        rows = _split(text, sheet)
    except BadRowError as bad_row:
        return (), (bad_row.fault(name, 1),)
    except csv.Error as bad_csv:
        not_csv = BadRowError(sheet.number, "", str(bad_csv), "this is not CSV", "check the quotes")
        return (), (not_csv.fault(name, 1),)
    header = rows[0][1]
    kept, faults = [], []
    for line, row in rows[1:]:
        if len(row) == len(header):
            kept.append((line, dict(zip(header, row, strict=True))))
        else:
            faults.append(_wrong_length(sheet, len(row), len(header)).fault(name, line))
    return tuple(kept), tuple(faults)


def _split(text: str, sheet: Sheet) -> list[tuple[int, list[str]]]:
    """Header and rows with their lines, cells trimmed."""
    reader = csv.reader(io.StringIO(text), strict=True)
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(cell.strip() for cell in row)]
    header = rows[0][1] if rows else []
    needed = {c for c in sheet.columns if c not in sheet.optional}
    if len(set(header)) < len(header) or not needed <= set(header) <= set(sheet.columns):
        found = ",".join(header) or "nothing"
        mend = f"write {sheet.first_line} in the first line" + (" (commas between)" if ";" in found else "")
        raise BadRowError(sheet.number, "", found, f"the columns are not those of {sheet.noun}", mend)
    if len(rows) == 1:
        problem = f"the {sheet.noun.split(' ', 1)[1]} is empty"
        raise BadRowError(sheet.number, "", "no row", problem, f"write one {sheet.row} a line")
    return rows


def _wrong_length(sheet: Sheet, found: int, wanted: int) -> BadRowError:
    words = {4: "four"}.get(wanted, str(wanted))
    return BadRowError(
        sheet.number,
        "",
        f"{found} cells",
        f"the row does not have {words} cells",
        "put text with a comma in double quotes",
    )
