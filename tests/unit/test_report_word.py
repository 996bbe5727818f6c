"""Is the review copy whole, a sound Word document, and the same every time?"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.reading import read_run
from pass_engine.report.word import write_docx
from pass_engine.report.word_prose import prose_parts
from pass_engine.report.word_xml import SPACES
from pass_engine.terms import SYNTHETIC_NOTICE
from tests.unit.report_fixture import Plan, build_run
from tests.unit.test_report_page import HOSTILE, spoil

ROOT = Path(__file__).resolve().parents[2]
PLAN = Plan(registries=("cz", "dk", "fr"), absent=("fr",), strata=("age", "sex", "calendar"))
WRITE = (
    "import sys; from pathlib import Path; from pass_engine.report.reading import read_run;"
    "from pass_engine.report.assemble import assemble; from pass_engine.report.word import write_docx;"
    "write_docx(assemble(read_run(Path(sys.argv[1]))), Path(sys.argv[2]))"
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ORDER = {  # of ECMA-376 part 1, 17.3.2.28, 17.3.1.26, 17.4.60: children as far as they are used here
    "rPr": ["rStyle", "rFonts", "b", "i", "strike", "color", "sz"],
    "pPr": ["pStyle", "keepNext", "spacing", "jc"],
    "tblPr": ["tblStyle", "tblW", "tblBorders", "tblLayout", "tblCellMar"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_run(tmp_path_factory.mktemp("word") / "run", PLAN)


@pytest.fixture(scope="module")
def report(folder):
    return assemble(read_run(folder))


@pytest.fixture(scope="module")
def file(report, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("word") / "report.docx"
    write_docx(report, target)
    return target


@pytest.fixture(scope="module")
def document(file):
    import docx

    return docx.Document(str(file))


@pytest.fixture(scope="module")
def body(file) -> ET.Element:
    with zipfile.ZipFile(file) as archive:
        return ET.fromstring(archive.read("word/document.xml"))


def test_two_processes_write_the_same_bytes(folder, file, tmp_path) -> None:
    target = tmp_path / "again.docx"
    environment = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", WRITE, str(folder), str(target)], check=True, cwd=ROOT, env=environment)
    assert target.read_bytes() == file.read_bytes()


def test_its_dates_are_those_of_the_study(file, document) -> None:
    properties = document.core_properties
    assert {str(properties.created.date()), str(properties.modified.date())} == {"2026-09-01"}
    assert properties.title.startswith("Final study report: ")
    with zipfile.ZipFile(file) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 9, 1, 0, 0, 0)}


def test_headings_are_those_of_the_report(report, document) -> None:
    def titles(sections):
        for section in sections:
            yield f"Heading {section.level}", f"{section.number}{'.' if section.dotted else ''} {section.title}"
            yield from titles(section.sections)

    found = [(p.style.name, p.text) for p in document.paragraphs if re.match(r"Heading [1-3]", p.style.name)]
    assert found == list(titles(report.sections))


def test_tables_hold_the_cells_of_the_report(report, document) -> None:
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert sorted(captions) == sorted(f"{block.label}. {block.title}" for block in (*report.tables, *report.figures))
    heads = {tuple(cell.text for cell in t.rows[-1].cells) for t in document.tables}
    for table in report.tables:
        for line in table.lines[-1:]:
            if line.role != "group":
                assert tuple("\n".join((c.text, *c.below)) for c in line.cells) in heads


def test_heads_of_tables_are_repeated(report, body) -> None:
    assert len(body.findall(f".//{W}tblHeader")) >= sum(bool(t.lines) for t in report.tables)


def test_figures_are_drawings_with_a_text(report, file, body) -> None:
    with zipfile.ZipFile(file) as archive:
        drawn = [n for n in archive.namelist() if n.endswith(".svg")]
        types = archive.read("[Content_Types].xml").decode()
        for name in drawn:
            assert ET.fromstring(archive.read(name)).tag == "{http://www.w3.org/2000/svg}svg"
    assert len(drawn) == len(report.figures)
    assert types.count("image/svg+xml") >= 1
    told = [e.attrib["descr"] for e in body.iter() if e.tag.endswith("}docPr")]
    assert len(told) == len(report.figures)
    assert all(len(text) > 20 for text in told)


def test_links_have_their_places_and_identifiers_are_used_once(body) -> None:
    names = [e.attrib[f"{W}name"] for e in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    targets = {e.attrib[f"{W}anchor"] for e in body.iter(f"{W}hyperlink")}
    assert targets
    assert targets <= set(names)
    numbers = [e.attrib[f"{W}id"] for e in body.iter(f"{W}bookmarkStart")]
    assert len(numbers) == len(set(numbers))


def test_properties_stand_in_the_order_of_the_schema(body) -> None:
    for name, order in ORDER.items():
        for element in body.iter(f"{W}{name}"):
            places = [order.index(child.tag.removeprefix(W)) for child in element]
            assert places == sorted(places)


def test_every_page_says_draft_and_synthetic(document) -> None:
    page = document.sections[0]
    assert page.header.paragraphs[0].text.endswith("DRAFT")
    assert SYNTHETIC_NOTICE in page.footer.paragraphs[0].text


def test_what_people_write_is_text(tmp_path) -> None:
    import docx

    target = tmp_path / "report.docx"
    write_docx(assemble(read_run(spoil(build_run(tmp_path / "run", PLAN)))), target)
    texts = [p.text for p in docx.Document(str(target)).paragraphs]
    assert any(HOSTILE in text for text in texts)
    with zipfile.ZipFile(target) as archive:
        assert b"<script" not in archive.read("word/document.xml")


def test_prose_keeps_its_lists_headings_tables_and_emphasis() -> None:
    html = (
        "<h4>Head</h4><p>One <strong>bold</strong> and <em>slanted</em>\nline.</p>"
        "<ol><li>first</li><li><p>second</p></li></ol>"
        "<ul><li>point</li></ul><pre><code>a\nb</code></pre><table><tr><th>h</th></tr><tr><td>c</td></tr></table>"
    )
    parts = [
        ET.fromstring(p if p.startswith("<w:tbl") else p.replace("<w:p>", f"<w:p {SPACES}>", 1))
        for p in prose_parts(html)
    ]

    def text(part):
        return "".join("\n" if e.tag == f"{W}br" else e.text or "" for e in part.iter() if e.tag in {f"{W}t", f"{W}br"})

    def style(part):
        found = part.find(f"{W}pPr/{W}pStyle")
        return found.attrib[f"{W}val"] if found is not None else part.tag.removeprefix(W)

    assert [(style(p), text(p)) for p in parts] == [
        ("Heading4", "Head"),
        ("p", "One bold and slanted line."),
        ("ListNumber", "first"),
        ("ListNumber", "second"),
        ("ListBullet", "point"),
        ("p", "a\nb"),
        ("tbl", "hc"),
    ]
    assert len(parts[1].findall(f".//{W}b")) == len(parts[1].findall(f".//{W}i")) == 1
