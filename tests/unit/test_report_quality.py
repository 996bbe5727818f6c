"""What the report says of the quality of each registry's data: heat map, profile, indicators."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from pass_engine.errors import ReportError
from pass_engine.report.assemble import assemble
from pass_engine.report.figures.heat_map import missing_at_most
from pass_engine.report.lint import check_results
from pass_engine.report.model import Figure, Table
from pass_engine.report.reading import COLUMNS, Row, read_run
from tests.unit.report_fixture import Plan, build_run

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.report.model import Report

SVG = "{http://www.w3.org/2000/svg}"


def write(run: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (run / "results" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[name], lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def indicator(name: str, **values: str) -> dict[str, str]:
    return {"registry": "cz", "indicator": name, "dimension": "extensiveness", **values}


def cell(year: str, failed: str, percent: str, status: str = "shown", tested: str = "200") -> dict[str, str]:
    place = {"registry": "cz", "table_name": "visit", "column_name": "edss", "calendar_year": year}
    return {**place, "status": status, "tested": tested, "failed": failed, "percent": percent}


INDICATORS = [
    indicator("sex_known", status="shown", numerator="90", denominator="100", value="90.0", verdict="not kept"),
    indicator("birth_date_known", status="shown", numerator="100", denominator="100", value="100.0", verdict="kept"),
    indicator("duplicate_rows", status="<5", denominator="1000"),
    indicator("fatal_without_death", status="not_estimable", denominator="0"),
    indicator("visits_per_year", status="shown", numerator="3", denominator="730", value="1.501", verdict="kept"),
]
YEARS = [
    cell("<2015", "0", "0.0"), cell("2015", "120", "60.0"), cell("2016", "50", "25.0"), cell("2017", "12", "6.0"),
    cell("2018", "", "", "<5"), cell("2019", "", "", "withheld"), cell("unknown", "2", "1.0"),
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = build_run(tmp_path / "run", Plan(registries=("cz",), strata=("sex",), standardise=False))
    write(folder, "indicators.csv", INDICATORS)
    write(folder, "completeness_by_year.csv", YEARS)
    return folder


@pytest.fixture
def report(run: Path) -> Report:
    return assemble(read_run(run))


def figure(report: Report, key: str) -> tuple[Figure, ET.Element]:
    (found,) = [f for f in report.figures if f.key == key]
    return found, ET.fromstring(found.svg.strip())


def texts(svg: ET.Element) -> list[str]:
    return [t.text or "" for t in svg.iter(f"{SVG}text")]


def test_heat_map_numbers_every_cell_that_is_not_complete(report: Report) -> None:
    made, svg = figure(report, "completeness-cz")
    words = texts(svg)
    after = words[words.index("EDSS") + 1 :]
    assert after == ["60", "25", "6", "<", "×", "1"]
    assert [w for w in words if w in {"<2015", "2015", "no date"}] == ["<2015", "2015", "no date"]
    assert "results/completeness_by_year.csv rows 2–8" in made.notes[1]


def test_heat_map_is_told_in_words(report: Report) -> None:
    _, svg = figure(report, "completeness-cz")
    told = svg.findtext(f"{SVG}desc") or ""
    assert told == (
        "Table of 1 variable by calendar year, <2015 to no date, each cell shaded by the percent of values that are "
        "missing. Complete in every year: 0. 20% or more missing in some year: Visit: EDSS (2 of 7 years, up "
        "to 60%)."
    )
    assert told in (svg.findtext(f"{SVG}title") or "")


def test_heat_map_darkens_with_what_is_missing(report: Report) -> None:
    """The darker a cell, the more is missing: told apart in grey as well."""
    _, svg = figure(report, "completeness-cz")
    boxes = [b for b in svg.iter(f"{SVG}rect") if float(b.get("width", 0)) > 20]
    grey = [sum(int(b.get("fill", "#ffffff")[i : i + 2], 16) for i in (1, 3, 5)) for b in boxes]
    complete, most, much, some, few, *_ = grey
    assert most < much < some < few < complete


def row(status: str, tested: str, percent: str) -> Row:
    return Row("completeness_by_year.csv", 2, {"status": status, "tested": tested, "percent": percent})


def test_a_small_count_is_shaded_by_the_most_it_can_be() -> None:
    assert missing_at_most(row("<5", "200", "")) == 2
    assert missing_at_most(row("<5", "3", "")) == 100
    assert missing_at_most(row("<5", "", "")) is None
    assert missing_at_most(row("withheld", "200", "")) is None
    assert missing_at_most(row("shown", "200", "12.5")) == Decimal("12.5")


def test_profile_has_every_indicator_with_counts_value_and_limit(report: Report) -> None:
    _, svg = figure(report, "quality-profile-cz")
    words = texts(svg)
    assert words[words.index("Sex known") :][:4] == ["Sex known", "90 / 100", "≥ 99%", "90.0%"]
    assert words[words.index("Rows sent twice") :][:4] == ["Rows sent twice", "of 1,000", "≤ 1%", "<5"]
    assert words[words.index("Visits per year") :][:4] == ["Visits per year", "3 / 730", "≥ 1 a year", "1.50"]
    marks = [(s.tag.removeprefix(SVG), s.get("fill")) for s in svg if s.tag in {f"{SVG}circle", f"{SVG}polygon"}]
    assert sorted(marks) == [("circle", "#ffffff"), ("circle", "#ffffff"), ("polygon", "#1b2733")]


def test_profile_is_told_in_words(report: Report) -> None:
    _, svg = figure(report, "quality-profile-cz")
    assert svg.findtext(f"{SVG}desc") == (
        "List of 5 quality indicators with counts, value and limit. Limit kept: 2. Not kept: Sex known. Withheld: 1. "
        "Nothing to count over: 1."
    )


def test_both_fit_on_a_page(run: Path) -> None:
    """With every indicator and every variable there is, a figure, its caption and notes stay under 247 mm."""
    from pass_engine.estimate.columns import COMPLETENESS_YEAR
    from pass_engine.tables.core import CORE
    from pass_engine.tables.indicators import VARIABLE_COMPLETE, indicators

    shown = {"status": "shown", "numerator": "5", "denominator": "10", "value": "50.0", "verdict": "kept"}
    write(run, "indicators.csv", [indicator(i, **shown) for i in indicators() if i != VARIABLE_COMPLETE])
    whole = [
        {**cell("2020", "0", "0.0"), "table_name": t.name, "column_name": c.name}
        for t in CORE.values()
        for c in t.columns
    ]
    assert set(whole[0]) == set(COMPLETENESS_YEAR)
    write(run, "completeness_by_year.csv", whole)
    report = assemble(read_run(run))
    for key in ("quality-profile-cz", "completeness-cz"):
        _, svg = figure(report, key)
        assert float(svg.get("height", 0)) < 790, key


def test_indicators_side_by_side_shade_what_is_not_kept(report: Report) -> None:
    (table,) = [t for t in report.tables if t.key == "quality-indicators"]
    assert isinstance(table, Table)
    lines = {line.cells[0].text: [(c.text, c.shade) for c in line.cells[1:]] for line in table.lines}
    assert lines["Sex known"] == [("≥ 99%", 0), ("90.0", 2)]
    assert lines["Date of birth known"] == [("≥ 98%", 0), ("100.0", 0)]
    assert lines["Rows sent twice"] == [("≤ 1%", 0), ("<5", 0)]
    assert lines["Fatal event without a death record"] == [("≤ 5%", 0), ("NE", 0)]


def test_a_value_beside_a_withheld_status_is_refused(run: Path) -> None:
    write(run, "indicators.csv", [indicator("sex_known", status="<5", denominator="100", value="3.0")])
    with pytest.raises(ReportError, match=r"PE814 results/indicators\.csv:2  value"):
        check_results(read_run(run))


def test_without_counts_of_quality_the_report_says_so(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", Plan(registries=("cz",), strata=("sex",), standardise=False))
    report = assemble(read_run(run))
    (table,) = [t for t in report.tables if t.key == "quality-indicators"]
    assert table.empty == "No registry released indicators."
    assert not [f for f in report.figures if f.key.startswith(("completeness", "quality"))]
