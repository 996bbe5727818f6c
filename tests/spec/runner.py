"""Runs a spec case: rows and a piece of a protocol in, expected rows out.

A case is an entry of ``cases/*.yaml``: ``id``, ``rule`` (what of methods.md it shows), ``why`` (the numbers
worked by hand), ``given`` (rows of the harmonised tables, and ``registry``), ``protocol`` (laid over a plain
study), ``substance_list`` (for exposures by ATC codes), ``by`` (margins),
``expect`` (``counts``, ``attrition``, ``arm_overlap``, and whole ``life_table`` and
``lock_counts``). Only the columns an expected row names are compared; a combination of cohort and stratum that is
named must have exactly the levels named, unless ``other_levels: ignored``. ``uses`` names features that the rule is
about though the plain study has them (docs/rules.md, the report's annex). A case restated from a peer's tests has
``peer`` and ``source``, and ``differs`` where we count otherwise on purpose.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pass_engine.protocol.codes import Code
from pass_engine.protocol.substances import CodedSubstance
from tests.property.engine import ATTRITION_KEY, COUNT_KEY, LIFE_KEY, LOCK_KEY, OVERLAP_KEY
from tests.property.made import INFECTION, Case, fill_tables, make_facts, make_study

if TYPE_CHECKING:
    from tests.property.oracle import OracleResult

Row = dict[str, Any]

FOLDER = Path(__file__).parent / "cases"


def load_cases() -> list[Row]:
    """Every case of every file, in order."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text("utf-8"))]


def build(case: Row) -> Case:
    """The registry and the study of a case."""
    given = dict(case.get("given", {}))
    registry = make_facts(given.pop("registry", None))
    lists = {path: tuple(Code(**row) for row in rows) for path, rows in case.get("code_lists", {}).items()}
    listed = tuple(CodedSubstance(**row) for row in case.get("substance_list", ()))
    study = make_study(case.get("protocol"), by=case.get("by", [[]]), listed=listed)
    return Case(fill_tables(given), study, registry, {"codelists/infection.csv": INFECTION} | lists)


def key_of(row: Row, names: tuple[str, ...], defaults: Row) -> tuple[str, ...]:
    """The key of an expected row; what is not given is the only one there is."""
    return tuple(str(row.get(name, defaults.get(name, ""))) for name in names)


def only(values: Any) -> str:
    """The one value, or nothing where there are several."""
    listed = sorted(set(values))
    return listed[0] if len(listed) == 1 else ""


def differences(case: Row, result: OracleResult) -> list[str]:
    """What differs from the expectation, one line each."""
    expect = case["expect"]
    single = {name: only(key[i] for key in result.counts) for i, name in enumerate(COUNT_KEY)}
    single |= {"stratum": "overall", "level": "", "scope": "analysis"}
    found = compare("counts", expect.get("counts", []), result.counts, COUNT_KEY, single)
    found += compare("arm_overlap", expect.get("arm_overlap", []), result.arm_overlap, OVERLAP_KEY, single)
    for table, names in (("life_table", LIFE_KEY), ("lock_counts", LOCK_KEY)):
        rows, there = expect.get(table, []), getattr(result, table)
        alone = {name: only(key[i] for key in there) for i, name in enumerate(names)}
        found += compare(table, rows, there, names, alone)
        if rows and len(rows) != len(there):
            found.append(f"{table}: {len(there)} rows, expected {len(rows)}")
    for row in expect.get("attrition", []):
        defaults = single if row.get("scope", "analysis") == "analysis" else {"cohort": single["cohort"]}
        found += compare("attrition", [row], result.attrition, ATTRITION_KEY, defaults)
    if case.get("other_levels") == "ignored":
        return found
    return found + wrong_levels(expect.get("counts", []), result, single)


def compare(table: str, rows: list[Row], result: dict[Any, Row], names: tuple[str, ...], defaults: Row) -> list[str]:
    """Expected rows against counted ones, in the columns the expectation names."""
    found = []
    for row in rows:
        key = key_of(row, names, defaults)
        if key not in result:
            found.append(f"{table} {key}: no such row")
            continue
        wrong = {c: (v, result[key][c]) for c, v in row.items() if c not in names and result[key][c] != v}
        found += [f"{table} {key} {c}: expected {want}, counted {got}" for c, (want, got) in wrong.items()]
    return found


def wrong_levels(rows: list[Row], result: OracleResult, defaults: Row) -> list[str]:
    """Strata whose levels are not exactly those expected."""
    expected: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        key = key_of(row, COUNT_KEY, defaults)
        expected.setdefault(key[:-1], set()).add(key[-1])
    found = []
    for head, levels in expected.items():
        there = {key[-1] for key in result.counts if key[:-1] == head}
        if there != levels:
            found.append(f"counts {head}: levels {sorted(there)}, expected {sorted(levels)}")
    return found
