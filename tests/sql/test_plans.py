"""Does any step look rows up in what comes straight from a join?

DuckDB 2.0.0 can end in an internal error where the side of a hash join that is looked up is fed by other joins
("dict-surviving join", duckdb/duckdb#24807): a dictionary that the first chunk has is expected of all. The store's
settings and the way the SQL is written keep such plans away; here every plan of a study is looked at.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from pass_engine.sqltext import SqlFile, load_catalogue
from pass_engine.store import Store, open_store
from tests.property.engine import run_engine
from tests.property.strategies import make_case

Plan = dict[str, Any]

GATHERS = {
    "HASH_GROUP_BY", "PERFECT_HASH_GROUP_BY", "UNGROUPED_AGGREGATE", "WINDOW", "STREAMING_WINDOW", "ORDER_BY", "UNION",
    "CTE", "CTE_SCAN", "REC_CTE", "REC_CTE_SCAN", "COLUMN_DATA_SCAN",
}  # fmt: skip
"""Operators whose rows are their own: what a join below them does with its columns ends there."""

COUNTED_FROM = 200
SEEDS = (23, 77)
STUDY = "SELECT a.x FROM a JOIN b ON b.x = a.x"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Plan]]:
    """Plans of all the SQL files that are run from now on."""
    plans: dict[str, list[Plan]] = {}
    make_table = Store.make_table

    def watched(store: Store, sql: SqlFile, binds: dict[str, Any] | None = None) -> int:
        plans[sql.name] = plan_of(store, sql.text)
        return make_table(store, sql, binds)

    monkeypatch.setattr(Store, "make_table", watched)
    return plans


def plan_of(store: Store, query: str) -> list[Plan]:
    return [plan for _, text in store.fetch(f"EXPLAIN (FORMAT JSON) {query}") for plan in json.loads(text)]


def has_join(plan: Plan) -> bool:
    """Is there a join in the pipeline that ends here?"""
    name = plan["name"].strip()
    return name not in GATHERS and ("JOIN" in name or any(has_join(child) for child in plan["children"]))


def looks_up_a_join(plan: Plan) -> bool:
    """Is there a hash join whose right side, which is looked up, is fed by a join?"""
    return (plan["name"].strip() == "HASH_JOIN" and has_join(plan["children"][1])) or any(
        looks_up_a_join(child) for child in plan["children"]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_step_looks_up_the_result_of_a_join(made, seed):
    run_engine(make_case(seed, 20))
    assert set(made) == {f.name for f in load_catalogue() if COUNTED_FROM <= f.number < 800}
    assert [name for name, plans in made.items() if any(map(looks_up_a_join, plans))] == []


def test_such_a_plan_would_be_seen():
    with open_store() as store:
        for table in ("a", "b", "c"):
            store.load_rows(table, {"x": "INTEGER"}, [(n,) for n in range(10)])
        joined = "WITH j AS (SELECT b.x FROM b JOIN c ON c.x = b.x) SELECT a.x FROM a JOIN j ON j.x = a.x"
        assert any(map(looks_up_a_join, plan_of(store, joined)))
        assert not any(map(looks_up_a_join, plan_of(store, STUDY)))
