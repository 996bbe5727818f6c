"""Real input: does the engine count deaths and person-days as a direct count over the rows of the file does?

The Stanford heart transplant data (Crowley & Hu 1977, J Am Stat Assoc 72:27-36) are fetched from the package index and
checked against a digest; where the index cannot be reached the tests are skipped.
"""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "sample_data" / "stanford-heart" / "stanford_heart.csv"
WRONG_DIGEST = 3

pytestmark = pytest.mark.network


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def data() -> list[dict[str, str]]:
    """The 172 rows of the file, fetched if they are not there."""
    if not DATA.is_file():
        done = subprocess.run([ROOT / ".ci" / "real-data"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != WRONG_DIGEST, done.stderr
        if done.returncode:
            reason = done.stderr.strip().splitlines() or ["no reason given"]
            pytest.skip(f"the package index cannot be reached: {reason[-1]}")
    return read_rows(DATA)


@pytest.fixture(scope="module")
def run_folder(data: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run from the command line, on the data alone."""
    assert data
    out = tmp_path_factory.mktemp("stanford") / "run"
    command = Path(sys.executable).with_name("pass-engine")
    done = subprocess.run(
        [command, "run", "protocols/stanford-heart", "--registries", "sample_data/stanford-heart", "--out", out],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def direct_count(rows: list[dict[str, str]]) -> dict[str, dict[str, int]]:
    """Persons, deaths and closed days by cohort, straight from the rows; part days rounded down.

    A person's last day is the day of the last row's stop. The day of the transplant is transplanted, not waiting.
    """
    persons: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    days: Counter[str] = Counter()
    transplanted_on = {row["id"]: math.floor(float(row["start"])) for row in rows if row["transplant"] == "1"}
    for row in rows:
        first, last = math.floor(float(row["start"])), math.floor(float(row["stop"]))
        cohort = "transplanted" if row["transplant"] == "1" else "waiting"
        if cohort == "waiting" and row["id"] in transplanted_on:
            last = transplanted_on[row["id"]] - 1
        persons[cohort] += 1
        deaths[cohort] += int(row["event"])
        days[cohort] += last - first + 1
    return {c: {"persons": persons[c], "deaths": deaths[c], "days": days[c]} for c in ("waiting", "transplanted")}


def test_the_file_is_the_published_one(data: list[dict[str, str]]) -> None:
    """103 patients, 69 transplants, 75 deaths: the publication's own numbers."""
    assert len(data) == 172
    assert len({row["id"] for row in data}) == 103
    assert sum(row["transplant"] == "1" for row in data) == 69
    assert sum(int(row["event"]) for row in data) == 75


def test_counts_are_those_of_a_direct_count(data: list[dict[str, str]], run_folder: Path) -> None:
    """Before rates are made: what left the registry."""
    counts = {
        row["cohort"]: row
        for row in read_rows(run_folder / "bundles" / "stanford-heart" / "counts.csv")
        if row["analysis"] == "mortality" and row["stratum"] == "overall"
    }
    for cohort, expected in direct_count(data).items():
        row = counts[cohort]
        assert int(row["persons"]) == expected["persons"]
        assert int(row["first_events"]) == int(row["events"]) == int(row["persons_with_event"]) == expected["deaths"]
        assert int(row["person_days"]) == int(row["first_event_days"]) == expected["days"]


@pytest.mark.parametrize("registry", ["stanford-heart", "pooled"])
def test_rates_are_deaths_over_days(data: list[dict[str, str]], run_folder: Path, registry: str) -> None:
    """The published table: one registry, so that the pool is the registry."""
    rates = {
        row["cohort"]: row
        for row in read_rows(run_folder / "results" / "incidence.csv")
        if row["registry"] == registry and row["measure"] == "eair"
    }
    for cohort, expected in direct_count(data).items():
        row = rates[cohort]
        assert row["status"] == "shown"
        assert int(row["events"]) == expected["deaths"]
        assert int(row["person_days"]) == expected["days"]
        assert float(row["rate"]) == pytest.approx(100 * expected["deaths"] / (expected["days"] / 365.25), rel=1e-12)
        assert float(row["rate_low"]) < float(row["rate"]) < float(row["rate_high"])


def test_no_immortal_time(data: list[dict[str, str]], run_folder: Path) -> None:
    """The crude ratio has 69 persons in both arms, and says that its interval takes the person as the unit."""
    row = next(r for r in read_rows(run_folder / "results" / "comparison.csv") if r["registry"] == "pooled")
    expected = direct_count(data)
    assert int(row["persons_in_both"]) == 69
    assert int(row["target_person_days"]) == expected["transplanted"]["days"]
    assert int(row["comparator_person_days"]) == expected["waiting"]["days"]
    ratio = (expected["transplanted"]["deaths"] / expected["transplanted"]["days"]) / (
        expected["waiting"]["deaths"] / expected["waiting"]["days"]
    )
    assert float(row["estimate"]) == pytest.approx(ratio, rel=1e-12)
    assert "robust" in row["method"]


def test_part_days_are_counted(data: list[dict[str, str]], run_folder: Path) -> None:
    """One patient's half day: rounded down in one treatment and two observation periods, and said so."""
    assert any("." in row["start"] and not float(row["start"]).is_integer() for row in data)
    rounded = {
        (row["table_name"], row["column_name"]): int(row["failed"])
        for row in read_rows(run_folder / "results" / "quality.csv")
        if row["registry"] == "stanford-heart"
        and "part day" in (row["rule_id"] + row["label"]).lower().replace("_", " ")
    }
    assert rounded == {
        ("observation_period", "start_date"): 1,
        ("observation_period", "end_date"): 1,
        ("treatment", "start_date"): 1,
    }


def test_the_report_is_there(run_folder: Path) -> None:
    assert (run_folder / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_ratio_of_hazards_is_that_of_a_partial_likelihood_written_out(
    data: list[dict[str, str]], run_folder: Path
) -> None:
    """Cox's partial likelihood of days since acceptance, ties by Efron, straight from the rows of the file."""
    moved = {row["id"]: math.floor(float(row["start"])) for row in data if row["transplant"] == "1"}
    spans = []
    for row in data:
        first, last = math.floor(float(row["start"])), math.floor(float(row["stop"]))
        is_target = row["transplant"] == "1"
        last = moved[row["id"]] - 1 if not is_target and row["id"] in moved else last
        spans.append((first, last, row["event"] == "1", is_target))

    def value(beta: float) -> float:
        total = 0.0
        for day in sorted({last for _, last, died, _ in spans if died}):
            risk = sum(math.exp(beta * z) for first, last, _, z in spans if first <= day <= last)
            dying = [beta * z for _, last, died, z in spans if died and last == day]
            share = sum(map(math.exp, dying)) / len(dying)
            total += sum(dying) - sum(math.log(risk - n * share) for n in range(len(dying)))
        return total

    row = next(r for r in read_rows(run_folder / "results" / "regression.csv") if r["registry"] == "pooled")
    beta = math.log(float(row["estimate"]))
    assert value(beta + 1e-3) == pytest.approx(value(beta - 1e-3), abs=1e-6)
    curve = (value(beta + 1e-3) - 2 * value(beta) + value(beta - 1e-3)) / 1e-6
    error = math.log(float(row["high"]) / float(row["low"])) / (2 * 1.959964)
    assert error == pytest.approx((-1 / curve) ** 0.5, rel=1e-3)
