"""Load every table a registry maps, as text; all that is wrong is told at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.csv_file import likely_delimiter, open_csv
from pass_engine.source.database import open_sqlite
from pass_engine.source.opened import Opened, Place
from pass_engine.source.parquet_file import open_parquet
from pass_engine.source.stat_file import KINDS, open_stat_file
from pass_engine.source.text import Kind, NotTextError, text_of_array, text_of_values
from pass_engine.source.workbook import open_workbook
from pass_engine.tables.raw import RawTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from pass_engine.errors import Fault
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import TableMap
    from pass_engine.store import Store

TEXT_ENDINGS = (".csv", ".txt", ".tsv")
FIRST_ROW_IS_HEADER = (*TEXT_ENDINGS, ".xlsx")
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx", *KINDS)


def load_source(store: Store, loaded: LoadedRegistry) -> tuple[RawTable, ...]:
    """Load each mapped core table into ``raw_<table>``, every column text."""
    found: list[Fault] = []
    tables: list[RawTable] = []
    for table, table_map in loaded.registry.source.tables.items():
        try:
            tables.append(_load_table(store, loaded, table, table_map))
        except SourceError as error:
            found.extend(error.faults)
    if found:
        raise SourceError(*dict.fromkeys(found))
    return tuple(tables)


def named_columns(table_map: TableMap) -> tuple[str, ...]:
    """Every source column a mapping names, once, in its order."""
    names: list[str] = []
    for column in table_map.columns.values():
        if isinstance(column, str):
            names.append(column)
        else:
            names.extend((column.from_, *(column.when or {})))
    return tuple(dict.fromkeys((*names, *(table_map.where or {}))))


def _load_table(store: Store, loaded: LoadedRegistry, table: str, table_map: TableMap) -> RawTable:
    source = loaded.registry.source
    path = f"source.tables.{table}"
    base = loaded.folder / source.path
    if source.kind == "sqlite":
        file, origin = base, f"{base.name}:{table_map.table}"
    else:
        file, origin = base / (table_map.file or ""), str(table_map.file)
    here = Path(os.path.abspath(loaded.folder))  # noqa: PTH100 - resolve() raises where links go in a circle
    where = f"{here.name}/{Path(os.path.relpath(file, here)).as_posix()}"
    place = Place(where, path)
    try:
        _check_present(file, base, place, loaded.folder)
        opened = _open(file, place, table_map, database=source.kind == "sqlite")
        wanted = named_columns(table_map)
        _check_columns(opened.names, wanted, place, table_map)
        return _load(store, RawTable(table, origin, wanted, frozenset(), frozenset(), 0), opened, place)
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, _reason(error))) from error


def _reason(error: OSError) -> str:
    return (error.strerror or "an error of the system").lower()


def _check_present(file: Path, base: Path, place: Place, folder: Path) -> None:
    if file.is_file():
        return
    looked_in = base if base.is_dir() else folder
    missing = file.name if base.is_dir() else base.name
    present = [f.name for f in looked_in.iterdir() if f.name != missing] if looked_in.is_dir() else []
    raise SourceError(faults.no_file(place.where, place.path, missing, present))


def _open(file: Path, place: Place, table_map: TableMap, *, database: bool) -> Opened:
    suffix = file.suffix.lower()
    if file.stat().st_size == 0:
        raise SourceError(faults.empty_file(place.where, place.path))
    if database:
        return open_sqlite(file, place, table=table_map.table or "")
    if suffix in TEXT_ENDINGS:
        return open_csv(file, place, delimiter=table_map.delimiter or ",", encoding=table_map.encoding)
    if suffix == ".parquet":
        return open_parquet(file, place)
    if suffix == ".xlsx":
        return open_workbook(file, place, sheet=table_map.sheet)
    if suffix in KINDS:
        return open_stat_file(file, place)
    raise SourceError(faults.unknown_format(place.where, place.path, suffix, ENDINGS))


def _check_columns(names: tuple[str, ...], wanted: tuple[str, ...], place: Place, table_map: TableMap) -> None:
    missing = [name for name in wanted if name not in names]
    delimiter = table_map.delimiter or ","
    other = likely_delimiter(names, delimiter) if missing and place.where.endswith(TEXT_ENDINGS) else None
    if other:
        raise SourceError(faults.wrong_delimiter(place.line(1), place.path, delimiter, other))
    if missing:
        is_header = _is_header(names, wanted, place)
        raise SourceError(
            faults.no_columns(place.where, place.path, missing, [*filter(None, names)], is_header=is_header)
        )
    lower = [name.lower() for name in wanted]
    twice = [n for n in wanted if names.count(n) > 1 or lower.count(n.lower()) > 1]
    if twice:
        raise SourceError(faults.same_name_twice(place.where, place.path, twice))


def _is_header(names: tuple[str, ...], wanted: tuple[str, ...], place: Place) -> bool:
    """Is the first row of a text or sheet a header? It is if it holds a name that is wanted, in capitals or not."""
    known = {name.lower() for name in wanted}
    return not place.where.lower().endswith(FIRST_ROW_IS_HEADER) or any(name.lower() in known for name in names)


def _load(store: Store, table: RawTable, opened: Opened, place: Place) -> RawTable:
    import pyarrow as pa

    kinds: dict[str, set[Kind]] = {name: set() for name in table.columns}
    caught: list[SourceError | OSError] = []
    schema = pa.schema([(name, pa.string()) for name in table.columns])

    def batches() -> Iterator[pa.RecordBatch]:
        # An error may not pass through the database, which would put it into words of its own.
        try:
            for columns in opened.read(table.columns):
                yield pa.record_batch(_as_text(columns, kinds, place), schema=schema)
        except (SourceError, OSError) as error:
            caught.append(error)

    store.load_arrow(table.name, pa.RecordBatchReader.from_batches(schema, batches()))
    if caught:
        raise caught[0]
    return RawTable(
        table.table,
        table.origin,
        table.columns,
        rows=store.count_rows(table.name),
        typed_dates=frozenset(n for n, seen in kinds.items() if "date" in seen),
        typed_numbers=frozenset(n for n, seen in kinds.items() if "number" in seen),
    )


def _as_text(columns: Sequence[Any], kinds: dict[str, set[Kind]], place: Place) -> list[pa.Array]:
    import pyarrow as pa

    arrays = []
    for name, values in zip(kinds, columns, strict=True):
        try:
            array, kind = text_of_array(values) if isinstance(values, pa.Array) else text_of_values(values)
        except NotTextError as error:
            raise SourceError(faults.unreadable_column(place.where, place.path, name, str(error))) from error
        kinds[name] |= kind
        arrays.append(array)
    return arrays
