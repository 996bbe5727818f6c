"""The report as a tree of plain values: what templates receive.

Every number in it is already formatted, and its cell says from which row of the results it comes.
Text may refer to a table or figure by its key in double square brackets, ``[[main-incidence]]``. Assembling puts
a link in its place, marked by characters that no text of a protocol can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pass_engine.report.widths import LANDSCAPE, PORTRAIT, fitted, needed
from pass_engine.terms import TO_BE_COMPLETED

LINK_START, LINK_TO, LINK_END = "\x02", "\x1f", "\x03"
"""A link in a text: start, label, to, anchor, end."""
WIDE_ENOUGH: Final = 7.5
"""Sum of column widths from which a table takes the whole width of the page."""
NARROWEST: Final = 0.6
LONG: Final = 120
"""Characters from which a cell holds a text rather than an entry."""
SHORT: Final = 11
"""Lines up to which a table is kept on one page."""


@dataclass(frozen=True)
class Cell:
    """What one cell of a table prints: a line, perhaps a second one below, and its source.

    ``source`` is the identifier of the results row, ``R-000012``; several are joined by commas.
    """

    text: str
    below: tuple[str, ...] = ()
    source: str = ""
    mark: bool = False
    shade: int = 0

    @property
    def row(self) -> str:
        """The first row that its number comes from, which a link leads to; empty where it prints none."""
        return self.source.partition(",")[0] if any(map(str.isdigit, self.text)) else ""


@dataclass(frozen=True)
class Column:
    """One column: its head, the head it shares with its neighbours, its share of the width, and its alignment.

    ``source``: the row of the results that the number in the last line of the head comes from, as a cell has it.
    """

    label: str
    width: float
    numeric: bool = True
    group: str = ""
    source: str = ""

    @property
    def row(self) -> str:
        """The row that a link leads to, as of a cell."""
        return self.source.partition(",")[0]

    @property
    def name(self) -> str:
        """The head without the line that holds a number."""
        return self.label.rpartition("\n")[0] if self.source else self.label

    @property
    def size(self) -> str:
        """The line of the head that holds a number of the results, such as ``N = 2,809``; empty where there is none."""
        return self.label.rpartition("\n")[2] if self.source else ""


@dataclass(frozen=True)
class Line:
    """One line of a table: a body line, or a head that spans the width above the lines it groups."""

    cells: tuple[Cell, ...]
    role: Literal["body", "group", "total"] = "body"


@dataclass(frozen=True)
class Table:
    """A numbered table. ``empty`` says why it has no lines, and must be there when it has none."""

    kind: ClassVar[str] = "table"
    key: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    empty: str = ""
    number: str = ""
    wide: bool = False
    compact: bool = False

    @property
    def label(self) -> str:
        """What text calls it."""
        return f"Table {self.number}"

    @property
    def anchor(self) -> str:
        """Name that links point to."""
        return f"table-{self.number}"

    @property
    def wordy(self) -> bool:
        """A table with long texts in it may break between any two lines."""
        return any(len(cell.text) > LONG for line in self.lines for cell in line.cells)

    @property
    def short(self) -> bool:
        """A table this short stays on one page."""
        return not self.wordy and sum(1 + bool(line.cells[-1].below) for line in self.lines) <= SHORT

    @property
    def share(self) -> str:
        """How much of the page's width it takes: few numbers stand close to their names."""
        return f"{self._part * 100:.0f}%"

    @property
    def _part(self) -> float:
        if not any(column.numeric for column in self.columns):
            return 1.0
        return min(max(sum(column.width for column in self.columns) / WIDE_ENOUGH, NARROWEST), 1.0)

    @property
    def widths(self) -> tuple[str, ...]:
        """Share of each column, in percent: as declared, but no narrower than its longest word."""
        body = [line.cells for line in self.lines if line.role != "group"]
        texts = [[t for cells in body for t in (cells[n].text, *cells[n].below)] for n in range(len(self.columns))]
        least = needed([column.label for column in self.columns], texts)
        width = (LANDSCAPE if self.wide else PORTRAIT) * self._part
        found = fitted([column.width for column in self.columns], least, width)
        return tuple(f"{own / width * 100:.2f}%" for own in found)

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Heads that neighbouring columns share, each with the number of columns it spans; none: no second head row."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == column.group and column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return tuple(spans) if any(name for name, _ in spans) else ()


@dataclass(frozen=True)
class Zone:
    """A part of a drawing whose numbers come from rows of the results; places in percent of its width and height."""

    left: str
    top: str
    width: str
    height: str
    source: str

    @property
    def row(self) -> str:
        """The row that a link leads to, as of a cell."""
        return self.source.partition(",")[0]


@dataclass(frozen=True)
class Figure:
    """A numbered figure: SVG text, with the notes below it, and where in it numbers of the results stand."""

    kind: ClassVar[str] = "figure"
    key: str
    title: str
    svg: str
    notes: tuple[str, ...] = ()
    number: str = ""
    zones: tuple[Zone, ...] = ()

    @property
    def label(self) -> str:
        """What text calls it."""
        return f"Figure {self.number}"

    @property
    def anchor(self) -> str:
        """Name that links point to."""
        return f"figure-{self.number}"


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Heading:
    """A heading without a number, inside a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of points."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Pairs of a term and what holds for it; each value is a list of lines. Prints as a table without a number."""

    kind: ClassVar[str] = "facts"
    title: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    narrow: bool = False


@dataclass(frozen=True)
class Listing:
    """Rows of the results that are printed.

    ``groups``: the head of a file, then lines; a line says what its rows are about, and names each row by its
    identifier and by what sets it apart.
    """

    kind: ClassVar[str] = "listing"
    groups: tuple[tuple[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]], ...]


@dataclass(frozen=True)
class Prose:
    """HTML made from a study's Markdown, safe by construction."""

    kind: ClassVar[str] = "prose"
    html: str


@dataclass(frozen=True)
class Missing:
    """Stands where only people can write and nobody has written."""

    kind: ClassVar[str] = "missing"
    hint: str = ""
    told: str = TO_BE_COMPLETED


@dataclass(frozen=True)
class Contents:
    """Stands where the table of contents is a numbered section of the format, rather than before the first one."""

    kind: ClassVar[str] = "contents"


Block = Table | Figure | Paragraph | Heading | Bullets | Facts | Listing | Prose | Missing | Contents


@dataclass(frozen=True)
class Section:
    """A numbered section with its blocks and sub-sections."""

    number: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def level(self) -> int:
        """1 for a chapter or an annex."""
        return self.number.count(".") + 1

    @property
    def anchor(self) -> str:
        """Name that links point to."""
        return "section-" + self.number.lower().replace(".", "-").replace(" ", "-")

    @property
    def dotted(self) -> bool:
        """Does a dot follow the number? After 1 to 14 only."""
        return self.number.isdigit()

    @property
    def is_parent(self) -> bool:
        """Has it sub-sections?"""
        return bool(self.sections)

    @property
    def is_annex(self) -> bool:
        """Is it a whole annex?"""
        return self.number.startswith("Annex")


@dataclass(frozen=True)
class Furniture:
    """What stands at the head and foot of every page, and across a draft."""

    study_id: str
    document: str
    version: str
    iso_date: str
    digest: str
    notice: str
    draft: bool
    digest_of: str = "protocol"


@dataclass(frozen=True)
class Cover:
    """The title page."""

    kind: str
    document: str
    title: str
    subtitle: str
    facts: Facts
    holders: Facts
    scope: str = ""


@dataclass(frozen=True)
class Report:
    """The whole report."""

    cover: Cover
    furniture: Furniture
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    authors: str
    description: str
    keywords: str
    engine: str

    @property
    def numbers_contents(self) -> bool:
        """Is the table of contents one of the sections?"""
        return any(isinstance(block, Contents) for section in self.sections for block in section.blocks)
