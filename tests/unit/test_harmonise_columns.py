"""Is each core column read from its source column as the mapping says, and is every loss counted?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pass_engine.harmonise import harmonise
from pass_engine.harmonise.dates import format_problem, precision_of
from pass_engine.source import load_source
from pass_engine.store import Store, open_store
from tests.unit.made_registry import made_registry, made_study, write

if TYPE_CHECKING:
    from pathlib import Path

PERSONS = {"file": "person.csv", "columns": {"person_id": "id"}}


def mapped(
    folder: Path, content: str, column: str, column_map: Any, *, table: str = "mri", **options: Any
) -> tuple[list[Any], dict[str, int]]:
    """Values of one core column made from the column ``x`` of a file, in the order of its rows, and the losses."""
    write(folder, person_csv="id\n1\n", **{f"{table}_csv": content})
    source = {"file": f"{table}.csv", "columns": {"person_id": "id", column: column_map}, "delimiter": ";", **options}
    tables = {"person": PERSONS, table: source}
    with open_store() as store:
        run(store, folder, tables)
        found = store.fetch(f"SELECT {column} FROM mapped_{table} ORDER BY CAST(person_id AS INTEGER)")  # noqa: S608
        losses = dict(store.fetch("SELECT reason, row_count FROM mapping_loss"))
    return [value for (value,) in found], losses


def run(store: Store, folder: Path, tables: dict[str, Any], **study: Any) -> dict[str, str]:
    loaded = made_registry(folder, tables)
    return harmonise(store, loaded, load_source(store, loaded), made_study(**study)).column_maps


def rows(*values: str) -> str:
    """A file of the columns id (1, 2, …) and x."""
    return "id;x\n" + "".join(f"{number};{value}\n" for number, value in enumerate(values, 1))


@pytest.mark.parametrize(("formats", "text", "day", "precision"), [
    ("%Y-%m-%d", "2019-05-14", date(2019, 5, 14), "day"),
    ("%d.%m.%Y", "4.5.2019", date(2019, 5, 4), "day"),
    (("%d-%m-%Y", "%m-%Y", "%Y"), "05-2019", date(2019, 5, 1), "month"),
    (("%d-%m-%Y", "%m-%Y", "%Y"), "2019", date(2019, 1, 1), "year"),
    ("%d%b%Y", "14MAY2019", date(2019, 5, 14), "day"),
    ("%Y-%m-%d %H:%M:%S", "2019-05-14 23:59:59", date(2019, 5, 14), "day"),
    ("%b %Y", "May 2019", date(2019, 5, 1), "month"),
])  # fmt: skip
def test_dates(tmp_path: Path, formats: Any, text: str, day: date, precision: str) -> None:
    write(tmp_path, person_csv="id\n1\n", mri_csv=rows(text))
    tables = {"person": PERSONS, "mri": {
        "file": "mri.csv", "delimiter": ";",
        "columns": {"person_id": "id", "mri_date": {"from": "x", "date_format": formats}},
    }}  # fmt: skip
    with open_store() as store:
        run(store, tmp_path, tables)
        assert store.fetch("SELECT mri_date, mri_precision FROM mapped_mri") == [(day, precision)]


def test_formats_are_tried_in_their_order(tmp_path: Path) -> None:
    """Formats that tell themselves apart; two that do not are refused."""
    values, _ = mapped(
        tmp_path, rows("01/05/2019", "13.05.2019"), "mri_date", "x", date_format=("%m/%d/%Y", "%d.%m.%Y")
    )
    assert values == [date(2019, 1, 5), date(2019, 5, 13)]


def test_a_single_slip_is_no_second_format(tmp_path: Path) -> None:
    """One date with day and month swapped is counted as unreadable, like any other."""
    values, losses = mapped(tmp_path, rows(*["13/05/2019"] * 5, "05/13/2019"), "mri_date", "x", date_format="%d/%m/%Y")
    assert values.count(None) == 1
    assert losses == {"unreadable date": 1}


def test_dates_that_cannot_be_read_are_missing_and_counted(tmp_path: Path) -> None:
    content = rows(
        "2019-05-14",
        "2019-02-30",
        "2019-13-01",
        "14.05.2019",
        "1066-10-14",
        "2019-00-00",
        "",
        "2020",
        "2020-01",
        "2020-01-02",
        "2020-01-03",
        "2020-01-04",
    )
    values, losses = mapped(tmp_path, content, "mri_date", "x")
    assert [value is None for value in values] == [False, *[True] * 6, *[False] * 5]
    assert losses == {"unreadable date": 5}


def test_typed_dates_are_read_whatever_the_format(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n")
    pq.write_table(pa.table({"id": [1], "x": [date(2019, 5, 14)]}), tmp_path / "mri.parquet")
    tables = {
        "person": PERSONS,
        "mri": {"file": "mri.parquet", "columns": {"person_id": "id", "mri_date": "x"}, "date_format": "%d.%m.%Y"},
    }
    with open_store() as store:
        run(store, tmp_path, tables)
        assert store.fetch("SELECT mri_date, mri_precision FROM mapped_mri") == [(date(2019, 5, 14), "day")]


def test_days_from_a_day_0(tmp_path: Path) -> None:
    values, losses = mapped(
        tmp_path, rows("0", "-1", "4.5", "366", "1e9", "soon", "0.0"), "mri_date",
        {"from": "x", "days_from": date(2000, 1, 1), "part_days": "floor"},
    )  # fmt: skip
    assert values == [
        date(2000, 1, 1),
        date(1999, 12, 31),
        date(2000, 1, 5),
        date(2001, 1, 1),
        None,
        None,
        date(2000, 1, 1),
    ]
    assert losses == {"part day rounded down": 1, "unreadable date": 2}


def test_part_days_that_are_not_declared_are_unreadable(tmp_path: Path) -> None:
    values, losses = mapped(tmp_path, rows("4.5", "4", "5.0"), "mri_date", {"from": "x", "days_from": date(2000, 1, 1)})
    assert values == [None, date(2000, 1, 5), date(2000, 1, 6)]
    assert losses == {"unreadable date": 1}


@pytest.mark.parametrize(("decimal", "texts", "expected"), [
    (".", ["1.5", "-2", "1e3", ".5", "1,5", "1 000", "inf"], [1.5, -2, 1000, 0.5, None, None, None]),
    (",", ["1,5", "-2", "1,0", "1.000", "1.234,5"], [1.5, -2, 1, None, None]),
])  # fmt: skip
def test_numbers(tmp_path: Path, decimal: str, texts: list[str], expected: list[float | None]) -> None:
    values, losses = mapped(tmp_path, rows(*texts), "value", "x", table="laboratory", decimal=decimal)
    assert values == expected
    assert losses == {"unreadable number": expected.count(None)}


def test_whole_numbers(tmp_path: Path) -> None:
    values, losses = mapped(tmp_path, rows("1", "2.0", "2.5", ""), "gd_lesions", "x")
    assert values == [1, 2, None, None]
    assert losses == {"unreadable number": 1}


def test_typed_numbers_keep_their_point_beside_a_decimal_comma(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n")
    pq.write_table(pa.table({"id": [1, 2], "x": [1.5, 2.0]}), tmp_path / "laboratory.parquet")
    tables = {
        "person": PERSONS,
        "laboratory": {"file": "laboratory.parquet", "columns": {"person_id": "id", "value": "x"}, "decimal": ","},
    }
    with open_store() as store:
        run(store, tmp_path, tables)
        assert store.fetch("SELECT value FROM mapped_laboratory ORDER BY person_id") == [(1.5,), (2.0,)]


def test_codes_by_a_map(tmp_path: Path) -> None:
    """Trimmed, in exact case; mapped to nothing is missing without being a loss."""
    column_map = {"from": "x", "map": {" hjerne ": "brain", "ryg": "cord", "andet": ""}}
    values, losses = mapped(tmp_path, rows(" hjerne", "RYG", "ryg", "andet", "", "brain"), "region", column_map)
    assert values == ["brain", None, "cord", None, None, None]
    assert losses == {"unknown code": 2}


def test_codes_as_they_are(tmp_path: Path) -> None:
    values, losses = mapped(tmp_path, rows("brain", "Brain", ""), "region", "x")
    assert values == ["brain", None, None]
    assert losses == {"unknown code": 1}


def test_codes_that_are_numbers(tmp_path: Path) -> None:
    values, losses = mapped(tmp_path, rows("0", "2,5", "3,0", "0,5", "11"), "edss", "x", table="visit", decimal=",")
    assert values == ["0", "2.5", "3", None, None]
    assert losses == {"unknown code": 2}


def test_countries_are_two_letters(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,x\n1,se\n2,DK\n3,Norge\n4,\n")
    with open_store() as store:
        run(store, tmp_path, {"person": {"file": "person.csv", "columns": {"person_id": "id", "country": "x"}}})
        assert store.fetch("SELECT country FROM mapped_person ORDER BY person_id") == [
            ("SE",),
            ("DK",),
            (None,),
            (None,),
        ]


def test_substances_are_lower_case(tmp_path: Path) -> None:
    values, _ = mapped(tmp_path, rows("Ocrelizumab", " RITUXIMAB "), "substance", "x", table="treatment")
    assert values == ["ocrelizumab", "rituximab"]
    (tmp_path / "drugs.csv").write_text("source,core\nOCREVUS,Ocrelizumab\n", encoding="utf-8")
    values, losses = mapped(
        tmp_path, rows("OCREVUS", "Ocrevus"), "substance", {"from": "x", "map_file": "drugs.csv"}, table="treatment"
    )
    assert values == ["ocrelizumab", None]
    assert losses == {"unknown code": 1}


def test_when_and_where(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,stop,event,study\n1,10,1,A\n2,20,0,A\n3,30,,A\n4,40,1,B\n5,50,1,\n")
    columns = {"person_id": "id", "death_date": {"from": "stop", "days_from": date(2000, 1, 1), "when": {"event": "1"}}}
    with open_store() as store:
        run(store, tmp_path, {"person": {"file": "person.csv", "columns": columns, "where": {"study": "A"}}})
        found = store.fetch("SELECT person_id, death_date FROM mapped_person ORDER BY person_id")
        losses = store.fetch("SELECT column_name, reason, row_count FROM mapping_loss")
    assert found == [("1", date(2000, 1, 11)), ("2", None), ("3", None)]
    assert losses == [("", "filtered by where", 2)]


def test_constants(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n")
    constants = {"country": "SE", "sex": "female", "registry_entry_date": "2010-05", "centre_id": ""}
    with open_store() as store:
        run(store, tmp_path, {"person": {**PERSONS, "constants": constants, "date_format": "%d.%m.%Y"}})
        found = store.fetch(
            "SELECT country, sex, registry_entry_date, registry_entry_precision, centre_id FROM mapped_person"
        )
    assert found == [("SE", "female", date(2010, 5, 1), "month", None)]


def test_rows_of_a_person_are_merged(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,sex,born\n1,female,\n1,,1980-05\n1,female,1980-05\n2,,\n,male,\n,male,1990\n")
    columns = {"person_id": "id", "sex": "sex", "birth_date": "born"}
    with open_store() as store:
        run(store, tmp_path, {"person": {"file": "person.csv", "columns": columns, "merge_rows": True}})
        found = store.fetch("SELECT person_id, sex, birth_date, birth_precision FROM mapped_person ORDER BY 1")
        faults = store.fetch("SELECT source_rows, row_count, duplicate_count FROM table_tally")
    assert found == [
        ("1", "female", date(1980, 5, 1), "month"),
        ("2", None, None, None),
        (None, "male", date(1990, 1, 1), "year"),
    ]
    assert faults == [(6, 3, 0)]


def test_rows_of_who_refused_leave_before_anything_is_counted(tmp_path: Path) -> None:
    write(
        tmp_path,
        person_csv="id,consent\n1,yes\n2,no\n3,\n",
        mri_csv="id,x\n1,2020-01-01\n2,nonsense\n3,\n4,2020-01-01\n",
    )
    tables = {
        "person": {"file": "person.csv", "columns": {"person_id": "id", "consent": "consent"}},
        "mri": {"file": "mri.csv", "columns": {"person_id": "id", "mri_date": "x"}},
    }
    with open_store() as store:
        run(store, tmp_path, tables)
        assert store.fetch("SELECT person_id FROM mapped_mri ORDER BY 1") == [("1",), ("3",), ("4",)]
        assert store.fetch("SELECT count(*) FROM mapping_loss") == [(0,)]
        assert store.fetch("SELECT row_count, present_count FROM column_tally WHERE column_name = 'consent'") == [
            (2, 1)
        ]


def test_copies_are_counted_without_their_own_numbers(tmp_path: Path) -> None:
    content = "id,no,code,day\n1,a,A41,2020-01\n1,b,A41,2020-01\n1,c,A41,2020-01-01\n1,c,A41,2020-01-01\n"
    write(tmp_path, person_csv="id\n1\n", events_csv=content)
    columns = {"person_id": "id", "event_id": "no", "code": "code", "onset_date": "day"}
    tables = {
        "person": PERSONS,
        "adverse_event": {"file": "events.csv", "columns": columns, "constants": {"code_system": "ICD-10"}},
    }
    with open_store() as store:
        run(store, tmp_path, tables)
        assert store.fetch("SELECT row_count, duplicate_count FROM table_tally WHERE table_name = 'adverse_event'") == [
            (4, 2)
        ]
        assert store.count_rows("event_report") == 2


def test_tables_that_are_not_mapped_are_empty_and_zero_persons_are_no_fault(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n")
    with open_store() as store:
        maps = run(store, tmp_path, {"person": PERSONS})
        assert store.count_rows("mapped_visit") == 0
        assert store.columns("mapped_visit")["edss"] == "VARCHAR"
        assert store.count_rows("person") == 0
    assert next(iter(maps)) == "person"
    assert maps["visit"].startswith("-- Table visit is not mapped: empty.\n")


def test_names_and_values_are_quoted(tmp_path: Path) -> None:
    write(tmp_path, person_csv='"i""d",o\'clock\n1,it\'s\n2,no\n')
    columns = {"person_id": 'i"d', "centre_id": {"from": "o'clock", "when": {"o'clock": "it's"}}}
    with open_store() as store:
        run(store, tmp_path, {"person": {"file": "person.csv", "columns": columns}})
        assert store.fetch("SELECT person_id, centre_id FROM mapped_person ORDER BY 1") == [("1", "it's"), ("2", None)]


@pytest.mark.parametrize(("date_format", "precision"), [
    ("%Y", "year"), ("%m/%Y", "month"), ("%B %Y", "month"), ("%d %b %Y", "day"), ("%Y-%j", "day"),
])  # fmt: skip
def test_precision_follows_from_the_directives(date_format: str, precision: str) -> None:
    assert precision_of(date_format) == precision
    assert format_problem(date_format) is None
