"""What a reader hands over: the names of the columns, and their values in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BATCH_ROWS = 50_000
"""Rows read at a time: memory stays small however long the file."""


@dataclass(frozen=True)
class Opened:
    """An opened table: its names, and batches of the columns asked for.

    A batch is one sequence of values (or Arrow array) a column, in the order asked for. ``kinds`` are columns whose
    type the source knows although their values come as text: date or number.
    """

    names: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterator[Sequence[Any]]]
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a table stands: for messages (``dk/data/person.csv``, ``source.tables.person``)."""

    where: str
    path: str

    def line(self, number: int) -> str:
        """The place with a line number."""
        return f"{self.where}:{number}"


class Tables(Protocol):
    """Tables that lie in one place, under names: a database, or a folder of an OMOP common data model."""

    @property
    def place(self) -> Place:
        """The place of them all, for messages."""

    @property
    def origin(self) -> str:
        """What stands before a table's name where its origin is told."""

    def names(self) -> tuple[str, ...]:
        """Names of the tables and views."""

    def open(self, table: str, place: Place) -> Opened:
        """Open one of them; SourceError where there is no such table."""
