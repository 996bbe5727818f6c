"""From the report's model to one PDF file: tagged PDF/A-3a and PDF/UA-1, the same bytes every time."""

from __future__ import annotations

import base64
import gc
import io
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.report.model import LINK_END, LINK_START, LINK_TO
from pass_engine.report.printable import MEND, PROBLEM, font_folder, strange_letters
from pass_engine.report.tables.definitions import LATER
from pass_engine.report.templates import load_environment, render
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from markupsafe import Markup

    from pass_engine.report.attachments import AttachedFile
    from pass_engine.report.model import Furniture, Report

VARIANT: Final = "pdf/a-3a"
FACES: Final = (
    ("Regular", 400, "normal"),
    ("It", 400, "italic"),
    ("Semibold", 600, "normal"),
    ("SemiboldIt", 600, "italic"),
)
ROW: Final = "R-"
"""How identifiers of results rows begin: links to them look like the text around them."""
LINK: Final = re.compile(f"{LINK_START}([^{LINK_END}]+){LINK_TO}([^{LINK_END}]+){LINK_END}")


@dataclass(frozen=True)
class Face:
    """One font file."""

    url: str
    weight: int
    style: str


@dataclass(frozen=True)
class Outline:
    """A word as one path, and how far to move it so that its middle lies on the origin."""

    path: str
    left: str
    drop: str


def to_html(report: Report) -> str:
    """The report as one HTML text."""
    load_environment().filters["refer"] = refer
    return render("report.html.j2", report=report, to_be_completed=TO_BE_COMPLETED, later=LATER)


def refer(text: str) -> Markup:
    """Turn the links that assembling marked into links of the page; everything else is escaped."""
    from markupsafe import Markup, escape

    parts: list[Markup] = []
    end = 0
    for match in LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        of_number = match[2].startswith(ROW)
        parts.append(
            Markup('<a class="{}" href="#{}">{}</a>').format("num" if of_number else "ref", match[2], match[1])
        )
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def to_css(furniture: Furniture) -> str:
    """The style sheet, with the fonts, the page furniture and, for a draft, the mark across the page."""
    faces = [
        Face((font_folder() / f"SourceSansPro-{name}.ttf").as_uri(), weight, style) for name, weight, style in FACES
    ]
    return render("report.css.j2", fonts=faces, furniture=in_quotes(furniture), watermark=_watermark(furniture))


def in_quotes(furniture: Furniture) -> dict[str, Any]:
    """Texts of the furniture as the inside of CSS strings."""
    from markupsafe import Markup

    def quote(text: str) -> Markup:
        return Markup("".join(f"\\{ord(c):06x}" if c in '"\\<>&\n' else c for c in text))  # noqa: S704  escaped here

    values = {
        "study_id": furniture.study_id,
        "document": furniture.document,
        "version": furniture.version,
        "digest": furniture.digest,
        "digest_of": furniture.digest_of,
        "notice": furniture.notice,
    }
    return {**{key: quote(value) for key, value in values.items()}, "draft": furniture.draft}


def _watermark(furniture: Furniture) -> str:
    if not furniture.draft:
        return ""
    svg = render("watermark.svg.j2", mark=outline("DRAFT", 210.0))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def outline(word: str, size: float) -> Outline:
    """A word drawn as one path, so that it is no text and cannot mix with the text it lies under."""
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.ttLib import TTFont

    font = TTFont(font_folder() / "SourceSansPro-Semibold.ttf")
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    scale = size / font["head"].unitsPerEm
    pen, x = SVGPathPen(glyphs, lambda value: f"{value:.1f}"), 0.0
    for character in word:
        glyph = glyphs[names[ord(character)]]
        glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, x, 0)))
        x += glyph.width * scale
    height = font["OS/2"].sCapHeight * scale
    return Outline(pen.getCommands(), f"{-x / 2:.1f}", f"{height / 2:.1f}")


def write_pdf(report: Report, attachments: Iterable[AttachedFile], target: Path) -> None:
    """Render the report and write it. The dates in the file are the study's; there is no clock.

    A document without a date holds none, and no attachments, which need one.
    """
    html, css = to_html(report), to_css(report.furniture)
    check_characters(html)
    library = _load_library()
    date = report.furniture.iso_date
    day = datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
    attached = [
        library.Attachment(
            file_obj=io.BytesIO(f.content),
            name=f.name,
            description=f.title,
            created=day,
            modified=day,
            relationship="Data" if f.name.endswith(".csv") else "Supplement",
        )
        for f in attachments
    ]
    fonts = library.text.fonts.FontConfiguration()
    sheet = library.CSS(string=css, font_config=fonts, url_fetcher=_fetcher(library))
    with _rare_collections(), warnings.catch_warnings():
        document = library.HTML(string=html, url_fetcher=_fetcher(library)).render(
            font_config=fonts, stylesheets=[sheet], pdf_variant=VARIANT
        )
        _declare_accessible(document.metadata)
        # The library leaves the file of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        document.write_pdf(target, finisher=_scope_headers, pdf_variant=VARIANT, pdf_tags=True, attachments=attached)


RARE: Final = (200_000, 20, 20)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage rarely: of the millions of objects of a document nearly all live until it is written.

    Looking through them again and again takes a fifth of the time of a report of 80 pages.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*RARE)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _scope_headers(_document: Any, pdf: Any) -> None:
    """Say of every table header whether it heads a column or a row: by whether it stands in the table's head."""
    parts = {part.reference: part for part in _structure_of(pdf)}
    for part in parts.values():
        if part.get("S") == "/TH":
            part["A"]["Scope"] = "/Column" if _in_head(part, parts) else "/Row"


def _structure_of(pdf: Any) -> list[Any]:
    return [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/StructElem"]


def _in_head(part: Any, parts: dict[Any, Any]) -> bool:
    while part is not None and part["S"] != "/Table":
        if part["S"] == "/THead":
            return True
        part = parts.get(part["P"])
    return False


def check_library() -> None:
    """Are the system libraries there that the PDF needs? Raises ReportError where they are not."""
    _load_library()


def _load_library() -> Any:
    try:
        import weasyprint
        import weasyprint.text.fonts
    except OSError as error:
        raise ReportError(_no_library()) from error
    return weasyprint


def _no_library() -> Fault:
    return Fault(
        where="system libraries",
        path="pango, harfbuzz",
        found="not installed",
        problem="the PDF is made by WeasyPrint, which needs them",
        mend="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 fontconfig",
        code="PE820",
    )


def _fetcher(library: Any) -> Any:
    """Fetches font files and data inside the style sheet, and nothing else."""
    folder = font_folder().as_uri()

    class Fetcher(library.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(("data:", folder + "/")):
                raise ValueError("the report fetches nothing from outside")
            return super().fetch(url, headers)

    return Fetcher(allowed_protocols={"data", "file"})


ACCESSIBLE: Final = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def _declare_accessible(metadata: Any) -> None:
    """Say PDF/UA-1 inside the one RDF block, with the description that PDF/A asks for of a foreign schema."""
    generate = metadata.generate_rdf_metadata

    def with_accessibility(*args: Any) -> bytes:
        rdf: bytes = generate(*args)
        return rdf.replace(b"</rdf:RDF>", ACCESSIBLE)

    metadata.generate_rdf_metadata = with_accessibility


def check_characters(html: str) -> None:
    """Refuse characters that the report's fonts do not hold: a system font would step in and move bytes."""
    found = strange_letters(html)
    if found:
        mend = f"{MEND} in the protocol, its prose or its code lists"
        raise ReportError(Fault("report", "", found, PROBLEM, mend, "PE816"))
