"""Two folders of one run held against each other: which files differ, and in a table which cells, with both values."""

from __future__ import annotations

import csv
import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

ABSENT = "absent"
BYTES = "bytes"


@dataclass(frozen=True)
class Cell:
    """One value that differs: its file, row and column in words, and what stands there in each."""

    file: str
    row: str
    column: str
    first: str
    again: str


def files_below(folder: Path, skip: Sequence[str] = ()) -> list[str]:
    """Every file of a folder by its name within it, but those named and the folders named (with a final /)."""
    names = (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file())
    return [name for name in names if not any(name == s or (s.endswith("/") and name.startswith(s)) for s in skip)]


def differing_files(first: Path, again: Path, names: Sequence[str]) -> list[str]:
    """Those of the files named that are not the same bytes in both folders."""
    return [name for name in names if _bytes(first / name) != _bytes(again / name)]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def differing_cells(first: Path, again: Path, name: str) -> list[Cell]:
    """The cells of a file that differ: of a CSV by row and column, of JSON by path, of other text by passages of lines.

    A file that is no text gives one cell with the number of its bytes.
    """
    one, other = first / name, again / name
    if not one.is_file() or not other.is_file():
        there = [f"{p.stat().st_size} bytes" if p.is_file() else ABSENT for p in (one, other)]
        return [Cell(name, "", "", *there)]
    try:
        if name.endswith(".csv"):
            return list(_cells(name, _flat_csv(one, other)))
        if name.endswith(".json"):
            return list(
                _cells(name, tuple(dict(_flat_json(json.loads(p.read_text("utf-8")), "")) for p in (one, other)))
            )
        return list(_passages(name, *(p.read_text(encoding="utf-8").splitlines() for p in (one, other))))
    except (UnicodeDecodeError, ValueError):
        return [Cell(name, "", BYTES, str(one.stat().st_size), str(other.stat().st_size))]


def _cells(name: str, flat: Sequence[Mapping[tuple[str, str], str]]) -> Iterator[Cell]:
    one, other = flat
    for row, column in dict.fromkeys([*one, *other]):
        first, again = one.get((row, column), ABSENT), other.get((row, column), ABSENT)
        if first != again:
            yield Cell(name, row, column, first, again)


def _passages(name: str, first: Sequence[str], again: Sequence[str]) -> Iterator[Cell]:
    """Lines that differ, passage by passage."""
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, first, again, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Cell(name, f"line {i1 + 1}", "", " ".join(first[i1:i2]), " ".join(again[j1:j2]))


def _flat_json(value: Any, path: str) -> Iterator[tuple[tuple[str, str], str]]:
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _flat_json(value[key], f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for n, item in enumerate(value):
            yield from _flat_json(item, f"{path}[{n}]")
    else:
        yield (path, ""), json.dumps(value, ensure_ascii=False)


def _flat_csv(one: Path, other: Path) -> tuple[dict[tuple[str, str], str], ...]:
    """Cells of two tables by the words that name their row: as many of the first columns as tell all rows apart."""
    tables = [_read(path) for path in (one, other)]
    columns = [c for c in tables[0][0] if c in tables[1][0]]
    keys = next((columns[:n] for n in range(1, len(columns) + 1) if all(_apart(t, columns[:n]) for t in tables)), [])
    return tuple(dict(_flat_rows(header, rows, keys)) for header, rows in tables)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, restkey="", restval="")
        return list(reader.fieldnames or ()), [{k: str(v) for k, v in row.items()} for row in reader]


def _apart(table: tuple[list[str], list[dict[str, str]]], keys: Sequence[str]) -> bool:
    named = [tuple(row[k] for k in keys) for row in table[1]]
    return len(set(named)) == len(named)


def _flat_rows(
    header: Sequence[str], rows: Sequence[Mapping[str, str]], keys: Sequence[str]
) -> Iterator[tuple[tuple[str, str], str]]:
    for number, row in enumerate(rows, start=1):
        name = ", ".join(f"{k} {row[k]}" for k in keys if row[k]) or f"row {number}"
        if all(column in keys for column in header):
            yield (name, ""), "present"
        for column in header:
            if column not in keys:
                yield (name, column), row[column]
