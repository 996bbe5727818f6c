"""What a check of a mapping finds: counts, names of columns, and values of code lists that are not rare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pass_engine.errors import Fault
    from pass_engine.harmonise import ShapeCount, ValueCount, YearCount

PART_DAY = "part day rounded down"
"""A loss that the mapping asks for, and that leaves a value."""


@dataclass(frozen=True)
class ColumnCheck:
    """One mapped column. ``losses`` are values that are there and were not taken over, by reason."""

    column: str
    source: str
    rows: int
    present: int
    partial: int
    losses: tuple[tuple[str, int], ...]
    values: tuple[ValueCount, ...]
    shapes: tuple[ShapeCount, ...]
    mend: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Values that are there in the source and missing in the core model."""
        return sum(n for reason, n in self.losses if reason != PART_DAY)


@dataclass(frozen=True)
class Finding:
    """One thing that the data checks found in a mapped table."""

    table: str
    column: str
    label: str
    tested: int
    failed: int


@dataclass(frozen=True)
class TableCheck:
    """One mapped table: rows read and kept, why the others are not, its columns, and what is left unused."""

    table: str
    origin: str
    files: tuple[tuple[str, int], ...]
    source_rows: int
    kept_rows: int
    left_out: tuple[tuple[str, int], ...]
    columns: tuple[ColumnCheck, ...]
    not_mapped: tuple[str, ...]
    unused: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    of_other_studies: tuple[str, ...] = ()
    """Mapped variables of a study (x_...) that were not read, since no protocol that declares them was given."""


@dataclass(frozen=True)
class SubstanceCheck:
    """A substance by which the study knows an exposure: its rows and persons here, and names here that are like it."""

    substance: str
    exposure: str
    table: str
    rows: int
    persons: int
    like: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What this registry has of one variable that a study reads.

    ``since`` is the first calendar year with a value; ``without`` says what could not be done, where there is none.
    """

    variable: str
    level: str
    is_mapped: bool
    rows: int
    present: int
    since: int | None
    years: tuple[YearCount, ...]
    without: str

    @property
    def is_lacking(self) -> bool:
        """Is it not here? A variable that is mapped may be empty because nothing of it has happened."""
        return bool(self.without) and (not self.is_mapped or not self.rows or self.level == "required")


@dataclass(frozen=True)
class RegistryCheck:
    """The whole check. ``study`` is the id of the protocol it was held against, if there was one."""

    registry: str
    name: str
    min_cell: int
    cut_year: int
    tables: tuple[TableCheck, ...]
    tables_not_mapped: tuple[str, ...]
    findings: tuple[Finding, ...]
    study: str
    answers: tuple[Answer, ...]
    faults: tuple[Fault, ...]
    substances: tuple[SubstanceCheck, ...] = ()
    other_substances: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """Values that were not taken over, in all tables."""
        return sum(column.lost for table in self.tables for column in table.columns)

    @property
    def lacking(self) -> tuple[Answer, ...]:
        """Required or needed variables of the study that this registry does not have."""
        return tuple(a for a in self.answers if a.is_lacking and a.level != "wanted")

    @property
    def is_clean(self) -> bool:
        """Was everything taken over, and is everything there that the study needs?"""
        return not (self.lost or self.lacking or self.faults)
