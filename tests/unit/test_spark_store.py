"""Does the door to a cluster answer as the embedded store does?"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from pass_engine.spark_store import SparkStore, open_spark, tables
from pass_engine.store import open_store
from tests.house.sources import ROOT
from tests.sail_server import files_left, sail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = {
    "name": "VARCHAR",
    "day": "DATE",
    "count": "BIGINT",
    "small": "INTEGER",
    "share": "DOUBLE",
    "is_so": "BOOLEAN",
}
ROWS = [
    ("b", dt.date(2020, 2, 29), 3_000_000_000, 1, 0.5, True),
    (None,) * 6,
    ("a", dt.date(1900, 1, 1), 2, -1, 1.0, False),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sail")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with sail_server(folder) as server:
        yield server.address


@pytest.fixture
def store(address: str) -> Iterator[SparkStore]:
    with open_spark(address, "xx") as opened:
        yield opened


def test_the_same_frame(store: SparkStore) -> None:
    with open_store() as here:
        for one in (here, store):
            one.load_rows("t", COLUMNS, ROWS)
        assert store.frame("t").to_csv() == here.frame("t").to_csv()
        assert store.frame("t", ("name",)).to_csv() == here.frame("t", ("name",)).to_csv()
        assert store.columns("t") == here.columns("t") == COLUMNS


def test_a_query_and_a_table_made_from_one(store: SparkStore) -> None:
    store.load_rows("t", {"a": "INTEGER"}, [(1,), (2,)])
    assert store.make_table_from("u", "SELECT a + 1 AS b FROM t") == 2
    assert store.fetch("SELECT b FROM u ORDER BY b") == [(2,), (3,)]
    with pytest.raises(ValueError, match="values come as tables"):
        store.fetch("SELECT b FROM u WHERE b = $b", {"b": 1})


def test_a_large_table_is_sent_in_parts(store: SparkStore, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 1000)
    store.load_arrow("t", pa.table({"a": list(range(5000))}))
    assert store.fetch("SELECT count(*) AS n, sum(a) AS s FROM t") == [(5000, 12_497_500)]
    assert len(files_left(folder)) > 1
    store.load_arrow("t", pa.table({"a": [1]}))
    assert store.count_rows("t") == 1
    assert files_left(folder) == []


def test_what_is_dropped_is_gone(store: SparkStore, folder: Path) -> None:
    store.load_rows("t", {"a": "INTEGER"}, [(1,)])
    store.make_table_from("u", "SELECT a FROM t")
    store.drop_table("u")
    assert files_left(folder) == []


def test_two_sessions_do_not_meet(address: str, folder: Path) -> None:
    with open_spark(address, "xx") as one, open_spark(address, "yy") as other:
        for store, value in ((one, 1), (other, 2)):
            store.load_rows("t", {"a": "INTEGER"}, [(value,)])
            store.make_table_from("u", "SELECT a FROM t")
        assert [store.fetch("SELECT a FROM u") for store in (one, other)] == [[(1,)], [(2,)]]
    assert files_left(folder) == []


def test_from_a_program_without_a_file(address: str) -> None:
    """As ``python -c`` and the workers of a test runner are."""
    text = (
        "from pass_engine.spark_store import open_spark\n"
        f"with open_spark({address!r}, 'xx') as store: print(store.fetch('SELECT 1 AS a'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[(1,)]"
