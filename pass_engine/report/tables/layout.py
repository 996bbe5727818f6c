"""Pieces that several tables share: column sets, group lines, and the choice of a landscape page."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Literal

from pass_engine.report.cells import text
from pass_engine.report.model import Cell, Column, Line, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.report.context import Context

MOST_COLUMNS: Final = 9
"""Tables with more columns than this go on a landscape page."""


def group(label: str, columns: int) -> Line:
    """A line that spans the table and heads the lines below it."""
    return Line((text(label), *[Cell("")] * (columns - 1)), role="group")


def by_registry(ctx: Context, head: str, width: float = 3.2) -> tuple[Column, ...]:
    """A first column of words, then one column a registry, pooled last."""
    return (Column(head, width, numeric=False), *(Column(ctx.names.registry(key), 1.0) for key in ctx.registries))


def total_if(pooled: bool) -> Literal["body", "total"]:  # noqa: FBT001  a predicate is its one argument
    """The role of a line: the pooled one is set apart."""
    return "total" if pooled else "body"


SIDE_BY_SIDE: Final = 2
"""Cohorts that stand side by side in one table; more make a further table."""


def chunks(cohorts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Cohorts two by two."""
    return tuple(tuple(cohorts[i : i + SIDE_BY_SIDE]) for i in range(0, len(cohorts), SIDE_BY_SIDE))


def make(
    key: str,
    title: str,
    columns: Sequence[Column],
    lines: Iterable[Line],
    notes: tuple[str, ...] = (),
    *,
    empty: str = "",
    compact: bool = False,
) -> Table:
    """A table; group lines with nothing below them are left out."""
    kept = _without_hollow_groups(tuple(lines))
    return Table(
        key,
        title,
        tuple(columns),
        kept,
        notes,
        "" if kept else empty,
        wide=len(columns) > MOST_COLUMNS,
        compact=compact,
    )


MOST_ON_A_PAGE: Final = 15
"""Columns that a landscape page holds; a table of more is printed in parts that repeat its first column."""


def parts(table: Table) -> tuple[Table, ...]:
    """The table, or its columns part by part where a page cannot hold them all."""
    if len(table.columns) <= MOST_ON_A_PAGE:
        return (table,)
    last = len(table.columns) - 1
    size = ceil(last / ceil(last / (MOST_ON_A_PAGE - 1)))
    return tuple(_part(table, start, min(start + size - 1, last)) for start in range(1, last + 1, size))


def _part(table: Table, first: int, last: int) -> Table:
    def cut(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return (values[0], *values[first : last + 1])

    return replace(
        table,
        key=table.key if first == 1 else f"{table.key}-columns-{first}",
        title=f"{table.title} (columns {first} to {last} of {len(table.columns) - 1})",
        columns=cut(table.columns),
        lines=tuple(replace(line, cells=cut(line.cells)) for line in table.lines),
    )


def _without_hollow_groups(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    following = (*lines[1:], None)[: len(lines)]
    return tuple(
        line
        for line, after in zip(lines, following, strict=True)
        if line.role != "group" or (after is not None and after.role != "group")
    )
