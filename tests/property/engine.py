"""The engine's answer in the slow counter's shape, and what differs between the two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pass_engine.registry.facts import RegistryFacts
from pass_engine.site import count_scenario
from pass_engine.store import open_store
from tests.property.made import Case
from tests.property.oracle import (
    BASELINE_COLUMNS,
    COUNT_COLUMNS,
    LIFE_COLUMNS,
    LOCK_COLUMNS,
    OVERLAP_COLUMNS,
    CoreTables,
    OracleResult,
    count,
)
from tests.property.tables import DICTIONARY, EXTRA, HARMONISED

if TYPE_CHECKING:
    import pandas as pd

    from pass_engine.store import Store

Table = dict[tuple[str, ...], dict[str, int]]

COUNT_KEY = ("analysis", "cohort", "outcome", "time_at_risk", "stratum", "level")
ATTRITION_KEY = ("scope", "analysis", "cohort", "outcome", "time_at_risk", "step")
LIFE_KEY = (*COUNT_KEY[:4], "day")
LOCK_KEY = (*COUNT_KEY[:4], "lock_point")
BASELINE_KEY = ("cohort", "variable", "level")
OVERLAP_KEY = ("analysis", "outcome", "time_at_risk", "target", "comparator")


def load_core(store: Store, core: CoreTables) -> None:
    """Load harmonised tables."""
    for table, columns in {**HARMONISED, **DICTIONARY, **EXTRA}.items():
        store.load_rows(table, columns, [[row[c] for c in columns] for row in getattr(core, table)])


def load_extras(store: Store) -> None:
    """Variables beyond the harmonised tables: none."""
    for table, columns in EXTRA.items():
        store.load_rows(table, columns, [])


def read_core(store: Store) -> CoreTables:
    """The harmonised tables of a store, as rows."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, columns in {**HARMONISED, **DICTIONARY, **EXTRA}.items():
        names = list(columns)
        rows = store.fetch(f"SELECT {', '.join(names)} FROM {table} ORDER BY ALL")  # noqa: S608 - our own names
        tables[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return CoreTables(**tables)


def engine_facts(case: Case) -> RegistryFacts:
    """What the engine is told of the registry."""
    registry, data = case.registry, case.study.data
    given_up = {c for rule in data.registry_overlap if rule.from_ == registry.id for c in rule.countries}
    return RegistryFacts(
        id=registry.id,
        data_cut_date=min(registry.data_cut_date, data.cut),
        deaths="linked" if registry.deaths == "linked" else "visits",
        adverse_event_start=registry.adverse_event_start,
        death_start=registry.death_start,
        visit_start=registry.visit_start,
        excluded_countries=tuple(sorted(given_up)),
        mapped_tables=registry.mapped_tables,
    )


def run_engine(case: Case, *, threads: int = 1) -> OracleResult:
    """Count a case with the engine."""
    with open_store(threads=threads) as store:
        load_core(store, case.core)
        return shape(count_scenario(store, case.study, case.code_lists, engine_facts(case)))


def run_oracle(case: Case) -> OracleResult:
    """Count a case with the slow counter."""
    return count(case.core, case.study, case.registry, case.code_lists)


def shape(frames: dict[str, pd.DataFrame]) -> OracleResult:
    """The engine's frames as the slow counter's tables."""
    return OracleResult(
        counts=by_key(frames["counts"], COUNT_KEY, COUNT_COLUMNS),
        arm_overlap=by_key(frames["arm_overlap"], OVERLAP_KEY, OVERLAP_COLUMNS),
        attrition=by_key(frames["attrition"], ATTRITION_KEY, ("persons", "excluded")),
        life_table=without_zeros(by_key(frames["life_table"], LIFE_KEY, LIFE_COLUMNS)),
        lock_counts=without_zeros(by_key(frames["lock_counts"], LOCK_KEY, LOCK_COLUMNS)),
        baseline=by_key(covariates_of(frames["baseline"]), BASELINE_KEY, BASELINE_COLUMNS),
    )


def covariates_of(baseline: pd.DataFrame) -> pd.DataFrame:
    """Rows of covariates, without the others; what has no sum is 0."""
    return baseline[baseline["variable"].str.startswith("covariate.")].fillna(0)


def without_zeros(table: Table) -> Table:
    """Rows in which anything is counted; those of zeros say only that the registry counted."""
    return {key: row for key, row in table.items() if any(row.values())}


def by_key(frame: pd.DataFrame, key: tuple[str, ...], columns: tuple[str, ...]) -> Table:
    """Rows of a frame by their key, which must be unique."""
    table: Table = {}
    for row in frame.to_dict("records"):
        name = tuple(str(row[k]) for k in key)
        assert name not in table, f"key stands twice: {name}"
        table[name] = {c: int(row[c]) for c in columns}
    return table


def differences(oracle: OracleResult, engine: OracleResult) -> list[str]:
    """Every number that differs, one line each."""
    return [
        line
        for table in ("counts", "arm_overlap", "attrition", "life_table", "lock_counts", "baseline")
        for line in table_differences(table, getattr(oracle, table), getattr(engine, table))
    ]


def table_differences(name: str, oracle: Table, engine: Table) -> list[str]:
    """Every row and number of one table that differs."""
    found = []
    for key in sorted(oracle.keys() | engine.keys()):
        if key not in engine or key not in oracle:
            only = "slow counter" if key in oracle else "engine"
            found.append(f"{name} {key}: row of the {only} alone: {oracle.get(key) or engine.get(key)}")
            continue
        wrong = {c: (v, engine[key][c]) for c, v in oracle[key].items() if v != engine[key][c]}
        found += [f"{name} {key} {c}: slow counter {slow}, engine {fast}" for c, (slow, fast) in wrong.items()]
    return found


def only_persons(case: Case, ids: set[str]) -> Case:
    """The same case with these persons alone."""
    tables = {t: [r for r in getattr(case.core, t) if r["person_id"] in ids] for t in HARMONISED}
    return Case(replace(case.core, **tables), case.study, case.registry, case.code_lists)


def disagree(case: Case) -> bool:
    """Do engine and slow counter differ on this case?"""
    return bool(differences(run_oracle(case), run_engine(case)))


def find_culprit(case: Case) -> Case:
    """One person on whom the two disagree (counts add up over persons), with no row that does not matter."""
    ids = sorted(r["person_id"] for r in case.core.person)
    while len(ids) > 1:
        half = ids[: len(ids) // 2]
        ids = half if disagree(only_persons(case, set(half))) else ids[len(ids) // 2 :]
    culprit = only_persons(case, set(ids))
    for table in HARMONISED:
        for row in [] if table == "person" else list(getattr(culprit.core, table)):
            less = without_row(culprit, table, row)
            culprit = less if disagree(less) else culprit
    return culprit


def without_row(case: Case, table: str, row: dict[str, Any]) -> Case:
    """The same case without one row."""
    left = [r for r in getattr(case.core, table) if r is not row]
    return Case(replace(case.core, **{table: left}), case.study, case.registry, case.code_lists)


def describe(case: Case) -> str:
    """The rows of a case and the parts of its study that decide, for the message of a failing test."""
    rows = [(table, row) for table in HARMONISED for row in getattr(case.core, table)]
    lines = [f"  {table}: " + ", ".join(f"{c}={v}" for c, v in row.items() if v is not None) for table, row in rows]
    study = case.study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    parts = ("data", "population", "exposures", "times_at_risk", "outcomes", "strata", "analyses")
    lines += [f"  {part}: {study[part]}" for part in parts if part in study]
    return "\n".join([*lines, f"  registry: {case.registry}"])


def assert_agree(case: Case, *, threads: int = 1) -> None:
    """Engine and slow counter agree on every number; else the message shows one person they differ on."""
    found = differences(run_oracle(case), run_engine(case, threads=threads))
    if not found:
        return
    culprit = find_culprit(case)
    apart = differences(run_oracle(culprit), run_engine(culprit))
    shown = [*(apart or found)[:40], "the rows and the study:", describe(culprit)]
    raise AssertionError("\n".join(["engine and slow counter differ", *shown]))
