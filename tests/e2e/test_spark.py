"""Does Apache Spark itself give the numbers that DuckDB gives? Slow: Java and Spark in an environment of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.second_engine import second_engine
from pass_engine.site import count_scenario
from pass_engine.spark_store import open_spark
from tests.house.sources import ROOT
from tests.property.engine import engine_facts, load_core, run_engine, shape
from tests.property.strategies import make_case
from tests.spark_server import PYTHON, spark_server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.is_file(), reason="needs `make spark` (Apache Spark, about 400 MB)"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with spark_server(tmp_path_factory.mktemp("spark")) as at:
        yield at


def test_made_up_studies_are_the_same(address: str) -> None:
    case = make_case(77, 40)
    with open_spark(address, "a registry") as store:
        load_core(store, case.core)
        cluster = shape(count_scenario(store, case.study, case.code_lists, engine_facts(case)))
    assert cluster == run_engine(case)


@pytest.mark.parametrize(("protocol", "registry"), [("stanford-heart", "stanford-heart"), ("bmsd-pass-001", "cz")])
def test_every_table_is_the_same(protocol: str, registry: str, address: str) -> None:
    folder = ROOT / "sample_data" / registry
    if registry == "stanford-heart" and not (folder / "stanford_heart.csv").is_file():
        pytest.skip("needs `make real-data`")
    found = second_engine(load_registry(folder), load_protocol(ROOT / "protocols" / protocol), address)
    assert [c for c in found if not c.is_equal] == []
