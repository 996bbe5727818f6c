"""Does one synthetic truth, written in ten forms, map to the same core tables?"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from pass_engine.registry import with_built_in
from pass_engine.site import prepare
from pass_engine.store import open_store
from tests.postgres_server import postgres_server
from tests.unit.made_registry import made_registry, made_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry

Row = tuple[Any, ...]
Truth = dict[str, tuple[tuple[str, ...], list[Row]]]

VARIABLE = "PASS_ENGINE_TEST_DATABASE"
WORDS = ["Kopfweh", "mal de tête", 'a "fall", twice', "first line\nsecond line", "træthed; svær", "  "]
CODES = ["A41.9", "J18", "J20.9", "C50", "G35"]
SQL_TYPES = {
    "id": "INTEGER", "sex": "VARCHAR", "born": "DATE", "died": "DATE", "first_day": "DATE", "last_day": "DATE",
    "drug": "VARCHAR", "dose": "DOUBLE PRECISION", "event": "INTEGER", "term": "VARCHAR", "icd": "VARCHAR",
}  # fmt: skip
MAPS: dict[str, dict[str, Any]] = {
    "person": {
        "columns": {
            "person_id": "id", "birth_date": "born", "sex": {"from": "sex", "map": {"K": "female", "M": "male"}},
            "death_date": "died",
        },
    },
    "observation_period": {"columns": {"person_id": "id", "start_date": "first_day", "end_date": "last_day"}},
    "treatment": {
        "columns": {
            "person_id": "id", "substance": "drug", "start_date": "first_day", "stop_date": "last_day", "dose": "dose",
        },
    },
    "adverse_event": {
        "columns": {
            "person_id": "id", "event_id": "event", "verbatim": "term", "code": "icd", "onset_date": "first_day",
            "end_date": "last_day",
        },
        "constants": {"code_system": "ICD-10"},
    },
}  # fmt: skip
COMPARED = {
    "person": ("person_id", "birth_date", "birth_precision", "sex", "death_date", "death_precision"),
    "observation_period": ("person_id", "start_date", "end_date"),
    "treatment": ("person_id", "substance", "start_date", "stop_date", "stop_precision", "dose"),
    "adverse_event": ("person_id", "event_id", "verbatim", "code_system", "code", "onset_date", "end_date"),
}


def made_truth() -> Truth:
    chance = random.Random(7)

    def day(first: int = 2010) -> date:
        return date(first, 1, 1) + timedelta(days=chance.randrange(3000))

    persons = range(1, 81)
    truth: Truth = {
        "person": (("id", "sex", "born", "died"), [
            (n, chance.choice(["K", "M", None]), day(1950), chance.choice([None, None, day(2021)])) for n in persons
        ]),
        "observation_period": (("id", "first_day", "last_day"), [(n, day(2009), day(2018)) for n in persons]),
        "treatment": (("id", "drug", "first_day", "last_day", "dose"), [
            (chance.choice(persons), chance.choice(["alfa", "Beta"]), day(), chance.choice([None, day(2019)]),
             chance.choice([None, 0.5, 100.0, 12.25]))
            for _ in range(200)
        ]),
        "adverse_event": (("id", "event", "term", "icd", "first_day", "last_day"), [
            (chance.choice(persons), n, chance.choice(WORDS), chance.choice(CODES), day(),
             chance.choice([None, day(2019)]))
            for n in range(1, 301)
        ]),
    }  # fmt: skip
    assert all(rows for _, rows in truth.values())
    return truth


TRUTH = made_truth()


def mapped(loaded: LoadedRegistry) -> dict[str, list[str]]:
    """Rows of the core tables that the truth fills, as texts."""
    with open_store() as store:
        prepare(store, loaded, made_study())
        return {
            table: sorted(map(repr, store.fetch(f"SELECT {', '.join(columns)} FROM mapped_{table}")))  # noqa: S608
            for table, columns in COMPARED.items()
        }


def by_hand() -> dict[str, list[str]]:
    """The core rows that the truth has, by hand."""

    def precision(value: date | None) -> str | None:
        return "day" if value else None

    sexes = {"K": "female", "M": "male"}
    return {
        "person": sorted(
            repr((str(n), born, "day", sexes.get(sex), died, precision(died)))
            for n, sex, born, died in TRUTH["person"][1]
        ),
        "observation_period": sorted(repr((str(n), a, b)) for n, a, b in TRUTH["observation_period"][1]),
        "treatment": sorted(
            repr((str(n), drug.lower(), a, b, precision(b), dose)) for n, drug, a, b, dose in TRUTH["treatment"][1]
        ),
        "adverse_event": sorted(
            repr((str(n), str(event), term.strip() or None, "ICD-10", icd, a, b))
            for n, event, term, icd, a, b in TRUTH["adverse_event"][1]
        ),
    }


def of_files(folder: Path, ending: str, **options: Any) -> LoadedRegistry:
    tables = {name: {**table, "file": f"{name}.{ending}", **options} for name, table in MAPS.items()}
    return made_registry(folder, tables)


def of_tables(folder: Path, **source: Any) -> LoadedRegistry:
    tables = {name: {**table, "table": name} for name, table in MAPS.items()}
    return made_registry(folder, tables, **source)


@contextmanager
def csv(folder: Path) -> Iterator[LoadedRegistry]:
    def text(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, date):
            return f"{value:%d.%m.%Y}"
        if isinstance(value, float):
            return str(value).replace(".", ",")
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    for name, (columns, rows) in TRUTH.items():
        lines = [";".join(columns), *(";".join(map(text, row)) for row in rows)]
        (folder / f"{name}.csv").write_bytes("\r\n".join(lines).encode("windows-1252"))
    yield of_files(
        folder, "csv", delimiter=";", encoding="windows-1252", decimal=",", date_format="%d.%m.%Y"
    )  # fmt: skip


@contextmanager
def parquet(folder: Path) -> Iterator[LoadedRegistry]:
    for name, (columns, rows) in TRUTH.items():
        data = {c: pa.array([row[i] for row in rows]) for i, c in enumerate(columns)}
        pq.write_table(pa.table(data), folder / f"{name}.parquet")
    yield of_files(folder, "parquet")


@contextmanager
def xlsx(folder: Path) -> Iterator[LoadedRegistry]:
    for name, (columns, rows) in TRUTH.items():
        book = openpyxl.Workbook()
        for row in (columns, *rows):
            book.active.append(row)
        book.save(folder / f"{name}.xlsx")
    yield of_files(folder, "xlsx")


def statistics(ending: str, write: Callable[..., None], **options: Any) -> Any:
    @contextmanager
    def form(folder: Path) -> Iterator[LoadedRegistry]:
        for name, (columns, rows) in TRUTH.items():
            frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
            for column in frame:
                if SQL_TYPES[str(column)] in ("INTEGER", "DOUBLE PRECISION"):
                    frame[column] = frame[column].astype(float)
            write(frame, str(folder / f"{name}.{ending}"), **options)
        yield of_files(folder, ending)

    return form


@contextmanager
def sqlite(folder: Path) -> Iterator[LoadedRegistry]:
    with closing(sqlite3.connect(folder / "all.sqlite")) as connection:
        for name, (columns, rows) in TRUTH.items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            texts = [[v.isoformat() if isinstance(v, date) else v for v in row] for row in rows]
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", texts)  # noqa: S608
        connection.commit()
    yield of_tables(folder, kind="sqlite", path="all.sqlite")


def declared(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{c} {SQL_TYPES[c]}" for c in columns)


@contextmanager
def duckdb_file(folder: Path) -> Iterator[LoadedRegistry]:
    with duckdb.connect(str(folder / "all.duckdb")) as connection:
        for name, (columns, rows) in TRUTH.items():
            connection.execute(f"CREATE TABLE {name} ({declared(columns)})")
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in columns)})", rows)  # noqa: S608
    yield of_tables(folder, kind="duckdb", path="all.duckdb")


@contextmanager
def postgres(folder: Path) -> Iterator[LoadedRegistry]:
    with postgres_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, server.words("reader"))
        for name, (columns, rows) in TRUTH.items():
            server.copy_in(name, declared(columns), rows)
            server.run(f"GRANT SELECT ON {name} TO reader")
        yield of_tables(folder, kind="postgres", path=None, connection={"environment": VARIABLE})


@contextmanager
def omop(folder: Path) -> Iterator[LoadedRegistry]:
    """The model holds everything but the dose."""
    concepts = {code: 1000 + n for n, code in enumerate(CODES)}
    drugs = {"alfa": 10, "beta": 11}
    genders = {"K": 8532, "M": 8507, None: 0}
    columns = {
        "person": "person_id gender_concept_id year_of_birth month_of_birth day_of_birth care_site_id",
        "death": "person_id death_date cause_source_value cause_source_concept_id",
        "observation_period": "person_id observation_period_start_date observation_period_end_date",
        "drug_era": "person_id drug_concept_id drug_era_start_date drug_era_end_date",
        "condition_occurrence": "condition_occurrence_id person_id condition_concept_id condition_start_date "
        "condition_end_date condition_source_value condition_source_concept_id",
        "concept": "concept_id concept_name vocabulary_id concept_class_id concept_code",
    }
    people = TRUTH["person"][1]
    rows: dict[str, list[Row]] = {
        "person": [(n, genders[sex], born.year, born.month, born.day, None) for n, sex, born, _ in people],
        "death": [(n, died, None, None) for n, _, _, died in people if died],
        "observation_period": TRUTH["observation_period"][1],
        "drug_era": [(n, drugs[drug.lower()], a, b) for n, drug, a, b, _ in TRUTH["treatment"][1]],
        "condition_occurrence": [
            (event, n, 0, a, b, term, concepts[icd]) for n, event, term, icd, a, b in TRUTH["adverse_event"][1]
        ],
        "concept": [
            *((concept, name.title(), "RxNorm", "Ingredient", name) for name, concept in drugs.items()),
            *((concept, code, "ICD10", "ICD10 code", code) for code, concept in concepts.items()),
        ],
    }
    with duckdb.connect(str(folder / "cdm.duckdb")) as connection:
        for name, listed in columns.items():
            names = listed.split()
            kinds = ["DATE" if c.endswith("_date") else "BIGINT" if c in WHOLE else "VARCHAR" for c in names]
            fields = ", ".join(f"{c} {k}" for c, k in zip(names, kinds, strict=True))
            connection.execute(f"CREATE TABLE {name.upper()} ({fields})")
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in names)})", rows[name])  # noqa: S608
    loaded = made_registry(folder, {}, kind="omop", path="cdm.duckdb", omop={"conditions": "source"})
    yield with_built_in(loaded)


WHOLE = {"year_of_birth", "month_of_birth", "day_of_birth"} | {
    f"{name}_id"
    for name in (
        "person", "gender_concept", "drug_concept", "condition_occurrence", "condition_concept",
        "condition_source_concept", "concept", "care_site", "cause_source_concept",
    )
}  # fmt: skip

FORMS = {
    "csv": csv,
    "parquet": parquet,
    "xlsx": xlsx,
    "stata": statistics("dta", pyreadstat.write_dta),
    "sas transport": statistics("xpt", pyreadstat.write_xport, file_format_version=8),
    "spss": statistics("sav", pyreadstat.write_sav),
    "sqlite": sqlite,
    "duckdb": duckdb_file,
    "postgres": postgres,
    "omop": omop,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_maps_to_the_same_core_tables(form: str, tmp_path: Path) -> None:
    expected = by_hand()
    if form == "omop":
        expected["treatment"] = sorted(
            repr((str(n), drug.lower(), a, b, "day" if b else None, None)) for n, drug, a, b, _ in TRUTH["treatment"][1]
        )
    with FORMS[form](tmp_path) as loaded:
        found = mapped(loaded)
    for table, rows in expected.items():
        assert found[table] == rows, table
