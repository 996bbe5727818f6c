"""Does a cluster give the numbers that DuckDB gives? Sail, a second engine, runs on a port of this machine."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.run import run_study
from pass_engine.second_engine import Compared, second_engine
from pass_engine.site import count_scenario
from pass_engine.spark_store import open_spark
from tests.e2e.small import make_network
from tests.house.sources import ROOT
from tests.property.engine import engine_facts, load_core, run_engine, shape
from tests.property.strategies import make_case
from tests.sail_server import Sail, files_left, sail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLE = ROOT / "sample_data"
SEEDS = (77, 11)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sail")


@pytest.fixture(scope="module")
def sail(folder: Path) -> Iterator[Sail]:
    with sail_server(folder) as server:
        yield server


def compared(protocol: str, registry: Path, sail: Sail) -> tuple[Compared, ...]:
    return second_engine(load_registry(registry), load_protocol(ROOT / "protocols" / protocol), sail.address)


def test_every_table_is_the_same(sail: Sail, folder: Path) -> None:
    found = compared("bmsd-pass-001", SAMPLE / "cz", sail)
    assert [c.table for c in found if not c.is_equal] == []
    assert {c.table: c.rows for c in found}["counts"] > 500
    assert files_left(folder) == [], "no person is left behind on the cluster"


@pytest.mark.slow
@pytest.mark.parametrize("registry", ["dk", "fr", "it", "msbase", "se"])
def test_every_registry_is_the_same(registry: str, sail: Sail) -> None:
    assert [c for c in compared("bmsd-pass-001", SAMPLE / registry, sail) if not c.is_equal] == []


def test_published_data_are_the_same(sail: Sail) -> None:
    if not (SAMPLE / "stanford-heart" / "stanford_heart.csv").is_file():
        pytest.skip("needs `make real-data`")
    found = compared("stanford-heart", SAMPLE / "stanford-heart", sail)
    assert [c for c in found if not c.is_equal] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_made_up_studies_are_the_same(seed: int, sail: Sail) -> None:
    """Rules that the example does not use: stockpiling, chains of reports, curves, lock points."""
    case = make_case(seed, 40)
    with open_spark(sail.address, "a registry") as store:
        load_core(store, case.core)
        cluster = shape(count_scenario(store, case.study, case.code_lists, engine_facts(case)))
    assert cluster == run_engine(case)


def test_partitions_add_up_on_a_cluster(sail: Sail) -> None:
    case = make_case(SEEDS[0], 40)
    with open_spark(sail.address, "a registry") as store:
        load_core(store, case.core)
        counted = count_scenario(store, case.study, case.code_lists, engine_facts(case), parts=3)
    assert shape(counted) == run_engine(case)


def test_a_difference_would_be_seen(sail: Sail, monkeypatch: pytest.MonkeyPatch) -> None:
    from pass_engine.spark_store import tables

    typed = tables._typed
    monkeypatch.setattr(tables, "_typed", lambda text, columns: typed(text.replace("+ 1", "+ 2"), columns))
    case = make_case(SEEDS[0], 40)
    with open_spark(sail.address, "a registry") as store:
        load_core(store, case.core)
        cluster = shape(count_scenario(store, case.study, case.code_lists, engine_facts(case)))
    assert cluster != run_engine(case)


def registry_on(address: str, target: Path) -> Path:
    """A copy of a sample registry that counts on a cluster."""
    shutil.copytree(SAMPLE / "cz", target / "cz")
    file = target / "cz" / "registry.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text.rstrip()}\n\nsite:\n  engine: spark\n  address: {address}\n", encoding="utf-8")
    return target


def test_a_run_on_a_cluster(sail: Sail, tmp_path: Path) -> None:
    """The same results, byte for byte; the text that ran lies beside the text that is pinned."""
    protocol = ROOT / "protocols" / "bmsd-pass-001"
    shutil.copytree(SAMPLE / "cz", tmp_path / "here" / "cz")
    run_study(protocol, tmp_path / "here", tmp_path / "first", with_report=False)
    outcome = run_study(protocol, registry_on(sail.address, tmp_path / "there"), tmp_path / "second", with_report=False)
    assert outcome.failures == {}
    first, second = tmp_path / "first", tmp_path / "second"
    for file in sorted((first / "results").iterdir()):
        if file.stem == "index":  # it names the bundles by their digests, and a bundle says which engine counted it
            continue
        assert (second / "results" / file.name).read_bytes() == file.read_bytes(), file.name
    one, two = (json.loads((run / "manifest.json").read_text(encoding="utf-8")) for run in (first, second))
    assert one["sql"] == two["sql"], "what is pinned is the text that was translated"
    translated = second / "sql" / "spark" / "320_era_span.sql"
    assert "DATE_DIFF" in translated.read_text(encoding="utf-8")
    assert translated.relative_to(second).as_posix() in two["files"]
    assert not (first / "sql" / "spark").exists()


def test_verify_asks_for_a_second_opinion(tmp_path: Path) -> None:
    """Sail is started, counts, and is gone; the record names it."""
    network = make_network(tmp_path)
    assert network.run().code == 0
    shutil.rmtree(network / "registries/bb")
    told = network.command("verify", "run", "--data", "registries", "--without-report", "--second-engine")
    assert (told.code, told.err) == (0, "")
    version = metadata.version("pysail")
    assert f"Counted by Sail {version} too: aa, 11 tables of " in told.out
    assert "rows, all equal\n" in told.out
    record = json.loads((network / "run/rerun_record.json").read_text(encoding="utf-8"))["second_engine"]
    assert (record["aa"]["engine"], record["aa"]["tables"], record["aa"]["different"]) == (f"Sail {version}", 11, {})
    assert record["aa"]["rows"] > 100
