"""Are the faults planted in the sample data found, and does the order of rows or the number of threads matter?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pass_engine.harmonise import harmonise
from pass_engine.quality import count_faults
from pass_engine.registry import load_registry
from pass_engine.source import load_source
from pass_engine.sqltext import files_between
from pass_engine.store import open_store
from tests.unit.made_registry import made_study

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
TRUTH: dict[str, Any] = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["registries"]

PLANTED = {
    ("consent refused", "person", "consent"): ("fault", "consent_no", "person", "consent"),
    ("no person id", "adverse_event", ""): ("fault", "row_without_person_id", "adverse_event", "person_id"),
    ("no person id", "person", ""): ("fault", "row_without_person_id", "person", "person_id"),
    ("unknown person", "treatment", ""): ("fault", "orphan_rows", "treatment", "person_id"),
    ("unknown person", "adverse_event", ""): ("fault", "orphan_rows", "adverse_event", "person_id"),
    ("unknown person", "visit", ""): ("fault", "orphan_rows", "visit", "person_id"),
    ("duplicate row", "person", ""): ("fault", "duplicate_rows", "person", ""),
    ("duplicate row", "treatment", ""): ("fault", "duplicate_rows", "treatment", ""),
    ("duplicate row", "administration", ""): ("fault", "duplicate_rows", "administration", ""),
    ("duplicate row", "adverse_event", ""): ("fault", "duplicate_rows", "adverse_event", ""),
    ("duplicate row", "visit", ""): ("fault", "duplicate_rows", "visit", ""),
    ("stop before start", "treatment", "stop_date"): ("fault", "treatment_stop_before_start", "treatment", "stop_date"),
    ("end before onset", "adverse_event", "end_date"): (
        "fault", "event_end_before_onset", "adverse_event", "end_date"),
    ("after death", "adverse_event", ""): ("fault", "event_after_death", "adverse_event", "onset_date"),
    ("unmapped code", "adverse_event", "code"): ("mapping", "code_unmapped", "adverse_event", "code"),
    ("outside code list", "person", "sex"): ("mapping", "unknown_code", "person", "sex"),
    ("outside code list", "treatment", "substance"): ("mapping", "unknown_code", "treatment", "substance"),
    ("outside code list", "visit", "edss"): ("mapping", "unknown_code", "visit", "edss"),
    ("unreadable date", "adverse_event", "onset_date"): (
        "mapping", "unreadable_date", "adverse_event", "onset_date"),
    ("unreadable date", "treatment", "stop_date"): ("mapping", "unreadable_date", "treatment", "stop_date"),
}  # fmt: skip
"""What the generator plants, and the count that must find it."""

FEW = 5
"""A planted row may be sent twice, be of a person who refused, or meet another fault."""


def counted(registry: str) -> dict[tuple[str, str, str, str], int]:
    loaded = load_registry(SAMPLE / registry)
    with open_store() as store:
        harmonise(store, loaded, load_source(store, loaded), made_study())
        count_faults(store)
        rows = store.fetch("SELECT kind, rule_id, table_name, column_name, failed FROM quality_count")
        persons = store.count_rows("person")
    return {**{tuple(row[:4]): row[4] for row in rows}, ("", "", "", ""): persons}


@pytest.mark.parametrize("registry", TRUTH)
def test_planted_faults_are_found(registry: str) -> None:
    found = counted(registry)
    planted = {(f["kind"], f["table"], f["column"]): f["rows"] for f in TRUTH[registry]["faults"]}
    assert found["", "", "", ""] == TRUTH[registry]["persons"] - planted.get(
        ("consent refused", "person", "consent"), 0
    )
    far = {
        fault: (rows, found.get(PLANTED[fault], 0))
        for fault, rows in planted.items()
        if fault in PLANTED and abs(found.get(PLANTED[fault], 0) - rows) > FEW
    }
    assert far == {}


def made(registry: str, *, threads: int, turned: bool) -> dict[str, pd.DataFrame]:
    """Every table that the static SQL makes."""
    loaded = load_registry(SAMPLE / registry)
    with open_store(threads=threads) as store:
        raw = load_source(store, loaded)
        for table in raw if turned else ():
            store.make_table_from("turned", f"SELECT * FROM {table.name} ORDER BY rowid DESC")  # noqa: S608
            store.make_table_from(table.name, "SELECT * FROM turned")
        harmonise(store, loaded, raw, made_study())
        count_faults(store)
        return {f.writes: store.frame(f.writes) for f in files_between(110, 199)}


def test_order_of_rows_and_threads_change_nothing() -> None:
    first, second = made("msbase", threads=1, turned=False), made("msbase", threads=4, turned=True)
    assert [name for name in first if not first[name].equals(second[name])] == []
