"""Are columns put together as the mapping says (parts, joins, units, tests of rows), and is every loss counted?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from pass_engine.errors import SourceError
from pass_engine.harmonise import harmonise
from pass_engine.harmonise.shaping import factor_of
from pass_engine.registry import input_files
from pass_engine.registry.models import ColumnMap, Unit
from pass_engine.source import load_source
from pass_engine.store import open_store
from pass_engine.tables.units import KINDS, factor_between
from tests.unit.made_registry import made_registry, made_study, write

if TYPE_CHECKING:
    from pathlib import Path

PERSON = {"file": "person.csv", "columns": {"person_id": "id"}}
LOSSES = "SELECT column_name, reason, row_count FROM mapping_loss ORDER BY ALL"


def mapped(
    folder: Path, table: str, content: str, columns: dict[str, Any], *, show: str = "", **options: Any
) -> tuple[list[Any], list[Any]]:
    """Rows of a mapped table by person (the columns in ``show``, else those mapped), and the losses."""
    write(folder, person_csv="id\n" + "".join(f"{n}\n" for n in range(1, 10)), **{f"{table}_csv": content})
    tables = {"person": PERSON, table: {"file": f"{table}.csv", "columns": {"person_id": "id", **columns}, **options}}
    with open_store() as store:
        loaded = made_registry(folder, tables)
        harmonise(store, loaded, load_source(store, loaded), made_study())
        wanted = show or ", ".join(columns)
        found = store.fetch(f"SELECT {wanted} FROM mapped_{table} ORDER BY person_id")  # noqa: S608
        return found, store.fetch(LOSSES)


def test_year_month_and_day_become_a_date(tmp_path: Path) -> None:
    """A date may lack its last parts; one that lacks a middle part is lost, and counted, rather than misread."""
    rows = "id,y,m,d\n1,2019,5,3\n2,2019,11,\n3,2019,,\n4,2019,,7\n5,,,\n6,2019,13,1\n"
    joined = {"mri_date": {"from": ("y", "m", "d")}}
    found, losses = mapped(tmp_path, "mri", rows, joined, show="mri_date, mri_precision")
    assert found == [
        (date(2019, 5, 3), "day"), (date(2019, 11, 1), "month"), (date(2019, 1, 1), "year"), (None, None),
        (None, None), (None, None),
    ]  # fmt: skip
    assert losses == [("mri_date", "part missing", 1), ("mri_date", "unreadable date", 1)]


def test_a_pseudonym_of_two_columns_is_whole_or_missing(tmp_path: Path) -> None:
    """Half a pseudonym would make one person of all persons of a centre."""
    write(tmp_path, person_csv="centre,nr\nA,1\nA,\n,2\nB,1\n,\n")
    tables = {"person": {"file": "person.csv", "columns": {"person_id": {"from": ("centre", "nr"), "join": "/"}}}}
    with open_store() as store:
        loaded = made_registry(tmp_path, tables)
        harmonise(store, loaded, load_source(store, loaded), made_study())
        assert store.fetch("SELECT person_id FROM person ORDER BY 1") == [("A/1",), ("B/1",)]
        assert store.fetch(LOSSES) == [("person_id", "part missing", 2)]


def test_parts_by_separator_and_by_place(tmp_path: Path) -> None:
    rows = "id,x\n1,ICD|A41.9\n2,ICD\n3,\n4,ICD| \n"
    by_part = {"code": {"from": "x", "split": {"by": "|", "part": 2}}}
    found, losses = mapped(tmp_path, "comorbidity", rows, by_part)
    assert found == [("A41.9",), (None,), (None,), (None,)]
    assert losses == [("code", "part missing", 2)]
    rows = "id,x\n1,2019050342\n2,2019\n"
    by_place = {"visit_date": {"from": "x", "split": {"first": 1, "last": 8}, "date_format": "%Y%m%d"},
                "sdmt": {"from": "x", "split": {"first": 9, "last": 10}}}  # fmt: skip
    found, losses = mapped(tmp_path, "visit", rows, by_place)
    assert found == [(date(2019, 5, 3), 42.0), (None, None)]
    assert losses == [("sdmt", "part missing", 1), ("visit_date", "unreadable date", 1)]


@pytest.mark.parametrize(("unit", "text", "value"), [
    ({"from": "g", "to": "mg"}, "0.3", 300.0),
    ({"from": "mg", "to": "g"}, "300", 0.3),
    ({"from": "ug", "to": "mg"}, "250", 0.25),
    ({"from": "weeks", "to": "days"}, "38.5", 269.5),
    ({"from": "lb", "to": "g"}, "7", 3175.14659),          # 7 x 453.59237 g, by hand
    ({"factor": 0.001}, "2.5e11", 250000000.0),            # cells per litre
    ({"factor": 0.0113}, "88.4", 0.99892),
    ({"factor": 1.8, "offset": 32.0}, "37", 98.6),         # degrees Celsius to Fahrenheit
    ({"factor": 3.0}, "0.1", 0.3),                         # 0.30000000000000004 in binary numbers
])  # fmt: skip
def test_units_by_exact_decimals(tmp_path: Path, unit: dict[str, Any], text: str, value: float) -> None:
    columns = {"dose": {"from": "x", "unit": unit}, "substance": "s", "date": "d"}
    found, losses = mapped(tmp_path, "administration", f"id,x,s,d\n1,{text},a,2020-01-01\n", columns, show="dose")
    assert found == [(value,)]
    assert losses == []


def test_a_number_that_is_none_or_too_long_is_counted(tmp_path: Path) -> None:
    rows = 'id,x\n1,"1,5"\n2,many\n3,1000000000000000\n4,"2,5"\n5,"3,5"\n6,"4,5"\n'
    columns = {"value": {"from": "x", "unit": {"from": "g", "to": "mg"}}}
    options = {"decimal": ",", "constants": {"test": "731-0", "date": "2020-01-01"}}
    found, losses = mapped(tmp_path, "laboratory", rows, columns, **options)
    assert found == [(1500.0,), (None,), (None,), (2500.0,), (3500.0,), (4500.0,)]
    assert losses == [("value", "unreadable number", 2)]


def test_factors_are_exact_there_and_back() -> None:
    for units in KINDS.values():
        for source in units:
            for target in units:
                there, back = factor_between(source, target), factor_between(target, source)
                assert there is None or back is None or there * back == 1
    assert factor_between("days", "weeks") is None  # a seventh is no decimal
    assert factor_between("kg", "ng") is None  # twelve whole digits
    assert factor_between("mg", "mL") is None
    assert factor_of(Unit.model_validate({"from": "kg", "to": "g"})) == (Decimal(1000), 0)


@pytest.mark.parametrize(("where", "kept"), [
    ({"k": "a"}, [1]),
    ({"k": {"one_of": ("a", "b")}}, [1, 2]),
    ({"k": {"not": "a"}}, [2, 3, 4]),
    ({"k": {"not": ("a", "b")}}, [3, 4]),
    ({"k": {"present": True}}, [1, 2, 4]),
    ({"k": {"missing": True}}, [3]),
    ({"k": {"not": "a"}, "v": {"present": True}}, [2, 4]),
])  # fmt: skip
def test_rows_are_chosen_and_those_left_out_counted(tmp_path: Path, where: dict[str, Any], kept: list[int]) -> None:
    rows = "id,k,v\n1,a,1\n2,b,2\n3,,\n4,c,4\n"
    found, losses = mapped(tmp_path, "comorbidity", rows, {"code": "id"}, where=where)
    assert [int(code) for (code,) in found] == kept
    assert losses == [("", "filtered by where", 4 - len(kept))]


def test_a_value_is_taken_when_another_column_says_so(tmp_path: Path) -> None:
    rows = "id,k,v\n1,dead,2020-01-01\n2,alive,2021-01-01\n3,,2022-01-01\n"
    write(tmp_path, person_csv=rows)
    when = {"death_date": {"from": "v", "when": {"k": {"not": ("alive",)}}}}
    tables = {"person": {"file": "person.csv", "columns": {"person_id": "id", **when}}}
    with open_store() as store:
        loaded = made_registry(tmp_path, tables)
        harmonise(store, loaded, load_source(store, loaded), made_study())
        found = store.fetch("SELECT death_date FROM mapped_person ORDER BY person_id")
    assert found == [(date(2020, 1, 1),), (None,), (date(2022, 1, 1),)]


def test_files_of_a_pattern_become_one_table(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n2\n")
    (tmp_path / "visits-2019.csv").write_text("id,day\n1,2019-01-01\n2,2019-02-01\n", encoding="utf-8")
    (tmp_path / "visits-2020.csv").write_text("day,id\n2020-01-01,1\n", encoding="utf-8")
    visit = {"file": "visits-*.csv", "columns": {"person_id": "id", "visit_date": "day"}}
    loaded = made_registry(tmp_path, {"person": PERSON, "visit": visit})
    with open_store() as store:
        raw = {t.table: t for t in load_source(store, loaded)}["visit"]
        assert raw.files == (("visits-2019.csv", 2), ("visits-2020.csv", 1))
        assert raw.origin == "visits-*.csv"
        assert store.fetch("SELECT id, day FROM raw_visit ORDER BY ALL") == [
            ("1", "2019-01-01"), ("1", "2020-01-01"), ("2", "2019-02-01"),
        ]  # fmt: skip
    assert set(input_files(loaded)) == {"./person.csv", "./visits-2019.csv", "./visits-2020.csv"}


def test_files_of_one_table_have_the_same_columns(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n")
    (tmp_path / "a.csv").write_text("id,day\n1,2019-01-01\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,date,who\n1,2019-01-01,x\n", encoding="utf-8")
    visit = {"file": ("a.csv", "b.csv"), "columns": {"person_id": "id", "visit_date": "day"}}
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, made_registry(tmp_path, {"person": PERSON, "visit": visit}))
    assert str(caught.value) == (
        f"PE260 {tmp_path.name}/b.csv  source.tables.visit\n"
        "  found    lacks day; has besides date, who\n"
        "  problem  the files of one table have the same columns, and this one differs from a.csv\n"
        "  mend     send the files in one layout, or map them apart; the name of a column may have changed between two "
        "extracts"
    )


def test_a_pattern_without_a_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id\n1\n")
    visit = {"file": "visits-*.csv", "columns": {"person_id": "id", "visit_date": "day"}}
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, made_registry(tmp_path, {"person": PERSON, "visit": visit}))
    assert str(caught.value).startswith(f"PE221 {tmp_path.name}/visits-*.csv  source.tables.visit\n")


def test_one_column_map_names_its_sources() -> None:
    assert ColumnMap.model_validate({"from": "a"}).sources == ("a",)
    assert ColumnMap.model_validate({"from": ("a", "b")}).sources == ("a", "b")
