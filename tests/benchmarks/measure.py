"""One contestant in a process of its own: what it costs, and the cells it found."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.places import BUILD, POLARS_PYTHON, ROOT

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 2
KEY = ("cohort", "outcome", "stratum", "level")

Cells = dict[tuple[str, ...], dict[str, int]]


@dataclass(frozen=True)
class Contestant:
    """A program, its interpreter, up to how many persons it is asked, and the libraries it begins with."""

    name: str
    module: str
    python: str = sys.executable
    most_persons: int = 10**9
    counts: bool = True
    imports: str = ""


ENGINE = Contestant("engine", "tests.benchmarks.engine", imports="duckdb, pandas, pyarrow, pass_engine.site")
FLOOR = Contestant("floor", "tests.benchmarks.floor", counts=False, imports="duckdb")
CONTESTANTS = (
    FLOOR,
    ENGINE,
    Contestant("polars", "tests.benchmarks.polars_program", str(POLARS_PYTHON), imports="polars"),
    Contestant("pandas", "tests.benchmarks.numpy_program", most_persons=100_000, imports="pandas, pyarrow"),
)


@dataclass(frozen=True)
class Run:
    """What one run cost, start of the interpreter included: CPU seconds of all threads, wall seconds, peak memory.

    ``start``: what the interpreter and the libraries alone cost, in CPU seconds, however many persons there are.
    """

    contestant: str
    persons: int
    outcomes: int
    cpu: float
    wall: float
    peak_mb: float
    start: float


def measure(contestant: Contestant, persons: int, outcomes: int, job: dict[str, Any]) -> Run:
    """Run a contestant and wait for it."""
    file = BUILD / "job.json"
    file.write_text(json.dumps({**job, "threads": THREADS}), encoding="utf-8")
    start, _, _ = _cost(contestant, ["-c", f"import {contestant.imports}"])
    cpu, wall, peak = _cost(contestant, ["-m", contestant.module, str(file)])
    return Run(contestant.name, persons, outcomes, cpu, wall, peak, start)


def _cost(contestant: Contestant, arguments: list[str]) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of one process."""
    begun = time.perf_counter()
    child = subprocess.Popen([contestant.python, *arguments], cwd=ROOT, env=_environment())
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{contestant.name} ended with exit code {child.returncode}")
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024


def _environment() -> dict[str, str]:
    """The same number of threads for whatever library has a pool of them."""
    return {
        **os.environ,
        **dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(THREADS)),
    }


def read_cells(file: Path) -> Cells:
    """Cells by their names. One in which nothing is counted is left out: not everyone writes it."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    cells: Cells = {}
    for row in rows:
        key = tuple(row.pop(name) for name in KEY)
        numbers = {name: int(value) for name, value in row.items()}
        assert key not in cells, f"cell stands twice: {key}"
        if any(numbers.values()):
            cells[key] = numbers
    return cells


def assert_same(engine: Cells, other: Cells, name: str) -> None:
    """Both found the same cells, and in them the same numbers, where both give a number."""
    apart = engine.keys() ^ other.keys()
    assert not apart, f"{name}: cells of one alone, such as {min(apart)}"
    for key, numbers in engine.items():
        wrong = {n: (v, other[key][n]) for n, v in numbers.items() if n in other[key] and v != other[key][n]}
        assert not wrong, f"{name}: {key}: (engine, {name}) {wrong}"
