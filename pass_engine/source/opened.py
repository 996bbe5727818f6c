"""What a reader hands over: the names of the columns, and their values in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BATCH_ROWS = 50_000
"""Rows read at a time: memory stays small however long the file."""


@dataclass(frozen=True)
class Opened:
    """An opened table: its names, and batches of the columns asked for.

    A batch is one sequence of values (or Arrow array) a column, in the order asked for.
    """

    names: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterator[Sequence[Any]]]


@dataclass(frozen=True)
class Place:
    """Where a table stands: for messages (``dk/data/person.csv``, ``source.tables.person``)."""

    where: str
    path: str

    def line(self, number: int) -> str:
        """The place with a line number."""
        return f"{self.where}:{number}"
