"""Maps from source values to core values: inline, from files, and the code lists of the core model itself."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import faults
from pass_engine.tables.core import CORE, EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import ColumnMap
    from pass_engine.store import Store
    from pass_engine.tables.core import Column

    Extras = Mapping[str, Sequence[Column]]
    """Core table to the columns that a study adds to it."""

CODE_MAP = {"table_name": "VARCHAR", "column_name": "VARCHAR", "source": "VARCHAR", "core": "VARCHAR"}


@dataclass(frozen=True)
class MapPlace:
    """Where a map stands, for messages: the file, and the path in registry.yaml."""

    where: str
    path: str


def load_code_maps(store: Store, loaded: LoadedRegistry, extras: Extras | None = None) -> None:
    """Make ``code_map``: for each coded column, which source value becomes which core value ('' is missing)."""
    rows: list[tuple[str, str, str, str]] = []
    found: list[Fault] = []
    for table, column, column_map in _mapped_columns(loaded, extras or {}):
        try:
            pairs = _pairs(loaded, f"source.tables.{table}.columns.{column.name}", column, column_map)
        except HarmoniseError as error:
            found.extend(error.faults)
            continue
        rows.extend((table, column.name, source, core) for source, core in pairs.items())
    if found:
        raise HarmoniseError(*found)
    store.load_rows("code_map", CODE_MAP, rows)


def is_coded(column: Column, column_map: ColumnMap | str | None) -> bool:
    """Does this column go through ``code_map``?"""
    has_map = column_map is not None and not isinstance(column_map, str) and (column_map.map or column_map.map_file)
    return bool(has_map) or bool(column.codes)


def read_rows(file: Path, place: MapPlace, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Rows of a small CSV beside registry.yaml, with line numbers; the columns asked for, trimmed."""
    if not file.is_file():
        raise HarmoniseError(faults.no_map_file(place.where, place.path, file.name))
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = [name.strip() for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if row]
    except (csv.Error, UnicodeDecodeError) as error:
        problem = "the file is not UTF-8 text with commas"
        fault = faults.bad_map_file(place.where, place.path, file.name, problem, "save it as CSV in UTF-8")
        raise HarmoniseError(fault) from error
    missing = [name for name in columns if name not in header]
    if missing:
        found, problem = f"no column {', '.join(missing)}", f"the file needs the columns {', '.join(columns)}"
        mend = "name them in the first line"
        raise HarmoniseError(faults.bad_map_file(place.where, place.path, found, problem, mend, 1))
    ragged = [line for line, row in rows if len(row) != len(header)]
    if ragged:
        raise HarmoniseError(_ragged(place, ragged[0], len(header)))
    positions = [header.index(name) for name in columns]
    return [(line, [row[p].strip() for p in positions]) for line, row in rows]


def _ragged(place: MapPlace, line: int, width: int) -> Fault:
    return faults.bad_map_file(
        f"{place.where}:{line}",
        place.path,
        "a row with more or fewer fields than the header",
        f"every row has {width} fields",
        "mend the row",
        line,
    )


def _mapped_columns(loaded: LoadedRegistry, extras: Extras) -> Iterator[tuple[str, Column, ColumnMap | None]]:
    for table, table_map in loaded.registry.source.tables.items():
        known = {column.name: column for column in (*CORE[table].columns, *extras.get(table, ()))}
        for name, column_map in {**dict.fromkeys(table_map.constants), **table_map.columns}.items():
            column = known.get(name)  # a variable of another study is not read
            if column is not None and is_coded(column, column_map):
                yield table, column, None if isinstance(column_map, str) else column_map


def _pairs(loaded: LoadedRegistry, path: str, column: Column, column_map: ColumnMap | None) -> dict[str, str]:
    place = MapPlace(f"{loaded.folder.resolve().name}/registry.yaml", path)
    if column_map is None or not (column_map.map or column_map.map_file):
        return {code: code for code in column.codes}
    pairs = {source.strip(): core.strip() for source, core in (column_map.map or {}).items()}
    if column_map.map_file:
        place = MapPlace(f"{loaded.folder.resolve().name}/{column_map.map_file}", path)
        pairs = {**_file_pairs(loaded.folder / column_map.map_file, place), **pairs}
    wrong = sorted({core for core in pairs.values() if core and column.codes and core not in column.codes})
    if wrong:
        whose = "the study" if column.name.startswith(EXTRA) else "the core model"
        raise HarmoniseError(faults.not_a_code(place.where, place.path, wrong, column.codes, whose))
    return pairs


def _file_pairs(file: Path, place: MapPlace) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for line, (source, core) in read_rows(file, place, ("source", "core")):
        if pairs.setdefault(source, core) != core:
            raise HarmoniseError(
                faults.bad_map_file(
                    f"{place.where}:{line}",
                    place.path,
                    "one source value with two core values",
                    "the map contradicts itself",
                    "keep one of the rows",
                    line,
                )
            )
    return pairs
