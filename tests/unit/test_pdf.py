"""Is the PDF whole, accessible, marked, and the same every time?"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from pass_engine.errors import ReportError
from pass_engine.report import build_report
from pass_engine.report.pdf import check_characters, outline
from pass_engine.terms import SYNTHETIC_NOTICE
from tests.unit.report_fixture import HEART, Plan, build_run

ROOT = Path(__file__).resolve().parents[2]
SMALL = Plan(registries=("cz", "dk", "fr"), absent=("fr",), strata=("sex",), measures=("eair", "eaer"))
BUILD = (
    "import sys; from pathlib import Path; from pass_engine.report import build_report; build_report(Path(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run folder with its report, rendered in a process of its own."""
    folder = build_run(tmp_path_factory.mktemp("pdf") / "run", SMALL)
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], check=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def pdf(made):
    with pikepdf.open(made / "report.pdf") as opened:
        yield opened


def pages_of(path: Path) -> list[str]:
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return told.split("\f")[:-1]


needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
needs_qpdf = pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(made, tmp_path) -> None:
    """Of a larger report; ``tests/e2e/test_same_bytes`` holds it of a small one."""
    again = tmp_path / "elsewhere"
    shutil.copytree(made, again)
    first = (made / "report.pdf").read_bytes()
    (again / "report.pdf").unlink()
    subprocess.run([sys.executable, "-c", BUILD, str(again)], check=True, cwd=ROOT, env={"TZ": "Pacific/Auckland"})
    assert (again / "report.pdf").read_bytes() == first


@needs_qpdf
def test_qpdf_finds_no_fault(made) -> None:
    assert (
        subprocess.run(["qpdf", "--check", str(made / "report.pdf")], check=False, capture_output=True).returncode == 0
    )


@needs_poppler
def test_every_page_says_that_data_are_synthetic_and_how_many_pages_there_are(made) -> None:
    pages = pages_of(made / "report.pdf")
    assert len(pages) > 15
    for number, text in enumerate(pages, start=1):
        assert SYNTHETIC_NOTICE in text, number
        assert f"Page {number} of {len(pages)}" in text


@needs_poppler
def test_contents_name_the_page_a_section_is_on(made) -> None:
    pages = pages_of(made / "report.pdf")
    contents = next(line for line in pages[1].splitlines() if "Main results" in line)
    number = int(contents.split()[-1])
    assert "10.4 Main results" in " ".join(pages[number - 1].split())


@needs_poppler
def test_a_table_that_runs_on_says_so_and_one_that_ends_does_not(made) -> None:
    pages = pages_of(made / "report.pdf")
    begins = {}
    for number, text in enumerate(pages):
        for label in re.findall(r"^\s*(Table A?[\d.]+-\d+)\. ", text, re.MULTILINE):
            begins[label] = number
    runs_on = [
        (number, label) for number, text in enumerate(pages) for label in re.findall(r"(Table \S+), continued", text)
    ]
    assert len(runs_on) > 3
    for number, label in runs_on:
        assert begins[label] < number
        assert number == begins[label] + 1 or (number - 1, label) in runs_on


def test_fonts_are_embedded_and_none_is_the_systems(pdf) -> None:
    fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font
    used = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
    assert all("/ToUnicode" in font for font in used if font.Subtype == "/Type0")
    assert {str(font.Subtype) for font in used} == {"/Type0", "/CIDFontType2"}
    for font in fonts:
        assert "Source-Sans-3" in str(font["/FontName"])


def test_properties_and_dates_are_those_of_the_study(pdf) -> None:
    info = pdf.docinfo
    assert str(info["/Title"]).startswith("Final study report: Serious infections")
    assert str(info["/CreationDate"]).startswith("D:20260901")
    assert str(info["/ModDate"]) == str(info["/CreationDate"])
    assert str(pdf.Root.Lang) == "en"


def test_it_declares_pdf_a_and_pdf_ua(pdf) -> None:
    metadata = pdf.Root.Metadata.read_bytes().decode()
    assert 'part="3"' in metadata
    assert 'conformance="A"' in metadata
    assert 'pdfuaid:part="1"' in metadata
    assert metadata.count("<rdf:RDF") == 1
    assert pdf.Root.MarkInfo.Marked


def test_tables_have_scoped_heads_and_figures_a_text(pdf) -> None:
    parts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]
    heads = [p for p in parts if p.S == "/TH"]
    assert heads
    assert all(p.A.get("/Scope") in ("/Column", "/Row") for p in heads)
    figures = [p for p in parts if p.S == "/Figure"]
    assert figures
    assert all(str(p.Alt) for p in figures)


def test_results_manifest_protocol_and_sql_are_attached(pdf, made) -> None:
    assert list(pdf.attachments) == [
        "attrition.csv", "baseline.csv", "comparison.csv", "data_dictionary.csv", "incidence.csv", "index.csv",
        "manifest.json", "participation.csv", "protocol.zip", "quality.csv", "sql.zip", "standard_weights.csv",
    ]  # fmt: skip
    attached = pdf.attachments["incidence.csv"].get_file().read_bytes()
    assert attached == (made / "results" / "incidence.csv").read_bytes()


def test_bookmarks_follow_the_headings(pdf) -> None:
    with pdf.open_outline() as outlines:
        titles = [item.title for item in outlines.root]
    assert titles[0] == "Table of contents"
    assert "10. Results" in titles
    assert "Annex 2 Additional information" in titles


def test_a_checker_of_accessibility_finds_nothing(made) -> None:
    checker = Path(sys.executable).with_name("pdfua")
    if not checker.exists():
        pytest.skip("pdfua is not installed")
    told = subprocess.run(
        [str(checker), "check", str(made / "report.pdf")], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout


@needs_poppler
def test_without_synthetic_data_no_page_says_so(tmp_path) -> None:
    pages = pages_of(build_report(build_run(tmp_path / "run", HEART)))
    assert not [page for page in pages if "Synthetic" in page]
    assert all("DRAFT" in page for page in pages[1:])


def test_a_character_without_a_glyph_is_refused() -> None:
    with pytest.raises(ReportError) as caught:
        check_characters("<p>\u4e2d</p>")
    assert str(caught.value) == (
        "PE816 report\n"
        "  found    U+4E2D\n"
        "  problem  the fonts of the report hold no such character\n"
        "  mend     write it in Latin, Greek or Cyrillic letters in the protocol, its prose or its code lists"
    )


def test_the_draft_mark_is_drawn_and_no_text() -> None:
    assert outline("DRAFT", 100.0).path.startswith("M")
