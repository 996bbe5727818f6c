"""Is a source that a cluster reads the same text, by the same types and formats, as one that is here?"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pass_engine.dialect import DIRECTIVES
from pass_engine.errors import SourceError
from pass_engine.fingerprint import fingerprint_tables
from pass_engine.harmonise.dates import EARLIEST
from pass_engine.registry import LoadedRegistry, cluster_checks
from pass_engine.source import load_source
from pass_engine.spark_store import SparkStore, open_spark
from pass_engine.store import open_store
from tests.sail_server import sail_server
from tests.unit.made_registry import made_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY, MOMENT = dt.date(2020, 2, 29), dt.datetime(2020, 2, 29, 23, 59, 59)  # noqa: DTZ001 - as it is written
COLUMNS: dict[str, pa.Array] = {
    "ID of person": pa.array([" a ", "\u00a0b\t\n", "", None, "c d", "  "]),
    "whole": pa.array([1, -2, None, 3_000_000_000, 0, 7], pa.int64()),
    "small": pa.array([1, -2, None, 3, 0, 7], pa.int16()),
    "float": pa.array([1.0, 0.25, None, float("nan"), float("inf"), -1234.5], pa.float64()),
    "single": pa.array([1.0, 0.1, None, float("nan"), -2.5, 3.25], pa.float32()),
    "exact": pa.array([Decimal(n) if n else None for n in ("1.500", "100.000", "", "0.001", "-2.250", "0.000")]),
    "number": pa.array([Decimal(10), Decimal(2000), None, Decimal(0), Decimal(-30), Decimal(5)], pa.decimal128(12, 0)),
    "day": pa.array([DAY, None, dt.date(1900, 1, 1), DAY, DAY, DAY]),
    "moment": pa.array([MOMENT, None, MOMENT, MOMENT, MOMENT, MOMENT], pa.timestamp("us")),
    "zoned": pa.array([MOMENT, None, MOMENT, MOMENT, MOMENT, MOMENT], pa.timestamp("us", "UTC")),
    "is so": pa.array([True, False, None, True, True, False]),
}  # fmt: skip
FORMATS = (
    "%Y-%m-%d", "%Y-%m", "%Y", "%d.%m.%Y", "%-d/%-m/%Y", "%m/%d/%Y", "%Y%m%d", "%d%b%Y", "%d %B %Y", "%m.%Y",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%d-%b-%Y %H:%M",
)  # fmt: skip
WRITTEN = (
    "2020-02-29", "2021-02-29", "2020-2-9", " 2020-02-09 ", "20-02-09", "02020-02-09", "2020-02-09x", "2020-13-01",
    "2020-00-01", "-2020-01-01", "2020-02", "2020", "20200", "29.02.2020", "9.2.2020", "31.04.2020", "9/2/2020",
    "13/2/2020", "20200229", "2020229", "29feb2020", "29FEB2020", "29february2020", "9 February 2020",
    "9  february 2020", "9 Feb 2020", "02.2020", "2020-02-29 23:59:59", "2020-02-29 24:00:00", "2020-02-29 1:2:3",
    "2020-02-29  1:2:3", "2020-02-29T01:02:03.5", "2020-02-29T01:02:03.1234567", "29-Feb-2020 12:30",
    "29-Feb-2020 12:60", "", "unknown", "1e5", "\u0662\u0660\u0662\u0660",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("source")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[SparkStore]:
    with sail_server(folder / "sail") as server, open_spark(server.address, "xx/registry.yaml") as opened:
        yield opened


def registry(folder: Path, kind: str, **tables: dict[str, Any]) -> LoadedRegistry:
    return made_registry(folder, tables, kind=kind, path=str(folder) if kind == "spark" else ".")


def test_the_same_text_by_every_type(store: SparkStore, folder: Path) -> None:
    """Fingerprints digest every cell of every column, and the types that were seen say how texts are read."""
    pq.write_table(pa.table(COLUMNS), folder / "person.parquet")
    core = ("person_id", "birth_date", "sex", "centre_id", "education", "smoking", "country", "death_date", "consent",
            "cause_of_death", "last_contact_date")  # fmt: skip
    tables = {"person": {"file": "person.parquet", "columns": dict(zip(core, COLUMNS, strict=True))}}
    with open_store() as here:
        raw_here = load_source(here, registry(folder, "files", **tables))
        raw_there = load_source(store, registry(folder, "spark", **tables))
        assert fingerprint_tables(here, raw_here) == fingerprint_tables(store, raw_there)
        assert sorted(map(repr, here.fetch("SELECT * FROM raw_person"))) == sorted(
            map(repr, store.fetch("SELECT * FROM raw_person"))
        )
    (one,), (two,) = raw_here, raw_there
    assert (one.typed_dates, one.typed_numbers, one.columns) == (two.typed_dates, two.typed_numbers, two.columns)


def test_a_type_that_is_no_text(store: SparkStore, folder: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "born": [b"SECRET"], "list": [[1, 2]]}), folder / "odd.parquet")
    tables = {"person": {"file": "odd.parquet", "columns": {"person_id": "id", "birth_date": "born", "sex": "list"}}}
    with pytest.raises(SourceError) as caught:
        load_source(store, registry(folder, "spark", **tables))
    assert [fault.found for fault in caught.value.faults] == [
        "column born of type BLOB",
        "column list of type BIGINT[]",
    ]


def test_a_table_of_the_catalogue(store: SparkStore, folder: Path) -> None:
    rows = store._session.createDataFrame([("a", DAY), ("b", None)], "id string, born date")
    rows.write.mode("overwrite").saveAsTable("patients")
    tables = {"person": {"table": "patients", "columns": {"person_id": "id", "birth_date": "born"}}}
    (raw,) = load_source(store, registry(folder, "spark", **tables))
    store._session.sql("DROP TABLE patients").toArrow()
    assert (raw.origin, raw.typed_dates) == ("patients", frozenset({"born"}))


@pytest.mark.parametrize("named", [{"table": "no_such_table"}, {"file": "no_such.parquet"}])
def test_what_is_not_there(store: SparkStore, folder: Path, named: dict[str, str]) -> None:
    tables = {"person": {**named, "columns": {"person_id": "id"}}}
    with pytest.raises(SourceError) as caught:
        load_source(store, registry(folder, "spark", **tables))
    assert str(caught.value) == (
        "PE273 xx/registry.yaml  source.tables.person\n"
        "  found    a table that is not there\n"
        "  problem  the cluster does not have a table that this step reads; nothing of this registry was kept\n"
        "  mend     check its name and your right to read it; a cluster that was started anew has lost its own"
    )


def test_a_column_that_is_not_there(store: SparkStore, folder: Path) -> None:
    pq.write_table(pa.table({"id": ["SECRET"], "born": [DAY]}), folder / "two.parquet")
    tables = {"person": {"file": "two.parquet", "columns": {"person_id": "id", "birth_date": "birth", "sex": "gender"}}}
    with pytest.raises(SourceError) as caught:
        load_source(store, registry(folder, "spark", **tables))
    assert "no column birth, gender" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_another_engine_cannot_read_it(folder: Path) -> None:
    tables = {"person": {"file": "two.parquet", "columns": {"person_id": "id"}}}
    with open_store() as here, pytest.raises(SourceError) as caught:
        load_source(here, registry(folder, "spark", **tables))
    where = f"{folder.name}/registry.yaml"
    assert str(caught.value) == (
        f"PE275 {where}  source.kind\n"
        "  found    kind: spark, on another engine\n"
        "  problem  a source on a cluster is read there, and nowhere else\n"
        "  mend     count it with site: {engine: spark}"
    )


def test_days_are_read_alike_by_every_format(store: SparkStore) -> None:
    drawn = random.Random(5)
    texts = [*WRITTEN, *("".join(drawn.choices("0123456789-./ :abFe", k=drawn.randint(4, 12))) for _ in range(200))]
    columns = ", ".join(f"CAST(try_strptime(t, '{f}') AS DATE) AS f{n}" for n, f in enumerate(FORMATS))
    judged = ", ".join(f"CASE WHEN f{n} >= {EARLIEST} THEN f{n} END AS d{n}" for n in range(len(FORMATS)))
    query = f"WITH days AS (SELECT n, {columns} FROM texts) SELECT n, {judged} FROM days ORDER BY n"  # noqa: S608
    with open_store() as here:
        for one in (here, store):
            one.load_rows("texts", {"n": "INTEGER", "t": "VARCHAR"}, list(enumerate(texts)))
        expected, found = here.fetch(query), store.fetch(query)
    wrong = [(texts[a[0]], f, a[i], b[i]) for a, b in zip(expected, found, strict=True)
             for i, f in enumerate(FORMATS, 1) if a[i] != b[i]]  # fmt: skip
    assert wrong == []
    assert sum(day is not None for row in expected for day in row[1:]) > 15


def test_functions_on_texts_are_alike(store: SparkStore) -> None:
    texts = (
        "12",
        "1.50",
        "-3",
        "1e5",
        "1,5",
        ".5",
        "5.",
        "1.2345678",
        "123456789012345678",
        "x",
        "",
        "2.0",
        "abc-def",
        "äö-ü",
    )
    query = (
        "SELECT n, CASE WHEN regexp_full_match(t, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?') "
        "THEN try_cast(t AS DOUBLE) END AS a, try_cast(t AS DECIMAL(20, 6)) * CAST('1.5' AS DECIMAL(16, 10)) AS b, "
        "regexp_replace(t, '[.]0+$', '') AS c, nullif(trim(split_part(t, '-', 2)), '') AS d, substr(t, 1, 2) AS e, "
        "CAST(md5_number_lower(t) AS VARCHAR) AS f, regexp_full_match(upper(t), '[A-Z]{2}') AS g, "
        "contains(t, '.') AS h FROM texts ORDER BY n"
    )
    with open_store() as here:
        for one in (here, store):
            one.load_rows("texts", {"n": "INTEGER", "t": "VARCHAR"}, list(enumerate(texts)))
        expected, found = here.fetch(query), store.fetch(query)
    assert found == expected


def test_the_checks_know_what_is_read() -> None:
    assert set(cluster_checks.DIRECTIVES) == set(DIRECTIVES)
