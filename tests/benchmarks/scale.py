"""What a large registry costs: DuckDB in one process, in parts by several, and Sail: ``make bench-scale``.

``BENCH_PERSONS=100000 make bench-scale`` runs one size (several: with commas); without it 100,000 and 1,000,000.
``BENCH_WAYS=duckdb,parts`` leaves a way out. That all ways find the same bytes is asserted; nothing is of their time.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.__main__ import make_registry
from tests.benchmarks.engine import fill, write_cells
from tests.benchmarks.places import BUILD, ROOT
from tests.benchmarks.study import facts_of, lay_out_study, load_study
from tests.sail_server import sail_server

if TYPE_CHECKING:
    from collections.abc import Iterator


WAYS = ("duckdb", "parts", "sail")
OUTCOMES = 3
PROCESSES = 2
SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a way with all processes it started, wall seconds, most memory of all of them at one time (MB)."""

    way: str
    persons: int
    cpu: float
    wall: float
    peak_mb: float
    digest: str


def main() -> None:
    """Run every way on every size, and print what it cost."""
    if len(sys.argv) > 1:
        one(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
        return
    study = BUILD / "study"
    lay_out_study(study)
    asked = [int(n) for n in os.environ.get("BENCH_PERSONS", "100000,1000000").split(",")]
    ways = os.environ.get("BENCH_WAYS", ",".join(WAYS)).split(",")
    lines = ["| persons | way | CPU s | wall s | peak MB | digest |", "| ---: | --- | ---: | ---: | ---: | --- |"]
    for persons in asked:
        data = make_registry(persons)
        costs = [measure(way, persons, {"study": str(study), "data": data}) for way in ways]
        assert len({cost.digest for cost in costs}) == 1, "the ways do not find the same"
        lines += [
            f"| {persons:,} | {c.way} | {c.cpu:.1f} | {c.wall:.0f} | {c.peak_mb:,.0f} | {c.digest[:12]} |"
            for c in costs
        ]
    sys.stdout.write("\n".join([*lines, ""]))


def measure(way: str, persons: int, job: dict[str, Any]) -> Cost:
    """Run one way in a process of its own."""
    file, result = BUILD / "job-scale.json", BUILD / f"cells-scale-{way}.csv"
    file.write_text(json.dumps({**job, "way": way, "result": str(result)}), encoding="utf-8")
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.scale", str(file)], cwd=ROOT)
    peak, ticks = [0], dict[int, int]()
    looking = threading.Thread(target=look_on, args=(child.pid, peak, ticks))
    looking.start()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    looking.join()
    # What is waited for by another than this child stands in the ticks alone.
    cpu = max(used.ru_utime + used.ru_stime, sum(ticks.values()) / os.sysconf("SC_CLK_TCK"))
    if child.returncode:
        raise SystemExit(f"{way} ended with exit code {child.returncode}")
    digest = hashlib.sha256(result.read_bytes()).hexdigest()
    wall = time.perf_counter() - begun
    sys.stderr.write(f"{persons} persons: {way} {cpu:.1f} CPU s, {peak[0] // 1_000_000} MB\n")
    return Cost(way, persons, cpu, wall, peak[0] / 1_000_000, digest)


def look_on(process: int, peak: list[int], ticks: dict[int, int]) -> None:
    """Note the most memory that a process and all it started hold at one time, and the time of each, until it ends."""
    while Path(f"/proc/{process}/task").exists() and not _is_over(process):
        there = list(_with_children(process))
        peak[0] = max(peak[0], sum(map(_resident, there)))
        ticks |= {pid: _ticks(pid) or ticks.get(pid, 0) for pid in there}
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _ticks(process: int) -> int:
    """Time that a process itself has used, in ticks of the system's clock; those that it waited for are not in it."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(told[11]) + int(told[12])


def _is_over(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _with_children(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        return
    for child in children:
        yield from _with_children(int(child))


def _resident(process: int) -> int:
    """Bytes of a process's memory; a page that several share counts for each by its share of it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def one(job: dict[str, Any]) -> None:
    """Count in one way, and write the cells."""
    study, code_lists = load_study(Path(job["study"]), OUTCOMES)
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        counts = {"duckdb": in_one, "parts": in_parts, "sail": on_sail}[job["way"]](
            Path(job["data"]), study, code_lists, Path(folder)
        )
    write_cells(counts["counts"], Path(job["result"]))


def in_one(data: Path, study: Any, code_lists: Any, _folder: Path) -> Any:
    """One process, all persons at once."""
    from pass_engine.site import count_scenario
    from pass_engine.store import open_store

    with open_store() as store:
        fill(store, data)
        return count_scenario(store, study, code_lists, facts_of(study))


def in_parts(data: Path, study: Any, code_lists: Any, folder: Path) -> Any:
    """Several processes, a part each."""
    from dataclasses import replace

    from pass_engine.budget import Budget
    from pass_engine.partitions import AUTO
    from pass_engine.site import count_persons, shaped
    from pass_engine.workers import Asked, count_in_processes, open_for

    budget = replace(Budget(processes=PROCESSES, work=folder), parts=AUTO)
    with open_for(budget, "bench", PROCESSES) as (store, place):
        assert place is not None
        fill(store, data)
        asked = Asked((("main", study),), code_lists, facts_of(study))
        added = count_in_processes(store, asked, budget, place, count_persons, lambda _step: None)
    return shaped(added["main"], study, "main")


def on_sail(data: Path, study: Any, code_lists: Any, folder: Path) -> Any:
    """A cluster of one machine."""
    from pass_engine.site import count_scenario
    from pass_engine.spark_store import open_spark

    with sail_server(folder) as sail, open_spark(sail.address, "bench") as store:
        fill(store, data)
        return count_scenario(store, study, code_lists, facts_of(study))


if __name__ == "__main__":
    main()
