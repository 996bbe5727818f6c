"""Is bad input a clear error, or a loss that is counted? Never wrong numbers, and no value of a row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from pass_engine import quality
from pass_engine.errors import SourceError
from pass_engine.site import prepare
from pass_engine.source import load_source
from pass_engine.store import open_store
from tests.unit.made_registry import made_registry, made_study

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry

MANY = 1_500_000
COLUMNS = {"person_id": "id", "sex": "sex", "death_date": "died"}


def test_a_million_and_a_half_distinct_values_in_coded_columns(tmp_path: Path) -> None:
    """Codes that no list has are missing, values and all counted; local terms are kept, unmapped."""
    ids = pa.array(range(MANY)).cast(pa.string())
    pq.write_table(pa.table({"id": ids, "sex": ids}), tmp_path / "person.parquet")
    pq.write_table(pa.table({"id": ids, "term": ids}), tmp_path / "event.parquet")
    tables: dict[str, Any] = {
        "person": {"file": "person.parquet", "columns": {"person_id": "id", "sex": "sex"}},
        "adverse_event": {
            "file": "event.parquet",
            "columns": {"person_id": "id", "code": "term"},
            "constants": {"code_system": "local"},
        },
    }
    with open_store() as store:
        prepare(store, made_registry(tmp_path, tables), made_study())
        assert store.fetch("SELECT count(*), count(sex) FROM mapped_person") == [(MANY, 0)]
        quality.count_faults(store)
        counted = dict(store.fetch("SELECT rule_id, failed FROM quality_count WHERE column_name IN ('sex', 'code')"))
    assert counted["unknown_code"] == MANY
    assert counted["code_unmapped"] == MANY


def of_csv(folder: Path, names: list[str]) -> LoadedRegistry:
    table = pa.table({name: ["SECRET"] for name in names})
    arrow_csv.write_csv(table, folder / "person.csv")
    return made_registry(folder, {"person": {"file": "person.csv", "columns": COLUMNS}})


def of_parquet(folder: Path, names: list[str]) -> LoadedRegistry:
    pq.write_table(pa.table({name: ["SECRET"] for name in names}), folder / "person.parquet")
    return made_registry(folder, {"person": {"file": "person.parquet", "columns": COLUMNS}})


def of_sqlite(folder: Path, names: list[str]) -> LoadedRegistry:
    (folder / "all.sqlite").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "all.sqlite")) as connection:
        connection.execute(f"CREATE TABLE person ({', '.join(names)})")
        connection.commit()
    tables = {"person": {"table": "person", "columns": COLUMNS}}
    return made_registry(folder, tables, kind="sqlite", path="all.sqlite")


@pytest.mark.parametrize("extract", [of_csv, of_parquet, of_sqlite])
def test_a_column_that_vanishes_between_two_extracts(tmp_path: Path, extract: Any) -> None:
    """Deaths that are no longer sent are not "nobody died"."""
    with open_store() as store:
        load_source(store, extract(tmp_path, ["id", "sex", "died"]))
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, extract(tmp_path, ["id", "sex"]))
    told = str(caught.value)
    assert "PE223" in told
    assert "found    no column died" in told
    assert "SECRET" not in told


def test_a_database_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Two tables of a SQLite database are of one moment: what is committed between them is in neither."""
    (tmp_path / "all.sqlite").touch()
    with closing(sqlite3.connect(tmp_path / "all.sqlite", isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=wal")
        for table in ("person", "visit"):
            writer.execute(f"CREATE TABLE {table} (id, day)")
            writer.execute(f"INSERT INTO {table} VALUES ('a', '2020-01-01')")  # noqa: S608
        tables = {
            "person": {"table": "person", "columns": {"person_id": "id"}},
            "visit": {"table": "visit", "columns": {"person_id": "id", "visit_date": "day"}},
        }
        from pass_engine.source.sqlite_file import SqliteTables

        real = SqliteTables.open

        def opened(self: SqliteTables, table: str, place: Any) -> Any:
            if table == "visit":
                writer.execute("INSERT INTO visit VALUES ('b', '2020-01-01')")
            return real(self, table, place)

        with pytest.MonkeyPatch.context() as patch, open_store() as store:
            patch.setattr(SqliteTables, "open", opened)
            load_source(store, made_registry(tmp_path, tables, kind="sqlite", path="all.sqlite"))
            assert store.fetch("SELECT count(*) FROM raw_visit") == [(1,)]
