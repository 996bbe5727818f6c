"""Columns that a mapping names, held against those a source has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.csv_file import likely_delimiter

if TYPE_CHECKING:
    from pass_engine.registry.models import TableMap
    from pass_engine.source.opened import Place

TEXT_ENDINGS = (".csv", ".txt", ".tsv")
FIRST_ROW_IS_HEADER = (*TEXT_ENDINGS, ".xlsx")


def named_columns(table_map: TableMap) -> tuple[str, ...]:
    """Every source column a mapping names, once, in its order."""
    names: list[str] = []
    for column in table_map.columns.values():
        if isinstance(column, str):
            names.append(column)
        else:
            names.extend((*column.sources, *(column.when or {})))
    return tuple(dict.fromkeys((*names, *(table_map.where or {}))))


def check_columns(names: tuple[str, ...], wanted: tuple[str, ...], place: Place, table_map: TableMap) -> None:
    """Is every column that is wanted there, and once? Raises SourceError."""
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
