"""Do several processes count what one does, and does a run that was stopped go on where it was?"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pass_engine import workers
from pass_engine.budget import LARGE, Budget, watch_disk
from pass_engine.errors import MethodError
from pass_engine.run import run_study
from pass_engine.site import count_persons, run_site
from tests.e2e.small import make_network
from tests.house.sources import ROOT
from tests.property.test_partitions import written
from tests.property.test_sample_data import demo_protocol, demo_registry

REGISTRY = "cz"


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    return written(run_site(demo_registry(REGISTRY), demo_protocol()).tables)


def counted(budget: Budget, parts: int, steps: list[str] | None = None) -> dict[str, str]:
    told = steps if steps is not None else []
    return written(
        run_site(demo_registry(REGISTRY), demo_protocol(), parts=parts, budget=budget, on_step=told.append).tables
    )


def test_processes_change_no_byte(whole: dict[str, str]) -> None:
    assert counted(Budget(processes=2), 3) == whole


def test_one_process_and_a_file_change_no_byte(whole: dict[str, str], tmp_path: Path) -> None:
    assert counted(Budget(processes=1, work=tmp_path), 1) == whole
    assert list(tmp_path.iterdir()) == [], "no person stays behind"


def stop_at_third(store: Any, study: Any, code_lists: Any, facts: Any) -> Any:
    """As a machine that goes down: two parts are finished (the main analysis is counted first)."""
    (tally,) = store.fetch("SELECT count(*) FROM person")[0]
    if len(list(Path(os.environ["PARTS_OF_TEST"]).glob("[0-9]*"))) == 2:
        raise KeyboardInterrupt(tally)
    return count_persons(store, study, code_lists, facts)


def test_a_stopped_run_goes_on(whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTS_OF_TEST", str(tmp_path / REGISTRY / workers.STATE))
    with monkeypatch.context() as patch:
        patch.setattr("pass_engine.site.count_persons", stop_at_third)
        with pytest.raises(KeyboardInterrupt):
            counted(Budget(processes=1, work=tmp_path), 3)
    steps: list[str] = []
    assert counted(Budget(processes=1, work=tmp_path), 3, steps) == whole
    assert [step for step in steps if step.startswith("parts")] == ["parts: 2 of 3", "parts: 3 of 3"]


def test_parts_of_other_rules_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTS_OF_TEST", str(tmp_path / REGISTRY / workers.STATE))
    with monkeypatch.context() as patch:
        patch.setattr("pass_engine.site.count_persons", stop_at_third)
        with pytest.raises(KeyboardInterrupt):
            counted(Budget(processes=1, work=tmp_path), 3)
    steps: list[str] = []
    counted(Budget(processes=1, work=tmp_path), 2, steps)
    assert "parts: 0 of 2" in steps


def die(_store: Any, _study: Any, _code_lists: Any, _facts: Any) -> Any:
    """As where the system ends a process for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(_store: Any, _study: Any, _code_lists: Any, _facts: Any) -> Any:
    from pass_engine.errors import Fault

    raise MethodError(Fault("a table", "", "found", "problem", "mend", "PE403"))


def wait_long(_store: Any, _study: Any, _code_lists: Any, _facts: Any) -> Any:
    time.sleep(600)


def test_a_process_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pass_engine.site.count_persons", die)
    with pytest.raises(MethodError) as caught:
        counted(Budget(processes=2), 2)
    assert str(caught.value) == (
        "PE406 a part of the registry\n"
        "  found    a process that the system has ended\n"
        "  problem  counting a part took more memory than there is\n"
        "  mend     give less with --memory or --processes, or more parts with --partitions"
    )
    assert multiprocessing.active_children() == []


def test_an_error_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pass_engine.site.count_persons", refuse)
    with pytest.raises(MethodError, match="PE403 a table"):
        counted(Budget(processes=2), 2)


def test_too_little_room(tmp_path: Path) -> None:
    with pytest.raises(MethodError) as caught:
        counted(Budget(processes=1, work=tmp_path, disk=10**18), 1)
    fault = caught.value.faults[0]
    assert fault.found.endswith(" MB free, 1000000000000 MB asked for")
    assert str(caught.value).replace(fault.found, "FOUND") == (
        "PE405 cz  --disk\n"
        "  found    FOUND\n"
        "  problem  there is less room for the files of this registry than the run may need\n"
        "  mend     make room, name another folder with --work, or ask for less with --disk"
    )


def test_room_runs_short_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "spilled").write_bytes(b"x" * 2_097_152)
    watch_disk(Budget(), tmp_path, "cz")
    watch_disk(Budget(disk=3_000_000), tmp_path, "cz")
    with pytest.raises(MethodError) as caught:
        watch_disk(Budget(disk=2_000_000), tmp_path, "cz")
    free = caught.value.faults[0].found.rsplit(", ", 1)[1]
    assert str(caught.value) == (
        "PE407 cz  --disk\n"
        f"  found    2 MB written, 2 MB allowed, {free}\n"
        "  problem  the files of this registry need more room than there is; finished parts are kept under --work\n"
        "  mend     make room, allow more with --disk, or count more parts with --partitions; then run again"
    )
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=99_999_999))
    with pytest.raises(MethodError, match="2 MB written, 99 MB free"):
        watch_disk(Budget(), tmp_path, "cz")


KILLED = """
import os, signal, sys
from pathlib import Path
from pass_engine.budget import Budget
from pass_engine.run import run_study

def watch(registry, step):
    if step in ("parts: 2 of 5", "parts: 3 of 5"):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    budget = Budget(processes=2, memory=1_500_000_000, work=Path("work"))
    places = [Path(name) for name in ("study", "registries", "run")]
    run_study(*places, partitions=5, budget=budget, with_report=False, on_step=watch)
"""


def test_a_killed_run_goes_on_after_its_last_part(tmp_path: Path) -> None:
    """Every process is gone with it; the next run takes its parts, and as many parts where none are asked for."""
    network = make_network(tmp_path)
    shutil.rmtree(network / "registries" / "bb")
    run_study(network / "study", network / "registries", tmp_path / "whole", with_report=False)
    (tmp_path / "killed.py").write_text(KILLED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "killed.py"], cwd=tmp_path, env=environment, check=False, timeout=300)
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "run").exists()
    steps: list[str] = []
    budget = Budget(processes=2, memory=1_500_000_000, work=tmp_path / "work")
    run_study(
        network / "study", network / "registries", tmp_path / "run", budget=budget, with_report=False,
        on_step=lambda _, step: steps.append(step),
    )  # fmt: skip
    told = [step for step in steps if step.startswith("parts")]
    assert told[0] in {"parts: 2 of 5", "parts: 3 of 5", "parts: 4 of 5", "parts: 5 of 5"}
    assert told[-1] == "parts: 5 of 5"
    for file in sorted((tmp_path / "whole" / "results").iterdir()):
        assert (tmp_path / "run" / "results" / file.name).read_bytes() == file.read_bytes(), file.name
    assert not list((tmp_path / "work").iterdir()), "no person stays behind"


def test_memory_is_shared_out() -> None:
    """Of 2.2 GB this process takes 0.2, each of four others 0.2, and the tables of each 0.3."""
    assert Budget(processes=4, memory=2_200_000_000).memory_of_one == 300_000_000
    assert Budget(processes=100, memory=2_200_000_000).memory_of_one == 100_000_000
    assert Budget(processes=1, memory=2_200_000_000).memory_of_one == 2_000_000_000
    at_once, each = Budget(processes=4, memory=2_200_000_000).for_each([1] * 6)
    assert (at_once, each.processes, each.memory, each.memory_of_one) == (4, 1, 500_000_000, 300_000_000)
    assert Budget(processes=4, memory=900_000_000).for_each([1] * 6)[0] == 2, "as many as there is memory for"
    assert Budget(processes=4, memory=100_000_000).for_each([1] * 6)[0] == 1
    assert Budget(processes=4).for_each([LARGE])[0] == 1
    assert Budget(processes=0).for_each([1_000_000] * 6)[0] == 1, "too little to count"
    assert Budget(processes=0).for_each([])[0] == 1
    assert Budget(processes=0).for_input(1000).processes == 1
    assert Budget(processes=0).for_input(LARGE).processes == len(os.sched_getaffinity(0))
    assert Budget(processes=3).for_input(LARGE).processes == 3


def test_every_table_with_persons_is_divided() -> None:
    """What a process takes over are the harmonised tables, and nothing that a rule or a step makes."""
    assert {"person", "treatment", "event_report", "observation_period"} <= set(workers.tables_counted())
