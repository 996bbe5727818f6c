"""Does each kind of report have the sections that its format asks for, and no reference to one it lacks?"""

from __future__ import annotations

import re

import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.kinds import ABSTRACT, DECLARED, FINAL, INTERIM, KINDS, PROGRESS
from pass_engine.report.lint import check_report
from pass_engine.report.pdf import to_html
from pass_engine.report.reading import read_run
from pass_engine.report_commands import ReportKind
from tests.unit.report_fixture import Plan, build_run
from tests.unit.test_report_content import HEADINGS, walk

LACKS_INTERIM = ["10.5 Other analyses", "11.3 Interpretation", "11.4 Generalisability", "13 Conclusion"]
OF_PROGRESS = """
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
9.10 Quality control
10 Results
10.1 Participants
10.2 Descriptive data
10.3 Outcome data
10.6 Adverse events/adverse reactions
12 Other information
14 References
Annex 1 List of stand-alone documents
Annex 2 Additional information
""".strip().splitlines()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(build_run(tmp_path_factory.mktemp("kinds") / "run", Plan(registries=("cz", "dk"), strata=("sex",))))


def headings(report) -> list[str]:
    return [f"{s.number} {s.title}" for s in walk(report.sections) if not s.number.startswith("A2.")]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FINAL, HEADINGS),
        (INTERIM, [h for h in HEADINGS if h not in LACKS_INTERIM]),
        (PROGRESS, OF_PROGRESS),
        (ABSTRACT, ["1 Abstract"]),
    ],
)
def test_headings_of_each_kind_stand_in_order(run, kind, expected) -> None:
    assert headings(assemble(run, kind)) == expected


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_kind_refers_to_what_it_lacks_and_each_passes_the_lint(run, kind) -> None:
    report = assemble(run, kind)
    check_report(report, run)
    html = to_html(report)
    assert "[[" not in html
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'id="([^"]+)"', html))


@pytest.mark.parametrize("kind", [FINAL, INTERIM, PROGRESS])
def test_sections_that_are_named_are_there(run, kind) -> None:
    report = assemble(run, kind)
    numbers = {s.number for s in walk(report.sections)}
    body = to_html(report).partition('<div class="contents">')[2]
    for named in re.findall(r"(?:in|of) sections? (\d+(?:\.\d+)*)", body):
        assert named in numbers, named


def test_the_title_page_says_what_it_is_and_what_it_leaves_out(run) -> None:
    report = assemble(run, INTERIM)
    assert report.cover.document == report.furniture.document == "Interim study report"
    terms = [term for term, _ in report.cover.facts.rows]
    assert terms[1:3] == [
        "Version identifier of the interim study report", "Date of last version of the interim study report",
    ]  # fmt: skip
    assert report.cover.scope == (
        "Sections have the numbers of a final study report; this interim study report is made before the end of the "
        "study and leaves out sections 10.5, 11.3, 11.4 and 13."
    )
    assert assemble(run, FINAL).cover.scope == ""


def test_the_abstract_can_be_read_alone(run) -> None:
    html = to_html(assemble(run, ABSTRACT))
    assert "exposure-adjusted incidence rate (EAIR)" in html
    assert "confidence interval, CI" in html
    assert "Table of contents" not in html
    assert "href" not in html


def test_the_command_offers_every_kind_and_the_protocol_every_one_it_may_name() -> None:
    assert [kind.value for kind in ReportKind] == list(KINDS)
    assert {f"{kind.key}_report" for kind in DECLARED.values()} == set(DECLARED)
