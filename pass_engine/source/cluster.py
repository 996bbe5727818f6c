"""Tables that lie where a cluster reads them: Parquet files, or tables of its catalogue. No row of them comes here.

Each becomes a view ``raw_<table>`` on the cluster with every column as text, by the rules of :mod:`text`, so that the
mapping goes on there as it does elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, SourceError
from pass_engine.source import faults
from pass_engine.source.names import check_columns, named_columns
from pass_engine.source.opened import Place
from pass_engine.source.text import WHOLE_LIMIT
from pass_engine.spark_store import SparkStore
from pass_engine.store import quote_name, quote_text
from pass_engine.tables.raw import RawTable

if TYPE_CHECKING:
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import TableMap
    from pass_engine.store import Store

SOURCE: Final = "source_"
BLANK: Final = r"[\t-\r\x1c-\x1f\x85\p{Z}]+"
"""White space as Unicode has it."""
WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def load_cluster(store: Store, loaded: LoadedRegistry) -> tuple[RawTable, ...]:
    """Show each mapped core table as ``raw_<table>`` on the cluster. Raises SourceError with every fault."""
    where = f"{loaded.folder.resolve().name}/registry.yaml"
    if not isinstance(store, SparkStore):
        problem, mend = "a source on a cluster is read there, and nowhere else", "count it with site: {engine: spark}"
        raise SourceError(Fault(where, "source.kind", "kind: spark, on another engine", problem, mend, "PE275"))
    found: list[Fault] = []
    tables: list[RawTable] = []
    for table, table_map in loaded.registry.source.tables.items():
        try:
            tables.append(_show(store, loaded, table, table_map, Place(where, f"source.tables.{table}")))
        except SourceError as error:
            found.extend(error.faults)
    if found:
        raise SourceError(*dict.fromkeys(found))
    return tuple(tables)


def _show(store: SparkStore, loaded: LoadedRegistry, table: str, table_map: TableMap, place: Place) -> RawTable:
    base = (loaded.registry.source.path or "").rstrip("/")
    files = [f"{base}/{name}" for name in table_map.files]
    kinds = store.show_source(SOURCE + table, files, table_map.table or "", place.path)
    wanted = named_columns(table_map)
    check_columns(tuple(kinds), wanted, place, table_map)
    texts = {name: text_of_column(f"r.{quote_name(name)}", kinds[name]) for name in wanted}
    strange = [faults.unreadable_column(place.where, place.path, n, kinds[n]) for n, t in texts.items() if t is None]
    if strange:
        raise SourceError(*strange)
    columns = ",\n    ".join(f"{text} AS {quote_name(name)}" for name, text in texts.items())
    raw = RawTable(
        table,
        ", ".join(table_map.files) or table_map.table or "",
        wanted,
        typed_dates=frozenset(name for name in wanted if is_day(kinds[name])),
        typed_numbers=frozenset(name for name in wanted if is_number(kinds[name])),
        rows=0,
        unused=tuple(name for name in kinds if name not in wanted),
    )
    store.make_view_from(raw.name, f"SELECT\n    {columns}\nFROM {SOURCE}{table} AS r")
    return raw


def text_of_column(column: str, kind: str) -> str | None:
    """The SQL that gives a column of a type of DuckDB as text; None where the type has none."""
    text = f"CAST({column} AS VARCHAR)"
    if kind == "VARCHAR":
        begun = f"regexp_replace({column}, {quote_text('^' + BLANK)}, '')"
        return f"nullif(regexp_replace({begun}, {quote_text(BLANK + '$')}, ''), '')"
    if is_day(kind):
        return f"CAST(CAST({column} AS DATE) AS VARCHAR)"
    if kind == "BOOLEAN" or WHOLE.fullmatch(kind):
        return text
    if kind.startswith("DECIMAL"):
        return text if kind.endswith(",0)") else f"regexp_replace({text}, '[.]?0+$', '')"
    if kind == "FLOAT":  # by its own shortest text, so that 0.1 stays 0.1
        return _text_of_float(f"CAST({text} AS DOUBLE)")
    return _text_of_float(column) if kind == "DOUBLE" else None


def is_day(kind: str) -> bool:
    """Does a type hold days?"""
    return kind == "DATE" or kind.startswith("TIMESTAMP")


def is_number(kind: str) -> bool:
    """Does a type hold numbers?"""
    return kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL") or WHOLE.fullmatch(kind) is not None


def _text_of_float(number: str) -> str:
    """Whole numbers without a point; what is no number, or without end, is missing."""
    whole = f"abs({number}) < {WHOLE_LIMIT:.0f} AND floor({number}) = {number}"
    text = f"CASE WHEN {whole} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END"
    return f"CASE WHEN {number} - {number} = 0 THEN {text} END"
