"""Are registries that are counted beside each other counted as they are one after the other, and stopped together?"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from pass_engine.budget import Budget
from pass_engine.run import RunOutcome, run_study, side_by_side
from tests.e2e.small import Network, make_network, make_registry
from tests.e2e.test_same_bytes import LOG, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOLD = "TOLD_TO_STOP"
INVITED = {"aa": "DK", "bb": "SE", "cc": "FR", "dd": "FI"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Four registries; one lacks a file."""
    made = make_network(tmp_path_factory.mktemp("network"))
    made.edit("study/protocol.yaml", ("registries: [aa, bb]", f"registries: [{', '.join(INVITED)}]"))
    for name, country in INVITED.items():
        make_registry(made / "registries" / name, name, country)
    (made / "registries/bb/data/drugs.csv").unlink()
    return made


def ran(
    network: Network, out: Path, processes: int, on_step: Callable[[str, str], None] = lambda *_: None
) -> RunOutcome:
    budget = Budget(processes=processes, memory=1_500_000_000)
    return run_study(
        network / "study", network / "registries", out, budget=budget, with_report=False, on_step=on_step
    )  # fmt: skip


def steps(out: Path) -> list[tuple[str, str]]:
    """Registry and step of each line of the log, in its order."""
    lines = [json.loads(line) for line in (out / LOG).read_text(encoding="utf-8").splitlines()]
    assert all(line["seconds"] >= 0 for line in lines)
    return [(line["registry"], line["step"]) for line in lines]


def test_the_same_bytes_and_the_same_words(network: Network, tmp_path: Path) -> None:
    first, second = ran(network, tmp_path / "one", 1), ran(network, tmp_path / "several", 3)
    assert tree(tmp_path / "several") == tree(tmp_path / "one")
    assert steps(tmp_path / "several") == steps(tmp_path / "one")
    assert list(first.failures) == list(second.failures) == ["bb"]
    assert str(first.failures["bb"]) == str(second.failures["bb"])
    assert first.participation == second.participation
    assert multiprocessing.active_children() == []


class Dies(side_by_side.Counting):
    """Counts, but one registry's process is ended by the system, as for want of memory."""

    def __call__(self, task: side_by_side.Task, on_step: Callable[[str], None]) -> side_by_side.Answer:
        if task.name == "cc":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(task, on_step)


def test_one_that_is_ended_stops_no_other(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "Counting", Dies)
    outcome = ran(network, tmp_path / "run", 2)
    assert outcome.participation == {"aa": "took part", "bb": "failed", "cc": "failed", "dd": "took part"}
    assert list(outcome.failures) == ["bb", "cc"]
    assert str(outcome.failures["cc"]) == (
        "PE406 cc\n"
        "  found    a process that the system has ended\n"
        "  problem  counting this registry took more memory than there is\n"
        "  mend     give less with --memory or --processes, or more parts with --partitions"
    )


class Stops(side_by_side.Counting):
    """Tells the run to stop, as Ctrl-C does, and would go on for ever."""

    def __call__(self, task: side_by_side.Task, on_step: Callable[[str], None]) -> side_by_side.Answer:
        on_step("begun")
        if task.name == "bb":
            os.kill(int(os.environ[TOLD]), signal.SIGINT)
        time.sleep(600)
        return super().__call__(task, on_step)


def test_ctrl_c_stops_all(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "Counting", Stops)
    monkeypatch.setenv(TOLD, str(os.getpid()))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job ignores
    try:
        with pytest.raises(KeyboardInterrupt):
            ran(network, tmp_path / "run", 4)
    finally:
        signal.signal(signal.SIGINT, before)
    assert multiprocessing.active_children() == []
    assert list(tmp_path.iterdir()) == [], "nothing is half-written"


class Slips(side_by_side.Counting):
    """A bug."""

    def __call__(self, task: side_by_side.Task, on_step: Callable[[str], None]) -> Any:  # noqa: ARG002 - as it is called
        raise KeyError(task.name)


def test_a_bug_is_told_with_its_place(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "Counting", Slips)
    with pytest.raises(RuntimeError, match="in __call__"):
        ran(network, tmp_path / "run", 2)
    assert multiprocessing.active_children() == []
