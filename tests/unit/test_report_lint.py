"""Does the report refuse numbers that cannot be true together?"""

from __future__ import annotations

import csv

import pytest

from pass_engine.errors import ReportError
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.model import Column, Cover, Facts, Furniture, Report, Table
from pass_engine.report.reading import read_run
from tests.unit.report_fixture import Plan, build_run

SMALL = Plan(registries=("cz",), strata=("sex",), standardise=False, sensitivity=False)


@pytest.fixture
def run_folder(tmp_path):
    return build_run(tmp_path / "run", SMALL)


def change(folder, file, change_row, choose) -> int:
    """Change the first row that is chosen; gives back its number as the report counts."""
    path = folder / "results" / file
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    number = next(n for n, row in enumerate(rows) if choose(row))
    rows[number].update(change_row(rows[number]))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return number + 2


def shown(row) -> bool:
    wanted = {"status": "shown", "measure": "eair", "stratum": "overall", "outcome": "serious_infection"}
    return all(row[column] == value for column, value in wanted.items())


def codes_of(folder) -> set[str]:
    with pytest.raises(ReportError) as caught:
        check_results(read_run(folder))
    return {fault.code for fault in caught.value.faults}


def test_numbers_that_hold_together_pass(run_folder) -> None:
    check_results(read_run(run_folder))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (lambda row: {"rate": str(float(row["rate_high"]) * 1.01)}, "PE810"),
        (lambda row: {"rate": str(float(row["rate_low"]) * 0.99)}, "PE810"),
        (lambda row: {"persons": str(int(row["persons_with_event"]) - 1)}, "PE811"),
        (lambda row: {"persons_with_event": str(int(row["events"]) + 1)}, "PE812"),
        (lambda row: {"person_days": str(int(row["person_days"]) + 1)}, "PE813"),
        (lambda row: {"events": str(int(row["events"]) + 1)}, "PE813"),
        (lambda _: {"status": "withheld"}, "PE814"),
        (lambda _: {"status": "<5", "rate": "", "rate_low": ""}, "PE814"),
        (lambda _: {"status": "<5", "rate": "", "rate_low": "", "rate_high": ""}, "PE814"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(run_folder, changed, code) -> None:
    change(run_folder, "incidence.csv", changed, shown)
    assert code in codes_of(run_folder)


def test_an_estimate_outside_its_interval_is_refused(run_folder) -> None:
    number = change(run_folder, "comparison.csv", lambda _: {"low": "99"}, lambda row: row["status"] == "shown")
    with pytest.raises(ReportError, match=rf"PE810 results/comparison.csv:{number}"):
        check_results(read_run(run_folder))


def test_a_withheld_percentage_is_refused(run_folder) -> None:
    change(run_folder, "baseline.csv", lambda _: {"status": "withheld"}, lambda row: row["percent"] != "")
    assert codes_of(run_folder) == {"PE814"}


def test_levels_with_a_withheld_part_are_not_added_up(run_folder) -> None:
    numbers = (
        "persons_with_event",
        "events",
        "person_days",
        "rate",
        "rate_low",
        "rate_high",
        "robust_low",
        "robust_high",
    )
    change(
        run_folder,
        "incidence.csv",
        lambda _: {"status": "withheld", **dict.fromkeys(numbers, "")},
        lambda row: row["stratum"] == "sex" and row["measure"] == "eair",
    )
    check_results(read_run(run_folder))


def test_an_empty_table_needs_a_reason() -> None:
    table = Table("t", "Title", (Column("A", 1.0),), (), number="1-1")
    facts = Facts("", ())
    report = Report(
        cover=Cover("", "", "", "", facts, facts),
        furniture=Furniture("s", "d", "1", "2026-09-01", "d", "", draft=False),
        sections=(),
        tables=(table,),
        figures=(),
        authors="",
        description="",
        keywords="",
        engine="",
    )
    with pytest.raises(ReportError, match="PE815 Table 1-1"):
        check_report(report)


def test_a_folder_that_lacks_files_says_all_of_them(run_folder) -> None:
    (run_folder / "manifest.json").unlink()
    (run_folder / "results" / "attrition.csv").unlink()
    with pytest.raises(ReportError) as caught:
        read_run(run_folder)
    assert [fault.code for fault in caught.value.faults] == ["PE801", "PE801"]


def test_results_without_a_column_name_it(run_folder) -> None:
    path = run_folder / "results" / "quality.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("tested", "testd"), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_run(run_folder)
    assert str(caught.value) == (
        "PE802 results/quality.csv:1  tested\n"
        "  found    no such column\n"
        "  problem  the report reads these columns\n"
        "  mend     make the run anew with this version of pass-engine"
    )
