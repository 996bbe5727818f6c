"""The report as a Word document, for authors to review: the same model as the PDF, the same bytes every time.

It is a copy to write into. What is changed in it changes nothing of the run; the report is the PDF.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pass_engine.report import word_xml as xml
from pass_engine.report.model import Bullets, Facts, Figure, Heading, Listing, Missing, Paragraph, Prose, Table
from pass_engine.report.word_prose import prose_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.report.model import Block, Report, Section

COPY: Final = (
    "Review copy for authors. The report is the PDF of this run, {digest} of the protocol; what is written here "
    "changes nothing of the run. Prose belongs into the study's text files, from which the next report takes it."
)
ROWS: Final = "The rows are listed in the PDF and in the page for a browser."
SIZE: Final = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"')
DESCRIBED: Final = re.compile(r"<desc>(.*?)</desc>", re.DOTALL)
ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&"}
NOTE: Final = xml.Look(colour="4A5763", size=15)
ITALIC: Final = xml.Look(italic=True)
MISSING: Final = xml.Look(italic=True, colour="8A1C24")
BLANK: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
)
"""A white pixel, where a program does not read SVG."""


def write_docx(report: Report, target: Path) -> None:
    """Write the document. The dates in it are the study's; there is no clock."""
    from docx import Document

    document = Document()
    _set_properties(document, report)
    _set_page(document, report)
    writer = _Writer(document)
    writer.cover(report)
    for section in report.sections:
        writer.section(section)
    held = io.BytesIO()
    document.save(held)
    target.write_bytes(_without_clock(held.getvalue(), report.furniture.iso_date))


class _Writer:
    """Appends the parts of a report to the body of a document, in order."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.last = document.element.body[-1]  # the page set-up, which stays last
        self.count = 0

    def add(self, part: str) -> None:
        from docx.oxml import parse_xml

        spaced = part if part.startswith("<w:tbl ") else part.replace("<w:p>", f"<w:p {xml.SPACES}>", 1)
        self.last.addprevious(parse_xml(spaced))

    def text(self, text: str, style: str = "", look: xml.Look = xml.PLAIN) -> None:
        self.add(xml.paragraph(xml.runs(text, look), style))

    def cover(self, report: Report) -> None:
        page = report.cover
        self.text(f"{page.kind} · {page.document}")
        self.text(page.title, "Title")
        self.text(page.subtitle)
        if page.scope:
            self.text(page.scope)
        if report.furniture.notice:
            self.text(report.furniture.notice, look=xml.BOLD)
        self.text(COPY.format(digest=report.furniture.digest), look=ITALIC)
        for facts in (page.facts, page.holders):
            self.block(facts)
        field = '<w:fldSimple w:instr="TOC \\o &quot;1-3&quot; \\h" w:dirty="true">'
        self.add(xml.paragraph(f"{field}{xml.run('Contents: update this field.')}</w:fldSimple>"))

    def section(self, section: Section) -> None:
        title = f"{section.number}{'.' if section.dotted else ''} {section.title}"
        self.named(xml.run(title), section.anchor, f"Heading{section.level}")
        for block in section.blocks:
            self.block(block)
        for child in section.sections:
            self.section(child)

    def named(self, inside: str, anchor: str, style: str) -> None:
        self.count += 1
        self.add(xml.paragraph(inside, style, name=anchor, number=self.count))

    def block(self, block: Block) -> None:
        for part in _simple_parts(block):
            self.add(part)
        if isinstance(block, Table):
            self.caption(block)
            if block.lines:
                self.add(xml.table(block))
            else:
                self.text(block.empty, look=ITALIC)
            self.notes(block)
        elif isinstance(block, Figure):
            self.figure(block)
            self.caption(block)
            self.notes(block)

    def caption(self, block: Table | Figure) -> None:
        self.named(xml.run(f"{block.label}. ", xml.BOLD) + xml.run(block.title), block.anchor, "Caption")

    def notes(self, block: Table | Figure) -> None:
        for note in block.notes:
            self.text(note, look=NOTE)

    def figure(self, figure: Figure) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        self.count += 1
        part = self.document.part
        name = PackURI(f"/word/media/{figure.anchor.replace('.', '_')}.svg")
        drawn = Part(name, "image/svg+xml", figure.svg.strip().encode(), part.package)
        vector = part.relate_to(drawn, RELATIONSHIP_TYPE.IMAGE)
        picture, _ = part.get_or_add_image(io.BytesIO(BLANK))
        width, height = (float(n) for n in SIZE.search(figure.svg).groups())  # type: ignore[union-attr]
        inside = xml.drawing((width, height), (self.count, picture, vector), figure.label, _described(figure))
        self.add(xml.paragraph(inside))


def _simple_parts(block: Block) -> Iterator[str]:
    """Blocks without a number."""
    if isinstance(block, Paragraph):
        yield xml.paragraph(xml.runs(block.text))
    elif isinstance(block, Heading):
        yield xml.paragraph(xml.run(block.text, xml.BOLD), properties="<w:keepNext/>")
    elif isinstance(block, Bullets):
        yield from (xml.paragraph(xml.runs(item), "ListBullet") for item in block.items)
    elif isinstance(block, Facts):
        if block.title:
            yield xml.paragraph(xml.run(block.title, xml.BOLD), properties="<w:keepNext/>")
        if block.rows:
            yield xml.facts_table(block)
            yield xml.paragraph("")
    elif isinstance(block, Prose):
        yield from prose_parts(block.html)
    elif isinstance(block, Missing):
        yield xml.paragraph(xml.run(f"{block.told}{f': {block.hint}' if block.hint else ''}", MISSING))
    elif isinstance(block, Listing):
        yield xml.paragraph(xml.run(ROWS))


def _described(figure: Figure) -> str:
    """The figure in words, from its drawing."""
    found = DESCRIBED.search(figure.svg)
    text = found[1].strip() if found else figure.title
    for entity, letter in ENTITIES.items():
        text = text.replace(entity, letter)
    return text


def _set_properties(document: Any, report: Report) -> None:
    day = datetime.fromisoformat(report.furniture.iso_date).replace(tzinfo=UTC)
    known = {
        "title": f"{report.cover.document}: {report.cover.title}"[:255],
        "author": report.authors[:255],
        "last_modified_by": "",
        "comments": report.description[:255],
        "keywords": report.keywords[:255],
        "language": "en-GB",
        "created": day,
        "modified": day,
        "revision": 1,
    }
    for name, value in known.items():
        setattr(document.core_properties, name, value)


def _set_page(document: Any, report: Report) -> None:
    """A4, and what stands at the head and foot of every page."""
    from docx.oxml import parse_xml
    from docx.shared import Mm, Pt

    page, furniture = document.sections[0], report.furniture
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin = page.bottom_margin = Mm(22)
    document.styles["Normal"].font.size = Pt(10)
    draft = " · DRAFT" if furniture.draft else ""
    page.header.paragraphs[0].text = f"{furniture.document} · {furniture.study_id} · version {furniture.version}{draft}"
    foot = page.footer.paragraphs[0]
    foot.text = f"{furniture.notice} · " if furniture.notice else ""
    field = f'<w:fldSimple {xml.SPACES} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    foot._p.append(parse_xml(field))  # noqa: SLF001  the library has no fields


def _without_clock(content: bytes, iso_date: str) -> bytes:
    """The same parts in a zip whose dates are the study's."""
    day = datetime.fromisoformat(iso_date)
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(held, "w") as after:
        for name in before.namelist():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            after.writestr(info, before.read(name))
    return held.getvalue()
