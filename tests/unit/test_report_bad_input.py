"""Long labels, wide tables and letters of other scripts: a right page in each form of the report, or a clear error."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import docx
import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.model import Cell, Column, Line, Section, Table
from pass_engine.report.page import to_page
from pass_engine.report.pdf import to_html, write_pdf
from pass_engine.report.printable import strange_letters
from pass_engine.report.reading import read_run
from pass_engine.report.tables.layout import parts
from pass_engine.report.word import write_docx
from tests.unit.report_fixture import Plan, build_run

LABEL = " ".join(f"word{n:02d}" for n in range(1, 58)) + "ab"
"""Four hundred characters."""
NAMES = ("Ελληνικό μητρώο", "Реєстр пацієнтів", "Příliš žluťoučký kůň", "Đăng ký bệnh nhân", "Łódź, Ærø, İzmir")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(build_run(tmp_path_factory.mktemp("bad") / "run", Plan(registries=("cz",), strata=())))


@pytest.fixture(scope="module")
def report(run):
    """Only what is looked at: a long label, names of other scripts, and a table of 30 columns."""
    whole = assemble(run)
    columns = (Column("Step", 3.0, numeric=False), *(Column(f"col{n}", 1.0) for n in range(1, 31)))
    line = Line((Cell(LABEL), *(Cell(f"{n},000") for n in range(1, 31))))
    names = Table("names", "Names", (Column("Name", 1.0, numeric=False),), tuple(Line((Cell(n),)) for n in NAMES))
    tables = tuple(
        replace(t, number=str(n))
        for n, t in enumerate((*parts(Table("wide", LABEL, columns, (line,))), names), start=1)
    )
    sections = (Section("1", LABEL, tables),)
    return replace(whole, sections=sections, tables=tables, figures=())


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_pdf_prints_all_of_it(report, tmp_path) -> None:
    target = tmp_path / "x.pdf"
    write_pdf(report, (), target)
    told = subprocess.run(["pdftotext", "-layout", str(target), "-"], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(["pdftotext", str(target), "-"], check=True, capture_output=True, text=True).stdout
    for name in NAMES:
        assert name in told
    for n in range(1, 31):
        assert f"{n},000" in told
    assert len(LABEL) == 400
    for word in LABEL.split():
        assert word in squeezed(text), word


def test_the_page_and_the_word_document_hold_all_of_it(report, run, tmp_path) -> None:
    page = to_page(report, run)
    write_docx(report, tmp_path / "x.docx")
    document = docx.Document(tmp_path / "x.docx")
    held = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    held += [p.text for p in document.paragraphs]
    for text in (LABEL, *NAMES, *(f"{n},000" for n in range(1, 31))):
        assert text in page
        assert any(text in part for part in held), text


def test_letters_of_latin_greek_and_cyrillic_have_a_font_and_others_are_named() -> None:
    assert strange_letters("".join(NAMES)) == ""
    assert strange_letters("登録") == "U+767B, U+9332"
    assert strange_letters("سجل") == "U+062C, U+0633, U+0644"


def test_the_markup_of_a_table_is_that_of_the_golden_one(report) -> None:
    columns = (
        Column("Cohort", 2.0, numeric=False),
        Column("Drug\nN = 12", 1.0, source="R-000002", group="Arm"),
    )
    lines = (
        Line((Cell("Death"), Cell("")), role="group"),
        Line((Cell("CZ <b>"), Cell("3.10", ("(1.00–5.00)",), "R-000001"))),
        Line((Cell("Pooled"), Cell("withheld", source="R-000003", mark=True)), role="total"),
    )
    table = Table("golden", "Golden", columns, lines, ("A note.",), number="1-1")
    html = to_html(replace(report, sections=(Section("1", "Results", (table,)),), tables=(table,)))
    start = html.index('<section class="level-1')
    markup = re.sub(r"\s*\n\s*", "\n", html[start : html.index("</section>", start) + 10])
    assert re.sub(r' style="[^"]*"', "", markup) == GOLDEN


GOLDEN = """<section class="level-1 starts-page">
<h1 id="section-1"><span class="number">1.</span> Results</h1>
<div class="table-block keep" id="table-1-1">
<table>
<caption><span class="label">Table 1-1.</span> Golden</caption>
<colgroup><col><col></colgroup>
<thead>
<tr class="groups"><th colspan="1" scope="col"></th><th colspan="1" scope="col" class="spanned">Arm</th></tr>
<tr><th scope="col" class="w">Cohort</th><th scope="col" class="n">Drug
<a href="#R-000002">N = 12</a></th></tr>
</thead>
<tbody>
<tr class="group" data-continued="Table 1-1, continued"><th colspan="2" scope="rowgroup">Death</th></tr>
<tr>
<th scope="row" class="w">CZ &lt;b&gt;</th>
<td class="n"><a href="#R-000001">3.10<br><span class="below">(1.00–5.00)</span></a></td>
</tr>
<tr class="total">
<th scope="row" class="w">Pooled</th>
<td class="n mark">withheld</td>
</tr>
</tbody>
</table>
<p class="note">A note.</p></div>
</section>"""
