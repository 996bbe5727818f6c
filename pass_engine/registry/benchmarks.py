"""Figures from outside that a registry is held against: persons there are, their sex and age, rows of earlier.

The number of persons stands in ``registry.yaml``; the others in small CSV files beside it, of whole numbers only.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault
from pass_engine.registry.numbers import Wrong
from pass_engine.tables.core import CORE
from pass_engine.yamltext import nearest, value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

NATIONAL: Final = ("benchmarks", "national", "file")
EARLIER: Final = ("benchmarks", "earlier_rows")
PATHS: Final = (NATIONAL, EARLIER)
"""Where ``registry.yaml`` names a file."""
COLUMNS: Final = {NATIONAL: ("sex", "age_from", "age_to", "persons"), EARLIER: ("table", "rows")}
SEXES: Final = ("female", "male")
OLDEST: Final = 150


@dataclass(frozen=True)
class NationalCount:
    """Persons of one sex and of ages from the first to the last, both included."""

    sex: str
    age_from: int
    age_to: int
    persons: int


@dataclass(frozen=True)
class Benchmarks:
    """The figures that a registry states; what it does not state is 0 or empty."""

    prevalent: int = 0
    national: tuple[NationalCount, ...] = ()
    earlier: tuple[tuple[str, int], ...] = ()


NOTHING_STATED: Final = Benchmarks()


def read_benchmarks(
    folder: Path, value: object, found: Collection[str], name: str
) -> tuple[Benchmarks, tuple[Fault, ...]]:
    """The figures, and everything wrong with their files. ``found``: files that are there; ``name``: of the folder."""
    rows: dict[tuple[str, ...], list[list[str]]] = {NATIONAL: [], EARLIER: []}
    faults: list[Fault] = []
    for path in PATHS:
        file = value_at(value, path)
        if isinstance(file, str) and file in found:
            rows[path], wrong = _read(folder / file, f"{name}/{file}", path)
            faults += wrong
    stated = value_at(value, ("benchmarks", "prevalence", "persons"))
    national = tuple(NationalCount(s, int(a), int(b) if b else OLDEST, int(n)) for s, a, b, n in rows[NATIONAL])
    earlier = tuple((table, int(n)) for table, n in rows[EARLIER])
    return Benchmarks(stated if isinstance(stated, int) else 0, national, earlier), tuple(faults)


def _read(file: Path, where: str, path: tuple[str, ...]) -> tuple[list[list[str]], list[Fault]]:
    """Sound rows of a file, and its faults."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [[cell.strip() for cell in row] for row in csv.reader(text, strict=True) if row]
    except (csv.Error, UnicodeDecodeError):
        problem = "the file is not UTF-8 text with commas"
        return [], [_fault(where, 0, path, "another format", problem, "save it as CSV in UTF-8")]
    columns = COLUMNS[path]
    if not rows or tuple(rows[0]) != columns:
        found, problem = ", ".join(rows[0]) if rows else "nothing", f"the columns are {', '.join(columns)}"
        return [], [_fault(where, 1, path, found, problem, "name them in the first line")]
    sound: list[list[str]] = []
    faults: list[Fault] = []
    for line, row in enumerate(rows[1:], start=2):
        wrong = list(_problems(row, sound, path))
        faults += [_fault(where, line, path, found, problem) for found, problem in wrong]
        if not wrong:
            sound.append(row)
    return sound, faults


def _problems(row: list[str], before: list[list[str]], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What was found in a row, and what is wrong with it. The files hold counts, so their cells may be shown."""
    if len(row) != len(COLUMNS[path]):
        yield f"{len(row)} fields", f"every row has {len(COLUMNS[path])} fields"
    elif path == EARLIER:
        yield from _earlier(row, before)
    else:
        yield from _national(row, before)


def _earlier(row: list[str], before: list[list[str]]) -> Iterator[tuple[str, str]]:
    table, count = row
    if table not in CORE:
        near = nearest(table, list(CORE))
        hint = f" (did you mean {near}?)" if near else ""
        yield f"table {table}", f"the core data model has no table of this name{hint}"
    elif table in {earlier[0] for earlier in before}:
        yield f"table {table}", "the table stands twice in the file"
    if not _is_count(count):
        yield f"rows {count}", "rows are a whole number from 0"


def _national(row: list[str], before: list[list[str]]) -> Iterator[tuple[str, str]]:
    sex, first, last, persons = row
    if sex not in SEXES:
        yield f"sex {sex}", "sex is female or male"
    if not _is_count(persons):
        yield f"persons {persons}", "persons are a whole number from 0"
    if not (_is_count(first) and (_is_count(last) or not last)):
        yield f"ages {first} to {last}", "ages are whole numbers; the last one may be empty"
        return
    low, high = int(first), int(last or OLDEST)
    if low > high:
        yield f"ages {first} to {last}", "the ages end before they begin"
    elif any(s == sex and int(a) <= high and int(b or OLDEST) >= low for s, a, b, _ in before):
        yield f"{sex} from {first}", "these ages overlap with those of a row before"


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _fault(where: str, line: int, path: tuple[str, ...], found: str, problem: str, mend: str = "mend the row") -> Fault:
    place = f"{where}:{line}" if line else where
    return Fault(place, ".".join(path), found, problem, mend, f"PE2{Wrong.NOT_A_BENCHMARK:02d}", line)
