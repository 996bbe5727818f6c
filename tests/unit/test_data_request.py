"""Is what a protocol asks of a registry what its rules read, and are its three forms whole and the same every time?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pikepdf
import pytest

from pass_engine.data_request import write_request
from pass_engine.data_request.content import make_request
from pass_engine.errors import ReportError
from pass_engine.protocol import load_protocol
from pass_engine.protocol.needs import STRATA as STRATA_OF
from pass_engine.protocol.needs import needs_of
from pass_engine.tables.core import CORE
from pass_engine.terms import STRATA

ROOT = Path(__file__).resolve().parents[2]
BMSD, HEART = ROOT / "protocols" / "bmsd-pass-001", ROOT / "protocols" / "stanford-heart"
WRITE = (
    "import sys; from pathlib import Path; from pass_engine.data_request import write_request; "
    "from pass_engine.protocol import load_protocol; write_request(load_protocol(Path(sys.argv[1])), Path(sys.argv[2]))"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("request") / "out"
    subprocess.run([sys.executable, "-c", WRITE, str(BMSD), str(folder)], check=True, cwd=ROOT)
    return folder


def levels(folder: Path) -> dict[str, str]:
    return {need.variable: need.level for need in needs_of(load_protocol(folder))}


def test_needs_of_the_example_read_by_hand() -> None:
    """From protocol.yaml, rule by rule."""
    found = levels(BMSD)
    required = {"person.person_id", "person.birth_date", "person.sex", "treatment.start_date",
                "adverse_event.onset_date", "adverse_event.serious", "treatment.person_id",
                "adverse_event.person_id"}  # fmt: skip
    assert {name for name, level in found.items() if level == "required"} == required
    needed = {name for name, level in found.items() if level == "needed" and not name.endswith("person_id")}
    assert needed == {
        "person.country",                                                   # registry_overlap
        "person.registry_entry_date", "person.death_date", "person.last_contact_date",
        "disease.diagnosis_date",                                           # criterion diagnosed
        "treatment.substance", "treatment.stop_date",                       # platform
        "administration.substance", "administration.date",                  # ocrelizumab is known by its doses
        "adverse_event.code_system", "adverse_event.code", "adverse_event.end_date",
        "comorbidity.code_system", "comorbidity.code", "comorbidity.onset_date",    # prior malignancy
    }  # fmt: skip
    assert found["visit.edss"] == "wanted"
    assert not {name.split(".")[0] for name in found} & {"mri", "pregnancy", "comedication", "laboratory"}


def test_what_no_rule_reads_is_not_asked_for() -> None:
    found = levels(HEART)
    assert not {name.split(".")[0] for name in found} & {"adverse_event", "administration", "comorbidity"}
    assert found["observation_period.start_date"] == "required"  # data.require
    request = make_request(load_protocol(HEART))
    assert "adverse_event" in request.not_asked
    assert request.code_lists == ()


def test_every_variable_is_of_the_core_model_and_has_a_reason() -> None:
    for need in needs_of(load_protocol(BMSD)):
        assert CORE[need.table].column(need.column)
        assert need.reasons


def test_every_stratifier_is_asked_for_or_made_from_what_always_is() -> None:
    always = {"calendar", "time_since_start", "entry_year", "exposure_duration"}
    assert set(STRATA_OF) | always == set(STRATA)


def test_two_processes_write_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    env = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", WRITE, str(BMSD), str(again)], check=True, cwd=ROOT, env=env)
    names = sorted(file.name for file in made.iterdir())
    assert names == ["data-request.md", "data-request.pdf", "data-request.xlsx"]
    assert [(again / name).read_bytes() == (made / name).read_bytes() for name in names] == [True] * 3


def test_markdown_has_each_variable_with_level_and_reason(made: Path) -> None:
    text = (made / "data-request.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("| `serious` |"))
    assert line.startswith("| `serious` | Serious, as flagged | code: yes, no, unknown | required | required by the ")
    assert "### administration\n\nOne row a dose of a pulsed treatment.\n" in text
    assert "| codelists/infection.csv | ICD-10 | 15 |" in text
    assert "ocrelizumab | Ocrelizumab | administration" in text


def test_workbook_has_the_variables_the_codes_and_room_for_answers(made: Path) -> None:
    book = openpyxl.load_workbook(made / "data-request.xlsx")
    assert book.sheetnames == ["about", "variables", "values", "substances", "codes"]
    rows = list(book["variables"].iter_rows(values_only=True))
    assert rows[0][-4:] == (
        "collected (yes, no, partly)",
        "since (year)",
        "how full (estimate)",
        "remark of the registry",
    )
    needs = needs_of(load_protocol(BMSD))
    assert [(row[0], row[1], row[5]) for row in rows[1:]] == [(n.table, n.column, n.level) for n in needs]
    assert book["codes"].max_row - 1 == sum(n for _, _, n in make_request(load_protocol(BMSD)).code_lists)
    assert book.properties.created.date().isoformat() == "2026-09-01"


def test_pdf_says_it_is_accessible_and_of_its_study(made: Path) -> None:
    with pikepdf.open(made / "data-request.pdf") as pdf:
        metadata = pdf.Root.Metadata.read_bytes()
        assert b'pdfuaid:part="1"' in metadata
        assert b"bmsd-pass-001" in metadata
        assert "/StructTreeRoot" in pdf.Root
        assert len(pdf.pages) >= 5


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("x", encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        write_request(load_protocol(HEART), Path("taken"))
    assert str(caught.value) == (
        "PE805 taken  --out\n"
        "  found    file exists\n"
        "  problem  the data request cannot be written there\n"
        "  mend     name a folder that may be written"
    )
