"""The dossier: is every table Q-0 to Q-15 there, does it say what is known and how, and that the rest is not?"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
import yaml

from pass_engine.documents import said
from pass_engine.documents.coverage import described
from pass_engine.documents.dossier import HEADINGS, make_dossier
from pass_engine.documents.evidence import read_evidence
from pass_engine.documents.measured import FITNESS, SETS
from pass_engine.documents.national import read_national, read_text
from pass_engine.errors import ReportError
from pass_engine.registry import about
from pass_engine.report.assemble import blocks_of
from pass_engine.report.model import Figure, Table
from pass_engine.report.pdf import to_html
from pass_engine.tables.indicators import indicators
from tests.unit.dossier_fixture import ABOUT, INDICATORS, make_run, record, state, write_rows

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLES = yaml.safe_load((HERE / "data" / "dossier_tables.yaml").read_text(encoding="utf-8"))
NATIONAL = (
    "registry,variable,level,percent,source\n"
    "cz,sex,female,68.5,Statistics 2023\n"
    "cz,sex,male,31.5,Statistics 2023\n"
    "cz,course,RRMS,80,Statistics 2021\n"
)
WRITE = (
    "import sys; from pathlib import Path; from pass_engine.documents import write_dossier as write; "
    "a = [Path(x) for x in sys.argv[1:]]; write([a[0]], a[1], a[2])"
)
NAMES = ("run", "out", "national.csv")
needs_qpdf = pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two registries, and the record of its re-run."""
    folder = make_run(tmp_path_factory.mktemp("dossier") / "run")
    record(folder)
    return folder


@pytest.fixture(scope="module")
def document(run):
    return make_dossier(read_evidence([run]), ())


@pytest.fixture
def copied(run, tmp_path):
    """A copy of the run, which a test may spoil."""
    shutil.copytree(run, tmp_path / "copied")
    return tmp_path / "copied"


def blocks(document, key):
    """The one table or figure of this key."""
    (found,) = (b for s in document.sections for b in blocks_of(s) if getattr(b, "key", "") == key)
    return found


def rows(document, key):
    """Lines of a table as text: cells with what stands below them."""
    return [[" | ".join((c.text, *c.below)) for c in line.cells] for line in blocks(document, key).lines]


def wanted(place, *, network):
    titles = (title if isinstance(title, str) else title[not network] for title in TABLES[f"Q-{place}"])
    return [title for title in titles if title]


def test_every_table_stands_under_its_heading_in_order(document) -> None:
    network, *registries = document.sections[4:]
    assert [s.title for s in (network, *registries)] == ["Network", "Synthetic registry CZ", "Synthetic registry DK"]
    for part in (network, *registries):
        assert [s.title for s in part.sections] == [f"Q-{n} {heading}" for n, heading in enumerate(HEADINGS)]
        for place, section in enumerate(part.sections):
            titles = [b.title for b in section.blocks if isinstance(b, (Table, Figure))]
            by_year = "by calendar year: not known" in " ".join(getattr(b, "text", "") for b in section.blocks).lower()
            expected = wanted(place, network=part is network)
            assert titles == ([] if by_year else expected), (part.title, place)


def test_only_a_registry_without_counts_by_year_has_no_heat_map(document) -> None:
    assert {f.key for f in document.figures} == {"q-05-years-network", "q-05-cz"}


def test_every_key_is_there_once_and_every_sentence_has_a_table(document) -> None:
    keys = [t.key for t in document.tables]
    assert len(keys) == len(set(keys))
    assert sum(t.empty != "" for t in document.tables) > 10
    assert all(t.empty.startswith(("Not known", "No rule", "Every", "No run")) for t in document.tables if t.empty)


def test_context_of_use_counts_indicators_kept_and_tells_the_claim(document) -> None:
    lines = rows(document, "q-00-measured-network")
    assert ["Persons", "1 of 2", "1 of 1"] in lines  # cz: date of birth kept, sex not; dk: sex alone measured
    assert ["Deaths", "not measured", "not measured"] in lines
    claims = [line[1:] for line in lines if line[0] == "Claimed to be fit?"]
    assert claims == [["not known", "not known"], ["conditional", "not known"], *[["not known", "not known"]] * 3]
    assert rows(document, "q-00-claims-cz") == [["Safety", "CZ", "Conditional", "Serious events only"]]
    assert blocks(document, "q-00-claims-dk").empty.startswith("Not known")


def test_sets_of_variables_name_indicators_that_there_are() -> None:
    assert {key for keys in SETS.values() for key in keys} <= set(indicators())
    assert {name for names in FITNESS.values() for name in names} == set(SETS)
    assert list(FITNESS) == list(said.STUDY_TYPES)


def test_words_stand_beside_the_registry_that_said_them(document) -> None:
    lines = rows(document, "q-01-network")
    assert lines[:3] == [["Legal entity", ""], ["CZ", "Foundation XY"], ["DK", said.NOT_KNOWN]]
    assert rows(document, "q-01-cz") == [["Legal entity", "Foundation XY"], ["Year of foundation", "1996"]]
    assert "nothing of legal entity, funding" in blocks(document, "q-01-dk").empty
    assert "funding, contact, website" in blocks(document, "q-01-cz").notes[0]
    assert rows(document, "q-12-said-cz")[-1] == [
        "Agreement of exposure with dispensing or prescriptions (kappa)", "Kappa 0.91 (2021)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "printed"),
    [
        (about.Governance, {*said.GOVERNANCE}),
        (about.Consent, {*said.CONSENT}),
        (about.Coverage, {*said.COVERAGE, "centres", "centres_in_all"}),
        (
            about.Collection,
            {*said.FOLLOW_UP, *said.VERIFICATION, *said.DICTIONARY, *said.CHECKS, *said.LAG, *said.EXPOSURE},
        ),
        (about.Safety, {*said.SAFETY, "benchmark_per_100_years", "benchmark_source"}),
    ],
)
def test_everything_that_a_registry_can_say_is_printed(model, printed) -> None:
    assert set(model.model_fields) == printed


def test_coverage_is_that_of_the_indicator_and_its_source_is_told(document) -> None:
    cz, dk = rows(document, "q-03-coverage-network")
    assert cz == [
        "Synthetic registry CZ | Czechia; data to 31 December 2024", "1,800", "80", "60", "160", "50.0", "12", "14",
    ]  # fmt: skip
    assert dk[1:] == ["1,500", *["not known"] * 6]
    assert rows(document, "q-03-figures-network") == [["CZ", "Persons with the disease", "National register, 2023"]]
    assert rows(document, "q-03-measured-network")[0][2:] == ["50.0", "not stated"]


def test_persons_by_year_of_entry_are_those_of_one_variable(document) -> None:
    assert rows(document, "q-03-entries-network") == [["2015", "40", "–"], ["2016", "60", "–"]]
    assert blocks(document, "q-03-entries-dk").empty.startswith("Not known")


def test_national_statistics_stand_beside_each_cohort(run, tmp_path) -> None:
    (tmp_path / "national.csv").write_text(NATIONAL, encoding="utf-8")
    evidence = read_evidence([run])
    statistics = read_national(tmp_path / "national.csv", described(evidence))
    document = make_dossier(evidence, statistics)
    lines = rows(document, "q-03-representativeness-cz")
    # The fixture has 720 persons at cz: 503 women, 216 men, 576 with RRMS.
    assert lines[1] == ["Female", "CZ: Ocrelizumab", "69.9", "68.5", "+1.4", "Statistics 2023"]
    assert ["Male", "CZ: Ocrelizumab", "30.0", "31.5", "−1.5", "Statistics 2023"] in lines
    assert ["RRMS", "CZ: Ocrelizumab", "80.0", "80.0", "0.0", "Statistics 2021"] in lines
    assert lines[0][0] == "Sex"
    assert "no national statistics" in blocks(document, "q-03-representativeness-dk").empty


def test_elements_are_same_mapped_partial_or_absent(document) -> None:
    lines = {line[0]: line[1:] for line in rows(document, "q-04-network")[1:]}
    assert lines["Sex"] == ["mapped", "present"]  # dk's bundle does not say how its columns were taken
    own = {line[0]: line[-1] for line in rows(document, "q-04-cz")}
    assert own["Centre"] == "absent"
    assert "Sex" not in own


def test_missing_values_by_year_are_drawn_and_told_in_words(document) -> None:
    told = blocks(document, "q-05-years-network").svg
    assert "20% or more missing in some year: CZ: Person: Birth date." in told
    assert "50" in blocks(document, "q-05-cz").svg  # 30 of 60


def test_follow_up_in_person_years(document) -> None:
    assert rows(document, "q-06-measured-network")[0] == ["Person-years under observation", "–", "100.0", "–"]
    assert ["Visits per year", "≥ 1 a year", "200", "100.0 years", "2.00", "kept"] in rows(document, "q-06-measured-cz")
    steps = rows(document, "q-06-attrition-network")
    assert ["Persons in the registry", "1,800", "1,500"] in steps


def test_errors_lag_benchmark(document) -> None:
    assert rows(document, "q-07-cz")[1] == ["Person: birth date", "100", "8", "8.0", "3.5–15.2"]
    assert blocks(document, "q-07-dk").empty.startswith("Not known")
    median = next(line for line in rows(document, "q-09-measured-cz") if line[0].startswith("Median"))
    assert median[2:] == ["–", "100", "9.0", "kept"]  # 900 is no count: the median times the reports
    cz, dk = rows(document, "q-11-network")
    assert cz == ["CZ", "25", "200.0", "12.50", "12.50", "1.00", "Made-up paper"]
    assert dk == ["DK", "–", "–", "–", "not known", "not known", "not known"]


def test_a_small_count_stays_small(document) -> None:
    assert "duplicate_rows" in {row["indicator"] for row in INDICATORS}
    network = rows(document, "q-05-network")
    assert network
    assert all("<5 | " not in cell for line in network for cell in line)


def test_open_actions_and_remedies(document) -> None:
    assert rows(document, "q-15-actions-network") == [["CZ", "Ask for every stop", "30 June 2025", "agreed"]]
    found = {line[0]: line[2] for line in rows(document, "q-15-measured-network")}
    assert found == {"Sex known": "CZ 90.0", "Lost to follow-up": "CZ 37.5",
                     "Persons here per 100 of those there are": "CZ 50.0"}  # fmt: skip
    assert blocks(document, "q-15-measured-dk").empty == "Every indicator that is shown keeps its limit."


# --- re-runs and runs ------------


def test_a_record_says_from_what_by_what_and_whether_identical(document) -> None:
    (line,) = rows(document, "q-14-network")
    assert line[4:] == ["From the data of CZ and DK | by pass_engine 0.1.0 | replayed without it: CZ, all equal", "Yes"]


@pytest.mark.parametrize(
    ("changed", "told", "identical"),
    [
        ({"run": "0" * 64}, "Not known: the record there is of another run", "Not known"),
        ({"format": "another"}, "Not known: the record there cannot be read", "Not known"),
        ({"engine": None}, "Not known: the record there cannot be read", "Not known"),
        (
            {"verdict": "differs", "first_difference": "incidence", "made_from": "bundles", "replayed": {},
             "second_engine": {"dk": {"engine": "Sail", "tables": 9, "rows": 90, "different": {"event": 2}}}},
            "From the bundles | by pass_engine 0.1.0 | counted by a second engine: DK, 1 table differ",
            "No | first: incidence",
        ),
    ],
)  # fmt: skip
def test_a_record_of_another_kind(copied, changed, told, identical) -> None:
    record(copied, **changed)
    (line,) = rows(make_dossier(read_evidence([copied]), ()), "q-14-network")
    assert line[4:] == [told, identical]


def test_no_record_and_a_broken_one(copied) -> None:
    (copied / "rerun_record.json").write_text("{", encoding="utf-8")
    assert rows(make_dossier(read_evidence([copied]), ()), "q-14-network")[0][4].endswith("cannot be read")
    (copied / "rerun_record.json").unlink()
    line = rows(make_dossier(read_evidence([copied]), ()), "q-14-network")[0]
    assert line[4:] == ["Not known: no re-run on record", "Not known"]


def test_each_registry_is_described_from_the_newest_run_in_any_order(run, tmp_path) -> None:
    older = make_run(tmp_path / "older", ("cz", "dk", "fr"), sizes={"cz": 900, "dk": 800, "fr": 700})
    protocol = older / "protocol" / "protocol.yaml"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace("2024-12-31", "2023-12-31"))
    first, second = (make_dossier(read_evidence(named), ()) for named in ([run, older, run], [older, run]))
    assert first == second
    assert [line[1] for line in rows(first, "q-03-coverage-network")] == ["1,800", "1,500", "700"]
    assert [line[3] for line in rows(first, "runs")] == ["FR", "CZ, DK"]
    assert len(rows(first, "q-14-cz")) == 2


def test_registries_that_nothing_describes_are_named(tmp_path) -> None:
    run = make_run(tmp_path / "run", ("cz", "dk", "se"), absent=("se",))
    document = make_dossier(read_evidence([run]), ())
    assert blocks(document, "runs").notes == (
        "Not described, since no run examined their data: SE (did not take part).",
    )


def test_one_registry_has_no_network_part(tmp_path) -> None:
    document = make_dossier(read_evidence([make_run(tmp_path / "run", ("cz",))]), ())
    assert [s.title for s in document.sections[4:]] == ["Synthetic registry CZ"]
    assert document.cover.title == "Dossier of Synthetic registry CZ"


def test_a_run_without_metadata_or_indicators_makes_a_dossier_too(tmp_path) -> None:
    run = make_run(tmp_path / "run", ("dk",))
    for name in ("indicators.csv", "completeness_by_year.csv", "verification.csv"):
        (run / "results" / name).unlink()
    document = make_dossier(read_evidence([run]), ())
    assert {line[1] for line in rows(document, "q-00-measured-dk") if line[1]} == {"not measured", "not known"}
    assert blocks(document, "q-15-measured-dk").empty == "Not known: no indicators were released."
    assert document.figures == ()


# --- words of people, and what is refused ------------


def test_questions_are_for_the_applicant_and_without_them_it_is_a_draft(run, document, tmp_path) -> None:
    html = to_html(document)
    assert document.furniture.draft
    assert html.count("To be completed by the applicant") == 1
    (tmp_path / "questions.md").write_text("## One\n\nIs it fit? <script>alert(1)</script>", encoding="utf-8")
    finished = make_dossier(read_evidence([run]), (), read_text(tmp_path / "questions.md"))
    html = to_html(finished)
    assert not finished.furniture.draft
    assert "To be completed" not in html
    assert "<script" not in html
    assert "Is it fit?" in html


def test_no_number_leads_to_rows_that_are_not_there(document) -> None:
    assert 'href="#R-' not in to_html(document)
    assert not any(cell.source for t in document.tables for line in t.lines for cell in line.cells)


def test_a_number_that_is_withheld_is_not_printed(copied) -> None:
    write_rows(copied, "indicators.csv", [{**INDICATORS[0], "status": "<5"}])
    with pytest.raises(ReportError, match="PE814"):
        read_evidence([copied])


def test_letters_without_a_font_are_refused(copied) -> None:
    state(copied, "cz", about={**ABOUT, "open_actions": [{"action": "\u4e2d"}]})
    with pytest.raises(ReportError) as caught:
        read_evidence([copied])
    assert str(caught.value) == (
        "PE816 bundles/cz/registry.json  about.open_actions.0.action\n"
        "  found    U+4E2D\n"
        "  problem  the fonts of the report hold no such character\n"
        "  mend     write it in Latin, Greek or Cyrillic letters in registry.yaml, and make the run anew"
    )


def test_runs_that_examined_nobody_make_no_dossier(tmp_path) -> None:
    run = make_run(tmp_path / "run", ("dk",), absent=("dk",), compare=False)
    with pytest.raises(ReportError) as caught:
        read_evidence([run])
    assert str(caught.value) == (
        "PE822 dossier\n"
        "  found    no registry\n"
        "  problem  no run examined the data of a registry\n"
        "  mend     name runs in which a registry took part"
    )


def test_every_fault_of_national_statistics_is_told_at_once(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "national.csv").write_text(
        "registry,variable,level,percent,source\n"
        "cy,sex,female,68.5,Statistics 2023\n"
        "cz,sexe,female,1e3,\n"
        "cz,sex,femal,-1,x\n"
        "cz,sex,female,70,Statistics 2023\n"
        "cz,sex,female,70,Statistics 2023\n"
        "cz,sex,male,nan\n",
        encoding="utf-8",
    )
    with pytest.raises(ReportError) as caught:
        read_national(Path("national.csv"), described(read_evidence([run])))
    told = [(f.where, f.path, f.found, f.mend) for f in caught.value.faults]
    assert told == [
        ("national.csv:2", "registry", "cy", "one of: cz, dk"),
        ("national.csv:3", "percent", "1e3", "write it with digits and a decimal point"),
        ("national.csv:3", "source", "nothing", "say where it comes from, and its year"),
        ("national.csv:3", "variable", "sexe", "did you mean sex?"),
        ("national.csv:4", "level", "femal", "did you mean female?"),
        ("national.csv:4", "percent", "-1", "write it with digits and a decimal point"),
        ("national.csv:6", "level", "female", "keep one of them"),
        ("national.csv:7", "", "4 fields", "write one value a column"),
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xff\xfe", "another format"), (b"", "nothing"), (b"registry;sex\n", "registry;sex"), (None, "no such file"),
        (b"registry,variable,level,percent,source\ncz,sex,female,NaN,x\n", "NaN"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(run, tmp_path, content, found) -> None:
    if content is not None:
        (tmp_path / "national.csv").write_bytes(content)
    with pytest.raises(ReportError, match="PE821") as caught:
        read_national(tmp_path / "national.csv", described(read_evidence([run])))
    assert caught.value.faults[0].found.startswith(found)


# --- the files ------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder of documents of one registry, made in a process of its own."""
    folder = tmp_path_factory.mktemp("written")
    record(make_run(folder / "run", ("cz",)))
    (folder / "national.csv").write_text(NATIONAL, encoding="utf-8")
    subprocess.run([sys.executable, "-c", WRITE, *(str(folder / n) for n in NAMES)], check=True, cwd=ROOT)
    return folder / "out"


def test_two_processes_write_the_same_bytes(written, tmp_path) -> None:
    for name in ("run", "national.csv"):
        (written.parent / name).rename(tmp_path / name)
    env = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", WRITE, *(str(tmp_path / n) for n in NAMES)], check=True, cwd=ROOT, env=env)
    names = sorted(p.relative_to(written) for p in written.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*") if p.is_file())
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (written / name).read_bytes(), name


@needs_qpdf
def test_qpdf_finds_no_fault(written) -> None:
    told = subprocess.run(["qpdf", "--check", str(written / "dossier.pdf")], check=False, capture_output=True)
    assert told.returncode == 0


def test_a_checker_of_accessibility_finds_nothing(written) -> None:
    checker = Path(sys.executable).with_name("pdfua")
    if not checker.exists():
        pytest.skip("pdfua is not installed")
    told = subprocess.run([str(checker), "check", str(written / "dossier.pdf")], check=False, capture_output=True)
    assert told.returncode == 0, told.stdout


def test_the_pdf_is_pdf_a_and_pdf_ua_and_holds_its_tables(written) -> None:
    with pikepdf.open(written / "dossier.pdf") as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert 'pdfuaid:part="1"' in metadata
        assert 'conformance="A"' in metadata
        assert list(pdf.attachments) == ["tables.zip"]
        with pdf.open_outline() as outline:
            titles = [item.title for root in outline.root for item in (root, *root.children)]
    assert "5.15 Q-14 Proof of capability" in titles


def test_every_table_is_a_csv_too_and_the_dictionary_is_whole(written, document) -> None:
    names = {p.stem for p in (written / "tables").iterdir()}
    own = {table.key for table in document.tables if table.key.endswith("-cz")}
    assert names == {"runs", "sets", *own, "q-04-whole-cz", "q-08-whole-cz"}
    with (written / "tables" / "q-04-whole-cz.csv").open(encoding="utf-8", newline="") as handle:
        first = next(csv.DictReader(handle))
    assert first == {"Group": "Person", "Variable": "Person id", "Meaning": first["Meaning"], "CZ": "absent"}
