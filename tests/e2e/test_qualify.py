"""Does the qualification tell a sound installation from one that counts wrongly, and does its record say so?"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import replace
from importlib import metadata, resources
from typing import TYPE_CHECKING

import pytest
import yaml

from pass_engine.errors import ReportError, TrustError
from pass_engine.pades import check_signed
from pass_engine.qualify.cases import case_files
from pass_engine.qualify.document import conclusion
from pass_engine.qualify.installation import installation_tests
from pass_engine.qualify.made_of import FAIL, NOT_DONE, PASS, outcome_of, read_requirements
from pass_engine.qualify.operation import reference_tests
from pass_engine.qualify.write import Qualified, qualify, sign_qualification, write_qualification
from pass_engine.sign import make_key

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("10_worked_example", "58_fatal_reports")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Qualified, Path]:
    """A qualification by two files of cases, one expectation of which was made wrong, and its record."""
    folder = tmp_path_factory.mktemp("cases")
    files = [folder / f"{name}.yaml" for name in FILES]
    for source in case_files():
        if source.stem in FILES:
            shutil.copy(source, folder)
    cases = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    assert cases[1]["expect"]["counts"][0]["person_days"] == 1321
    cases[1]["expect"]["counts"][0]["person_days"] = 1320
    files[0].write_text(yaml.safe_dump(cases), encoding="utf-8")
    qualified = qualify(date="2026-01-31", files=files)
    out = folder / "out"
    write_qualification(qualified, out)
    return qualified, out


def test_a_planted_case_is_the_one_deviation_that_fails(planted) -> None:
    qualified, _ = planted
    (failed,) = [test for test in qualified.tests if test.outcome == FAIL]
    assert (failed.id, failed.requirement) == ("OQ-01.02", "OQ-01")
    assert "person_days 1320" in failed.expected
    assert "person_days 1321" in failed.observed
    assert "person_days: expected 1320, counted 1321" in failed.observed
    assert "1 failed" in conclusion(qualified)
    by_id = {r.id: outcome_of(r, qualified.tests) for r in qualified.requirements}
    assert (by_id["OQ-01"], by_id["OQ-14"], by_id["OQ-40"]) == (FAIL, PASS, PASS)
    assert by_id["OQ-03"] == FAIL  # no case of it was run: a requirement without a test is not met


def test_the_record_says_so_in_three_forms(planted) -> None:
    qualified, out = planted
    record = json.loads((out / "qualification.json").read_text(encoding="utf-8"))
    assert "OQ-01.02" in record["deviations"]
    assert [t["id"] for t in record["tests"]] == [t.id for t in qualified.tests]
    matrix = {r["id"]: r["tests"] for r in record["requirements"]}
    assert matrix["OQ-14"] == ["OQ-14.01", "OQ-14.02"]
    with (out / "qualification.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["id"]: row for row in csv.DictReader(handle)}
    assert rows["OQ-01.02"]["outcome"] == "fail"
    assert rows["OQ-01.01"]["outcome"] == "pass"


def test_the_pdf_holds_deviation_and_matrix(planted) -> None:
    if not (shutil.which("pdftotext") and shutil.which("qpdf")):
        pytest.skip("poppler-utils or qpdf is not installed")
    pdf = planted[1] / "qualification.pdf"
    subprocess.run(["qpdf", "--check", pdf], check=True, capture_output=True)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "Traceability matrix" in text
    assert "OQ-01.02" in text
    assert "1 failed" in text


def test_there_is_no_clock_in_it(planted, tmp_path) -> None:
    qualified, out = planted
    again = tmp_path / "again"
    write_qualification(qualified, again)
    for name in ("qualification.json", "qualification.csv", "qualification.pdf"):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name
    undated = tmp_path / "undated"
    write_qualification(replace(qualified, date=""), undated)
    assert b"CreationDate" not in (undated / "qualification.pdf").read_bytes()


def test_the_record_can_be_signed(planted, tmp_path) -> None:
    write_qualification(planted[0], tmp_path)
    make_key(tmp_path / "key", "made")
    assert sign_qualification(tmp_path, tmp_path / "key").startswith("Common Name: SHA256:")
    signed = tmp_path / "qualification.signed.pdf"
    assert check_signed(tmp_path / "qualification.pdf", signed)
    signed.write_bytes(signed.read_bytes() + b"% more")
    with pytest.raises(TrustError):
        check_signed(tmp_path / "qualification.pdf", signed)


def test_every_file_of_cases_has_its_requirement() -> None:
    named = [r.cases for r in read_requirements() if r.cases]
    assert named == [path.stem for path in case_files()]


def test_every_reference_holds_and_a_wrong_one_is_seen() -> None:
    tests = list(reference_tests())
    assert [t.id for t in tests if t.outcome != PASS] == []
    assert {t.requirement for t in tests} == {"OQ-40", "OQ-41", "OQ-42", "OQ-43"}
    text = (resources.files("pass_engine.qualify") / "reference.yaml").read_text(encoding="utf-8")
    wrong = text.replace("0.000494739802395523", "0.000494749802395523")
    assert [t.id for t in reference_tests(wrong) if t.outcome == FAIL] == ["OQ-40.01"]


class Installed(metadata.Distribution):
    """A distribution in a folder, as a wheel leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read_text(self, filename):
        file = self.folder / "pass_engine.dist-info" / filename
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def locate_file(self, path):
        return self.folder / path


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Path:
    """A folder with two files as a wheel installs them."""
    sql = tmp_path / "pass_engine/sql/120_person.sql"
    sql.parent.mkdir(parents=True)
    sql.write_text("SELECT 1\n", encoding="utf-8")
    record = tmp_path / "pass_engine.dist-info/RECORD"
    record.parent.mkdir()
    record.with_name("METADATA").write_text("Metadata-Version: 2.1\nName: pass_engine\nVersion: 0\n", encoding="utf-8")
    # printf 'SELECT 1\n' | openssl dgst -sha256 -binary | basenc --base64url
    record.write_text(f"pass_engine/sql/120_person.sql,sha256={DIGEST},9\n", encoding="utf-8")
    real = metadata.distribution
    monkeypatch.setattr(metadata, "distribution", lambda n: Installed(tmp_path) if n == "pass_engine" else real(n))
    return tmp_path


DIGEST = "oKIsnfpCjNzm-z5YpA1AUjNeF-X75C78Lxf5yoE75iw"


def test_an_installed_file_that_was_changed_is_named(installed) -> None:
    def sql() -> tuple[str, str]:
        (found,) = [t for t in installation_tests() if t.what == "numbered SQL"]
        return found.outcome, found.observed

    assert sql() == (PASS, "1 files, all as recorded")
    (installed / "pass_engine/sql/120_person.sql").write_text("SELECT 2\n", encoding="utf-8")
    assert sql() == (FAIL, "differ: pass_engine/sql/120_person.sql")


def test_a_working_copy_cannot_be_held_against_a_record(installed) -> None:
    (installed / "pass_engine.dist-info/RECORD").write_text("pass_engine.pth,,\n", encoding="utf-8")
    (files,) = [t for t in installation_tests() if t.requirement == "IQ-02"]
    assert files.outcome == NOT_DONE


def test_a_record_that_cannot_be_written(planted, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("", encoding="utf-8")
    from pathlib import Path

    with pytest.raises(ReportError) as caught:
        write_qualification(planted[0], Path("taken"))
    assert str(caught.value) == (
        "PE809 taken  --out\n"
        "  found    file exists\n"
        "  problem  the qualification cannot be written there\n"
        "  mend     name a folder that may be written"
    )
