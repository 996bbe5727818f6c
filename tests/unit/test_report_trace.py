"""Can every printed number be followed home?"""

from __future__ import annotations

import csv
import re

import pytest

from pass_engine.errors import ReportError
from pass_engine.estimate import RESULT_COLUMNS, index_rows
from pass_engine.estimate.index import COUNTED_BY, NOT_NUMBERED
from pass_engine.report import trace
from pass_engine.report.assemble import assemble
from pass_engine.report.model import Listing
from pass_engine.report.pdf import to_html
from pass_engine.report.reading import read_run
from pass_engine.report.sections.rows import _ranges
from pass_engine.sqltext import chain_to
from tests.unit.report_fixture import Plan, build_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_run(tmp_path_factory.mktemp("trace") / "run", Plan(registries=("cz", "dk"), strata=("sex",)))


@pytest.fixture(scope="module")
def report(folder):
    return assemble(read_run(folder))


def index_of(folder) -> list[dict[str, str]]:
    with (folder / "results" / "index.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_results_file_says_which_sql_counts_it() -> None:
    """A new results file needs a line in ``COUNTED_BY``."""
    assert set(COUNTED_BY) == set(RESULT_COLUMNS) - set(NOT_NUMBERED)


def test_tables_that_count_are_written_by_sql() -> None:
    for tables in COUNTED_BY.values():
        assert {f.writes for f in chain_to(tables)} >= set(tables)


def test_rows_are_numbered_through_and_name_their_bundles() -> None:
    tables = {
        "incidence": [{"analysis": "main", "registry": "cz", "registries": "cz"}],
        "quality": [{"registry": "dk"}],
        "participation": [{"registry": "fr"}],
        "attrition": [{"analysis": "", "registry": "pooled", "registries": "cz;dk"}],
    }
    rows = list(index_rows(tables, {"cz": "a" * 64, "dk": "b" * 64}))
    a, b = f"cz={'a' * 16}", f"dk={'b' * 16}"
    assert [(r["id"], r["file"], r["row"], r["analysis"], r["bundles"]) for r in rows] == [
        ("R-000001", "incidence.csv", "2", "main", a),
        ("R-000002", "attrition.csv", "2", "", f"{a} {b}"),
        ("R-000003", "quality.csv", "2", "", b),
        ("R-000004", "participation.csv", "2", "", ""),
    ]
    assert rows[0]["sql"].endswith(" 745 750")
    assert rows[2]["sql"].endswith(" 192 199")


def test_every_number_of_a_results_table_is_a_link_that_arrives(report) -> None:
    html = to_html(report)
    links = set(re.findall(r'href="#(R-\d{6})"', html))
    assert len(links) > 100
    assert links <= set(re.findall(r'id="(R-\d{6})"', html))
    for table in (t for t in report.tables if t.number.startswith("10.")):
        for line in table.lines:
            for cell in line.cells[1:]:
                if any(c.isdigit() for c in cell.text) and table.key != "participation":
                    assert re.fullmatch(r"R-\d{6}(,R-\d{6})*", cell.source), (table.title, cell.text)


def test_the_number_in_a_head_of_a_column_is_a_link(report) -> None:
    baseline = next(t for t in report.tables if t.key == "baseline")
    heads = [(column.name, column.size, column.row) for column in baseline.columns if column.size]
    assert [name for name, _, _ in heads] == ["Ocrelizumab", "Interferon beta or glatiramer acetate"]
    html = to_html(report)
    for _, size, row in heads:
        assert size.startswith("N = ")
        assert f'<a href="#{row}">{size}</a></th>' in html
        assert f'id="{row}"' in html


def test_numbers_in_figures_lie_under_links_that_arrive(report) -> None:
    zones = {figure.key: [zone.row for zone in figure.zones] for figure in report.figures if figure.zones}
    assert {"flow", "forest-main-death-on_treatment"} <= set(zones)
    html = to_html(report)
    for figure in report.figures:
        assert [zone.source for zone in figure.zones] == re.findall(r'data-row="([^"]*)"', figure.svg)
        for zone in figure.zones:
            assert f'<a class="zone" href="#{zone.row}" style="left:{zone.left};top:{zone.top};' in html
            assert f'<b id="{zone.row}">' in html
            assert 0 <= float(zone.left[:-1]) < float(zone.left[:-1]) + float(zone.width[:-1]) <= 100.5


def test_rows_of_one_place_are_told_as_ranges_where_they_are_many() -> None:
    rows = [f"R-{n:06d}" for n in (7, 8, 9, 20, 22, 23)]
    assert _ranges([rows]) == {"R-000007": "R-000009", "R-000020": "R-000020", "R-000022": "R-000023"}


def test_the_annex_names_each_printed_row_once(report) -> None:
    listing = next(b for s in report.sections[-1].sections for b in s.blocks if isinstance(b, Listing))
    named = [row for _, lines in listing.groups for _, rows in lines for row, _ in rows]
    assert len(named) == len(set(named)) > 100


def test_the_way_back_of_a_rate(folder) -> None:
    rate = next(
        r for r in read_run(folder).results["incidence.csv"] if r["measure"] == "eaer" and r["registry"] == "pooled"
    )
    told = trace(folder, rate.id)
    assert told.startswith(f"{rate.id}: results/incidence.csv, row {rate.number}\n")
    assert "  outcome serious_infection: " in told
    same = [line.split()[:2] for line in told.splitlines() if re.match(r"  R-\d{6}  (cz|dk|pooled)", line)]
    assert [registry for _, registry in same] == ["cz", "dk", "pooled"]
    assert same[2][0] == rate.id
    assert rate["events"] in told
    assert re.search(r"\n  \d{3}_\w+\.sql +[0-9a-f]{64}\n", told)
    assert "  bundles/cz/manifest.json" in told


@pytest.mark.parametrize(
    "file", [f"{t}.csv" for t in ("attrition", "baseline", "quality", "participation", "comparison")]
)
def test_rows_of_every_kind_have_a_way_back(folder, file) -> None:
    row = read_run(folder).results[file][0]
    told = trace(folder, row.id)
    for head in ("Rules, as", "The same question", "SQL that counted", "Bundles,"):
        assert head in told


def test_an_identifier_that_names_no_row_is_refused(folder) -> None:
    last = index_of(folder)[-1]["id"]
    with pytest.raises(ReportError) as caught:
        trace(folder, "R-999999")
    assert str(caught.value).partition("results/index.csv")[2] == (
        "  id\n"
        "  found    R-999999\n"
        "  problem  the results of this run have no row of this name\n"
        f"  mend     name one from R-000001 to {last}"
    )


def test_a_folder_without_an_index_is_refused(tmp_path) -> None:
    with pytest.raises(ReportError, match=r"PE801 .*index.csv\n  found    no such file"):
        trace(tmp_path, "R-000001")
