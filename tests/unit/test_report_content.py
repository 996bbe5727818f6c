"""Does the report hold what its format asks for, in every kind of run?"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from pass_engine.report.assemble import assemble, texts_of
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.model import Bullets, Cell, Column, Figure, Line, Missing, Table
from pass_engine.report.pdf import to_css, to_html
from pass_engine.report.reading import Row, read_run
from pass_engine.report.sections.abstract import _held_twice
from pass_engine.report.tables.layout import chunks, group, parts
from pass_engine.terms import SYNTHETIC_NOTICE, TO_BE_COMPLETED
from tests.unit.report_fixture import HEART, Plan, build_run

SMALL_RUN = Plan(registries=("cz",), strata=("sex",), standardise=False)

HEADINGS = """
1 Abstract
2 List of abbreviations
3 Investigators
4 Other responsible parties
5 Milestones
6 Rationale and background
7 Research question and objectives
8 Amendments and updates
9 Research methods
9.1 Study design
9.2 Setting
9.3 Subjects
9.4 Variables
9.5 Data sources and measurement
9.6 Bias
9.7 Study size
9.8 Data transformation
9.9 Statistical methods
9.9.1 Main summary measures
9.9.2 Main statistical methods
9.9.3 Missing values
9.9.4 Sensitivity analyses
9.9.5 Amendments to the statistical analysis plan
9.10 Quality control
10 Results
10.1 Participants
10.2 Descriptive data
10.3 Outcome data
10.4 Main results
10.5 Other analyses
10.6 Adverse events/adverse reactions
11 Discussion
11.1 Key results
11.2 Limitations
11.3 Interpretation
11.4 Generalisability
12 Other information
13 Conclusion
14 References
Annex 1 List of stand-alone documents
Annex 2 Additional information
""".strip().splitlines()

PASS_ROWS = [
    "Title",
    "Version identifier of the final study report",
    "Date of last version of the final study report",
    "EU PAS register number",
    "Active substance",
    "Medicinal product",
    "Product reference",
    "Procedure number",
    "Marketing authorisation holder(s)",
    "Joint PASS",
    "Research question and objectives",
    "Country(-ies) of study",
    "Author",
]

ABSTRACT = [
    "Title",
    "Keywords",
    "Rationale and background",
    "Research question and objectives",
    "Study design",
    "Setting",
    "Subjects and study size, including dropouts",
    "Variables and data sources",
    "Results",
    "Discussion",
    "Marketing authorisation holder(s)",
    "Names and affiliations of principal investigators",
]


def made(folder, plan=None):
    run = read_run(build_run(folder, plan))
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    return report


def walk(sections):
    for section in sections:
        yield section
        yield from walk(section.sections)


def text_of(part) -> str:
    return "\n".join(texts_of(part))


def section(report, number):
    return next(s for s in walk(report.sections) if s.number == number)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return made(tmp_path_factory.mktemp("full") / "run")


@pytest.fixture(scope="module")
def heart(tmp_path_factory):
    return made(tmp_path_factory.mktemp("heart") / "run", HEART)


@pytest.mark.parametrize("which", ["full", "heart"])
def test_headings_stand_in_the_order_of_the_format(which, request) -> None:
    report = request.getfixturevalue(which)
    found = [f"{s.number} {s.title}" for s in walk(report.sections) if not s.number.startswith("A2.")]
    assert found == HEADINGS


def test_the_title_page_has_all_rows_in_order(full) -> None:
    assert [term for term, _ in full.cover.facts.rows] == PASS_ROWS
    assert dict(full.cover.facts.rows)["EU PAS register number"] == (TO_BE_COMPLETED,)
    assert dict(full.cover.facts.rows)["Country(-ies) of study"] == ("Czechia, Denmark, France, Italy, Sweden",)


def test_the_abstract_has_its_sub_headings(full) -> None:
    assert [b.text for b in section(full, "1").blocks if b.kind == "heading"] == ABSTRACT


def test_keywords_are_five_at_most(full) -> None:
    assert len(full.keywords.split(", ")) == 5


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("participation", "10.1-1"),
        ("attrition-ocrelizumab", "10.1-2"),
        ("attrition-platform", "10.1-3"),
        ("analysis-sets", "10.1-4"),
        ("follow-up", "10.1-5"),
        ("baseline", "10.2-1"),
        ("person-time", "10.2-2"),
        ("quality-completeness", "10.2-3"),
        ("outcome-data", "10.3-1"),
        ("main-incidence", "10.4-1"),
        ("other-measures", "10.4-2"),
        ("rate-ratio", "10.4-3"),
        ("by-registry-main-serious_infection-on_treatment-1", "10.4-4"),
        ("sensitivity", "10.5-1"),
        ("by-sex-1", "10.5-2"),
        ("by-age-1", "10.5-3"),
        ("by-calendar-1", "10.5-4"),
        ("documents", "A1-1"),
        ("quality-fault", "A2.3-1"),
        ("quality-mapping", "A2.3-2"),
        ("sql", "A2.5-1"),
        ("representativeness", "A2.3-4"),
        ("re-run", "A2.6-1"),
        ("manifest", "A2.6-2"),
        ("dictionary", "A2.7-1"),
    ],
)
def test_every_table_of_the_shells_is_there(full, key, number) -> None:
    assert {t.key: t.number for t in full.tables}[key] == number


SHELLS = {
    "10.1": {"censoring": "Reasons for the end of follow-up"},
    "10.2": {"exposure": "Exposure: duration", "age-sex-year": "Person-years by age, sex and calendar year"},
    "10.3": {"terms": "Serious adverse events by system organ class and preferred term"},
    "10.4": {
        "hazards": "Hazard ratios", "differences": "Standardised differences", "observed-expected": "Observed and",
        "since-start": "Incidence by time", "curves": "Survival",
    },
    "10.5": {},
    "10.6": {"reactions": "Adverse events and reactions", "lock-points": "Interval and cumulative counts"},
    "A2.3": {"verification": "Source data verification"},
}  # fmt: skip


@pytest.mark.parametrize(("number", "expected"), SHELLS.items())
def test_a_table_that_the_study_does_not_fill_is_there_with_its_reason(full, number, expected) -> None:
    found = [b for b in section(full, number).blocks if isinstance(b, Table) and b.key.startswith("shell-")]
    assert {t.key.removeprefix("shell-") for t in found} == set(expected)
    for table in found:
        assert table.title.startswith(expected[table.key.removeprefix("shell-")])
        assert not table.lines
        assert table.empty.endswith(".")


def test_what_one_registry_or_a_plain_study_cannot_have_is_told_as_well(heart) -> None:
    keys = {t.key.removeprefix("shell-") for t in heart.tables if t.key.startswith("shell-")}
    assert keys >= {"heterogeneity", "sensitivity", "subgroups"}


def test_figures_are_there(full) -> None:
    assert [f.key.split("-main")[0] for f in full.figures] == [
        "design", "flow", "person-time-by-year", "forest", "forest", "forest", "forest", "rate-by-age",
    ]  # fmt: skip


def test_no_two_tables_or_figures_have_one_title(full) -> None:
    tables = [t.title for t in full.tables]
    assert len(set(tables)) == len(tables)
    figures = [f.title for f in full.figures]
    assert len(set(figures)) == len(figures)


def test_countries_that_registries_cover_and_the_protocol_does_not_name_are_told(full) -> None:
    told = text_of(section(full, "9.2"))
    assert "Countries of the study: Czechia, Denmark, France, Italy and Sweden; registries that took part also" in told
    assert "also cover Australia, Canada and Spain." in told


@pytest.mark.parametrize(
    ("excluded", "told"),
    [("408", "; 408 of them may be in two registries and are counted in one"), ("0", ""), ("", "")],
)
def test_persons_that_a_registry_gives_up_are_told_with_the_persons_of_all(excluded, told) -> None:
    row = Row("attrition.csv", 9, {"status": "shown" if excluded else "withheld", "persons": "", "excluded": excluded})
    assert _held_twice([{(2, "registry_overlap", "Not given up"): {"pooled": row}}]) == told


def test_what_a_registry_held_back_is_told_once_for_each_cohort(tmp_path) -> None:
    run = read_run(build_run(tmp_path / "run"))
    few = {"analysis": "main", "cohort": "platform", "reason": "fewer than 10 persons in the registry"}
    records = ({**few, "table": "counts"}, {**few, "table": "attrition"}, {**few, "table": "attrition", "analysis": ""})
    refused = {"table": "arm_overlap", "analysis": "ratio", "cohort": "", "reason": "not allowed by the registry"}
    report = assemble(replace(run, withheld={"cz": (*records, refused)}))
    cohort = "Interferon beta or glatiramer acetate"
    told = next(block for block in section(report, "A2.4").blocks if isinstance(block, Bullets))
    assert told.items == (
        f"CZ held back counts and attrition of cohort {cohort}: fewer than 10 persons in the registry.",
        "CZ held back arm overlap of analysis ratio: not allowed by the registry.",
    )


def test_every_table_from_results_says_under_it_what_it_is_made_of(full) -> None:
    from_results = [t for t in full.tables if t.number.startswith("10.") and not t.key.startswith("shell-")]
    for table in from_results:
        note = table.notes[-1]
        for part in (
            "Data cut 31 December 2024",
            "Contributing: CZ, DK",
            "Analysis set:",
            "Protocol bmsd-pass-001 1.1 (",
        ):
            assert part in note, table.title


def test_every_number_of_the_main_table_has_a_source(full) -> None:
    main = next(t for t in full.tables if t.key == "main-incidence")
    numbers = [cell for line in main.lines if line.role != "group" for cell in line.cells[1:] if not cell.mark]
    assert numbers
    assert all(re.fullmatch(r"R-\d{6}", cell.source) for cell in numbers)


def test_lines_have_as_many_cells_as_the_table_has_columns(full, heart) -> None:
    for table in (*full.tables, *heart.tables):
        assert {len(line.cells) for line in table.lines} <= {len(table.columns)}, table.title


def test_references_in_text_lead_to_tables(full) -> None:
    html = to_html(full)
    assert "[[" not in html
    assert '<a class="ref" href="#table-10.4-1">Table 10.4-1</a>' in html


def test_no_text_is_live_html(full) -> None:
    html = to_html(full)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_missing_section_marks_the_report_a_draft(full) -> None:
    assert full.furniture.draft
    assert any(isinstance(b, Missing) for b in section(full, "13").blocks)


def test_synthetic_data_say_so(full, heart) -> None:
    assert full.furniture.notice == SYNTHETIC_NOTICE
    assert heart.furniture.notice == ""


def test_only_abbreviations_in_use_are_listed(full, heart) -> None:
    def listed(report):
        return {term for term, _ in section(report, "2").blocks[0].rows}

    assert {"EAIR", "EAER", "CI", "EDSS"} <= listed(full)
    assert "EAER" not in listed(heart)


def test_figures_are_well_formed_and_described(full) -> None:
    for figure in full.figures:
        root = ET.fromstring(figure.svg)
        names = [child.tag.rpartition("}")[2] for child in root]
        assert names[:2] == ["title", "desc"]
        assert root[0].text
        assert '"nan"' not in figure.svg


def test_one_registry_is_not_pooled_with_itself(heart) -> None:
    attrition = next(t for t in heart.tables if t.key == "attrition-waiting")
    assert [c.label for c in attrition.columns] == ["Step", "stanford-heart"]
    assert not [f for f in heart.figures if f.key.startswith("forest")]


def test_registries_that_failed_or_stayed_away_are_named(tmp_path) -> None:
    plan = Plan(failed={"it": "PE221: no such file"}, absent=("msbase",), strata=("sex",))
    report = made(tmp_path / "run", plan)
    participation = next(t for t in report.tables if t.key == "participation")
    assert [line.cells[2].text for line in participation.lines] == [
        "took part", "took part", "took part", "failed", "took part", "did not take part",
    ]  # fmt: skip
    main = next(t for t in report.tables if t.key == "main-incidence")
    assert "Not contributing: IT (failed), MSBASE (did not take part)." in main.notes[-1]


def test_a_cohort_without_persons_gives_explained_rows(tmp_path) -> None:
    report = made(tmp_path / "run", Plan(empty_cohorts=("platform",), strata=("sex",)))
    main = next(t for t in report.tables if t.key == "main-incidence")
    cells = [c.text for c in main.lines[2].cells]
    assert cells[:4] == ["Interferon beta or glatiramer acetate", "0", "0", "0"]
    assert "NE" in cells
    assert "As nobody entered the cohort Interferon beta or glatiramer acetate" in text_of(section(report, "10.1"))


def test_a_run_without_any_person_still_makes_a_report(tmp_path) -> None:
    report = made(tmp_path / "run", Plan(empty_cohorts=("ocrelizumab", "platform"), registries=("cz", "dk")))
    baseline = next(t for t in report.tables if t.key == "baseline")
    assert baseline.lines or baseline.empty


def test_no_registry_at_all_gives_empty_tables_with_reasons(tmp_path) -> None:
    plan = Plan(absent=tuple(Plan().registries), compare=False, sensitivity=False, standardise=False)
    report = made(tmp_path / "run", plan)
    assert next(t for t in report.tables if t.key == "main-incidence").empty
    assert report.furniture.notice == ""


def test_long_labels_are_broken_in_figures(tmp_path) -> None:
    folder = build_run(tmp_path / "run", Plan(registries=("cz", "dk"), strata=("sex",)))
    path = folder / "protocol" / "protocol.yaml"
    label = "Interferon beta or glatiramer acetate in any form that was ever marketed in the countries of the study"
    text = path.read_text(encoding="utf-8").replace("Confirmed MS or CIS", label)
    path.write_text(text, encoding="utf-8")
    report = assemble(read_run(folder))
    design = next(f for f in report.figures if f.key == "design")
    texts = [e.text for e in ET.fromstring(design.svg).iter() if e.tag.endswith("}text")]
    assert max(len(t) for t in texts) < 70
    assert any(t.startswith("Interferon beta or") for t in texts)


def test_wide_tables_go_on_a_landscape_page(tmp_path) -> None:
    many = tuple(f"r{n}" for n in range(1, 11))
    plan = Plan(registries=many, strata=(), sizes=dict.fromkeys(many, 900))
    report = made(tmp_path / "run", plan)
    assert {t.key for t in report.tables if t.wide} >= {"attrition-ocrelizumab", "person-time", "outcome-data"}


def test_a_table_of_30_columns_is_printed_in_parts_that_repeat_the_first_column() -> None:
    columns = (Column("Step", 3.0, numeric=False), *(Column(f"r{n}", 1.0) for n in range(1, 31)))
    line = Line((Cell("First"), *(Cell(str(n)) for n in range(1, 31))))
    found = parts(Table("wide", "Wide", columns, (group("Head", 31), line)))
    assert [p.title for p in found] == [f"Wide (columns {a} to {b} of 30)" for a, b in ((1, 10), (11, 20), (21, 30))]
    assert [p.key for p in found] == ["wide", "wide-columns-11", "wide-columns-21"]
    assert [[c.text for c in p.lines[1].cells][:3] for p in found] == [
        ["First", "1", "2"], ["First", "11", "12"], ["First", "21", "22"],
    ]  # fmt: skip
    assert all(len(cells.cells) == len(p.columns) == 11 for p in found for cells in p.lines)
    assert [c.text for p in found for c in p.lines[1].cells[1:]] == [str(n) for n in range(1, 31)]


def test_thirty_registries_make_a_report(tmp_path) -> None:
    many = tuple(f"r{n}" for n in range(1, 31))
    report = made(tmp_path / "run", Plan(registries=many, strata=(), sizes=dict.fromkeys(many, 900)))
    printed = [t for t in report.tables if t.key.startswith("person-time")]
    assert [t.number for t in printed] == ["10.2-2", "10.2-3", "10.2-4"]
    assert [c.label for t in printed for c in t.columns[1:]] == [*(k.upper() for k in many), "Pooled"]
    assert max(len(t.columns) for t in report.tables) <= 15


def test_tables_and_figures_are_listed_in_the_order_of_the_text(full) -> None:
    in_text = [b for s in walk(full.sections) for b in s.blocks]
    assert full.tables == tuple(b for b in in_text if isinstance(b, Table))
    assert full.figures == tuple(b for b in in_text if isinstance(b, Figure))


def test_more_than_two_cohorts_make_further_tables() -> None:
    assert chunks(("a", "b", "c")) == (("a", "b"), ("c",))


def test_only_a_draft_has_the_mark_across_its_pages(full) -> None:
    assert "background: url" in to_css(full.furniture)
    assert "background: url" not in to_css(replace(full.furniture, draft=False))
    assert "DRAFT" not in to_css(replace(full.furniture, draft=False))


def test_a_text_of_the_protocol_cannot_break_out_of_the_style_sheet(full) -> None:
    css = to_css(replace(full.furniture, version='1"; } body { display: none; }'))
    assert "version 1\\000022; } body" in css


def test_any_stratum_has_its_table(tmp_path) -> None:
    plan = Plan(registries=("cz", "dk"), strata=("time_since_start", "country", "centre", "edss"), standardise=False)
    report = made(tmp_path / "run", plan)
    tables = {t.key: t for t in report.tables}
    since = tables["by-time_since_start-1"]
    assert since.number.startswith("10.4-")
    assert since.title == "Incidence by time since start, pooled, per 1,000 person-years"
    assert since.columns[0].label == "Days since cohort entry"
    assert [line.cells[0].text for line in since.lines[1:4]] == ["0–182", "183–364", "365+"]
    assert tables["by-country-1"].number.startswith("10.5-")
    firsts = {key: {line.cells[0].text for line in table.lines} for key, table in tables.items() if key[:3] == "by-"}
    assert {"Denmark", "Unknown"} <= firsts["by-country-1"]
    assert {"c1", "c2"} <= firsts["by-centre-1"]
    assert {"0–1.5", "2–3.5", "Unknown"} <= firsts["by-edss-1"]
    assert "Values at cohort entry." in tables["by-edss-1"].notes[0]
    assert "rate-by-time-since-start" in [f.key for f in report.figures]


def test_only_time_since_start_leaves_other_analyses_a_sentence(tmp_path) -> None:
    report = made(tmp_path / "run", Plan(registries=("cz",), strata=("time_since_start",), standardise=False))
    assert "Results by time since start are in section 10.4" in "\n".join(texts_of(report))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (
            "era_end, plus_days: 31",
            "follow_up_end",
            "from day 31 after the end of each era to the next era or the end of",
        ),
        ("fixed_date, date: 2018-03-01", "follow_up_end", "from 1 March 2018 to end of follow-up"),
        ("cohort_entry", "follow_up_end, within_days: 90", "from cohort entry to day 90 after it"),
        ("cohort_entry, plus_days: 8", "follow_up_end, within_days: 90", "to day 90 after that anchor"),
    ],
)
def test_design_figure_draws_every_anchor(start, end, told, tmp_path) -> None:
    folder = build_run(tmp_path / "run", SMALL_RUN)
    file = folder / "protocol" / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    old = "start: {anchor: first_era_start, plus_days: 0}\n    end: {anchor: follow_up_end}"
    assert text.count(old) == 1
    new = f"start: {{anchor: {start}}}\n    end: {{anchor: {end}}}"
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert told in " ".join(texts_of(assemble(read_run(folder))))


def test_design_figure_shows_the_landmark(tmp_path) -> None:
    folder = build_run(tmp_path / "run", SMALL_RUN)
    file = folder / "protocol" / "protocol.yaml"
    text = file.read_text(encoding="utf-8").replace("  entries: first\n", "  entries: first\n  landmark_days: 90\n")
    file.write_text(text, encoding="utf-8")
    told = " ".join(texts_of(assemble(read_run(folder))))
    assert "from the first start ever, not before day 90, to end of follow-up" in told


def table_of(report, key):
    return next(b for s in walk(report.sections) for b in s.blocks if isinstance(b, Table) and b.key == key)


def test_governance_says_who_decides_what(tmp_path):
    """Per registry: kind of decision, release mode, smallest count, fewest persons; first what the study asks."""
    report = made(tmp_path / "run")
    table = table_of(report, "governance")
    heads = [column.label for column in table.columns]
    study = dict(zip(heads, (c.text for c in table.lines[0].cells), strict=True))
    assert (study["Smallest count shown"], study["Zeros"], study["Decision"]) == ("5", "shown", "–")
    own = [dict(zip(heads, (c.text for c in line.cells), strict=True)) for line in table.lines[1:]]
    took_part = [line for line in own if line["Released"] == "exact"]
    assert took_part
    assert all(line["Fewest persons of a cohort"].isdigit() for line in took_part)


def test_contribution_says_who_gave_what_and_why_not(tmp_path):
    run = read_run(build_run(tmp_path / "run"))
    registries = [row["registry"] for row in run.results["participation.csv"]]
    outcome = next(iter(run.protocol.study.outcomes))
    said = {registries[0]: ("declined", "declined by the registry")}
    rows = tuple(
        Row("contribution.csv", number, {
            "analysis": "main", "outcome": outcome, "registry": registry,
            **dict(zip(("status", "reason"), said.get(registry, ("contributed", "")), strict=True)),
        })
        for number, registry in enumerate(registries, start=2)
    )  # fmt: skip
    report = assemble(replace(run, results={**run.results, "contribution.csv": rows}))
    table = table_of(report, "contribution")
    assert [line.role for line in table.lines] == ["group", "body"]
    assert [c.text for c in table.lines[1].cells[1:]] == ["declined", *["contributed"] * (len(registries) - 1)]
    assert any(note.endswith(": declined by the registry.") for note in table.notes)
