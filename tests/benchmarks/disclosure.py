"""How long do pooling, disclosure control and the reader's audit take for six registries, 20 analyses and 500 strata?

``python -m tests.benchmarks.disclosure [ANALYSES]`` prints processor seconds. Cells are drawn anew with the same seeds,
few of them large: about half of all rows are too small to show, which is the hard case.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate_pooled, participation_rows
from pass_engine.disclose import BORDER_TABLES, publish
from pass_engine.disclose.reader import audit_release
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.pool import pool_bundles
from pass_engine.protocol import Protocol, Scenario
from pass_engine.protocol.models import Study
from tests.made_bundles import MAIN, ON, STUDY, border_frame, cohort_chain, registry_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGISTRIES = tuple(f"r{number}" for number in range(6))
AGES, SEXES, YEARS = range(10), ("female", "male"), range(2000, 2025)
MARGINS = ((), ("sex",), ("age", "sex"), ("age", "sex", "calendar"))
SIZES = (0, 3, 20, 60, 200)
DAYS = 200


def main(analyses: int) -> None:
    """Make the bundles, then time each step."""
    protocol = protocol_of(analyses)
    bundles = [bundle_of(registry, analyses) for registry in REGISTRIES]
    rules = Thresholds(5, dict.fromkeys(REGISTRIES, 5))
    pooled = timed("pool", lambda: pool_bundles(bundles, REGISTRIES))
    participation = participation_rows(bundles, protocol, {})
    results = timed("estimate", lambda: estimate_pooled(pooled, bundles, protocol, participation))
    shown = timed("disclosure control", lambda: publish(results.tables, rules, pooled["counts"]))
    found = timed("audit as a reader", lambda: audit_release(shown, rules))
    sys.stdout.write(f"{len(shown['incidence'])} rows, {found.withheld} numbers withheld, {len(found.leaks)} told\n")


def timed(what: str, step: Callable):
    """Do a step, and print its processor seconds."""
    begun = time.process_time()
    made = step()
    sys.stdout.write(f"{what:20} {time.process_time() - begun:6.1f} s\n")
    return made


def protocol_of(analyses: int) -> Protocol:
    """One cohort, and one outcome an analysis."""
    names = [f"cancer{number}" for number in range(analyses)]
    asked = tuple(
        {
            **{key: value for key, value in MAIN.items() if key != "standardise"},
            "id": f"main{number}",
            "role": "secondary" if number else "primary",
            "cohorts": ("new_drug",),
            "outcomes": {name: ON},
            "by": MARGINS,
            "measures": ("eair",),
        }
        for number, name in enumerate(names)
    )
    outcomes = dict.fromkeys(names, STUDY["outcomes"]["cancer"])
    data = {**STUDY["data"], "registries": REGISTRIES}
    study = Study.model_validate({**STUDY, "data": data, "analyses": asked, "outcomes": outcomes})
    return Protocol(Path("made"), study, "0" * 64, {}, {}, (Scenario("main", study),), {}, {})


def bundle_of(registry: str, analyses: int) -> BundleContent:
    """Counts of one registry."""
    tables: dict[str, list] = {name: [] for name in BORDER_TABLES}
    tables["counts"] = [row for number in range(analyses) for row in count_rows(registry, number)]
    tables["attrition"] = cohort_chain("", "new_drug", 5000, random.Random(1))
    facts = {"id": "made", "version": "1", "digest": "0" * 64}
    return BundleContent(registry_facts(registry), facts, {n: border_frame(n, rows) for n, rows in tables.items()})


def count_rows(registry: str, number: int) -> Iterator[dict]:
    """Cells by age, sex and year, and their margins."""
    drawn = random.Random(f"{registry}{number}")
    cells = {}
    for key in ((age, sex, year) for age in AGES for sex in SEXES for year in YEARS):
        persons = drawn.choice(SIZES)
        cells[key] = persons, sum(drawn.random() < 0.04 for _ in range(persons))
    for margin in MARGINS:
        levels: dict[str, list[int]] = {}
        for (age, sex, year), (persons, events) in cells.items():
            level = "*".join(str({"age": age, "sex": sex, "calendar": year}[name]) for name in margin)
            added = levels.setdefault(level, [0, 0])
            added[0], added[1] = added[0] + persons, added[1] + events
        for level, (persons, events) in sorted(levels.items()):
            if persons:
                yield count_row(number, "*".join(margin) or "overall", level, persons, events)


def count_row(number: int, stratum: str, level: str, persons: int, events: int) -> dict:
    """One row of the table ``counts``, in which everybody has one event at most and the same days."""
    days = persons * DAYS
    return {
        "analysis": f"main{number}",
        "cohort": "new_drug",
        "outcome": f"cancer{number}",
        "time_at_risk": ON,
        "stratum": stratum,
        "level": level,
        "persons": persons,
        **dict.fromkeys(("persons_with_event", "first_events", "events", "sum_e2"), events),
        **dict.fromkeys(("window_days", "person_days", "first_event_days"), days),
        "sum_et": events * DAYS,
        "sum_t2": days * DAYS,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
