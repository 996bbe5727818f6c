"""The worked cases of the method: a few rows and a piece of a protocol in, counts by the numbered SQL out.

A case is an entry of ``tests/spec/cases/*.yaml``, which travel with the package: ``id``, ``rule``, ``why`` (the numbers
worked by hand), ``given`` (rows of the harmonised tables, and ``registry``), ``protocol`` (laid over a plain study),
``substance_list`` (for exposures by ATC codes), ``code_lists``, ``by`` (margins), ``expect`` (``counts``,
``attrition``, ``arm_overlap``, ``baseline``, and whole ``life_table`` and ``lock_counts``). ``uses`` names features
that the rule is about though the plain study has them; ``peer``, ``source`` and ``differs`` belong to cases restated
from a peer's tests. Only the columns an expected row names are compared; a
combination of cohort and stratum that is named must have exactly the levels named, unless ``other_levels: ignored``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from pass_engine.protocol.codes import Code
from pass_engine.protocol.substances import CodedSubstance
from pass_engine.qualify.made import CUT, INFECTION, Row, fill_rows, make_study
from pass_engine.registry.facts import RegistryFacts
from pass_engine.resources import find_folder
from pass_engine.site import count_scenario
from pass_engine.store import open_store
from pass_engine.tables.harmonised import DICTIONARY, EXTRA, HARMONISED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from pass_engine.protocol.models import Study

Table = dict[tuple[str, ...], dict[str, int]]

CASES = "tests/spec/cases"
COUNT_KEY = ("analysis", "cohort", "outcome", "time_at_risk", "stratum", "level")
KEYS = {
    "counts": COUNT_KEY,
    "arm_overlap": ("analysis", "outcome", "time_at_risk", "target", "comparator"),
    "attrition": ("scope", "analysis", "cohort", "outcome", "time_at_risk", "step"),
    "life_table": (*COUNT_KEY[:4], "day"),
    "lock_counts": (*COUNT_KEY[:4], "lock_point"),
    "baseline": ("cohort", "variable", "level"),
}
"""What names a row of each table of counts."""
WHOLE = ("life_table", "lock_counts")
"""Tables of which a case that expects one row expects all."""


@dataclass(frozen=True)
class Counts:
    """What was counted: of every table, the numbers of each row by its key."""

    counts: Table
    arm_overlap: Table
    attrition: Table
    life_table: Table
    lock_counts: Table
    baseline: Table


def case_files() -> list[Path]:
    """The files of cases, in order."""
    return sorted(find_folder(CASES).glob("*.yaml"))


def load_cases(files: Iterable[Path] | None = None) -> list[Row]:
    """Every case of these files, or of all, in order."""
    paths = case_files() if files is None else files
    return [case for path in paths for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


def study_of(case: Row) -> Study:
    """The study of a case."""
    listed = tuple(CodedSubstance(**row) for row in case.get("substance_list", ()))
    return make_study(case.get("protocol"), by=case.get("by", [[]]), listed=listed)


def code_lists_of(case: Row) -> dict[str, tuple[Code, ...]]:
    """The code lists of a case; the plain one is always there."""
    lists = {path: tuple(Code(**row) for row in rows) for path, rows in case.get("code_lists", {}).items()}
    return {"codelists/infection.csv": INFECTION} | lists


def facts_of(case: Row, study: Study) -> RegistryFacts:
    """What the engine is told of the registry of a case."""
    told: Row = {
        "id": "r1", "data_cut_date": CUT, "deaths": "linked", "mapped_tables": tuple(HARMONISED),
        **(case.get("given", {}).get("registry") or {}),
    }  # fmt: skip
    given_up = {c for rule in study.data.registry_overlap if rule.from_ == told["id"] for c in rule.countries}
    told["mapped_tables"] = tuple(told["mapped_tables"])
    told["data_cut_date"] = min(told["data_cut_date"], study.data.cut)
    return RegistryFacts(**told, excluded_countries=tuple(sorted(given_up)))


def count_case(case: Row, *, threads: int = 1) -> Counts:
    """Count a case with the whole numbered SQL, as a registry of its own."""
    study = study_of(case)
    rows = fill_rows({name: given for name, given in case.get("given", {}).items() if name != "registry"})
    with open_store(threads=threads) as store:
        for table, columns in {**HARMONISED, **DICTIONARY, **EXTRA}.items():
            store.load_rows(table, columns, [[row[c] for c in columns] for row in rows.get(table, [])])
        return shape(count_scenario(store, study, code_lists_of(case), facts_of(case, study)))


def shape(frames: Mapping[str, pd.DataFrame]) -> Counts:
    """The tables of counts by key. Rows of zeros in life tables say only that the registry counted; they are left."""
    tables = {name: _by_key(name, frames[name]) for name in KEYS}
    for name in WHOLE:
        tables[name] = {key: row for key, row in tables[name].items() if any(row.values())}
    return Counts(**tables)


def _by_key(table: str, frame: pd.DataFrame) -> Table:
    import pandas as pd

    names = KEYS[table]
    numbers = [str(c) for c in frame.columns if c not in names and frame[c].dtype.kind in "iuf"]
    found: Table = {}
    for row in frame.to_dict("records"):
        key = tuple(str(row[name]) for name in names)
        if key in found:
            raise ValueError(f"{table}: a key stands twice")
        found[key] = {c: int(row[c]) for c in numbers if not pd.isna(row[c])}
    return found


def expected_rows(case: Row) -> Iterator[str]:
    """What must come out, one line a row."""
    for table, rows in case["expect"].items():
        for row in rows:
            told = ", ".join(f"{name} {value}" for name, value in row.items())
            yield f"{table}: {told}"


def observed_rows(case: Row, result: Counts) -> Iterator[str]:
    """The same rows as they were counted, in the columns that are compared."""
    single = _defaults(result)
    for table, rows in case["expect"].items():
        there, names = getattr(result, table), KEYS[table]
        for row in rows:
            key = _key_of(row, names, _of_table(table, row, there, single))
            numbers = [f"{name} {there[key].get(name)}" for name in row if name not in names] if key in there else []
            told = [f"{name} {value}" for name, value in row.items() if name in names]
            yield f"{table}: {', '.join([*told, *numbers]) if numbers else 'no such row'}"


def _defaults(result: Any) -> Row:
    """What a key has that an expected row does not name: the only one there is."""
    single = {name: _only(key[i] for key in result.counts) for i, name in enumerate(COUNT_KEY)}
    return single | {"stratum": "overall", "level": "", "scope": "analysis"}


def _of_table(table: str, row: Row, there: Table, single: Row) -> Row:
    if table in WHOLE:
        return {name: _only(key[i] for key in there) for i, name in enumerate(KEYS[table])}
    if table == "attrition" and row.get("scope", "analysis") != "analysis":
        return {"cohort": single["cohort"]}
    return single


def differences(case: Row, result: Any) -> list[str]:
    """What differs from the expectation, one line each. ``result``: :class:`Counts`, or what has its fields."""
    expect, single, found = case["expect"], _defaults(result), []
    for table in KEYS:
        rows, there = expect.get(table, []), getattr(result, table)
        for row in rows:
            found += _compare(table, row, there, _of_table(table, row, there, single))
        if table in WHOLE and rows and len(rows) != len(there):
            found.append(f"{table}: {len(there)} rows, expected {len(rows)}")
    if case.get("other_levels") == "ignored":
        return found
    return found + _wrong_levels(expect.get("counts", []), result.counts, single)


def _key_of(row: Row, names: Sequence[str], defaults: Row) -> tuple[str, ...]:
    """The key of an expected row; what is not given is the only one there is."""
    return tuple(str(row.get(name, defaults.get(name, ""))) for name in names)


def _only(values: Iterable[str]) -> str:
    """The one value, or nothing where there are several."""
    listed = sorted(set(values))
    return listed[0] if len(listed) == 1 else ""


def _compare(table: str, row: Row, result: Table, defaults: Row) -> list[str]:
    """An expected row against the counted one, in the columns the expectation names."""
    names = KEYS[table]
    key = _key_of(row, names, defaults)
    if key not in result:
        return [f"{table} {key}: no such row"]
    wrong = {c: (v, result[key].get(c)) for c, v in row.items() if c not in names and result[key].get(c) != v}
    return [f"{table} {key} {c}: expected {want}, counted {got}" for c, (want, got) in wrong.items()]


def _wrong_levels(rows: Sequence[Row], counts: Table, defaults: Row) -> list[str]:
    """Strata whose levels are not exactly those expected."""
    expected: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        key = _key_of(row, COUNT_KEY, defaults)
        expected.setdefault(key[:-1], set()).add(key[-1])
    found = []
    for head, levels in expected.items():
        there = {key[-1] for key in counts if key[:-1] == head}
        if there != levels:
            found.append(f"counts {head}: levels {sorted(there)}, expected {sorted(levels)}")
    return found
