"""Does a variable of the study's own go from the protocol through request, mapping and check to the table at entry?"""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from tests.e2e.small import Network, make_network

EXTRAS = """\
  extras:
    - {name: x_jcv, table: person, kind: code, values: [positive, negative], meaning: Virus antibodies, at_entry: true}
    - name: x_index
      table: person
      kind: number
      unit: m
      meaning: "Antibody index"
      at_entry: true
      bands: [0.4, 0.8]
    - {name: x_scan_date, table: person, kind: date, meaning: "Day of the first scan"}
"""
GATE = """\
quality:
  gates:
    - {indicator: variable_complete, variable: person.x_jcv, at_least: 95, action: flag, why: "Described at entry"}
"""
COLUMNS = """\
        sex: {from: gender, map: {w: female, m: male}}
        x_jcv: {from: jcv, map: {p: positive, n: negative}}
        x_index: {from: idx, unit: {from: cm, to: m}}
        x_scan_date: {from: scan, date_format: "%d.%m.%Y"}
        x_of_another_study: idx
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Person n of aa has an index of 0.1 n; p below 6, then n, and 10 a value without a place. bb maps none."""
    made = make_network(tmp_path_factory.mktemp("extras"))
    made.edit("study/protocol.yaml", ("  require: [person.birth_date]\n", "  require: [person.birth_date]\n" + EXTRAS),
              ("publish:\n  min_cell: 2", f"{GATE}publish:\n  min_cell: 1"))  # fmt: skip
    for name in ("aa", "bb"):
        made.edit(f"registries/{name}/registry.yaml", ("min_cell: 2", "min_cell: 1"))
    made.edit("registries/aa/registry.yaml", ("        sex: {from: gender, map: {w: female, m: male}}\n", COLUMNS))
    file = made / "registries/aa/data/persons.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    more = [f"{row},{jcv(n)},{n * 10},0{n % 9 + 1}.05.2015" for n, row in enumerate(rows)]
    file.write_text("\n".join([f"{head},jcv,idx,scan", *more, ""]), encoding="utf-8")
    assert made.run().code == 0
    return made


def jcv(number: int) -> str:
    """What registry aa holds of this person."""
    return "?" if number == 10 else "p" if number < 6 else "n"


def test_at_entry_persons_are_counted_by_its_levels(network: Network) -> None:
    """Even numbers enter alfa: 0, 2, 4 | 6, 8 | 10; indexes 0.0, 0.2 | 0.4, 0.6 | 0.8, 1.0. Worked by hand."""
    found = {
        (r["registry"], r["cohort"], r["variable"], r["level"]): r["persons"]
        for r in network.rows("baseline.csv")
        if r["variable"].startswith("x_")
    }
    alfa = {(v, level): n for (registry, cohort, v, level), n in found.items() if (registry, cohort) == ("aa", "alfa")}
    assert alfa == {
        ("x_jcv", "positive"): "3", ("x_jcv", "negative"): "2", ("x_jcv", "missing"): "1",
        ("x_index", "<0.4"): "2", ("x_index", "0.4 to <0.8"): "2", ("x_index", "0.8+"): "2",
    }  # fmt: skip
    assert found["bb", "beta", "x_jcv", "missing"] == found["bb", "beta", "x_index", "missing"] == "6"
    assert found["pooled", "alfa", "x_jcv", "missing"] == "7"
    assert not any(variable == "x_scan_date" for _, _, variable, _ in found)


def test_lost_and_missing_values_are_counted_like_any_other(network: Network) -> None:
    rows = {(r["registry"], r["rule_id"], r["column_name"]): r for r in network.rows("quality.csv")}
    lost, missing = rows["aa", "unknown_code", "x_jcv"], rows["aa", "missing", "x_jcv"]
    assert (lost["failed"], lost["tested"]) == ("1", "12")
    assert (missing["failed"], missing["tested"]) == ("1", "12")
    assert rows["aa", "missing", "x_scan_date"]["failed"] == "0"
    assert ("bb", "missing", "x_jcv") not in rows
    years = [r for r in network.rows("completeness_by_year.csv") if r["column_name"] == "x_jcv"]
    assert [(r["registry"], r["calendar_year"], r["tested"], r["failed"]) for r in years] == [
        ("aa", "unknown", "12", "1")  # no day of entry into the registry, by which persons have their year
    ]
    text = (network / "run/sql/column_map/aa/extra_value.sql").read_text(encoding="utf-8")
    assert text.startswith("-- Values at entry of the study's own variables.\nSELECT DISTINCT person_id, 'x_jcv'")


def test_the_check_says_what_a_registry_has_of_it(network: Network) -> None:
    told = network.command("registry", "check", "registries/aa", "--protocol", "study", "--json")
    check = json.loads(told.out)
    answers = {a["variable"]: a for a in check["answers"]}
    assert (answers["person.x_jcv"]["present"], answers["person.x_jcv"]["rows"]) == (11, 12)
    assert answers["person.x_jcv"]["level"] == "needed"
    assert answers["person.x_scan_date"]["level"] == "wanted"
    assert check["tables"][0]["of_other_studies"] == ["x_of_another_study"]
    alone = json.loads(network.command("registry", "check", "registries/aa", "--json").out)
    assert alone["tables"][0]["of_other_studies"] == ["x_jcv", "x_index", "x_scan_date", "x_of_another_study"]
    lacks = json.loads(network.command("registry", "check", "registries/bb", "--protocol", "study", "--json").out)
    assert not {a["variable"]: a["is_mapped"] for a in lacks["answers"]}["person.x_jcv"]


def test_the_request_asks_for_it_in_its_forms(network: Network) -> None:
    assert network.command("data-request", "study", "--out", "request").code == 0
    text = (network / "request/data-request.md").read_text(encoding="utf-8")
    assert "| `x_jcv` | Virus antibodies | code: positive, negative | needed |" in text
    assert "| `x_index` | Antibody index (m) | number | needed |" in text
    rows = openpyxl.load_workbook(network / "request/data-request.xlsx")["variables"].iter_rows(values_only=True)
    assert ("person", "x_scan_date", "Day of the first scan") in {row[:3] for row in rows}


def test_a_quality_gate_may_stand_on_it(network: Network) -> None:
    """11 of 12 are less than 95%; a registry that does not map it has nothing to test."""
    assert {r["registry"]: r["verdict"] for r in network.rows("quality_gates.csv")} == {
        "aa": "not kept", "bb": "nothing to test",
    }  # fmt: skip


def test_the_page_shows_a_protocol_that_is_one(tmp_path: Path) -> None:
    """The first example of docs/extras.md, in a study."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "extras.md").read_text(encoding="utf-8")
    data = page.split("```yaml\n")[1].split("```")[0].removeprefix("data:\n")
    made = make_network(tmp_path)
    made.edit("study/protocol.yaml", ("  require: [person.birth_date]\n", data))
    assert made.command("check", "study").code == 0


def test_required_it_keeps_a_registry_out(tmp_path: Path) -> None:
    made = make_network(tmp_path)
    made.edit("study/protocol.yaml", ("require: [person.birth_date]\n", "require: [person.x_jcv]\n" + EXTRAS))
    told = made.run()
    assert told.code == 12
    assert "PE301 registry aa  source.tables\n  found    no mapping for person.x_jcv" in told.err


def test_the_report_calls_it_by_its_meaning(network: Network) -> None:
    from pass_engine.report.assemble import assemble
    from pass_engine.report.reading import read_run

    report = assemble(read_run(network / "run"))
    table = next(table for table in report.tables if table.key == "baseline")
    firsts = [line.cells[0].text for line in table.lines]
    assert {"Virus antibodies", "Antibody index (m)", "Positive", "0.4 to <0.8"} <= set(firsts)


def test_the_study_in_words_names_it(network: Network) -> None:
    words = " ".join(network.command("explain", "study").out.split())
    assert "variables of its own: virus antibodies (person.x_jcv), antibody index (person.x_index) and day" in words
