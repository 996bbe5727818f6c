"""Is every file format read into the same text: ISO dates, whole numbers without .0, missing as missing?"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from pass_engine.errors import SourceError
from pass_engine.source import stat_file
from pass_engine.source.text import NotTextError, text_of, text_of_array, text_of_values
from pass_engine.store import open_store
from tests.unit.made_registry import load_rows, made_registry

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {"person_id": "id", "birth_date": "born", "education": "isced", "death_date": "died"}
EXPECTED = [("1", "1980-01-01", "3", None), ("2", None, "2.5", "2020"), ("3", "1959-12-31", None, "2020-05")]


def read(folder: Path, *, columns: dict[str, str] = COLUMNS, source: dict[str, Any] | None = None, **table: Any) -> Any:
    loaded = made_registry(folder, {"person": {"columns": columns, **table}}, **(source or {}))
    with open_store() as store:
        return load_rows(store, loaded)


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "unused": [[1], [2], [3]],
            "id": pa.array([1, 2, 3], pa.int32()),
            "born": pa.array([date(1980, 1, 1), None, date(1959, 12, 31)]),
            "isced": pa.array([3.0, 2.5, float("nan")]),
            "died": pa.array([None, " 2020 ", "2020-05"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "person.parquet")
    raw, rows = read(tmp_path, file="person.parquet")
    assert rows == EXPECTED
    assert (raw.origin, raw.rows) == ("person.parquet", 3)
    assert (raw.typed_dates, raw.typed_numbers) == ({"born"}, {"id", "isced"})


def test_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["another sheet"])
    sheet = book.create_sheet("Persons")
    for row in (
        [],
        ["id", "born", None, "isced", "died"],
        [1, date(1980, 1, 1), "note", 3, None],
        [],
        [2, None, None, 2.5, 2020],
        ["3", datetime(1959, 12, 31, 12), None, "", "2020-05"],  # noqa: DTZ001 - workbooks have no zones
    ):
        sheet.append(row)
    book.save(tmp_path / "person.xlsx")
    raw, rows = read(tmp_path, file="person.xlsx", sheet="Persons")
    assert rows == EXPECTED
    assert (raw.typed_dates, raw.typed_numbers) == ({"born"}, {"id", "isced", "died"})


def test_xlsx_takes_the_first_sheet_without_a_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append([True])
    book.save(tmp_path / "person.xlsx")
    assert read(tmp_path, columns={"person_id": "id"}, file="person.xlsx")[1] == [("true",)]


def test_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "registry.sqlite") as connection:
        connection.execute('CREATE TABLE "the persons" (id INTEGER, born TEXT, isced REAL, died, photo BLOB)')
        connection.executemany(
            'INSERT INTO "the persons" VALUES (?, ?, ?, ?, ?)',
            [
                (1, "1980-01-01", 3.0, None, b"x"),
                (2, "", 2.5, 2020, b"x"),
                (3, "1959-12-31", None, "2020-05", b"x"),
            ],
        )
    connection.close()
    before = (tmp_path / "registry.sqlite").read_bytes()
    raw, rows = read(tmp_path, source={"kind": "sqlite", "path": "registry.sqlite"}, table="the persons")
    assert rows == EXPECTED
    assert raw.origin == "registry.sqlite:the persons"
    assert raw.typed_numbers == {"id", "isced", "died"}
    assert (tmp_path / "registry.sqlite").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["registry.sqlite"]


def test_stata(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "id": [1, 2, 3], "born": [date(1980, 1, 1), None, date(1959, 12, 31)], "isced": [3, 2.5, None],
        "died": ["", "2020", "2020-05"],
    })  # fmt: skip
    pyreadstat.write_dta(frame, str(tmp_path / "person.dta"), variable_value_labels={"id": {1: "one"}})
    raw, rows = read(tmp_path, file="person.dta")
    assert rows == EXPECTED
    assert raw.typed_dates == {"born"}


STAT_FRAME = pd.DataFrame({
    "id": [1, 2, 3], "born": [date(1980, 1, 1), None, date(1959, 12, 31)], "isced": [3, 2.5, None],
    "died": ["", "2020", "2020-05"],
})  # fmt: skip


@pytest.mark.parametrize("batch", [2, 3, 50_000])
def test_spss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """Codes stay codes; a value that the file itself declares missing is missing."""
    monkeypatch.setattr(stat_file, "BATCH_ROWS", batch)
    frame = STAT_FRAME.assign(smoking=[1.0, 99.0, 2.0])
    pyreadstat.write_sav(
        frame, str(tmp_path / "person.sav"), variable_value_labels={"id": {1: "one"}},
        missing_ranges={"smoking": [99]},
    )  # fmt: skip
    raw, rows = read(tmp_path, columns={**COLUMNS, "smoking": "smoking"}, file="person.sav")
    assert rows == [(*row, code) for row, code in zip(EXPECTED, ["1", None, "2"], strict=True)]
    assert raw.typed_dates == {"born"}


@pytest.mark.parametrize("batch", [2, 3, 50_000])
def test_sas_transport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(stat_file, "BATCH_ROWS", batch)
    pyreadstat.write_xport(STAT_FRAME, str(tmp_path / "person.xpt"), file_format_version=8)
    raw, rows = read(tmp_path, file="person.xpt")
    assert rows == EXPECTED
    assert raw.typed_dates == {"born"}


WRITERS = {
    "sav": pyreadstat.write_sav,
    "dta": pyreadstat.write_dta,
    "xpt": partial(pyreadstat.write_xport, file_format_version=8),
    "5.xpt": partial(pyreadstat.write_xport, file_format_version=5),
}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("lost", [1, 40, 80, 800, 8001])
def test_a_file_that_is_cut_off_is_not_a_shorter_one(tmp_path: Path, ending: str, lost: int) -> None:
    frame = pd.DataFrame({"id": [float(n) for n in range(3000)], "sex": ["abcde" for _ in range(3000)]})
    file = tmp_path / f"person.{ending}"
    WRITERS[ending](frame, str(file))
    columns = {"person_id": "id", "sex": "sex"}
    assert read(tmp_path, columns=columns, file=file.name)[0].rows == 3000
    file.write_bytes(file.read_bytes()[:-lost])
    if (ending, lost) == ("dta", 1):  # the last byte of a Stata file closes a tag: every row is there
        assert read(tmp_path, columns=columns, file=file.name)[0].rows == 3000
        return
    with pytest.raises(SourceError, match="PE228"):
        read(tmp_path, columns=columns, file=file.name)


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 80])
@pytest.mark.parametrize("version", [5, 8])
def test_whole_transport_files_of_any_length_are_read(tmp_path: Path, rows: int, version: int) -> None:
    frame = pd.DataFrame({"id": pd.Series([float(n) for n in range(rows)], dtype="float64"), "sex": ["abcde"] * rows})
    pyreadstat.write_xport(frame, str(tmp_path / "person.xpt"), file_format_version=version)
    assert read(tmp_path, columns={"person_id": "id"}, file="person.xpt")[0].rows == rows


def made_duckdb(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA cohort")
        connection.execute(
            'CREATE TABLE cohort."the persons" '
            "(id INTEGER, born DATE, isced DECIMAL(10, 4), died VARCHAR, extra INTEGER[])"
        )
        connection.execute(
            """INSERT INTO cohort."the persons" VALUES
            (1, '1980-01-01', 3, NULL, [1]), (2, NULL, 2.5, ' 2020 ', NULL), (3, '1959-12-31', NULL, '2020-05', [])"""
        )
        connection.execute('CREATE VIEW cohort.seen AS SELECT * FROM cohort."the persons"')
        connection.execute("CREATE TABLE elsewhere (id INTEGER)")


@pytest.mark.parametrize("table", ["the persons", "seen"])
def test_duckdb(tmp_path: Path, table: str) -> None:
    file = tmp_path / "registry.duckdb"
    made_duckdb(file)
    before = file.read_bytes()
    raw, rows = read(tmp_path, source={"kind": "duckdb", "path": file.name, "schema": "cohort"}, table=table)
    assert rows == EXPECTED
    assert raw.origin == f"registry.duckdb:{table}"
    assert (raw.typed_dates, raw.typed_numbers) == ({"born"}, {"id", "isced"})
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["registry.duckdb"]


def test_a_moment_in_a_duckdb_file_has_the_same_day_on_every_machine(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "registry.duckdb")) as connection:
        connection.execute("CREATE TABLE person AS SELECT TIMESTAMPTZ '2020-01-01 23:30:00+00' AS born")
    code = (
        "from pathlib import Path\nfrom pass_engine.duckdb_file import open_duckdb_file\n"
        f"with open_duckdb_file(Path({str(tmp_path / 'registry.duckdb')!r}), 'main') as file:\n"
        "    print(next(file.batches('person', ['born'], 1)).schema.field('born').type)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env={"TZ": "Asia/Tokyo"}
    )
    assert done.stdout.strip() == "timestamp[us, tz=UTC]"


def test_a_view_of_a_duckdb_file_reaches_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("id\nSECRET\n", encoding="utf-8")
    with duckdb.connect(str(tmp_path / "registry.duckdb")) as connection:
        connection.execute(f"CREATE VIEW person AS SELECT * FROM read_csv('{tmp_path / 'other.csv'}')")  # noqa: S608
    with pytest.raises(SourceError) as caught:
        read(
            tmp_path, columns={"person_id": "id"}, source={"kind": "duckdb", "path": "registry.duckdb"}, table="person"
        )
    assert "SECRET" not in str(caught.value)
    assert "PE228" in str(caught.value)


def test_a_view_that_fails_half_way_names_no_value(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "registry.duckdb")) as connection:
        connection.execute("CREATE TABLE raw AS SELECT CAST(i AS VARCHAR) AS id FROM range(300000) AS r(i)")
        connection.execute("INSERT INTO raw VALUES ('SECRET')")
        connection.execute("CREATE VIEW person AS SELECT CAST(id AS INTEGER) AS id FROM raw")
    with pytest.raises(SourceError) as caught:
        read(
            tmp_path, columns={"person_id": "id"}, source={"kind": "duckdb", "path": "registry.duckdb"}, table="person"
        )
    assert str(caught.value) == (
        f"PE228 {tmp_path.name}/registry.duckdb  source.tables.person\n"
        "  found    rows that cannot be read\n"
        "  problem  the database cannot give the table or view to its end\n"
        "  mend     read all of it in the database's own program, which says what is wrong"
    )


def test_a_duckdb_file_that_another_program_writes(tmp_path: Path) -> None:
    made_duckdb(tmp_path / "registry.duckdb")
    hold = (
        f"import duckdb; c = duckdb.connect({str(tmp_path / 'registry.duckdb')!r}); print('open', flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(SourceError) as caught:
            read(tmp_path, source={"kind": "duckdb", "path": "registry.duckdb", "schema": "cohort"}, table="seen")
        other.communicate(b"\n")
    assert str(caught.value) == (
        f"PE231 {tmp_path.name}/registry.duckdb  source.path\n"
        "  found    a file that is locked\n"
        "  problem  the system does not let the engine read it\n"
        "  mend     check its rights, and that no other program holds it"
    )


def test_a_duckdb_file_that_is_cut_off(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "registry.duckdb")) as connection:
        connection.execute("CREATE TABLE person AS SELECT hash(i)::VARCHAR AS id FROM range(500000) AS r(i)")
    whole = (tmp_path / "registry.duckdb").read_bytes()
    (tmp_path / "registry.duckdb").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="PE228"):
        read(
            tmp_path, columns={"person_id": "id"}, source={"kind": "duckdb", "path": "registry.duckdb"}, table="person"
        )


def test_stata_without_rows(tmp_path: Path) -> None:
    pyreadstat.write_dta(pd.DataFrame({"id": pd.Series([], dtype="float64")}), str(tmp_path / "person.dta"))
    assert read(tmp_path, columns={"person_id": "id"}, file="person.dta")[1] == []


def test_sas() -> None:
    """The file was made for this test; no library of the project can write one."""
    columns = {"person_id": "patient", "birth_date": "foedt", "education": "kode", "smoking": "dosis"}
    raw, rows = read(DATA, columns=columns, file="made_up.sas7bdat")
    assert rows == [("p1", "1980-01-01", "1", "0.5"), ("p2", None, "2", "600"), ("p3", "1959-12-31", None, "12.25")]
    assert (raw.typed_dates, raw.typed_numbers) == ({"foedt"}, {"kode", "dosis"})


@pytest.mark.parametrize(("array", "expected"), [
    (pa.array([1.0, -0.0, 1.5, 123456789012.0, 1e300, None]), ["1", "0", "1.5", "123456789012", "1e+300", None]),
    (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216"]),
    (pa.array([Decimal("12.50"), Decimal("12.00")]), ["12.5", "12"]),
    (pa.array([Decimal(2**53), Decimal(2**53 + 1), None]), ["9007199254740992", "9007199254740993", None]),
    (pa.array([Decimal(100), Decimal("-0.50"), Decimal("0E-10")]), ["100", "-0.5", "0"]),
    (pa.array([2**63 - 1]), ["9223372036854775807"]),
    (pa.array([float("nan"), float("inf")]), [None, None]),
    (pa.array([True, False, None]), ["true", "false", None]),
    (pa.array([datetime(2020, 1, 2, 23, 59, tzinfo=UTC)]), ["2020-01-02"]),
    (pa.array([date(1850, 3, 4)], pa.date64()), ["1850-03-04"]),
    (pa.array(["x", " ", ""], pa.large_string()), ["x", None, None]),
    (pa.nulls(2), [None, None]),
])  # fmt: skip
def test_arrow_columns(array: pa.Array, expected: list[str | None]) -> None:
    assert text_of_array(array)[0].to_pylist() == expected


def test_a_column_may_mix_kinds() -> None:
    values = [date(2020, 1, 2), "2020-05", 2019.0, None, True, " "]
    array, kinds = text_of_values(values)
    assert array.to_pylist() == ["2020-01-02", "2020-05", "2019", None, "true", None]
    assert kinds == {"date", "number"}


def test_numbers_beyond_every_type() -> None:
    assert text_of_values([2**70, float("inf"), "x"])[0].to_pylist() == [str(2**70), None, "x"]
    assert text_of_values([2**70, 1])[0].to_pylist() == [str(2**70), "1"]


def test_bytes_are_no_text() -> None:
    with pytest.raises(NotTextError):
        text_of(b"x", set())
