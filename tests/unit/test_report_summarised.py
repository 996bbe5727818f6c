"""Does the export keep the rules of the layout ``summarised_result`` (omopgenerics 1.3.1)?

The rules are written down here once more, from the documentation of omopgenerics: the article "A summarised result" for
columns, types, pairs and settings, and "Suppression of a summarised_result object" for what stands for small counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pytest

from pass_engine.errors import ReportError
from pass_engine.report import export_summarised
from pass_engine.report.reading import read_run
from pass_engine.report.summarised import dictionary_of, summarise, to_csv
from tests.unit.report_fixture import HEART, Plan, build_run

PLAN = Plan(
    registries=("cz", "dk", "fr"),
    strata=("age", "sex", "calendar"),
    sizes={"cz": 300, "dk": 250, "fr": 400},  # small, so that counts are suppressed
)
COLUMNS = (
    "result_id cdm_name group_name group_level strata_name strata_level variable_name variable_level estimate_name "
    "estimate_type estimate_value additional_name additional_level"
).split()
TYPES = {"numeric", "integer", "date", "character", "proportion", "percentage", "logical"}
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
KEY = [c for c in COLUMNS if c not in {"estimate_type", "estimate_value"}]
GROUPING = [c for c in KEY if c not in {"variable_name", "variable_level", "estimate_name"}]


@pytest.fixture(scope="module", params=[PLAN, HEART], ids=["network", "one registry"])
def run(request, tmp_path_factory):
    return read_run(build_run(tmp_path_factory.mktemp("summarised") / "run", request.param))


@pytest.fixture(scope="module")
def text(run) -> str:
    return to_csv(summarise(run))


@pytest.fixture(scope="module")
def rows(text) -> list[dict[str, str]]:
    """Rows of results; in the file a missing value is NA without quotes, and a text has quotes."""
    return [r for r in read(text) if r["variable_name"] != "settings"]


@pytest.fixture(scope="module")
def settings(text) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in (r for r in read(text) if r["variable_name"] == "settings"):
        assert row["estimate_name"] not in found.setdefault(row["result_id"], {})
        found[row["result_id"]][row["estimate_name"]] = row["estimate_value"]
        assert row["cdm_name"] is row["variable_level"] is None
        assert row["estimate_type"] == "character"
        assert {row[f"{pair}_{part}"] for pair in ("group", "strata", "additional") for part in ("name", "level")} == {
            "overall"
        }
    return found


def read(text: str) -> list[dict[str, str]]:
    marked = re.sub(r"(?<=,)NA(?=,)", '"\x00"', text)
    return [{k: None if v == "\x00" else v for k, v in r.items()} for r in csv.DictReader(io.StringIO(marked))]


def names(row: dict[str, str], pair: str) -> list[str]:
    return row[f"{pair}_name"].split(" &&& ")


def test_the_columns_are_those_of_the_layout_in_its_order(text) -> None:
    assert text.split("\n", 1)[0] == ",".join(f'"{c}"' for c in COLUMNS)
    assert text.endswith("\n")
    assert "\r" not in text


def test_identifiers_are_whole_numbers_with_settings_of_their_own(rows, settings) -> None:
    assert {r["result_id"] for r in rows} <= set(settings)
    assert list(settings) == [str(n) for n in range(1, len(settings) + 1)]
    for values in settings.values():
        assert values["result_type"].startswith("pass_")
        assert values["package_name"] == "pass_engine"
        assert values["package_version"]
    assert len({tuple(sorted(v.items())) for v in settings.values()}) == len(settings)


def test_only_the_level_of_a_variable_may_be_missing(rows) -> None:
    for row in rows:
        for column in COLUMNS:
            assert row[column] not in {None, ""} or column == "variable_level", (column, row)


def test_names_are_in_snake_case_and_have_as_many_levels(rows) -> None:
    for row in rows:
        assert SNAKE.fullmatch(row["estimate_name"])
        for pair in ("group", "strata", "additional"):
            assert all(SNAKE.fullmatch(name) for name in names(row, pair))
            levels = row[f"{pair}_level"].split(" &&& ")
            assert len(levels) == len(names(row, pair)) == len(set(names(row, pair)))
            assert all(levels)
            assert (names(row, pair) == ["overall"]) <= (levels == ["overall"])


def test_types_are_allowed_and_values_are_of_their_type_or_suppressed(rows) -> None:
    seen = Counter()
    for row in rows:
        assert row["estimate_type"] in TYPES
        value, kind = row["estimate_value"], row["estimate_type"]
        seen[kind, bool(re.fullmatch(r"<\d+|-", value))] += 1
        if re.fullmatch(r"<\d+|-", value):
            continue
        if kind == "integer":
            assert re.fullmatch(r"-?\d+", value), row
        elif kind == "percentage":
            assert 0 <= float(value) <= 100
        elif kind == "proportion":
            assert 0 <= float(value) <= 1
        elif kind == "numeric":
            float(value)
    assert seen["integer", False] > 50


def test_a_small_count_names_its_limit_and_what_is_linked_to_it_a_dash(rows, run) -> None:
    limited = [r for r in rows if r["estimate_value"].startswith("<")]
    assert all("count" in r["estimate_name"] and r["estimate_type"] == "integer" for r in limited)
    told = [r for file in ("incidence.csv", "attrition.csv", "baseline.csv") for r in run.results[file]]
    assert bool(limited) == any(r["status"].startswith("<") for r in told)
    place = [*GROUPING, "variable_name", "variable_level"]
    shown = {
        tuple(r[c] for c in place) for r in rows if r["estimate_name"] == "percentage" and r["estimate_value"] != "-"
    }
    for row in limited:  # counts of this name are the ones that link: their percentage is a dash
        assert row["estimate_name"] != "count" or tuple(row[c] for c in place) not in shown


def test_no_estimate_stands_twice(rows) -> None:
    counted = Counter(tuple(row[c] for c in KEY) for row in rows)
    assert [key for key, n in counted.items() if n > 1] == []


def test_a_group_has_one_number_of_subjects(rows) -> None:
    counted = Counter(tuple(r[c] for c in GROUPING) for r in rows if r["variable_name"] == "number_subjects")
    assert counted
    assert set(counted.values()) == {1}


def test_settings_list_the_names_of_each_pair_and_none_twice(rows, settings) -> None:
    for identifier, values in settings.items():
        own = [r for r in rows if r["result_id"] == identifier]
        listed = {}
        for pair in ("group", "strata", "additional"):
            used = {name for row in own for name in names(row, pair)} - {"overall"}
            listed[pair] = set(filter(None, values[pair].split(" &&& ")))
            assert listed[pair] == used
        assert not listed["group"] & listed["strata"]
        assert not listed["group"] & listed["additional"]
        assert not listed["strata"] & listed["additional"]


def test_every_published_number_is_there(run, rows) -> None:
    """Counts of the incidence file, added up on both sides."""
    for column, name in (("persons", "denominator_count"), ("person_days", "person_days"), ("events", "outcome_count")):
        wanted = Counter(r[column] for r in run.results["incidence.csv"] if r[column])
        kinds = {r["result_id"] for r in rows if r["estimate_name"] == "rate_per"}
        measured = [r for r in rows if r["estimate_name"] == name and "measure" in names(r, "additional")]
        found = Counter(
            r["estimate_value"]
            for r in measured
            if r["estimate_value"].isdigit() and r["result_id"] in kinds and "comparator_name" not in names(r, "group")
        )
        assert found == wanted


def test_one_row_by_hand(run, rows, settings) -> None:
    """The pooled rate of death, found in the file by its own columns."""
    wanted = next(
        r
        for r in run.rows("incidence.csv", registry="pooled" if len(run.contributors) > 1 else run.contributors[0])
        if r["outcome"] == "death" and r["measure"] == "eair" and r["stratum"] == "overall" and r["rate"]
    )
    (row,) = [
        r
        for r in rows
        if r["estimate_name"] == "incidence_rate"
        and settings[r["result_id"]]["analysis"] == wanted["analysis"]
        and r["cdm_name"] == wanted["registry"]
        and r["group_level"] == wanted["cohort"]
        and r["variable_name"] == "death"
        and r["strata_name"] == "overall"
        and r["additional_level"] == f"{wanted['time_at_risk']} &&& {wanted['counting']} &&& eair"
    ]
    assert row["estimate_value"] == wanted["rate"]
    assert row["additional_name"] == "time_at_risk &&& counting &&& measure"


def test_the_dictionary_holds_every_estimate(run, rows) -> None:
    listed = list(csv.DictReader(io.StringIO(dictionary_of(summarise(run)))))
    assert {r["estimate_name"] for r in rows} == {r["estimate_name"] for r in listed}
    assert all(r["meaning"] for r in listed)


def test_what_is_not_estimable_has_no_row_and_is_counted(run) -> None:
    made = summarise(run)
    assert "NE" not in {line[10] for line in made.lines}
    assert made.not_estimable >= 0


def test_a_file_that_is_there_stays(tmp_path) -> None:
    folder = build_run(tmp_path / "run", HEART)
    target = tmp_path / "results.csv"
    made = export_summarised(folder, target)
    assert len(target.read_text(encoding="utf-8").splitlines()) == len(made.lines) + 1
    (tmp_path / "results.dictionary.csv").unlink()
    with pytest.raises(ReportError) as caught:
        export_summarised(folder, target)
    assert str(caught.value).split("\n")[1:] == [
        "  found    a file of this name",
        "  problem  the export cannot be written there",
        "  mend     name another file, or take that one away",
    ]
    assert str(caught.value).startswith("PE830 ")
    assert not (tmp_path / "results.dictionary.csv").exists()
