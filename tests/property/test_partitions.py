"""Do partitions, threads and the order of rows leave every byte of what leaves a registry as it was?"""

from __future__ import annotations

import random
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from pass_engine.partitions import AUTO, MOST_BYTES, partitions_for
from pass_engine.site import count_scenario, run_site
from pass_engine.store import open_store
from tests.property.engine import engine_facts, load_core
from tests.property.oracle import CoreTables
from tests.property.strategies import make_case
from tests.property.test_sample_data import demo_protocol, demo_registry

if TYPE_CHECKING:
    import pandas as pd

    from tests.property.made import Case

SEEDS = (5, 23, 77)
PERSONS = 60


def written(tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Tables as they would stand in a file."""
    return {name: frame.to_csv(index=False) for name, frame in tables.items()}


def counted(case: Case, *, parts: int = 1, threads: int = 1) -> dict[str, str]:
    with open_store(threads=threads) as store:
        load_core(store, case.core)
        return written(count_scenario(store, case.study, case.code_lists, engine_facts(case), parts=parts))


def shuffled(case: Case) -> Case:
    """The same rows in another order."""
    drawn = random.Random(7)
    tables = {f.name: list(getattr(case.core, f.name)) for f in fields(CoreTables)}
    for rows in tables.values():
        drawn.shuffle(rows)
    return replace(case, core=CoreTables(**tables))


@pytest.mark.parametrize("seed", SEEDS)
def test_partitions_threads_and_order_of_rows_change_no_byte(seed):
    case = make_case(seed, PERSONS)
    whole = counted(case)
    assert len(whole["counts"].splitlines()) > 1
    assert counted(case, parts=2, threads=8) == whole
    assert counted(shuffled(case), parts=3, threads=2) == whole


def test_more_partitions_than_persons():
    case = make_case(SEEDS[0], 3)
    assert counted(case, parts=5) == counted(case)


def test_a_sample_registry_in_three_partitions():
    registry, protocol = demo_registry("msbase"), demo_protocol()
    whole = written(run_site(registry, protocol).tables)
    assert written(run_site(registry, protocol, parts=3, threads=1).tables) == whole
    assert written(run_site(registry, protocol, parts=AUTO).tables) == whole


def test_partitions_by_memory():
    """5,000 bytes a person: 2 GB free leave 1 GB, the most that is taken, for 200,000 persons at once."""
    assert MOST_BYTES == 1_000_000_000
    assert partitions_for(0, memory=2_000_000_000) == 1
    assert partitions_for(200_000, memory=9_000_000_000) == 1
    assert partitions_for(200_001, memory=2_000_000_000) == 2
    assert partitions_for(10_000_000, memory=2_000_000_000) == 50
    assert partitions_for(120_000, memory=200_000_000) == 6
