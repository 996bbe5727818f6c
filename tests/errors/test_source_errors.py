"""Does every fault of a registry's files tell where it is, what it is, and how to mend it? Whole texts are compared."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pass_engine.errors import SourceError
from pass_engine.source import load_source
from pass_engine.store import open_store
from tests.unit.made_registry import made_registry

CASES = yaml.safe_load((Path(__file__).parent / "source_faults.yaml").read_text(encoding="utf-8"))
COLUMNS = {"person_id": "id", "sex": "sex"}


def told(folder: Path, *, source: dict[str, Any] | None = None, **table: Any) -> str:
    """The error of a registry in ``folder/xx``; it holds no value of a row."""
    plain = {} if (source or {}).get("kind", "files") != "files" else {"file": "person.csv"}
    tables = {} if (source or {}).get("kind") == "omop" else {"person": {**plain, "columns": COLUMNS, **table}}
    loaded = made_registry(folder / "xx", tables, **(source or {}))
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, loaded)
    text = str(caught.value)
    assert "SECRET" not in text
    assert str(folder) not in text
    return text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_fault(case: dict[str, Any], tmp_path: Path) -> None:
    for name, content in case["files"].items():
        file = tmp_path / "xx" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode("latin-1"))
    assert told(tmp_path, source=case.get("source"), **case.get("table", {})) == case["text"].rstrip("\n")


def test_no_such_sheet(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    book = openpyxl.Workbook()
    book.active.title = "Persons"
    book.active.append(["SECRET"])
    book.save(tmp_path / "xx" / "person.xlsx")
    assert told(tmp_path, file="person.xlsx", sheet="Person") == (
        "PE222 xx/person.xlsx  source.tables.person\n"
        "  found    sheet Person\n"
        "  problem  the file holds no such sheet\n"
        "  mend     did you mean Persons?"
    )


def test_empty_sheet(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    openpyxl.Workbook().save(tmp_path / "xx" / "person.xlsx")
    assert told(tmp_path, file="person.xlsx") == (
        "PE224 xx/person.xlsx, sheet Sheet  source.tables.person\n"
        "  found    nothing\n"
        "  problem  the file is empty: it has no header row\n"
        "  mend     send the file again; a table without rows still needs its header"
    )


def test_a_workbook_with_a_broken_sheet(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    book = openpyxl.Workbook()
    book.active.append(["SECRET"])
    book.save(tmp_path / "sound.xlsx")
    with zipfile.ZipFile(tmp_path / "sound.xlsx") as sound, zipfile.ZipFile(tmp_path / "xx/person.xlsx", "w") as bad:
        for name in sound.namelist():
            bad.writestr(name, sound.read(name).replace(b"<sheetData>", b"<sheetData>&broken"))
    assert told(tmp_path, file="person.xlsx").startswith(
        "PE228 xx/person.xlsx  source.tables.person\n  found    a file that is not an Excel workbook\n"
    )


def test_a_parquet_file_with_a_broken_name(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    pq.write_table(pa.table({"k\u00e4se": ["SECRET"], "sex": ["F"]}), tmp_path / "sound.parquet")
    broken = (tmp_path / "sound.parquet").read_bytes().replace(b"k\xc3\xa4se", b"k\xe4\xe4se")
    (tmp_path / "xx" / "person.parquet").write_bytes(broken)
    assert told(tmp_path, file="person.parquet").startswith(
        "PE228 xx/person.parquet  source.tables.person\n  found    a file that is not Parquet\n"
    )


def test_no_such_table(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    with sqlite3.connect(tmp_path / "xx" / "registry.sqlite") as connection:
        connection.execute("CREATE TABLE patient (id TEXT, sex TEXT)")
    connection.close()
    assert told(tmp_path, source={"kind": "sqlite", "path": "registry.sqlite"}, table="person") == (
        "PE222 xx/registry.sqlite  source.tables.person\n"
        "  found    table person\n"
        "  problem  the file holds no such table\n"
        "  mend     there is: patient"
    )


def test_column_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    pq.write_table(pa.table({"id": [b"SECRET"], "sex": ["F"]}), tmp_path / "xx" / "person.parquet")
    assert told(tmp_path, file="person.parquet") == (
        "PE230 xx/person.parquet  source.tables.person\n"
        "  found    column id of type binary\n"
        "  problem  the column cannot be read as text\n"
        "  mend     send text, numbers, dates or truth values"
    )


def test_faults_of_all_tables_at_once(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "person.csv").write_text("id\nSECRET\n", encoding="utf-8")
    tables = {
        "person": {"file": "person.csv", "columns": COLUMNS},
        "visit": {"file": "visit.csv", "columns": {"person_id": "id", "visit_date": "day"}},
    }
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, made_registry(tmp_path / "xx", tables))
    assert [fault.code for fault in caught.value.faults] == ["PE223", "PE221"]
    assert caught.value.exit_code == 11


def test_a_broken_row_late_in_a_long_file(tmp_path: Path) -> None:
    """The file is read in batches by the database: the error must come through whole."""
    (tmp_path / "xx").mkdir()
    rows = "SECRET,F\n" * 120_000
    (tmp_path / "xx" / "person.csv").write_text(f"id,sex\n{rows}SECRET\n", encoding="utf-8")
    assert told(tmp_path).startswith("PE227 xx/person.csv:120002  source.tables.person\n  found    1 fields\n")
