"""What ``source`` says about each table it loaded, and ``harmonise`` reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RawTable:
    """A table ``raw_<table>``: every column text, as the source has it.

    ``typed_dates`` and ``typed_numbers`` are columns in which the source itself holds dates (now ISO days) or
    numbers (now with a decimal point), whatever the date format or decimal mark of its texts. ``files`` are the rows of
    each file where several became this table; ``unused`` are columns of the source that the mapping does not name.
    """

    table: str
    origin: str
    columns: tuple[str, ...]
    typed_dates: frozenset[str]
    typed_numbers: frozenset[str]
    rows: int
    files: tuple[tuple[str, int], ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the table in the store."""
        return f"raw_{self.table}"
