"""Does a check tell what maps, what is lost and why, what a study lacks, and no value that few persons have?"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pass_engine.cli import app
from pass_engine.mapping import check_mapping, show_check, to_json
from pass_engine.protocol import load_protocol
from tests.unit.made_registry import made_registry, write

ROOT = Path(__file__).resolve().parents[2]
HEART = ROOT / "protocols" / "stanford-heart"
TABLES: dict[str, Any] = {
    "person": {
        "file": "person.csv",
        "columns": {"person_id": "id", "sex": {"from": "s", "map": {"f": "female"}}, "registry_entry_date": "entered",
                    "consent": "c"},
        "where": {"test": {"missing": True}},
    },
    "visit": {
        "file": "visit.csv",
        "columns": {"person_id": "id", "visit_date": {"from": "day", "date_format": "%Y-%m-%d"}, "sdmt": "sdmt"},
    },
}  # fmt: skip


def rows_of_persons() -> str:
    """Twelve persons: six f, five m (unknown to the map), one SECRET; one of the f refused; and a test row."""
    sexes = ["f"] * 6 + ["m"] * 5 + ["SECRET"]
    lines = [f"{n},{s},201{n % 3}-01-01,{'no' if n == 0 else 'yes'},,x" for n, s in enumerate(sexes)]
    return "\n".join(["id,s,entered,c,test,note", *lines, "99,f,2010-01-01,yes,1,x", ""])


def rows_of_visits() -> str:
    """Ten visits, one of the person who refused; days of three that cannot be read; numbers of one."""
    days = ["2015-05-01"] * 7 + ["31.12.2016"] * 3
    lines = [f"{n},{day},{'SECRET' if n == 1 else n}" for n, day in enumerate(days)]
    return "\n".join(["id,day,sdmt", *lines, ""])


def checked(folder: Path, protocol: Path | None = None):
    write(folder, person_csv=rows_of_persons(), visit_csv=rows_of_visits())
    return check_mapping(made_registry(folder, TABLES), load_protocol(protocol) if protocol else None)


def test_rows_and_values_are_counted_by_reason(tmp_path: Path) -> None:
    found = checked(tmp_path)
    person, visit = found.tables
    assert (person.source_rows, person.kept_rows) == (13, 11)
    assert person.left_out == (("left out by where", 1), ("of persons who refused", 1))
    assert (visit.source_rows, visit.kept_rows) == (10, 9)
    assert visit.left_out == (("of persons who refused", 1),)
    sex = next(c for c in person.columns if c.column == "sex")
    assert sex.losses == (("unknown code", 6),)
    assert [(v.source, v.core, v.is_known, v.values, v.rows) for v in sex.values] == [
        ("m", None, False, 1, 5), (None, None, False, 1, 1), ("f", "female", True, 1, 5),
    ]  # fmt: skip
    day = next(c for c in visit.columns if c.column == "visit_date")
    assert (day.losses, [(s.shape, s.shapes, s.rows) for s in day.shapes]) == (
        (("unreadable date", 3),),
        [(None, 1, 3)],
    )
    assert found.lost == 6 + 3 + 1
    assert not found.is_clean


def test_what_is_not_mapped_is_named(tmp_path: Path) -> None:
    person = checked(tmp_path).tables[0]
    assert person.unused == ("note",)
    assert "death_date" in person.not_mapped
    assert "treatment" in checked(tmp_path).tables_not_mapped


def test_the_page_names_no_rare_value(tmp_path: Path) -> None:
    found = checked(tmp_path, HEART)
    page = io.StringIO()
    show_check(found, Console(file=page, width=140, markup=False, highlight=False))
    for text in (page.getvalue(), to_json(found)):
        assert "SECRET" not in text
        assert str(tmp_path) not in text
    assert "unknown: m (5), 1 rare value (1)" in page.getvalue()
    assert "add to source.tables.person.columns.sex.map: a line for m (one of female, male, other, unknown" in (
        page.getvalue()
    )
    assert "10 values were not taken over: they count as missing" in page.getvalue()
    value = json.loads(to_json(found))
    assert value["is_clean"] is False
    assert value["tables"][0]["columns"][1]["losses"] == [["unknown code", 6]]


def test_a_shape_many_persons_have_is_told_with_its_mend(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,born\n" + "".join(f"{n},0{n}.05.1980\n" for n in range(1, 8)))
    tables = {"person": {"file": "person.csv", "columns": {"person_id": "id", "birth_date": "born"}}}
    found = check_mapping(made_registry(tmp_path, tables))
    (born,) = (c for c in found.tables[0].columns if c.column == "birth_date")
    assert [(s.shape, s.rows) for s in born.shapes] == [("99.99.9999", 7)]
    assert born.mend == (
        (
            'add to source.tables.person.columns.birth_date.date_format: "%d.%m.%Y", '
            "which reads 7 of the values lost, if that is right"
        ),
    )
    assert [fault.code for fault in found.faults] == ["PE307"]


def test_what_a_study_needs_and_the_registry_has(tmp_path: Path) -> None:
    found = checked(tmp_path, HEART)
    answers = {a.variable: a for a in found.answers}
    sex = answers["person.sex"]
    assert (sex.rows, sex.present, sex.since, sex.without) == (11, 5, 2010, "")
    assert [(y.year, y.rows, y.present) for y in sex.years] == [(2010, 3, 1), (2011, 4, 2), (2012, 4, 2)]
    assert not answers["treatment.start_date"].is_mapped
    assert answers["treatment.start_date"].without.startswith("this registry could not take part (required by")
    assert answers["treatment.stop_date"].without.startswith("could not be done as the protocol says: exposure")
    assert {a.variable for a in found.lacking} >= {"treatment.substance", "treatment.start_date"}
    assert "visit.edss" not in {a.variable for a in found.lacking}  # wanted alone


def persons(folder: Path, born: list[str], **table: Any):
    """A check of persons with these dates of birth, day first."""
    write(folder, person_csv="id,born\n" + "".join(f"{n},{day}\n" for n, day in enumerate(born)))
    columns = {"person_id": "id", "birth_date": {"from": "born", "date_format": "%d/%m/%Y"}}
    return check_mapping(made_registry(folder, {"person": {"file": "person.csv", "columns": columns, **table}}))


def test_a_small_share_of_another_format_is_a_finding(tmp_path: Path) -> None:
    """Three of a thousand with the month first: no fault, since below one in a hundred, and not passed over."""
    found = persons(tmp_path, ["03/04/1980"] * 997 + ["05/28/1980"] * 3)
    assert [(f.column, f.failed, f.tested) for f in found.findings if "two formats" in f.label] == [
        ("birth_date", 3, 1000)
    ]
    assert found.faults == ()
    (mend,) = found.tables[0].columns[1].mend
    assert mend.startswith("ask for the source column of source.tables.person.columns.birth_date in one format: 3 of")


def test_the_mend_of_a_format_the_other_way_round_can_be_followed(tmp_path: Path) -> None:
    """Not the advice to add a format beside the one of which each reads the other's dates (PE315)."""
    found = persons(tmp_path, ["05/28/1980"] * 20 + ["01/02/1980"])
    assert [fault.code for fault in found.faults] == ["PE307"]
    (mend,) = found.tables[0].columns[1].mend
    assert mend.startswith('state "%m/%d/%Y" in place of "%d/%m/%Y" under source.tables.person.columns.birth_date.')


def test_a_third_format_is_named_with_what_it_reads(tmp_path: Path) -> None:
    found = persons(tmp_path, ["03/04/1980"] * 50 + ["1980-05-28"] * 4)
    (mend,) = found.tables[0].columns[1].mend
    assert mend.endswith('birth_date.date_format: "%Y-%m-%d", which reads 4 of the values lost, if that is right')


@pytest.mark.parametrize(
    ("numbers", "decimal", "mend"),
    [
        (["1,234.5"] * 9, ".", "holds numbers whose thousands are set apart: send them without"),
        (["1.234,5"] * 9, ",", "holds numbers whose thousands are set apart: send them without"),
        (["1 234"] * 9, ".", "holds numbers whose thousands are set apart: send them without"),
        (["1,234"] * 9, ".", "holds numbers such as 9,999: if the comma sets thousands apart, send them without it"),
        (["1,2"] * 5 + ["1,234"] * 5, ".", 'the numbers have a comma: write decimal: "," for the table of'),
        (["1.2"] * 9, ",", 'the numbers have a point: write decimal: "." for the table of'),
    ],
)
def test_numbers_with_marks_are_mended_by_what_they_are(
    tmp_path: Path, numbers: list[str], decimal: str, mend: str
) -> None:
    rows = "".join(f"{n};2015-01-01;{number}\n" for n, number in enumerate(numbers))
    write(tmp_path, person_csv="id\n1\n", visit_csv=f"id;day;sdmt\n{rows}")
    visit = {"file": "visit.csv", "delimiter": ";", "decimal": decimal,
             "columns": {"person_id": "id", "visit_date": "day", "sdmt": "sdmt"}}  # fmt: skip
    tables = {"person": {"file": "person.csv", "columns": {"person_id": "id"}}, "visit": visit}
    found = check_mapping(made_registry(tmp_path, tables))
    (told,) = found.tables[1].columns[2].mend
    assert mend in told


def test_an_empty_table_is_a_finding_and_an_empty_column_is_not_lacking(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,died\n1,\n", drug_csv="id,drug,start\n")
    tables: dict[str, Any] = {
        "person": {"file": "person.csv", "columns": {"person_id": "id", "death_date": "died"}},
        "treatment": {"file": "drug.csv", "columns": {"person_id": "id", "substance": "drug", "start_date": "start"}},
    }
    found = check_mapping(made_registry(tmp_path, tables), load_protocol(ROOT / "protocols" / "bmsd-pass-001"))
    assert [(f.table, f.tested) for f in found.findings if f.label == "The table is there, and has not one row"] == [
        ("treatment", 0)
    ]
    lacking = {a.variable for a in found.lacking}
    assert "treatment.start_date" in lacking
    assert "person.death_date" not in lacking
    answer = next(a for a in found.answers if a.variable == "person.death_date")
    assert answer.without


def test_a_column_of_free_text_under_a_code_is_told_as_such(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,s\n" + "".join(f"{n},SECRET{n}\n" for n in range(1200)))
    tables = {"person": {"file": "person.csv", "columns": {"person_id": "id", "sex": "s"}}}
    found = check_mapping(made_registry(tmp_path, tables))
    (mend,) = found.tables[0].columns[1].mend
    assert mend.startswith("source.tables.person.columns.sex reads a column with 1200 values that its code list does")


def test_substances_of_the_study_are_held_against_those_here(tmp_path: Path) -> None:
    """Heart transplants of the study; six persons have one of another spelling, one a rare other one."""
    (name,) = {s for e in load_protocol(HEART).study.exposures.values() for s in e.substances or ()}
    drugs = "".join(f"{n},{name}s,1970-01-01\n" for n in range(6)) + "7,SECRET,1970-01-01\n"
    write(tmp_path, person_csv="id\n" + "".join(f"{n}\n" for n in range(9)), drug_csv=f"id,drug,start\n{drugs}")
    tables: dict[str, Any] = {
        "person": {"file": "person.csv", "columns": {"person_id": "id"}},
        "treatment": {"file": "drug.csv", "columns": {"person_id": "id", "substance": "drug", "start_date": "start"}},
    }
    found = check_mapping(made_registry(tmp_path, tables), load_protocol(HEART))
    (checked,) = found.substances
    assert (checked.substance, checked.rows, checked.like) == (name, 0, (f"{name}s (in treatment)",))
    assert found.other_substances == (f"{name}s (in treatment)",)
    page = io.StringIO()
    show_check(found, Console(file=page, width=80, markup=False, highlight=False))
    assert "secret" not in page.getvalue().lower()
    assert max(len(line) for line in page.getvalue().splitlines() if not line.startswith("  - ")) <= 80


@pytest.mark.parametrize(("periods", "deaths"), [(True, "linked"), (False, "visits")])
def test_what_this_registry_does_not_need_is_not_lacking(tmp_path: Path, periods: bool, deaths: str) -> None:
    """Periods of observation spare the day of entry; deaths that are linked spare the last contact."""
    tables: dict[str, Any] = {"person": {"file": "person.csv", "columns": {"person_id": "id"}}}
    if periods:
        columns = {"person_id": "id", "start_date": "a", "end_date": "b"}
        tables["observation_period"] = {"file": "period.csv", "columns": columns}
    write(tmp_path, person_csv="id\n1\n", period_csv="id,a,b\n1,2010-01-01,2020-01-01\n")
    loaded = made_registry(tmp_path, tables)
    info = loaded.registry.registry.model_copy(update={"deaths": deaths})
    loaded = replace(loaded, registry=loaded.registry.model_copy(update={"registry": info}))
    lacking = {a.variable for a in check_mapping(loaded, load_protocol(HEART)).lacking}
    assert ("person.registry_entry_date" in lacking) is not periods
    assert ("person.last_contact_date" in lacking) is (deaths == "visits")
    assert "person.death_date" in lacking


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_and_its_exit_codes(tmp_path: Path, as_json: bool) -> None:
    text = (ROOT / "tests" / "errors" / "registry" / "registry.yaml").read_text(encoding="utf-8")
    head, policy = text[: text.index("source:")], text[text.index("policy:") :]
    table = "    person:\n      file: p.csv\n      columns: {person_id: id, sex: s}\n"
    source = f"source:\n  kind: files\n  path: .\n  tables:\n{table}"
    (tmp_path / "registry.yaml").write_text(head + source + policy, encoding="utf-8")
    options = ["--json"] if as_json else []
    for rows, code in (("1,female\n2,male\n", 0), ("1,female\n2,m\n", 3)):
        (tmp_path / "p.csv").write_text(f"id,s\n{rows}", encoding="utf-8")
        done = CliRunner().invoke(app, ["registry", "check", str(tmp_path), *options])
        assert done.exit_code == code, done.output
    if as_json:
        assert json.loads(done.stdout)["registry"] == "aa"
    else:
        assert done.stdout.startswith("Registry aa: Registry AA\n")
