"""Source data verification: how many fields were held against source documents, and how many differed.

The file beside ``registry.yaml`` has one row a checked column of the core data model and four columns: ``table``,
``column``, ``checked`` and ``errors``. Counts only; which person's field was wrong stays in the registry's own records.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault
from pass_engine.registry.numbers import Wrong
from pass_engine.tables.core import CORE
from pass_engine.yamltext import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("table", "column", "checked", "errors")
PATH = "source_data_verification"


@dataclass(frozen=True)
class VerifiedField:
    """One column: fields checked against source documents, and those of them that differed."""

    table: str
    column: str
    checked: int
    errors: int


def read_verification(file: Path, where: str) -> tuple[tuple[VerifiedField, ...], tuple[Fault, ...]]:
    """Rows of the file and everything wrong with it; ``where`` is how messages name the file."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [row for row in csv.reader(text, strict=True) if row]
    except (csv.Error, UnicodeDecodeError):
        return (), (
            _fault(where, 0, "another format", "the file is not UTF-8 text with commas", "save it as CSV in UTF-8"),
        )
    if not rows or tuple(name.strip() for name in rows[0]) != COLUMNS:
        found = ", ".join(name.strip() for name in rows[0]) if rows else "nothing"
        return (), (_fault(where, 1, found, f"the columns are {', '.join(COLUMNS)}", "name them in the first line"),)
    fields: dict[tuple[str, str], VerifiedField] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        problems = [*_problems(cells, fields)]
        faults += [_fault(where, line, found, problem) for found, problem in problems]
        if not problems:
            fields[cells[0], cells[1]] = VerifiedField(cells[0], cells[1], int(cells[2]), int(cells[3]))
    return tuple(fields.values()), tuple(faults)


def _problems(cells: list[str], before: dict[tuple[str, str], VerifiedField]) -> Iterator[tuple[str, str]]:
    """What was found in a row, and what is wrong with it. The file holds counts, so its cells may be shown."""
    if len(cells) != len(COLUMNS):
        yield f"{len(cells)} fields", f"every row has {len(COLUMNS)} fields"
        return
    table, column, checked, errors = cells
    if table not in CORE:
        yield f"table {table}", f"the core data model has no table of this name{_near(table, list(CORE))}"
    elif column not in (names := [c.name for c in CORE[table].columns]):
        yield f"column {column}", f"the core table {table} has no column of this name{_near(column, names)}"
    elif (table, column) in before:
        yield f"{table}.{column}", "the column stands twice in the file"
    if not (checked.isascii() and checked.isdigit() and errors.isascii() and errors.isdigit()):
        yield f"checked {checked}, errors {errors}", "both are whole numbers from 0"
    elif int(errors) > int(checked):
        yield f"{errors} errors in {checked} fields", "there cannot be more errors than fields checked"


def _near(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f" (did you mean {near}?)" if near else ""


def _fault(where: str, line: int, found: str, problem: str, mend: str = "mend the row") -> Fault:
    place = f"{where}:{line}" if line else where
    return Fault(place, PATH, found, problem, mend, f"PE2{Wrong.NOT_A_VERIFICATION:02d}", line)
