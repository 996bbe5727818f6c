"""Does every fault of a cluster name the step, and hold no value, address or token? Whole texts are compared."""

from __future__ import annotations

import shutil
from concurrent import futures
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from pass_engine.errors import SourceError
from pass_engine.run import run_study
from pass_engine.spark_store import open_spark
from pass_engine.sqltext import files_between
from tests.e2e.on_cluster import as_parquet, there
from tests.e2e.small import MARK, Network, make_network, make_protocol
from tests.e2e.test_second_engine import registry_on
from tests.sail_server import Sail, sail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOWHERE = "sc://127.0.0.1:1"
NO_ANSWER = """PE271 xx/registry.yaml  {step}
  found    no answer
  problem  the cluster does not answer; nothing of this registry was kept
  mend     check its address, and that a Spark Connect server is up there; then run again"""


class Refuses(grpc.GenericRpcHandler):
    """A server that lets nobody in, and says more than it should."""

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def refuse(_request: bytes, context: grpc.ServicerContext) -> Any:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "token SECRET of user 127.0.0.1 is not known")

        stream = details.method.endswith(("ExecutePlan", "ReattachExecute"))
        return (grpc.unary_stream_rpc_method_handler if stream else grpc.unary_unary_rpc_method_handler)(refuse)


@pytest.fixture
def refusing() -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((Refuses(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"sc://127.0.0.1:{port}"
    server.stop(None)


@pytest.fixture
def sail(tmp_path: Path) -> Iterator[Sail]:
    with sail_server(tmp_path / "sail") as server:
        yield server


def told(address: str, work: Any = lambda _store: None) -> str:
    with pytest.raises(SourceError) as caught, open_spark(address, "xx/registry.yaml") as store:
        work(store)
    text = str(caught.value)
    assert "SECRET" not in text
    assert "127.0.0.1" not in text
    return text


def test_wrong_address() -> None:
    assert told(NOWHERE) == NO_ANSWER.format(step="opening the session")


def test_not_let_in(refusing: str) -> None:
    assert told(refusing) == (
        "PE272 xx/registry.yaml  opening the session\n"
        "  found    no permission\n"
        "  problem  the cluster does not let this user in, or not as far as that\n"
        "  mend     ask its administrator; an address with a token stands under site.connection"
    )


def test_gone_in_the_middle(sail: Sail) -> None:
    def work(store: Any) -> None:
        store.load_rows("partial_date_rule", {"kind": "VARCHAR", "rule": "VARCHAR"}, [("birth", "middle")])
        sail.kill()
        store.make_tables(files_between(110, 110))

    assert told(sail.address, work) == NO_ANSWER.format(step="110_date_fill.sql")


def test_a_table_that_is_missing_there(sail: Sail) -> None:
    def work(store: Any) -> None:
        store.load_rows("partial_date_rule", {"kind": "VARCHAR", "rule": "VARCHAR"}, [("SECRET", "middle")])
        store._session.catalog.dropTempView("partial_date_rule")
        store.make_tables(files_between(110, 110))

    assert told(sail.address, work) == (
        "PE273 xx/registry.yaml  110_date_fill.sql\n"
        "  found    a table that is not there\n"
        "  problem  the cluster does not have a table that this step reads; nothing of this registry was kept\n"
        "  mend     check its name and your right to read it; a cluster that was started anew has lost its own"
    )


def test_a_step_that_the_cluster_cannot_do(sail: Sail) -> None:
    def work(store: Any) -> None:
        store.load_rows("person", {"person_id": "VARCHAR"}, [("SECRET",)])
        store.fetch("SELECT CAST(person_id AS INTEGER) AS n FROM person")

    assert told(sail.address, work) == (
        "PE274 xx/registry.yaml  a query\n"
        "  found    SparkRuntimeException\n"
        "  problem  the cluster could not do this step; nothing of this registry was kept\n"
        "  mend     look into the cluster's own log, or count with engine: duckdb"
    )


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyspark" else found(name))
    assert told(NOWHERE) == (
        "PE270 xx/registry.yaml  site.engine\n"
        "  found    no package pyspark\n"
        "  problem  the cluster's client is an extra of the engine\n"
        "  mend     pip install 'pass_engine[spark]'"
    )


def test_nothing_is_half_written(tmp_path: Path) -> None:
    make_protocol(tmp_path / "study")
    registries = registry_on(NOWHERE, tmp_path / "there")
    out = tmp_path / "run"
    outcome = run_study(tmp_path / "study", registries, out, with_report=False)
    assert [fault.code for fault in outcome.failures["aa"].faults] == ["PE271"]
    assert not (out / "bundles" / "aa").exists()
    assert not list(tmp_path.glob(".run*"))


def test_an_address_in_a_variable_that_is_not_set(tmp_path: Path) -> None:
    make_protocol(tmp_path / "study")
    registries = registry_on(NOWHERE, tmp_path / "there")
    file = registries / "aa" / "registry.yaml"
    text = file.read_text(encoding="utf-8").replace(f"address: {NOWHERE}", "connection: {environment: NO_SUCH_NAME}")
    file.write_text(text, encoding="utf-8")
    outcome = run_study(tmp_path / "study", registries, tmp_path / "run", with_report=False)
    assert str(outcome.failures["aa"]) == (
        "PE233 aa/registry.yaml  site.connection.environment\n"
        "  found    environment variable NO_SUCH_NAME\n"
        "  problem  it is not set\n"
        "  mend     put the cluster's address there: sc://host:port/;token=..."
    )


@pytest.fixture
def two(sail: Sail, tmp_path: Path) -> Network:
    """Two registries, of which the source of one lies on the cluster."""
    network = make_network(tmp_path / "network")
    files = as_parquet(network / "registries" / "aa", tmp_path / "files")
    shutil.rmtree(network / "registries" / "aa")
    there(files, sail.address, network / "registries")
    return network


@pytest.mark.parametrize(
    ("step", "named"),
    [("source", "table omop_count"), ("quality", "table indicator_rule")],
)
def test_a_run_whose_cluster_goes_away(two: Network, sail: Sail, tmp_path: Path, step: str, named: str) -> None:
    """Whenever it goes: the other registry is counted, nothing of this one is kept, and the step is named."""

    def watch(registry: str, begun: str) -> None:
        if (registry, begun) == ("aa", step):
            sail.kill()

    out = tmp_path / "run"
    outcome = run_study(two / "study", two / "registries", out, with_report=False, on_step=watch)
    assert outcome.participation == {"aa": "failed", "bb": "took part"}
    assert str(outcome.failures["aa"]) == NO_ANSWER.format(step=named).replace("xx/", "aa/")
    assert not (out / "bundles" / "aa").exists()
    assert MARK not in "".join(p.read_text(errors="ignore") for p in out.rglob("*") if p.is_file())
