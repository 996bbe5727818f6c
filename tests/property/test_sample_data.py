"""Does every number of the demo, before disclosure, equal the slow counter's?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pass_engine.protocol import Protocol, load_protocol
from pass_engine.registry import LoadedRegistry, load_registry
from pass_engine.site import MAIN, prepare, run_site
from pass_engine.store import open_store
from tests.property.engine import assert_agree, differences, read_core, run_oracle, shape
from tests.property.made import Case
from tests.property.oracle import CoreTables, OracleResult, RegistryFacts
from tests.property.tables import EXTRA, HARMONISED

ROOT = Path(__file__).parents[2]
MEMBERS = ("cz", "dk", "fr", "it", "se", "msbase")


@cache
def demo_protocol() -> Protocol:
    return load_protocol(ROOT / "protocols" / "bmsd-pass-001")


def demo_registry(name: str) -> LoadedRegistry:
    return load_registry(ROOT / "sample_data" / name)


def harmonised(registry: LoadedRegistry, protocol: Protocol | None = None) -> CoreTables:
    with open_store() as store:
        prepare(store, registry, (protocol or demo_protocol()).study)
        return read_core(store)


def scenario_cases(registry: LoadedRegistry, core: CoreTables, protocol: Protocol | None = None) -> dict[str, Case]:
    info = registry.registry.registry
    started = info.collection_start
    collected = started.get("adverse_event"), started.get("death"), started.get("visit")
    mapped = tuple(registry.registry.source.tables)
    facts = RegistryFacts(info.id, info.data_cut_date, info.deaths, *collected, mapped)
    protocol = protocol or demo_protocol()
    return {s.id: Case(core, s.study, facts, dict(protocol.code_lists)) for s in protocol.scenarios}


def thin_out(core: CoreTables, every: int) -> CoreTables:
    """Every so many-th person with all their rows."""
    kept = {row["person_id"] for row in core.person[::every]}
    return CoreTables(**{t: [r for r in getattr(core, t) if r["person_id"] in kept] for t in (*HARMONISED, *EXTRA)})


def all_scenarios(cases: dict[str, Case]) -> OracleResult:
    """The slow counter's tables of every scenario under each other, as a registry's bundle has them."""
    whole = OracleResult()
    for scenario, case in cases.items():
        result = run_oracle(case)
        whole.counts |= result.counts
        whole.arm_overlap |= result.arm_overlap
        named = "" if scenario == MAIN else scenario
        whole.attrition |= {(k[0], named if k[0] == "cohort" else k[1], *k[2:]): v for k, v in result.attrition.items()}
    return whole


@pytest.mark.parametrize("name", MEMBERS)
def test_some_persons_of_a_sample_registry(name):
    registry = demo_registry(name)
    core = thin_out(harmonised(registry), 40)
    assert len(core.person) > 10
    for case in scenario_cases(registry, core).values():
        assert_agree(case, threads=2)


@pytest.mark.parametrize("name", ["cz", pytest.param("fr", marks=pytest.mark.slow)])
def test_relapses_and_disability_of_some_persons(name):
    """Every scenario of the example of an effectiveness study."""
    registry = demo_registry(name)
    study = load_protocol(ROOT / "protocols" / "bmsd-paes-001")
    core = thin_out(harmonised(registry, study), 20)
    cases = scenario_cases(registry, core, study)
    assert {"half-step-from-5-5", "roving-baseline"} < set(cases)
    counted = run_oracle(cases[MAIN])
    assert sum(row["events"] for row in counted.counts.values()) > 10
    assert {f"covariate.{name}" for name in study.study.covariates} == {key[1] for key in counted.baseline}
    for case in cases.values():
        assert_agree(case, threads=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", MEMBERS)
def test_every_number_of_a_sample_registry(name):
    registry = demo_registry(name)
    cases = scenario_cases(registry, harmonised(registry))
    engine = shape(run_site(registry, demo_protocol()).tables)
    found = differences(all_scenarios(cases), engine)
    assert not found, "\n".join(found[:40])
    assert sum(row["events"] for row in engine.counts.values()) > 100
