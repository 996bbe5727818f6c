"""Load every table a registry maps, as text; all that is wrong is told at once."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.registry import table_files
from pass_engine.source import faults
from pass_engine.source.cluster import load_cluster
from pass_engine.source.csv_file import open_csv
from pass_engine.source.databases import open_database
from pass_engine.source.into_store import load_text
from pass_engine.source.names import TEXT_ENDINGS, check_columns, named_columns
from pass_engine.source.not_text import check_is_text
from pass_engine.source.omop import load_omop
from pass_engine.source.opened import Opened, Place, Tables
from pass_engine.source.parquet_file import open_parquet
from pass_engine.source.places import check_present, place_of, reason_of
from pass_engine.source.stat_file import KINDS, open_stat_file
from pass_engine.source.union import join_files
from pass_engine.source.workbook import open_workbook
from pass_engine.tables.raw import RawTable

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import TableMap
    from pass_engine.store import Store

ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx", *KINDS)
OMOP_COUNT = {
    "rule_id": "VARCHAR", "table_name": "VARCHAR", "column_name": "VARCHAR", "label": "VARCHAR", "tested": "BIGINT",
    "failed": "BIGINT",
}  # fmt: skip
"""What only an OMOP source has something to say in (SQL file 109); empty for others."""
DATABASES = ("duckdb", "sqlite", "postgres")


def load_source(store: Store, loaded: LoadedRegistry) -> tuple[RawTable, ...]:
    """Load each mapped core table into ``raw_<table>``, every column text. A database is read in one transaction."""
    if loaded.registry.source.kind == "omop":
        return load_omop(store, loaded)
    store.load_rows("omop_count", OMOP_COUNT, [])
    if loaded.registry.source.kind == "spark":
        return load_cluster(store, loaded)
    found: list[Fault] = []
    tables: list[RawTable] = []
    with ExitStack() as stack:
        database = _enter_database(stack, loaded)
        for table, table_map in loaded.registry.source.tables.items():
            try:
                tables.append(_load_table(store, loaded, table, table_map, database))
            except SourceError as error:
                found.extend(error.faults)
    if found:
        raise SourceError(*dict.fromkeys(found))
    return tuple(tables)


def _enter_database(stack: ExitStack, loaded: LoadedRegistry) -> Tables | None:
    """The registry's database, open until the stack closes; None where it has files."""
    source = loaded.registry.source
    if source.kind not in DATABASES:
        return None
    file = loaded.folder / (source.path or "")
    place = place_of(loaded, file, "source.path")
    try:
        if source.connection is None:
            check_present(file, file, place, loaded.folder)
        return stack.enter_context(open_database(loaded))
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, reason_of(error))) from error


def _load_table(
    store: Store, loaded: LoadedRegistry, table: str, table_map: TableMap, database: Tables | None
) -> RawTable:
    path = f"source.tables.{table}"
    counts: dict[str, int] = {}
    if database is not None:
        place, origin = Place(database.place.where, path), f"{database.origin}:{table_map.table}"
    else:
        base = loaded.folder / (loaded.registry.source.path or "")
        names = table_files(base, table_map)
        origin = ", ".join(table_map.files) + (f", sheet {table_map.sheet}" if table_map.sheet else "")
        place = place_of(loaded, base / names[0], path) if len(names) == 1 else place_of(loaded, base, path)
    try:
        if database is not None:
            opened = database.open(table_map.table or "", place)
        else:
            opened = _open_files(loaded, base, names, table_map, place, counts)
        wanted = named_columns(table_map)
        check_columns(opened.names, wanted, place, table_map)
        held = load_text(store, f"raw_{table}", wanted, opened, place)
        unused = tuple(name for name in opened.names if name and name not in wanted)
        dates, numbers = held.typed_dates, held.typed_numbers
        return RawTable(table, origin, wanted, dates, numbers, held.rows, tuple(counts.items()), unused)
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, reason_of(error))) from error


def _open_files(
    loaded: LoadedRegistry,
    base: Path,
    names: tuple[str, ...],
    table_map: TableMap,
    place: Place,
    counts: dict[str, int],
) -> Opened:
    """Open the file of a table, or all of several; every fault at once."""
    opened: dict[str, tuple[Opened, Place]] = {}
    found: list[Fault] = []
    for name in names:
        here = place_of(loaded, base / name, place.path)
        try:
            check_present(base / name, base, here, loaded.folder)
            opened[name] = _open(base / name, here, table_map), here
        except SourceError as error:
            found.extend(error.faults)
    if found:
        raise SourceError(*found)
    return opened[names[0]][0] if len(names) == 1 else join_files(opened, counts)


def _open(file: Path, place: Place, table_map: TableMap) -> Opened:
    suffix = file.suffix.lower()
    if file.stat().st_size == 0:
        raise SourceError(faults.empty_file(place.where, place.path))
    if suffix in TEXT_ENDINGS:
        check_is_text(file, place)
        return open_csv(file, place, delimiter=table_map.delimiter or ",", encoding=table_map.encoding)
    if suffix == ".parquet":
        return open_parquet(file, place)
    if suffix == ".xlsx":
        return open_workbook(file, place, sheet=table_map.sheet)
    if suffix in KINDS:
        return open_stat_file(file, place)
    raise SourceError(faults.unknown_format(place.where, place.path, suffix, ENDINGS))
