"""A made-up network: many registries, several studies, each counted side by side and pooled: ``make bench-network``.

``BENCH_REGISTRIES=10 BENCH_STUDIES=2 make bench-network`` makes it smaller. That every registry took part in every
study is asserted; nothing is of their time.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import string
import sys
import time
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING

from pass_engine.budget import Budget
from pass_engine.run import run_study
from tests.benchmarks.places import BUILD
from tests.e2e.small import PROTOCOL, REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

PERSONS = 1_000
PROCESSES = 2
CODES = ("A49", "B02", "C50", "I21", "J18", "K92", "L40", "N39", "R56", "T78")
"""One code an outcome, one outcome a study."""
FIRST, YEARS = date(2015, 1, 1), 6


def main() -> None:
    """Make the network, run every study, and print what each cost."""
    registries, studies = (int(os.environ.get(f"BENCH_{n}", d)) for n, d in (("REGISTRIES", "100"), ("STUDIES", "10")))
    folder = BUILD / "network"
    shutil.rmtree(folder, ignore_errors=True)
    names = [f"r{number:03d}" for number in range(registries)]
    countries = ("".join(two) for two in product(string.ascii_uppercase, repeat=2) if two != ("N", "O"))
    for name, country in zip(names, countries, strict=False):
        make_registry(folder / "registries" / name, name, country)
    lines = ["| study | counting, wall s | pooling, wall s | pooling, CPU s | rows published |", "| ---: " * 5 + "|"]
    for number in range(studies):
        make_protocol(folder / f"study{number}", number, names)
        lines.append(f"| {number + 1} | " + " | ".join(run_one(folder, number)) + " |")
        sys.stderr.write(lines[-1] + "\n")
    sys.stdout.write("\n".join([*lines, ""]))


def run_one(folder: Path, number: int) -> list[str]:
    """Run one study over the network. What is done in this process is pooling; counting is done in others."""
    begun, used = time.perf_counter(), time.process_time()
    out = folder / f"run{number}"
    outcome = run_study(
        folder / f"study{number}", folder / "registries", out, budget=Budget(processes=PROCESSES), with_report=False
    )
    assert set(outcome.participation.values()) == {"took part"}, outcome.failures
    wall, used = time.perf_counter() - begun, time.process_time() - used
    log = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    counting = next(line["seconds"] for line in log if line["step"] == "results")
    rows = len((out / "results/incidence.csv").read_text(encoding="utf-8").splitlines()) - 1
    return [f"{counting:.0f}", f"{wall - counting:.0f}", f"{used:.0f}", f"{rows:,}"]


def make_protocol(folder: Path, number: int, names: list[str]) -> None:
    """The small study with another outcome, and by sex and age."""
    text = PROTOCOL.replace("registries: [aa, bb]", f"registries: [{', '.join(names)}]")
    text = text.replace("strata:\n  sex: {}\n", "strata:\n  sex: {}\n  age: {bands: [18, 30, 45, 60]}\n")
    text = text.replace("by: [[], [sex]]", "by: [[], [sex], [age], [age, sex]]")
    (folder / "text").mkdir(parents=True)
    (folder / "codelists").mkdir()
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    (folder / "text/rationale.md").write_text("A made-up study of a made-up network.\n", encoding="utf-8")
    codes = f"system,code,match,label\nICD-10,{CODES[number % len(CODES)]},descendants,Outcome\n"
    (folder / "codelists/infection.csv").write_text(codes, encoding="utf-8")


def make_registry(folder: Path, name: str, country: str) -> None:
    """Persons, six years of them, with episodes of two medicines and reports of ten kinds; drawn by the name."""
    drawn = random.Random(name)
    persons, seen, drugs, events = ["id,born,gender"], ["id,first,last"], ["id,drug,start,stop"], ["id,code,onset"]
    for number in range(PERSONS):
        person = f"{name}-{number}"
        persons.append(f"{person},{drawn.randint(1940, 2000)}-0{drawn.randint(1, 9)}-15,{drawn.choice('wm')}")
        seen.append(f"{person},2015-01-01,2020-12-31")
        day = FIRST + timedelta(days=drawn.randrange(700))
        for _ in range(drawn.randint(1, 4)):
            stop = day + timedelta(days=drawn.randint(30, 500))
            drugs.append(f"{person},{drawn.choice(('alfa', 'beta'))},{day},{stop}")
            day = stop + timedelta(days=drawn.randint(1, 200))
        for _ in range(drawn.randint(0, 6)):
            onset = FIRST + timedelta(days=drawn.randrange(365 * YEARS))
            events.append(f"{person},{drawn.choice(CODES)},{onset}")
    (folder / "data").mkdir(parents=True)
    told = REGISTRY.format(id=name, upper=name.upper(), country=country)
    (folder / "registry.yaml").write_text(told, encoding="utf-8")
    for file, lines in (("persons", persons), ("seen", seen), ("drugs", drugs), ("events", events)):
        (folder / "data" / f"{file}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
