"""Does a cluster give the numbers that DuckDB gives? Sail, a second engine, runs on a port of this machine."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from pass_engine.budget import Budget
from pass_engine.mapping import check_mapping
from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.run import run_study
from pass_engine.second_engine import Compared, second_engine
from pass_engine.site import count_scenario, run_site
from pass_engine.spark_store import open_spark
from tests.e2e.on_cluster import as_parquet, there
from tests.e2e.small import make_network, make_protocol, make_registry
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


@pytest.mark.slow
@pytest.mark.parametrize("registry", ["cz", "dk", "fr", "it", "msbase", "se"])
def test_every_registry_of_the_second_study_is_the_same(registry: str, sail: Sail) -> None:
    assert [c for c in compared("bmsd-paes-001", SAMPLE / registry, sail) if not c.is_equal] == []


@pytest.mark.slow
def test_a_common_data_model_is_the_same(sail: Sail) -> None:
    if not (SAMPLE / "omop-synthea" / "cdm").is_dir():
        pytest.skip("needs `make omop-data`")
    assert [c for c in compared("omop-example", SAMPLE / "omop-synthea", sail) if not c.is_equal] == []


def test_published_data_are_the_same(sail: Sail) -> None:
    if not (SAMPLE / "stanford-heart" / "stanford_heart.csv").is_file():
        pytest.skip("needs `make real-data`")
    found = compared("stanford-heart", SAMPLE / "stanford-heart", sail)
    assert [c for c in found if not c.is_equal] == []


@pytest.mark.parametrize("seed", [SEEDS[0], pytest.param(SEEDS[1], marks=pytest.mark.slow)])
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
        counted = count_scenario(store, case.study, case.code_lists, engine_facts(case), parts=2)
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
    """A small registry that counts on a cluster."""
    make_registry(target / "aa", "aa", "DK")
    with (target / "aa" / "registry.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nsite:\n  engine: spark\n  address: {address}\n")
    return target


def test_a_run_on_a_cluster(sail: Sail, tmp_path: Path) -> None:
    """The same results, byte for byte; the text that ran lies beside the text that is pinned."""
    protocol = tmp_path / "study"
    make_protocol(protocol)
    make_registry(tmp_path / "here" / "aa", "aa", "DK")
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


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample registry as Parquet files."""
    return as_parquet(SAMPLE / "cz", tmp_path_factory.mktemp("parquet"))


def test_a_source_on_the_cluster(sail: Sail, parquet: Path, folder: Path, tmp_path: Path) -> None:
    """Mapped and counted where the files lie: every table, fingerprint and column map as if they had been read here."""
    protocol = load_protocol(ROOT / "protocols" / "bmsd-pass-001")
    here = run_site(load_registry(parquet), protocol)
    on_cluster = run_site(load_registry(there(parquet, sail.address, tmp_path)), protocol)
    assert {n: t.to_csv() for n, t in on_cluster.tables.items()} == {n: t.to_csv() for n, t in here.tables.items()}
    assert on_cluster.fingerprints == here.fingerprints
    assert on_cluster.column_maps == here.column_maps
    assert files_left(folder) == [], "no person is left behind on the cluster"


def test_a_mapping_is_checked_on_the_cluster(sail: Sail, parquet: Path, tmp_path: Path) -> None:
    here = check_mapping(load_registry(parquet))
    assert check_mapping(load_registry(there(parquet, sail.address, tmp_path))) == here
    assert any(column.values for table in here.tables for column in table.columns)


def test_a_run_from_a_source_on_the_cluster(sail: Sail, tmp_path: Path) -> None:
    """Two small registries beside each other, one mapped on the cluster: the same results, and the text that mapped."""
    network = make_network(tmp_path)
    files = as_parquet(network / "registries" / "aa", tmp_path / "files")
    shutil.rmtree(network / "registries" / "aa")
    shutil.copytree(files, network / "registries" / "aa")
    run_study(network / "study", network / "registries", tmp_path / "first", with_report=False)
    shutil.rmtree(network / "registries" / "aa")
    there(files, sail.address, network / "registries")
    budget = Budget(processes=2)
    outcome = run_study(network / "study", network / "registries", tmp_path / "run", budget=budget, with_report=False)
    assert outcome.failures == {}
    for name in ("incidence.csv", "comparison.csv", "quality.csv", "attrition.csv", "baseline.csv"):
        assert (tmp_path / "run/results" / name).read_bytes() == (tmp_path / "first/results" / name).read_bytes()
    assert "TRY_CAST" in (tmp_path / "run/sql/spark/column_map/aa/person.sql").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("registry", ["dk", "fr", "it", "msbase", "se"])
def test_every_source_on_the_cluster(registry: str, sail: Sail, tmp_path: Path) -> None:
    """Decimal commas, joined and split columns, terms of a registry's own, rows chosen and merged."""
    files = as_parquet(SAMPLE / registry, tmp_path / "here")
    protocol = load_protocol(ROOT / "protocols" / "bmsd-pass-001")
    here = run_site(load_registry(files), protocol)
    on_cluster = run_site(load_registry(there(files, sail.address, tmp_path / "there")), protocol)
    assert {n: t.to_csv() for n, t in on_cluster.tables.items()} == {n: t.to_csv() for n, t in here.tables.items()}
    assert on_cluster.fingerprints == here.fingerprints
