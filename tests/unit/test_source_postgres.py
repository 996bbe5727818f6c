"""Is a PostgreSQL database read as its tables are: every type, at one moment, over a connection that may break?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pass_engine.errors import SourceError
from pass_engine.source import load_source, postgres
from pass_engine.store import open_store
from tests.postgres_server import PASSWORD, Server, postgres_server
from tests.unit.made_registry import load_rows, made_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry

VARIABLE = "PASS_ENGINE_TEST_DATABASE"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def connected(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv(VARIABLE, server.words())
    return server


def registry(folder: Path, tables: dict[str, Any], **source: Any) -> LoadedRegistry:
    plain = {"kind": "postgres", "path": None, "connection": {"environment": VARIABLE}}
    return made_registry(folder, tables, **{**plain, **source})


def told(loaded: LoadedRegistry) -> str:
    with open_store() as store, pytest.raises(SourceError) as caught:
        load_source(store, loaded)
    text = str(caught.value)
    assert "SECRET" not in text
    assert PASSWORD not in text
    assert "127.0.0.1" not in text
    return text


def test_every_type_becomes_the_text_that_files_give(connected: Server, tmp_path: Path) -> None:
    connected.run(
        "CREATE TYPE colour AS ENUM ('red', 'blue')",
        "CREATE DOMAIN pseudonym AS varchar(20)",
        """CREATE TABLE types (
            id pseudonym, small smallint, big bigint, exact numeric(30, 10), plain numeric, single real,
            twice double precision, day date, moment timestamp, zoned timestamptz, truth boolean,
            hue colour, name text, fixed char(5), mark uuid, picture bytea)""",
        """INSERT INTO types VALUES
            (' a ', 1, 9223372036854775807, 12345678901234567890.1000000000, 100, 0.1, 3, '1980-01-02',
             '1980-01-02 23:59', '1980-01-02 00:30+01', true, 'blue', E'two\nlines, "quoted"', 'x',
             '00000000-0000-0000-0000-000000000001',
             'SECRET'),
            ('b', NULL, -1, 0, 'NaN', 'Infinity', 123456789012, 'infinity', NULL, NULL, false, NULL, '', '',
             NULL, NULL)""",
    )
    names = "id small big exact plain single twice day moment zoned truth hue name fixed mark".split()
    core = (
        "person_id birth_date sex country centre_id registry_entry_date death_date cause_of_death last_contact_date "
        "consent smoking education"
    ).split()
    tables: dict[str, Any] = {}
    for table, columns in (("person", names[: len(core)]), ("visit", names[len(core) :])):
        targets = core if table == "person" else ["person_id", "visit_date", "edss"]
        tables[table] = {"table": "types", "columns": dict(zip(targets, columns, strict=False))}
    with open_store() as store:
        raw, first = load_rows(store, registry(tmp_path, tables))
        rest = store.fetch("SELECT name, fixed, mark FROM raw_visit")
    assert first[0] == (
        "a", "1", "9223372036854775807", "12345678901234567890.1", "100", "0.1", "3", "1980-01-02", "1980-01-02",
        "1980-01-02", "true", "blue",
    )  # fmt: skip
    assert first[1] == ("b", None, "-1", "0", None, None, "123456789012", "infinity", None, None, "false", None)
    assert rest == [('two\nlines, "quoted"', "x", "00000000-0000-0000-0000-000000000001"), (None, None, None)]
    assert raw.origin == "PostgreSQL, public:types"
    assert raw.typed_dates == {"day", "moment", "zoned"}
    assert raw.typed_numbers == {"small", "big", "exact", "plain", "single", "twice"}
    assert told(registry(tmp_path, {"person": {"table": "types", "columns": {"person_id": "picture"}}})) == (
        f"PE230 {tmp_path.name}, PostgreSQL database  source.tables.person\n"
        "  found    column picture of type bytea\n"
        "  problem  the column cannot be read as text\n"
        "  mend     send text, numbers, dates or truth values"
    )


def test_schemas_views_and_names_in_capitals(connected: Server, tmp_path: Path) -> None:
    connected.run(
        'CREATE SCHEMA "The Registry"',
        'CREATE TABLE "The Registry"."Persons" ("Patient No" int)',
        'INSERT INTO "The Registry"."Persons" VALUES (1)',
        'CREATE VIEW "The Registry".seen AS SELECT * FROM "The Registry"."Persons"',
    )
    for table in ("Persons", "seen"):
        tables = {"person": {"table": table, "columns": {"person_id": "Patient No"}}}
        with open_store() as store:
            assert load_rows(store, registry(tmp_path, tables, schema="The Registry"))[1] == [("1",)]


def test_all_tables_are_of_one_moment(connected: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is committed while the first table is read is in neither."""
    connected.run("CREATE TABLE early (id int)", "CREATE TABLE late (id int)", "INSERT INTO early VALUES (1)")
    real = postgres.PostgresTables._rows

    def rows(self: Any, table: str, columns: Any) -> Iterator[Any]:
        if table == "early":
            connected.run("INSERT INTO early VALUES (2)", "INSERT INTO late VALUES (2)")
        yield from real(self, table, columns)

    monkeypatch.setattr(postgres.PostgresTables, "_rows", rows)
    tables = {
        "person": {"table": "early", "columns": {"person_id": "id"}},
        "visit": {"table": "late", "columns": {"person_id": "id", "visit_date": "id"}},
    }
    with open_store() as store:
        load_source(store, registry(tmp_path, tables))
        assert (store.count_rows("raw_person"), store.count_rows("raw_visit")) == (1, 0)


def test_nothing_can_be_written(connected: Server, tmp_path: Path) -> None:
    connected.run("CREATE TABLE untouched (id int)")
    with (
        postgres.open_postgres(registry(tmp_path, {}), "public") as tables,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        tables._connection.execute("INSERT INTO untouched VALUES (1)")


def test_many_rows_come_in_batches(connected: Server, tmp_path: Path) -> None:
    connected.run("CREATE TABLE many AS SELECT n AS id, NULLIF(n % 3, 0) AS one FROM generate_series(1, 120001) AS n")
    tables = {"person": {"table": "many", "columns": {"person_id": "one"}}}
    with open_store() as store:
        load_source(store, registry(tmp_path, tables))
        assert store.fetch("SELECT count(*), count(one) FROM raw_person") == [(120001, 80001)]


def test_faults_of_tables_are_told_together(connected: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connected.run(
        "CREATE TABLE closed (id text)", "INSERT INTO closed VALUES ('SECRET')", "CREATE TABLE open (id text)",
        "GRANT SELECT ON open TO reader",
    )  # fmt: skip
    monkeypatch.setenv(VARIABLE, connected.words("reader"))
    tables = {
        "person": {"table": "closed", "columns": {"person_id": "id"}},
        "visit": {"table": "opened", "columns": {"person_id": "id", "visit_date": "id"}},
        "course": {"table": "open", "columns": {"person_id": "key", "start_date": "id"}},
    }
    where = f"{tmp_path.name}, PostgreSQL database"
    told_text = told(registry(tmp_path, tables))
    assert (
        f"""\
PE223 {where}  source.tables.course
  found    no column key
  problem  the mapping names columns the source does not have
  mend     key: there is: id

PE237 {where}  source.tables.person
  found    a table without the right to read it
  problem  the database refuses to show it
  mend     ask for the right to read it (GRANT SELECT); the engine needs no other right

PE222 {where}  source.tables.visit
  found    table opened
  problem  the file holds no such table
  mend     did you mean open?"""
        == told_text
    )


NO_CONNECTION = """\
PE235 {where}, PostgreSQL database  source.connection
  found    no connection
  problem  the server was not reached, or refused the database, the user or the password
  mend     try the same connection string with psql"""


@pytest.mark.parametrize(("old", "new"), [
    ("user=registry_owner", "user=nobody"), ("dbname=postgres", "dbname=SECRET"), ("port=", "port=1"),
    (PASSWORD, f"{PASSWORD} SECRET"), ("host=", "SECRET="),
])  # fmt: skip
def test_what_opens_no_database(
    connected: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.setenv(VARIABLE, connected.words().replace(old, new))
    assert told(registry(tmp_path, {})) == NO_CONNECTION.format(where=tmp_path.name)


@pytest.mark.usefixtures("connected")
def test_no_such_schema(tmp_path: Path) -> None:
    assert told(registry(tmp_path, {}, schema="nowhere")) == (
        f"PE222 {tmp_path.name}, PostgreSQL database  source.schema\n"
        "  found    schema nowhere\n"
        "  problem  the database has no such schema, or no table in it that may be seen\n"
        "  mend     write schema: and the name of the one with the tables"
    )


def test_credentials_from_a_file_of_its_owner_alone(connected: Server, tmp_path: Path) -> None:
    connected.run("CREATE TABLE one (id int)", "INSERT INTO one VALUES (7)")
    words = tmp_path / "database.txt"
    words.write_text(connected.words() + "\n", encoding="utf-8")
    tables = {"person": {"table": "one", "columns": {"person_id": "id"}}}
    loaded = registry(tmp_path, tables, connection={"file": "database.txt"})
    words.chmod(0o640)
    assert "PE234" in told(loaded)
    words.chmod(0o600)
    with open_store() as store:
        assert load_rows(store, loaded)[1] == [("7",)]
    words.write_text(" \n", encoding="utf-8")
    assert told(loaded) == (
        f"PE233 {tmp_path.name}/database.txt  source.connection.file\n"
        "  found    a file\n"
        "  problem  it holds no text\n"
        "  mend     put a connection string there: host=... dbname=... user=... "
        "(password=... or libpq's own password file)"
    )


LOST = """\
PE236 {where}, PostgreSQL database  source.connection
  found    an answer that is not whole
  problem  the database ended the connection or the query before every row was there
  mend     run again when the database is up; nothing of this registry was kept"""


def test_a_query_that_is_ended_half_way(connected: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is ended by the server after the first batch: an error, and no table."""
    connected.run("CREATE TABLE long AS SELECT repeat('SECRET', 50) AS id FROM generate_series(1, 200000)")
    real = postgres._parsed
    batches = []

    def parsed(*arguments: Any) -> Any:
        if not batches:
            connected.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pass-engine'"
            )
        batches.append(1)
        return real(*arguments)

    monkeypatch.setattr(postgres, "_parsed", parsed)
    tables = {
        "person": {"table": "long", "columns": {"person_id": "id"}},
        "visit": {"table": "long", "columns": {"person_id": "id", "visit_date": "id"}},
    }
    with open_store() as store:
        with pytest.raises(SourceError) as caught:
            load_source(store, registry(tmp_path, tables))
        assert str(caught.value) == LOST.format(where=tmp_path.name)
        assert store.fetch("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'raw%'") == []


def test_a_view_that_fails_half_way_names_no_value(connected: Server, tmp_path: Path) -> None:
    """The others are still read, in the same transaction."""
    connected.run(
        "CREATE TABLE texts AS SELECT CAST(n AS text) AS id FROM generate_series(1, 60000) AS n",
        "INSERT INTO texts VALUES ('SECRET')",
        "CREATE VIEW failing AS SELECT CAST(id AS integer) AS id FROM texts",
    )
    tables = {
        "person": {"table": "failing", "columns": {"person_id": "id"}},
        "visit": {"table": "texts", "columns": {"person_id": "id", "visit_date": "id"}},
    }
    assert told(registry(tmp_path, tables)) == (
        f"PE228 {tmp_path.name}, PostgreSQL database  source.tables.person\n"
        "  found    rows that cannot be read\n"
        "  problem  the database cannot give the table or view to its end\n"
        "  mend     read all of it in the database's own program, which says what is wrong"
    )


def test_a_server_that_goes_away_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_server() as server:
        monkeypatch.setenv(VARIABLE, server.words())
        server.run("CREATE TABLE long AS SELECT repeat('SECRET', 50) AS id FROM generate_series(1, 200000)")
        real = postgres._parsed
        stopped = threading.Event()

        def parsed(*arguments: Any) -> Any:
            if not stopped.is_set():
                server.stop()
                stopped.set()
            return real(*arguments)

        monkeypatch.setattr(postgres, "_parsed", parsed)
        loaded = registry(tmp_path, {"person": {"table": "long", "columns": {"person_id": "id"}}})
        assert told(loaded) == LOST.format(where=tmp_path.name)
        assert stopped.is_set()
