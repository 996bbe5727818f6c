"""Given rows of mapped tables, which rows does a SQL file 1xx or 8xx make? Cases are data, in ``cases/<file>.yaml``.

A case gives rows of ``mapped_<core table>`` (what is not given is missing) and of the small rule tables; every file up
to the one in question is run; the rows expected name the columns that are compared, in no order. ``where`` picks rows.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pass_engine.sqltext import files_between
from pass_engine.store import Store, open_store
from pass_engine.tables.cdm import CDM
from pass_engine.tables.core import CORE, Table
from pass_engine.tables.indicators import VARIABLE_COMPLETE, indicators

CASES = Path(__file__).parent / "cases"
SQL_TYPES = {"date": "DATE", "number": "DOUBLE", "integer": "BIGINT"}

RULES: dict[str, dict[str, str]] = {
    "partial_date_rule": {"kind": "VARCHAR", "rule": "VARCHAR"},
    "registry_rule": {
        "registry_id": "VARCHAR", "data_cut_date": "DATE", "deaths": "VARCHAR", "adverse_event_start": "DATE",
        "death_start": "DATE",
    },
    "mapped_table": {"table_name": "VARCHAR"},
    "observation_rule": {"start_from": "VARCHAR", "end_at": "VARCHAR"},
    "local_term": {"term": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR", "status": "VARCHAR"},
    "meddra_llt": {"llt_code": "VARCHAR", "pt_code": "VARCHAR", "is_current": "BOOLEAN"},
    "meddra_hierarchy": {
        "pt_code": "VARCHAR", "hlt_code": "VARCHAR", "hlgt_code": "VARCHAR", "soc_code": "VARCHAR",
        "is_primary": "BOOLEAN",
    },
    "meddra_smq": {"smq_code": "VARCHAR", "term_system": "VARCHAR", "term_code": "VARCHAR", "is_narrow": "BOOLEAN"},
    "list_code": {"system": "VARCHAR", "code": "VARCHAR"},
    "mapping_loss": {"table_name": "VARCHAR", "column_name": "VARCHAR", "reason": "VARCHAR", "row_count": "BIGINT"},
    "column_tally": {
        "table_name": "VARCHAR", "column_name": "VARCHAR", "row_count": "BIGINT", "present_count": "BIGINT",
        "partial_count": "BIGINT",
    },
    "table_tally": {
        "table_name": "VARCHAR", "source_rows": "BIGINT", "row_count": "BIGINT", "duplicate_count": "BIGINT",
    },
    "omop_rule": {"conditions": "VARCHAR"},
    "substance_name": {"concept_name": "VARCHAR", "substance": "VARCHAR"},
    "disease_concept": {"concept_id": "VARCHAR"},
    "cdm_code_system": {"vocabulary_id": "VARCHAR", "concept_class_id": "VARCHAR", "code_system": "VARCHAR"},
    "cdm_lack": {"cdm_table": "VARCHAR", "table_name": "VARCHAR", "column_name": "VARCHAR"},
    **{table.stored: dict.fromkeys(table.columns, "VARCHAR") for table in CDM.values()},
    "indicator_rule": {"indicator": "VARCHAR", "table_name": "VARCHAR"},
    "indicator_check": {"indicator": "VARCHAR", "rule_id": "VARCHAR", "table_name": "VARCHAR"},
    "required_variable": {"table_name": "VARCHAR", "column_name": "VARCHAR"},
    "asked_substance": {"substance": "VARCHAR"},
    "variable_read": {
        "person_id": "VARCHAR", "variable": "VARCHAR", "value_date": "DATE", "value_precision": "VARCHAR",
        "fill": "VARCHAR", "is_dated": "BOOLEAN", "text_value": "VARCHAR", "number_value": "DOUBLE",
    },
    "extra_completeness": {
        "table_name": "VARCHAR", "column_name": "VARCHAR", "calendar_year": "BIGINT", "tested": "BIGINT",
        "present": "BIGINT",
    },
    "prevalence_figure": {"persons": "BIGINT"},
    "national_figure": {"sex": "VARCHAR", "age_from": "INTEGER", "age_to": "INTEGER", "persons": "BIGINT"},
    "earlier_row": {"table_name": "VARCHAR", "row_count": "BIGINT"},
    "date_column": {"table_name": "VARCHAR", "column_name": "VARCHAR"},
    "study_year": {"first_year": "INTEGER", "last_year": "INTEGER"},
    "verification": {
        "table_name": "VARCHAR", "column_name": "VARCHAR", "checked": "BIGINT", "errors": "BIGINT",
    },
}  # fmt: skip

DECLARED = [i for i in indicators().values() if i.id != VARIABLE_COMPLETE]

PLAIN: dict[str, list[dict[str, Any]]] = {
    "partial_date_rule": [
        {"kind": "birth", "rule": "middle"}, {"kind": "start", "rule": "first_day"},
        {"kind": "stop", "rule": "last_day"}, {"kind": "event", "rule": "middle"},
    ],
    "registry_rule": [{"registry_id": "xx", "data_cut_date": date(2024, 12, 31), "deaths": "linked"}],
    "observation_rule": [{"start_from": "registry_entry"}],
    "indicator_rule": [{"indicator": i.id, "table_name": i.table} for i in DECLARED],
    "indicator_check": [
        {"indicator": i.id, "rule_id": rule, "table_name": table} for i in DECLARED for rule, table in i.rules
    ],
    "omop_rule": [{"conditions": "concept"}],
    "cdm_code_system": [
        {"vocabulary_id": "ICD10CM", "code_system": "ICD-10"},
        {"vocabulary_id": "MedDRA", "concept_class_id": "PT", "code_system": "MedDRA PT"},
    ],
}  # fmt: skip
"""Rules of a case that gives none."""


def read_cases(file_name: str) -> list[dict[str, Any]]:
    """The cases of one SQL file."""
    text = (CASES / file_name).with_suffix(".yaml").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = yaml.safe_load(text)
    return cases


def rows_made(number: int, case: dict[str, Any]) -> list[tuple[str, ...]]:
    """Rows that the file of this number makes of the given rows, as texts, sorted."""
    with open_store() as store:
        load_given(store, case["given"])
        files = (*files_between(100, min(number, 199)), *files_between(800, number))
        store.make_tables(files)
        table = files[-1].writes
        where = case.get("where", "1 = 1")
        found = store.fetch(f"SELECT {', '.join(columns_of(case))} FROM {table} WHERE {where}")  # noqa: S608
    return sorted(tuple(str(value) for value in row) for row in found)


def columns_of(case: dict[str, Any]) -> list[str]:
    """Columns that are compared: named by the case, else those of the first row expected."""
    return list(case.get("columns") or case["expect"][0])


def load_given(store: Store, given: dict[str, list[dict[str, Any]]]) -> None:
    """Load mapped tables and rules; a table that is not given is empty."""
    unknown = set(given) - set(RULES) - {f"mapped_{name}" for name in CORE}
    assert not unknown, f"no such table: {unknown}"
    supplied = [{"table_name": name.removeprefix("mapped_")} for name in given if name.startswith("mapped_")]
    for name, columns in RULES.items():
        rows = given.get(name, PLAIN.get(name, supplied if name == "mapped_table" else []))
        _load(store, name, columns, rows)
    for name, table in CORE.items():
        _load(store, f"mapped_{name}", mapped_columns(table), given.get(f"mapped_{name}", []))


def mapped_columns(table: Table) -> dict[str, str]:
    """Columns of a mapped table: each date has its precision beside it."""
    columns: dict[str, str] = {}
    for column in table.columns:
        columns[column.name] = SQL_TYPES.get(column.kind, "VARCHAR")
        if column.kind == "date":
            columns[column.precision_name] = "VARCHAR"
    return columns


def _load(store: Store, name: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> None:
    filled = [_with_precision(row, columns) for row in rows]
    unknown = {key for row in filled for key in row} - set(columns)
    assert not unknown, f"{name} has no column {unknown}"
    store.load_rows(name, columns, [[row.get(column) for column in columns] for row in filled])


def _with_precision(row: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    """A date is written ``2019-05-14``, or ``2019-05`` or ``2019`` where that is all that is known."""
    made = dict(row)
    for name, value in row.items():
        if columns.get(name) != "DATE" or value is None:
            continue
        made[name], precision = _earliest(value)
        column = name.removesuffix("_date") + "_precision"
        if column in columns:
            made[column] = precision
    return made


def _earliest(value: object) -> tuple[date, str]:
    if isinstance(value, date):
        return value, "day"
    year, _, month = str(value).partition("-")
    return date(int(year), int(month or 1), 1), "month" if month else "year"
