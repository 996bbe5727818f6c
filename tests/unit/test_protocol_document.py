"""The protocol document and its checklists: is all there, in order, and does it say what the protocol says?"""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
import yaml

from pass_engine.documents.blank import blank_run
from pass_engine.documents.encepp import QUESTIONS, TITLES, answer_checklist
from pass_engine.documents.harper import harper_tables
from pass_engine.documents.protocol_document import make_document
from pass_engine.documents.write import write_protocol_document, write_record_pe
from pass_engine.errors import ReportError
from pass_engine.protocol import load_protocol
from pass_engine.protocol.models import StudyText
from pass_engine.report import build_report
from pass_engine.report.assemble import blocks_of
from pass_engine.report.context import Context
from pass_engine.report.model import Table
from pass_engine.report.pdf import to_html
from pass_engine.terms import TO_BE_COMPLETED
from tests.unit.report_fixture import Plan, build_run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLAIN = HERE / "report_protocols" / "full"
HEADINGS = (HERE / "data" / "protocol_headings.txt").read_text(encoding="utf-8").splitlines()
EMPTIED = yaml.safe_load((HERE / "data" / "encepp_emptied.yaml").read_text(encoding="utf-8"))
TITLE_PAGE = (
    "Title", "Protocol version identifier", "Date of last version of the protocol", "EU PAS register number",
    "Active substance", "Medicinal product", "Product reference", "Procedure number",
    "Marketing authorisation holder(s)", "Joint PASS", "Research question and objectives", "Country(-ies) of study",
    "Author",
)  # fmt: skip
ABSTRACT = (
    "Title", "Rationale and background", "Research question and objectives", "Study design", "Population", "Variables",
    "Data sources", "Study size", "Data analysis", "Milestones",
)  # fmt: skip
WRITE = (
    "import sys; from pathlib import Path; from pass_engine.documents import write_protocol_document as write; "
    "from pass_engine.protocol import load_protocol; write(load_protocol(Path(sys.argv[1])), Path(sys.argv[2]))"
)


def edited(folder, change):
    """A copy of the plain protocol in which ``change`` has edited the YAML; every text it names is written."""
    shutil.copytree(PLAIN, folder)
    content = yaml.safe_load((folder / "protocol.yaml").read_text(encoding="utf-8"))
    change(content)
    for key, name in content["study"].get("text", {}).items():
        if not (folder / name).exists():
            (folder / name).write_text(f"What people wrote of {key}.\n", encoding="utf-8")
    (folder / "protocol.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return folder


def fill(content):
    """Fill in whatever a checklist asks of a protocol."""
    study = content["study"]
    study["text"] = {key: f"text/{key}.md" for key in StudyText.model_fields}
    events = ("start_of_data_collection", "end_of_data_collection", "registration", "progress_report",
              "interim_report", "final_report")  # fmt: skip
    day = study["date"]
    study["milestones"] = [
        {"event": event, "planned": dt.date(day.year, day.month, n)} for n, event in enumerate(events, 1)
    ]
    study["objectives"][0]["hypothesis"] = "The rate on ocrelizumab is twice that on platform treatment"
    study["objectives"][1]["hypothesis"] = "none"
    content["quality"] = {
        "gates": [{"indicator": "event_onset_known", "at_least": 95, "action": "flag", "why": "Onset"}]
    }
    content["analyses"].append({
        "id": "no-merging", "kind": "sensitivity", "of": "main",
        "change": {"outcomes.serious_infection.same_event_days": 0}, "why": "Each report an event",
    })  # fmt: skip


def take_away(content, path):
    """Empty one field of a protocol."""
    section, _, rest = path.partition(".")
    if section == "analyses":
        content["analyses"] = [a for a in content["analyses"] if a["kind"] != rest]
    elif rest.startswith("milestones."):
        event = rest.partition(".")[2]
        content["study"]["milestones"] = [m for m in content["study"]["milestones"] if m["event"] != event]
    elif rest.startswith("text."):
        del content["study"]["text"][rest.partition(".")[2]]
    else:
        content[section][rest] = []


def answers_of(folder):
    return {a.question.number: a.verdict for a in answer_checklist(load_protocol(folder))}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return edited(tmp_path_factory.mktemp("filled") / "study", fill)


@pytest.fixture(scope="module")
def written(filled):
    """The folder of documents of the filled protocol, made in a process of its own."""
    out = filled.parent / "out"
    subprocess.run([sys.executable, "-c", WRITE, str(filled), str(out)], check=True, cwd=ROOT)
    return out


def tables_of(document):
    return [block for section in document.sections for block in blocks_of(section) if isinstance(block, Table)]


def headings_of(sections):
    for section in sections:
        yield f"{section.number} {section.title}"
        yield from headings_of(section.sections)


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def pages_of(pdf):
    told = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return [" ".join(page.split()) for page in told.split("\f")[:-1]]


needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
needs_qpdf = pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")


def test_headings_are_those_of_the_format_in_order() -> None:
    document = make_document(load_protocol(PLAIN), ())
    assert list(headings_of(document.sections)) == HEADINGS
    assert tuple(term for term, _ in document.cover.facts.rows) == TITLE_PAGE
    abstract = next(s for s in document.sections if s.number == "4")
    assert tuple(b.text for b in abstract.blocks if b.kind == "heading") == ABSTRACT


def test_bookmarks_are_the_headings(written) -> None:
    with pikepdf.open(written / "protocol.pdf") as pdf, pdf.open_outline() as outline:
        told = [item for root in outline.root for item in (root, *root.children)]
        titles = [item.title for item in told]
    wanted = [h for h in HEADINGS if h.split()[0].count(".") < 2]
    dotted = [f"{h.split()[0]}. {h.partition(' ')[2]}" if h.split()[0].isdigit() else h for h in wanted]
    assert [t for t in titles if t not in ("List of tables", "List of figures")] == dotted


def test_what_nobody_wrote_is_to_be_completed_and_makes_a_draft() -> None:
    document = make_document(load_protocol(PLAIN), ())
    html = to_html(document)
    assert document.furniture.draft
    for number in ("9.10", "13"):
        section = next(s for s in _all(document.sections) if s.number == number)
        assert [b.kind for b in section.blocks] == ["missing"], number
    assert html.count(TO_BE_COMPLETED) > 20


def _all(sections):
    for section in sections:
        yield section
        yield from _all(section.sections)


def test_every_text_is_printed_where_it_belongs(filled) -> None:
    document = make_document(load_protocol(filled), ())
    places = {}
    for section in _all(document.sections):
        for block in section.blocks:
            if block.kind == "prose":
                places[block.html.strip().removeprefix("<p>What people wrote of ").removesuffix(".</p>")] = (
                    section.number
                )
    of_report = {"key_results", "interpretation", "generalisability", "other_information", "conclusion"}
    assert set(StudyText.model_fields) - set(places) == of_report | {"rationale", "limitations"}
    assert places["responsible_parties"] == "3"
    assert places["data_sources"] == places["linkage"] == "9.4"
    assert places["ethics"] == places["ethics_outcome"] == places["data_protection"] == "10"
    assert places["other_aspects"] == "9.10"


def test_every_question_of_the_checklist_is_asked_once_in_order() -> None:
    numbers = [q.number for q in QUESTIONS]
    by_section = [sum(int(n.partition(".")[0]) == section for n in numbers) for section in range(1, 16)]
    assert by_section == [6, 5, 5, 7, 6, 4, 3, 1, 10, 8, 3, 4, 3, 1, 2]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda n: [int(part) for part in n.split(".")])
    assert {int(n.partition(".")[0]) for n in numbers} == set(TITLES) == set(range(1, 16))


@pytest.fixture(scope="module")
def full_answers(filled):
    return answers_of(filled)


def test_a_filled_protocol_answers_yes_but_to_what_no_text_can_say(full_answers) -> None:
    not_yes = {number: verdict for number, verdict in full_answers.items() if verdict != "Yes"}
    assert not_yes == {"5.4": "No"}


@pytest.mark.parametrize("case", EMPTIED, ids=[case["remove"] for case in EMPTIED])
def test_answers_change_when_a_field_is_emptied(case, full_answers, tmp_path) -> None:
    folder = edited(tmp_path / "study", lambda content: (fill(content), take_away(content, case["remove"])))
    after = answers_of(folder)
    changed = {number: verdict for number, verdict in after.items() if verdict != full_answers[number]}
    assert changed == {str(number): verdict for number, verdict in case["answers"].items()}


def test_answers_name_sections_that_the_document_has(filled) -> None:
    document = make_document(load_protocol(filled), ())
    numbers = {section.number for section in _all(document.sections)}
    assert {q.section for q in QUESTIONS} <= numbers


def test_no_shell_shows_a_number() -> None:
    document = make_document(load_protocol(PLAIN), ())
    shells = next(s for s in _all(document.sections) if s.number == "A3.3")
    tables = [b for b in blocks_of(shells) if isinstance(b, Table)]
    assert len(tables) > 20
    for table in tables:
        assert table.lines, table.key
        numeric = [n for n, column in enumerate(table.columns) if column.numeric]
        for line in table.lines:
            assert not [line.cells[n].text for n in numeric if line.cells[n].text], table.key
        assert not any("withheld" in cell.text for line in table.lines for cell in line.cells), table.key


def test_shells_describe_the_studys_own_variables(tmp_path) -> None:
    def change(content):
        content["data"]["extras"] = [
            {"name": "x_smoker", "table": "person", "kind": "code", "meaning": "Smoker", "values": ["yes", "no"],
             "at_entry": True},
            {"name": "x_bmi", "table": "person", "kind": "number", "meaning": "BMI", "bands": [18.5, 25],
             "at_entry": True},
        ]  # fmt: skip

    document = make_document(load_protocol(edited(tmp_path / "study", change)), ())
    shell = next(t for t in tables_of(document) if t.key == "baseline")
    names = [line.cells[0].text for line in shell.lines]
    place = names.index("Smoker")
    assert names[place : place + 4] == ["Smoker", "No", "Yes", "Missing"]
    assert names[names.index("BMI") + 1] == "<18.5"


def test_harper_has_its_thirteen_tables(filled) -> None:
    tables = harper_tables(Context(blank_run(load_protocol(filled))))
    assert [t.title.partition(":")[0] for t in tables] == [f"HARPER table {n}" for n in range(1, 14)]
    content = {line.cells[0].text: line.cells[1].text for line in tables[1].lines if line.role == "body"}
    assert content["Objective"].startswith("What is the incidence of malignancy")
    assert content["Hypothesis"] == "No a priori hypothesis"
    order = [(line.cells[0].text, line.cells[2].text) for t in tables[3:5] for line in t.lines]
    assert order == [
        ("Confirmed MS or CIS", "1"), ("Adults only", "2"), ("A year in which use and outcomes could be seen", "3"),
        ("New users", "4"),
    ]  # fmt: skip


def test_an_objective_may_name_the_analyses_that_answer_it(tmp_path) -> None:
    def change(content):
        content["study"]["objectives"][0]["analyses"] = ["infection-ratio"]

    protocol = load_protocol(edited(tmp_path / "study", change))
    question = harper_tables(Context(blank_run(protocol)))[1]
    own = {line.cells[0].text: line.cells[1].text for line in question.lines[1:10]}
    assert own["Outcome"] == "Serious infection"
    assert own["Exposure"] == "Ocrelizumab"
    assert own["Comparator"] == "Interferon beta or glatiramer acetate"
    assert own["Main measure of effect"] == "crude rate ratio"


def test_catalogue_metadata_say_what_is_known_and_leave_open_what_is_not(written, filled) -> None:
    record = json.loads((written / "catalogue_study.json").read_text(encoding="utf-8"))
    groups = record["groups"]
    assert list(groups) == [
        "Study identification", "Administrative details", "Methodological aspects", "Data management",
    ]  # fmt: skip
    methods = groups["Methodological aspects"]
    assert methods["Substance (INN)"]["value"] == ["ocrelizumab"]
    assert methods["ATC code"]["value"] == ["L04AG08"]
    assert methods["Age groups"]["value"] == [
        "Adults (18 to < 46 years)", "Adults (46 to < 65 years)", "Adults (65 to < 75 years)",
        "Adults (75 to < 85 years)", "Adults (85 years and over)",
    ]  # fmt: skip
    assert groups["Study identification"]["EU PAS number"]["value"] == []
    assert groups["Administrative details"]["Funding"]["value"] == []
    assert record["protocol"] == load_protocol(filled).digest
    table = rows(written / "catalogue_study.csv")
    assert {(r["group"], r["element"]) for r in table} == {(g, e) for g, inner in groups.items() for e in inner}
    assert [r["value"] for r in table if r["element"] == "EU PAS number"] == [""]


@needs_poppler
def test_record_pe_gives_the_pages_of_the_protocol(written) -> None:
    found = {r["item"]: r for r in rows(written / "record_pe_checklist.csv")}
    pages = pages_of(written / "protocol.pdf")
    assert found["4.b"]["section"] == "9.1"
    assert "9.1 Study design" in pages[int(found["4.b"]["page"]) - 1]
    assert found["13"]["reported"] == "N/A"
    assert found["7.1.e"]["reported"] == "N/A"
    assert found["6.3"]["reported"] == "Yes"


@needs_poppler
def test_record_pe_gives_the_pages_of_the_report(tmp_path) -> None:
    folder = build_run(tmp_path / "run", Plan(registries=("cz", "dk"), strata=("sex",), measures=("eair", "eaer")))
    with pytest.raises(ReportError, match=r"PE801 .*report\.pdf"):
        write_record_pe(folder, tmp_path / "out")
    pages = pages_of(build_report(folder))
    found = {r["item"]: r for r in rows(write_record_pe(folder, tmp_path / "out"))}
    assert "10.1 Participants" in pages[int(found["13"]["page"]) - 1]
    assert (found["18"]["reported"], found["18"]["page"]) == ("No", "–")  # nobody wrote the discussion
    assert found["19"]["reported"] == "Yes"
    assert found["22.1"]["section"] == "Annex 1, A2.5"
    assert all("A2.5 Programs" in pages[int(p) - 1] for p in found["22.1"]["page"].split(", ")[1:])


def test_two_processes_write_the_same_bytes(written, filled, tmp_path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(filled, moved)
    env = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", WRITE, str(moved), str(tmp_path / "out")], check=True, cwd=ROOT, env=env)
    names = sorted(p.name for p in written.iterdir())
    assert names == sorted(p.name for p in (tmp_path / "out").iterdir())
    assert len(names) == 19
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (written / name).read_bytes(), name


@needs_qpdf
def test_qpdf_finds_no_fault(written) -> None:
    told = subprocess.run(["qpdf", "--check", str(written / "protocol.pdf")], check=False, capture_output=True)
    assert told.returncode == 0


def test_a_checker_of_accessibility_finds_nothing(written) -> None:
    checker = Path(sys.executable).with_name("pdfua")
    if not checker.exists():
        pytest.skip("pdfua is not installed")
    told = subprocess.run([str(checker), "check", str(written / "protocol.pdf")], check=False, capture_output=True)
    assert told.returncode == 0, told.stdout


def test_the_pdf_is_pdf_a_and_pdf_ua_and_holds_its_files(written) -> None:
    with pikepdf.open(written / "protocol.pdf") as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert 'pdfuaid:part="1"' in metadata
        assert 'conformance="A"' in metadata
        inside = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    assert "protocol.zip" in inside
    for name, content in inside.items():
        assert (written / name).read_bytes() == content, name


def test_prose_does_nothing_and_long_and_foreign_words_are_printed(tmp_path) -> None:
    def change(content):
        content["study"]["text"]["ethics"] = "text/ethics.md"
        content["study"]["authors"] = [{"name": "Ελένη Παπαδοπούλου", "affiliation": "Клиника"}]
        content["exposures"]["platform"]["label"] = "Very long name " * 26

    folder = edited(tmp_path / "study", change)
    (folder / "text/ethics.md").write_text(
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)> ![x](http://example.org/x) [y](javascript:alert(3))"
    )
    write_protocol_document(load_protocol(folder), tmp_path / "out")
    html = to_html(make_document(load_protocol(folder), ()))
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "Ελένη Παπαδοπούλου, Клиника" in html
    assert ("Very long name " * 26).strip() in html


def test_letters_without_a_font_are_refused_with_their_place(tmp_path) -> None:
    folder = edited(tmp_path / "study", lambda content: content["study"].update(title="\u4e2d\u6587"))
    with pytest.raises(ReportError) as caught:
        write_protocol_document(load_protocol(folder), tmp_path / "out")
    assert "study/protocol.yaml:5:10  study.title\n  found    U+4E2D, U+6587\n" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_study_of_states_in_one_registry_has_its_document_too() -> None:
    document = make_document(load_protocol(ROOT / "protocols" / "stanford-heart"), ())
    assert "A3.3.1 Report, 10.1 Participants" in list(headings_of(document.sections))
