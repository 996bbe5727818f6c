"""Do fingerprints follow every cell and no order of rows, and tell nothing without the secret once they are keyed?"""

from __future__ import annotations

import hashlib
import random
import stat

import pyarrow as pa
import pytest

from pass_engine.errors import SourceError
from pass_engine.fingerprint import SECRET_FILE, fingerprint_tables, keyed_files, keyed_tables, secret_of
from pass_engine.store import open_store
from pass_engine.tables.raw import RawTable

ROWS = [(f"p{n}", "2020-01-0" + str(n % 9 + 1), None if n % 3 == 0 else "") for n in range(60)]
NAMES = ("id", "day", "note")


def mark(rows, names=NAMES, threads: int = 1):
    with open_store(threads=threads) as store:
        schema = pa.schema([(name, pa.string()) for name in names])
        store.load_arrow(
            "raw_visit", pa.Table.from_arrays([pa.array(c) for c in zip(*rows, strict=True)], schema=schema)
        )
        raw = RawTable("visit", "visits.csv", names, frozenset(), frozenset(), len(rows))
        return fingerprint_tables(store, [raw])["visit"]


def test_order_and_threads_do_not_count() -> None:
    shuffled = random.Random(7).sample(ROWS, len(ROWS))
    assert mark(shuffled, threads=4) == mark(ROWS)
    assert mark(ROWS)["rows"] == 60


@pytest.mark.parametrize("column", range(3))
def test_one_cell_counts_in_its_table_and_its_column_alone(column: int) -> None:
    row = list(ROWS[5])
    row[column] = "2020-01-31"
    new, old = mark([*ROWS[:5], tuple(row), *ROWS[6:]]), mark(ROWS)
    assert new["digest"] != old["digest"]
    assert [n for n in old["columns"] if new["columns"][n] != old["columns"][n]] == [NAMES[column]]


def test_a_missing_cell_is_not_an_empty_one_and_cells_do_not_run_together() -> None:
    assert mark([("a", None)], ("x", "y"))["digest"] != mark([("a", "")], ("x", "y"))["digest"]
    assert mark([("ab", "c")], ("x", "y"))["digest"] != mark([("a", "bc")], ("x", "y"))["digest"]


def test_values_that_change_places_between_rows_count_though_the_columns_hold_the_same() -> None:
    old, new = mark([("a", "1"), ("b", "2")], ("x", "y")), mark([("a", "2"), ("b", "1")], ("x", "y"))
    assert old["columns"] == new["columns"]
    assert old["digest"] != new["digest"]


def test_digest_against_a_count_by_hand() -> None:
    """The sum of one half of each row's MD5, which DuckDB reads little-endian, made once more without SQL."""
    total = 0
    for row in ["a\x1f1", "b\x1f\x1e"]:
        total += int.from_bytes(hashlib.md5(row.encode(), usedforsecurity=False).digest()[8:], "little")
    found = mark([("a", "1"), ("b", None)], ("x", "y"))["digest"]
    assert found == hashlib.sha256(f"2:{total}".encode()).hexdigest()


def test_keyed_ones_need_the_secret_and_hold_no_number(tmp_path) -> None:
    secret = secret_of(tmp_path)
    assert secret_of(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    plain = {"visit": mark(ROWS)}
    one, other = keyed_tables(secret, plain)["visit"], keyed_tables(b"x" * 32, plain)["visit"]
    assert "rows" not in one
    assert one["digest"] != other["digest"] != plain["visit"]["digest"]
    assert keyed_tables(secret, plain)["visit"] == one
    files = keyed_files(secret, {"a.csv": "0" * 64})
    assert files["a.csv"].startswith("hmac-sha256:")
    assert "0" * 64 not in files["a.csv"]


def test_a_spoiled_secret_is_said(tmp_path) -> None:
    (tmp_path / SECRET_FILE).write_text("no key\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        secret_of(tmp_path)
    assert str(caught.value).replace(tmp_path.as_posix(), "R") == (
        "PE259 R/fingerprint.key\n"
        "  found    no 64 hexadecimal digits\n"
        "  problem  the registry's secret cannot be read or made\n"
        "  mend     take the file back from a copy; without it earlier bundles can no longer be held against the data"
    )
