"""Does the report refuse numbers that cannot be true together?"""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from pass_engine.errors import ReportError
from pass_engine.report.assemble import assemble
from pass_engine.report.cells import linked
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.model import Bullets, Heading, Paragraph, Prose, Section
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


HEAD = "analysis,role,cohort,outcome,time_at_risk,measure,status,registries,left_out,per,rate,rate_low,rate_high,"
MEAN = "main,primary,ocrelizumab,serious_infection,on_treatment,eair,{status},cz;dk,,1000,{numbers},"
SPREAD = "prediction_low,prediction_high,q,i2_percent,tau2,interval_level,method,note\n"


@pytest.mark.parametrize(
    ("numbers", "status", "codes"),
    [
        ("4,2,8,1,16", "shown", set()),
        ("4,5,8,1,16", "shown", {"PE810"}),
        ("4,2,8,5,16", "shown", {"PE810"}),
        ("4,2,8,1,16", "not_estimable", {"PE814"}),
    ],
)
def test_a_mean_over_registries_lies_in_its_intervals_and_is_not_there_when_withheld(
    run_folder, numbers, status, codes
) -> None:
    row = MEAN.format(status=status, numbers=numbers) + "0,0,,0.95,,\n"
    (run_folder / "results" / "heterogeneity.csv").write_text(HEAD + SPREAD + row, encoding="utf-8")
    if codes:
        assert codes_of(run_folder) == codes
    else:
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


@pytest.mark.parametrize(
    ("file", "changed", "choose", "code"),
    [
        ("baseline.csv", lambda _: {"percent": "100.1"}, lambda r: r["percent"] != "", "PE817"),
        (
            "baseline.csv",
            lambda _: {"persons": "999999"},
            lambda r: r["variable"] != "persons" and r["persons"],
            "PE818",
        ),
        ("quality.csv", lambda _: {"percent": "-0.1"}, lambda r: r["percent"] != "", "PE817"),
        ("quality.csv", lambda r: {"failed": str(int(r["tested"]) + 1)}, lambda r: r["failed"] != "", "PE818"),
        ("attrition.csv", lambda _: {"persons": "999999"}, lambda r: r["position"] == "3" and r["persons"], "PE818"),
        ("incidence.csv", lambda _: {"rate_high": "101"}, lambda r: r["measure"][:4] == "inci" and r["rate"], "PE817"),
    ],
)
def test_a_part_above_its_whole_and_an_impossible_percentage_are_refused(
    run_folder, file, changed, choose, code
) -> None:
    change(run_folder, file, changed, choose)
    assert code in codes_of(run_folder)


# --- the finished report ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(build_run(tmp_path_factory.mktemp("lint") / "run", SMALL))


@pytest.fixture(scope="module")
def report(run):
    return assemble(run)


def faults_of(report, run) -> list[str]:
    with pytest.raises(ReportError) as caught:
        check_report(report, run)
    return [f"{fault.code} {fault.where}" for fault in caught.value.faults]


def with_table(report, key, edit):
    """The report with one of its tables changed."""
    return replace(report, tables=tuple(edit(t) if t.key == key else t for t in report.tables))


def with_section(report, section):
    return replace(report, sections=(*report.sections, section))


def with_cell(table, choose, edit):
    """The table with the first cell that is chosen changed."""
    lines, done = [], False
    for line in table.lines:
        cells = list(line.cells)
        for at, cell in enumerate(cells):
            if not done and at and choose(cell):
                cells[at], done = edit(cell), True
        lines.append(replace(line, cells=tuple(cells)))
    assert done
    return replace(table, lines=tuple(lines))


def test_a_whole_report_passes(report, run) -> None:
    check_report(report, run)


def test_an_empty_table_needs_a_reason(report, run) -> None:
    planted = with_table(report, "main-incidence", lambda t: replace(t, lines=(), empty=""))
    assert faults_of(planted, run) == ["PE815 Table 10.4-1"]


def test_an_empty_table_with_its_reason_passes(report, run) -> None:
    check_report(with_table(report, "main-incidence", lambda t: replace(t, lines=(), empty="Nobody.")), run)


def test_a_withheld_number_is_refused_wherever_it_is_printed(report, run) -> None:
    hidden = {row.id for rows in run.results.values() for row in rows if row.values.get("status") == "<5"}
    table = next(t for t in report.tables for line in t.lines for c in line.cells if c.source in hidden and c.mark)
    for change_cell in (lambda c: replace(c, text="3"), lambda c: replace(c, below=("(1.20–4.50)",))):
        planted = with_table(
            report, table.key, lambda t, e=change_cell: with_cell(t, lambda c: c.source in hidden and c.mark, e)
        )
        assert faults_of(planted, run) == [f"PE814 {table.label}"]


def hidden_row(run):
    return next(row for rows in run.results.values() for row in rows if row.values.get("status") == "<5")


@pytest.mark.parametrize("block", [lambda told: Paragraph(f"There were {told}."), lambda told: Bullets(("One.", told))])
def test_a_withheld_number_in_a_sentence_is_refused(report, run, block) -> None:
    row = hidden_row(run)
    planted = with_section(report, Section("15", "Planted", (block(linked("3 persons", row)),)))
    assert faults_of(planted, run) == ["PE814 section 15"]
    check_report(with_section(report, Section("15", "Planted", (block(linked("<5 persons", row)),))), run)


def test_a_withheld_number_in_a_head_is_refused(report, run) -> None:
    row = hidden_row(run)

    def head(label: str):
        def edit(table):
            return replace(table, columns=(*table.columns[:-1], replace(table.columns[-1], label=label, source=row.id)))

        return with_table(report, "baseline", edit)

    assert faults_of(head("Platform\nN = 3"), run) == ["PE814 Table 10.2-1"]
    check_report(head("Platform\nN = <5"), run)


def test_a_withheld_number_in_a_figure_is_refused(report, run) -> None:
    row, drawn = hidden_row(run), next(f for f in report.figures if f.key == "flow")

    def told(text: str):
        svg = drawn.svg.replace("</svg>", f'<rect data-told="{text}" data-row="{row.id}"/></svg>')
        return replace(report, figures=(replace(drawn, svg=svg),))

    assert faults_of(told("Aged 18: 3 persons"), run) == [f"PE814 {drawn.label}"]
    check_report(told("Aged 18: &lt;5 persons"), run)


def test_a_percentage_over_100_is_refused(report, run) -> None:
    planted = with_table(
        report, "quality-fault", lambda t: with_cell(t, lambda c: bool(c.text), lambda c: replace(c, below=("100.1%",)))
    )
    assert faults_of(planted, run) == ["PE817 Table A2.3-1"]


@pytest.mark.parametrize(("old", "new"), [("exact, 95%", "mid-P, 95%"), ("; interval: exact, 95%", "")])
def test_a_footnote_that_names_another_method_is_refused(report, run, old, new) -> None:
    planted = with_table(
        report, "main-incidence", lambda t: replace(t, notes=tuple(note.replace(old, new) for note in t.notes))
    )
    assert set(faults_of(planted, run)) == {"PE819 Table 10.4-1"}


@pytest.mark.parametrize(
    "section",
    [
        Section("15", "Hollow"),
        Section("15", "Hollow", (Heading("Head"),)),
        Section("15", "Hollow", (Heading("Head"), Heading("Next"), Paragraph("Text"))),
        Section("15", "Parent", (), (Section("15.1", "Hollow"),)),
        Section("15", "Hollow", (Prose(" \n"),)),
    ],
)
def test_a_heading_without_content_is_refused(report, run, section) -> None:
    assert {fault.partition(" ")[0] for fault in faults_of(with_section(report, section), run)} == {"PE807"}


def test_a_fault_of_the_report_says_what_it_is(report, run) -> None:
    with pytest.raises(ReportError) as caught:
        check_report(with_section(report, Section("15", "Hollow")), run)
    assert str(caught.value) == (
        "PE807 section 15  Hollow\n"
        "  found    nothing below it\n"
        "  problem  a heading must have content\n"
        "  mend     this is a fault of pass_engine: please report it"
    )


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
