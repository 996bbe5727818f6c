"""Is a second opinion that cannot be had, or that differs, told in plain words? Whole texts are compared."""

from __future__ import annotations

import importlib.util
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pass_engine import sail
from pass_engine.second_engine import Compared
from pass_engine.verify import second
from tests.e2e.small import Network, make_network

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "sc://127.0.0.1:1"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with its run."""
    network = make_network(tmp_path_factory.mktemp("second"))
    assert network.run().code == 0
    return network.root


@pytest.fixture
def network(sound: Path, tmp_path: Path) -> Network:
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


def verified(network: Network, *words: str):
    return network.command("verify", "run", "--without-report", *words)


def test_it_needs_data(network) -> None:
    told = verified(network, "--second-engine")
    assert told.code == 16
    assert told.err == (
        "PE722 run  --second-engine\n"
        "  found    no data\n"
        "  problem  persons are counted where their data are\n"
        "  mend     say where: --data DIR\n"
    )


def test_it_is_an_extra(network, monkeypatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(sail, "find_spec", lambda name: None if name == "pysail" else found(name))
    told = verified(network, "--data", "registries", "--second-engine")
    assert told.code == 16
    assert told.err == (
        "PE725 run  --second-engine\n"
        "  found    no package pysail\n"
        "  problem  the second engine is an extra of this one\n"
        "  mend     pip install 'pass_engine[second-engine]', or name a server with --second-engine-at sc://host:port\n"
    )


def test_it_does_not_start(network, monkeypatch) -> None:
    monkeypatch.setattr(sail, "SERVE", "raise SystemExit(1)")
    told = verified(network, "--data", "registries", "--second-engine")
    assert told.code == 16
    assert told.err == (
        "PE725 pysail  --second-engine\n"
        "  found    no port\n"
        "  problem  the second engine did not start on this machine\n"
        "  mend     install pysail anew, or name a server with --second-engine-at sc://host:port\n"
    )


def test_it_does_not_answer(network) -> None:
    told = verified(network, "--data", "registries", "--second-engine-at", ADDRESS)
    assert told.code == 11
    assert told.err == (
        "PE271 aa/registry.yaml  opening the session\n"
        "  found    no answer\n"
        "  problem  the cluster does not answer; nothing of this registry was kept\n"
        "  mend     check its address, and that a Spark Connect server is up there; then run again\n"
    )


def test_an_address_of_another_kind(network) -> None:
    told = verified(network, "--second-engine-at", "http://127.0.0.1")
    assert told.code == 2
    assert "write it as sc://host:port" in told.err


def test_it_counts_otherwise(network, monkeypatch) -> None:
    """What stands in for the count is what the comparison of two real engines gives where they differ."""
    asked = []

    def counted(registry, _protocol, address, **_options):
        asked.append((registry.registry.registry.id, address))
        return Compared("counts", 40, 41, 3), Compared("attrition", 5, 5, 0)

    monkeypatch.setattr(second, "second_engine", counted)
    monkeypatch.setenv("PASS_ENGINE_SECOND_ENGINE", "sc://127.0.0.1:7/;token=SECRET")
    shutil.rmtree(network / "registries/bb")
    told = verified(network, "--data", "registries", "--second-engine")
    assert asked == [("aa", "sc://127.0.0.1:7/;token=SECRET")]
    assert told.code == 16
    assert told.err == (
        "PE726 aa  --second-engine\n"
        "  found    counts (3 rows)\n"
        "  problem  the second engine counts otherwise from the same SQL\n"
        "  mend     one of the two is at fault: replay with --deep, and report it with the versions of both\n"
    )
    assert (
        "Counted by the server named too: aa, 2 tables of 45 rows, 1 differ\n"
        "  counts: 3 of 40 and 41 rows stand alone\n"
    ) in told.out
    record = (network / "run/rerun_record.json").read_text(encoding="utf-8")
    assert "SECRET" not in record
    assert json.loads(record)["second_engine"] == {
        "aa": {"engine": "the server named", "tables": 2, "rows": 45, "different": {"counts": 3}}
    }
