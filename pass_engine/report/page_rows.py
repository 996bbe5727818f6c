"""The rows of the result files as data inside the page: column by column, texts told once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pass_engine.estimate.columns import FLOATS, INTEGERS, RESULT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.report.model import Report
    from pass_engine.report.reading import Row, Run

MOST_ROWS: Final = 20_000
"""A file of more rows is in the page with those alone that the report prints from; the rest stays in ``results/``."""
NUMERIC: Final = INTEGERS | FLOATS
NAMED: Final = re.compile(r'data-row="([^"]*)"')
"""Rows that a drawing names."""


def rows_as_json(report: Report, run: Run, most: int = MOST_ROWS) -> str:
    """Every result file with rows, as JSON that can stand inside a script element: it holds no ``<``.

    A file is ``{name, first, of, rows, numbers, columns}``: ``of`` rows in the file, the first of them with the number
    ``first`` in its identifier (null where rows have none), ``rows`` here, with these ``numbers`` (null where all are
    here; the first row after the head is 2). A column is ``{name, meaning, numeric, values}``, with
    an ``index`` into ``values`` where texts repeat.
    """
    printed = _printed(report)
    files = [_file(table, run.results[f"{table}.csv"], printed, most) for table in RESULT_COLUMNS]
    told = json.dumps([file for file in files if file["rows"]], ensure_ascii=False, separators=(",", ":"))
    return told.replace("<", "\\u003c")


def _printed(report: Report) -> set[str]:
    """Identifiers of the rows that cells and figures of the report name."""
    return {identifier for source in _sources(report) for identifier in source.split(",")}


def _sources(report: Report) -> Iterator[str]:
    yield from (column.source for table in report.tables for column in table.columns if column.source)
    yield from (cell.source for table in report.tables for line in table.lines for cell in line.cells if cell.source)
    yield from (source for figure in report.figures for source in NAMED.findall(figure.svg))


def _file(table: str, rows: Sequence[Row], printed: set[str], most: int) -> dict[str, Any]:
    whole = len(rows) <= most
    kept = rows if whole else [row for row in rows if row.id in printed]
    columns = [_column(name, meaning, [row[name] for row in kept]) for name, meaning in RESULT_COLUMNS[table].items()]
    numbers = None if whole else [row.number for row in kept]
    first = int(rows[0].id.partition("-")[2]) if rows and rows[0].id else None
    count = {"first": first, "of": len(rows), "rows": len(kept)}
    return {"name": f"{table}.csv", **count, "numbers": numbers, "columns": columns}


def _column(name: str, meaning: str, values: list[str]) -> dict[str, Any]:
    told = list(dict.fromkeys(values))
    column: dict[str, Any] = {"name": name, "meaning": meaning, "numeric": name in NUMERIC}
    if 2 * len(told) > len(values):
        return {**column, "values": values}
    place = {value: number for number, value in enumerate(told)}
    return {**column, "values": told, "index": [place[value] for value in values]}
