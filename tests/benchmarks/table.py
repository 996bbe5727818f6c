"""What the benchmark writes: one table for reading and one for machines, and where the engine's time went."""

from __future__ import annotations

import csv
import os
import platform
import subprocess
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pass_engine
from tests.benchmarks.measure import ENGINE, FLOOR, THREADS
from tests.benchmarks.places import POLARS_PYTHON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.benchmarks.measure import Run

COLUMNS = (
    "persons", "outcomes", "contestant", "CPU s", "of it start", "wall s", "peak MB", "persons per CPU s",
    "without start", "CPU to floor", "CPU to engine", "CPU to engine without start",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of everything that is timed, and what the machine was doing."""
    polars = [str(POLARS_PYTHON), "-c", "from importlib import metadata; print(metadata.version('polars'))"]
    known = {name: metadata.version(name) for name in ("duckdb", "pyarrow", "pandas", "numpy")}
    return {
        "pass_engine": pass_engine.__version__,
        "python": platform.python_version(),
        **known,
        "polars": subprocess.run(polars, capture_output=True, text=True, check=True).stdout.strip(),
        "machine": platform.machine(),
        "cores": str(os.cpu_count()),
        "threads": str(THREADS),
        "partitions": os.environ.get("BENCH_PARTITIONS", "auto"),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def rows_of(runs: Sequence[Run]) -> list[dict[str, str]]:
    """One row a run, with its ratios to the floor of the same size and to the engine at the same work."""
    floor = {r.persons: r.cpu for r in runs if r.contestant == FLOOR.name}
    engine = {(r.persons, r.outcomes): r for r in runs if r.contestant == ENGINE.name}
    rows = []
    for run in runs:
        counted = run.contestant != FLOOR.name
        own = engine[run.persons, run.outcomes] if counted else run
        work = max(run.cpu - run.start, 0.001)
        to_engine = f"{run.cpu / own.cpu:.2f}", f"{work / max(own.cpu - own.start, 0.001):.2f}"
        values = (
            str(run.persons), str(run.outcomes) if counted else "", run.contestant, f"{run.cpu:.2f}",
            f"{run.start:.2f}", f"{run.wall:.2f}", f"{run.peak_mb:.0f}", f"{run.persons / run.cpu:.0f}",
            f"{run.persons / work:.0f}",
            f"{run.cpu / floor[run.persons]:.1f}", *(to_engine if counted else ("", "")),
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def markdown(rows: Sequence[dict[str, str]]) -> str:
    """Rows as a table of Markdown."""
    names = list(rows[0])
    lines = [
        names,
        ["---:" if n not in {"contestant", "step"} else "---" for n in names],
        *(list(r.values()) for r in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_tables(folder: Path, runs: Sequence[Run], known: dict[str, str]) -> str:
    """Write ``results.csv`` and ``results.md``; gives back the latter."""
    rows = rows_of(runs)
    write_csv(folder / "results.csv", rows)
    head = ", ".join(f"{name} {value}" for name, value in known.items())
    text = f"{head}\n\n{markdown(rows)}"
    (folder / "results.md").write_text(text, encoding="utf-8")
    return text


def write_csv(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as CSV."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def profile_rows(seen: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Steps of the engine, the costliest first, with their share."""
    total = sum(step["cpu"] for step in seen)
    return [
        {
            "step": step["step"],
            "rows": str(step["rows"]),
            "CPU s": f"{step['cpu']:.3f}",
            "wall s": f"{step['wall']:.3f}",
            "% of CPU": f"{100 * step['cpu'] / total:.1f}",
        }
        for step in sorted(seen, key=lambda step: -step["cpu"])
    ]
