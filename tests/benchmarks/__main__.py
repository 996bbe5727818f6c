"""The engine's speed beside others that give the same numbers: ``make bench``.

``BENCH_PERSONS=100000 make bench`` runs one size (several: with commas); without it 100,000 and 1,000,000.
``BENCH_PARTITIONS=8`` counts persons in so many partitions; without it, in as many as the memory calls for.
``ARGS=--profile`` adds where the engine's time goes, by SQL file. Nothing is asserted about time; that all
contestants find the same numbers is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from tests.benchmarks.measure import CONTESTANTS, ENGINE, Cells, Contestant, Run, assert_same, measure, read_cells
from tests.benchmarks.places import BUILD, ROOT
from tests.benchmarks.study import lay_out_study, load_study, plan_of
from tests.benchmarks.table import markdown, profile_rows, versions, write_csv, write_tables

OUTCOMES = (1, 3)


def main() -> None:
    """Run every contestant on every size, compare what they found, and print what it cost."""
    args = arguments()
    study = BUILD / "study"
    lay_out_study(study)
    known = versions()
    runs: list[Run] = []
    asked = os.environ.get("BENCH_PARTITIONS", "auto")
    partitions = 0 if asked == "auto" else int(asked)
    for persons in args.persons:
        data = make_registry(persons)
        for outcomes in OUTCOMES:
            job = {"study": str(study), "data": data, "outcomes": outcomes, "profile": None, "partitions": partitions}
            job["plan"] = plan_of(*load_study(study, outcomes))
            runs += compete(persons, outcomes, job, args.repeat)
            if args.profile:
                show_profile(persons, outcomes, job)
    sys.stdout.write(write_tables(BUILD, runs, known))


def arguments() -> argparse.Namespace:
    """What is asked for on the command line and in the environment."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked = os.environ.get("BENCH_PERSONS", "100000,1000000")
    parser.add_argument("--persons", type=int, nargs="+", default=[int(n) for n in asked.split(",")], help="sizes")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the median is shown")
    parser.add_argument("--profile", action="store_true", help="where the engine's time goes")
    return parser.parse_args()


def make_registry(persons: int) -> str:
    """Folder of the registry; made in another process, so that this one stays small (a child begins with its size)."""
    program = [sys.executable, "-m", "tests.benchmarks.registry", str(BUILD / "data"), str(persons)]
    return subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def compete(persons: int, outcomes: int, job: dict[str, Any], repeat: int) -> list[Run]:
    """All contestants of this size; the floor has no outcomes and runs once."""
    runs, found = [], {}
    for contestant in CONTESTANTS:
        if persons <= contestant.most_persons and (contestant.counts or outcomes == OUTCOMES[0]):
            run, cells = attempt(contestant, persons, outcomes, job, repeat)
            runs.append(run)
            found[contestant.name] = cells
    for name, cells in found.items():
        if cells:
            assert_same(found[ENGINE.name], cells, name)
    return runs


def attempt(contestant: Contestant, persons: int, outcomes: int, job: dict[str, Any], repeat: int) -> tuple[Run, Cells]:
    """One contestant, so many times: the run in the middle by CPU, and its cells."""
    result = BUILD / f"cells-{contestant.name}.csv"
    runs = [measure(contestant, persons, outcomes, {**job, "result": str(result)}) for _ in range(repeat)]
    middle = sorted(runs, key=lambda run: run.cpu)[repeat // 2]
    sys.stderr.write(f"{persons} persons, {outcomes} outcomes: {contestant.name} {middle.cpu:.2f} CPU s\n")
    return middle, read_cells(result) if contestant.counts else {}


def show_profile(persons: int, outcomes: int, job: dict[str, Any]) -> None:
    """Run the engine once more, noting each step; write and print the costliest."""
    file = BUILD / "profile.json"
    measure(ENGINE, persons, outcomes, {**job, "result": str(BUILD / "cells-profile.csv"), "profile": str(file)})
    rows = profile_rows(json.loads(file.read_text(encoding="utf-8")))
    write_csv(BUILD / f"profile-{persons}-{outcomes}.csv", rows)
    sys.stdout.write(f"\nEngine, {persons} persons, {outcomes} outcomes\n\n{markdown(rows[:20])}\n")


if __name__ == "__main__":
    main()
