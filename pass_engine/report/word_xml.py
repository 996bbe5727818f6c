"""Parts of a Word document as WordprocessingML: runs, paragraphs, tables, figures. Texts are escaped here.

Element names are those of ECMA-376; a drawing in SVG stands in the extension that Word 2016 and later read
([MS-ODRAWXML] 2.3.1.17, ``svgBlip``), over a plain picture for programs that do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from pass_engine.report.pdf import LINK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.report.model import Cell, Facts, Line, Table

SPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
TEXT_WIDTH: Final = 9638
"""Width of the text on A4 with margins of 2 cm, in twentieths of a point."""
PIXEL: Final = 9525
"""English metric units of a CSS pixel."""
ROW: Final = "R-"
"""How identifiers of rows of the results begin."""
LINK_COLOUR, HEAD_COLOUR = "1A4F80", "12395F"
BORDERS: Final = (
    '<w:tblBorders><w:top w:val="single" w:sz="8" w:color="1B2733"/>'
    '<w:bottom w:val="single" w:sz="8" w:color="1B2733"/>'
    '<w:insideH w:val="single" w:sz="2" w:color="C5CCD3"/></w:tblBorders>'
)


@dataclass(frozen=True)
class Look:
    """How a run looks; ``size`` in half points, 0 as the style has it."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    colour: str = ""
    size: int = 0

    @property
    def xml(self) -> str:
        """The properties in the order of the schema."""
        marks = (("<w:b/>", self.bold), ("<w:i/>", self.italic), ("<w:strike/>", self.struck))
        colour = f'<w:color w:val="{self.colour}"/>' if self.colour else ""
        size = f'<w:sz w:val="{self.size}"/>' if self.size else ""
        return f"<w:rPr>{''.join(mark for mark, on in marks if on)}{colour}{size}</w:rPr>"


PLAIN: Final = Look()
BOLD: Final = Look(bold=True)
SMALL: Final = Look(size=16)
SMALL_BOLD: Final = Look(bold=True, size=16)


def run(text: str, look: Look = PLAIN) -> str:
    """A text; a line feed breaks the line."""
    told = '</w:t><w:br/><w:t xml:space="preserve">'.join(escape(line) for line in text.split("\n"))
    return f'<w:r>{look.xml}<w:t xml:space="preserve">{told}</w:t></w:r>'


def runs(text: str, look: Look = PLAIN) -> str:
    """Text in which the links that assembling marked lead to their places; rows of the results have none here."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        parts.append(run(text[end : match.start()], look))
        if match[2].startswith(ROW):
            parts.append(run(match[1], look))
        else:
            inside = run(match[1], replace(look, colour=LINK_COLOUR))
            parts.append(f'<w:hyperlink w:anchor="{bookmark(match[2])}">{inside}</w:hyperlink>')
        end = match.end()
    return "".join([*parts, run(text[end:], look)])


def bookmark(anchor: str) -> str:
    """The name of a place, as Word allows it: letters, digits and underscores, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def paragraph(inside: str, style: str = "", properties: str = "", name: str = "", number: int = 0) -> str:
    """A paragraph of finished runs, in a style, perhaps a place that links lead to."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    if name:
        mark = f'<w:bookmarkStart w:id="{number}" w:name="{bookmark(name)}"/>'
        inside = f'{mark}{inside}<w:bookmarkEnd w:id="{number}"/>'
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{inside}</w:p>"


def table(shown: Table) -> str:
    """A table with its heads repeated on every page."""
    whole = sum(column.width for column in shown.columns)
    widths = [round(TEXT_WIDTH * column.width / whole) for column in shown.columns]
    numeric = [column.numeric for column in shown.columns]
    heads = []
    if shown.groups:
        heads.append(_row([_cell(run(n, SMALL_BOLD), span=s, centre=True) for n, s in shown.groups], head=True))
    labels = [_cell(run(c.label, SMALL_BOLD), right=c.numeric) for c in shown.columns]
    heads.append(_row(labels, head=True))
    return _table([*heads, *(_line(line, numeric) for line in shown.lines)], widths)


def facts_table(facts: Facts) -> str:
    """Pairs of a term and what holds for it."""
    rows = [_row([_cell(run(term, SMALL)), _cell(run("\n".join(values), SMALL))]) for term, values in facts.rows]
    return _table(rows, [round(TEXT_WIDTH * 0.3), round(TEXT_WIDTH * 0.7)])


def plain_table(rows: Iterable[Sequence[str]]) -> str:
    """A table of prose, its first row bold."""
    held = list(rows)
    columns = max(map(len, held))
    cells = [
        _row([_cell(run(text, SMALL if n else SMALL_BOLD)) for text in [*row, *[""] * (columns - len(row))]])
        for n, row in enumerate(held)
    ]
    return _table(cells, [TEXT_WIDTH // columns] * columns)


def _line(line: Line, numeric: Sequence[bool]) -> str:
    if line.role == "group":
        return _row([_cell(run(line.cells[0].text, replace(SMALL_BOLD, colour=HEAD_COLOUR)), span=len(numeric))])
    look = SMALL_BOLD if line.role == "total" else SMALL
    cells = [
        _cell(_body(cell, look), right=right and n > 0)
        for n, (cell, right) in enumerate(zip(line.cells, numeric, strict=True))
    ]
    return _row(cells)


def _body(cell: Cell, look: Look) -> str:
    return run("\n".join((cell.text, *cell.below)), look)


def _row(cells: Iterable[str], *, head: bool = False) -> str:
    mark = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(inside: str, *, span: int = 1, right: bool = False, centre: bool = False) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    side = '<w:jc w:val="right"/>' if right else '<w:jc w:val="center"/>' if centre else ""
    return f"<w:tc><w:tcPr>{spanned}</w:tcPr>{paragraph(inside, properties=f'{TIGHT}{side}')}</w:tc>"


TIGHT: Final = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'


def _table(rows: Iterable[str], widths: Sequence[int]) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    margins = '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
    properties = f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>{BORDERS}<w:tblLayout w:type="fixed"/>{margins}'
    return f"<w:tbl {SPACES}><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def drawing(size: tuple[float, float], ids: tuple[int, str, str], name: str, told: str) -> str:
    """A figure in its line: ``size`` in pixels; ``ids``: its number, the plain picture and the SVG by relation."""
    number, picture, vector = ids
    width, height = (round(pixels * PIXEL) for pixels in size)
    extent = f'cx="{width}" cy="{height}"'
    named = f'id="{number}" name={quoteattr(name)} descr={quoteattr(told)}'
    blip = (
        f'<a:blip r:embed="{picture}"><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
        '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
        f'r:embed="{vector}"/></a:ext></a:extLst></a:blip>'
    )
    shape = (
        f"<pic:pic><pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr>"
        f"<pic:blipFill>{blip}<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
    )
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/><wp:docPr {named}/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f"{shape}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
