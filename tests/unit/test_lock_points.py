"""Do counts between lock points add up, and does what is published leave no small interval to subtraction?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES, publish, records
from pass_engine.disclose.locks import days_of
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.protocol import Protocol, Scenario
from pass_engine.protocol.models import Study
from tests.made_bundles import MAIN, ON, STUDY, border_frame, registry_facts

POINTS = (date(2019, 12, 31), date(2021, 12, 31), date(2023, 12, 31))
PLACE = {"analysis": "main", "cohort": "new_drug", "outcome": "cancer", "time_at_risk": ON}


def protocol():
    analysis = {**MAIN, "cohorts": ("new_drug",), "outcomes": {"cancer": ON}, "by": ((),)}
    del analysis["standardise"]
    data = {**STUDY["data"], "lock_points": POINTS}
    study = Study.model_validate({**STUDY, "data": data, "analyses": (analysis,)})
    return Protocol(Path("small"), study, "0" * 64, {}, {}, (Scenario("main", study),), {}, {})


def bundle(name, events):
    def numbers(n):
        return {"first_events": n, "events": n, "person_days": 1000 * n, "first_event_days": 1000 * n}

    locks = [{**PLACE, "lock_point": p.isoformat(), **numbers(n)} for p, n in zip(POINTS, events, strict=True)]
    total = sum(events)
    sums = dict.fromkeys(("window_days", "sum_e2", "sum_et", "sum_t2", "sum_fw", "sum_w2"), 1000 * total)
    cell = {**PLACE, "stratum": "overall", "level": "", "persons": 500, "persons_with_event": total, **numbers(total)}
    empty = [name for name in BORDER_TABLES if name not in {"counts", "lock_counts"}]
    tables = {n: border_frame(n, []) for n in empty}
    tables |= {"counts": border_frame("counts", [{**cell, **sums}]), "lock_counts": border_frame("lock_counts", locks)}
    return BundleContent(registry_facts(name), {"digest": "0" * 64}, tables)


def rows_of(counts, k):
    tables = estimate([bundle(*item) for item in counts.items()], protocol(), []).tables
    shown = records(publish(tables, Thresholds(k, dict.fromkeys(counts, 1)))["lock_points"])
    return {(r["registry"], r["span"], r["lock_point"][:4]): (r["status"], r["events"]) for r in shown}


def test_cumulative_is_the_one_before_and_the_interval():
    found = rows_of({"aa": (10, 2, 9), "bb": (10, 12, 9)}, 1)
    assert [found["pooled", "interval", y][1] for y in ("2019", "2021", "2023")] == [20, 14, 18]
    assert [found["pooled", "cumulative", y][1] for y in ("2019", "2021", "2023")] == [20, 34, 52]
    assert [found["aa", "cumulative", y][1] for y in ("2019", "2021", "2023")] == [10, 12, 21]


def test_a_small_interval_cannot_be_worked_out():
    found = rows_of({"aa": (10, 2, 9), "bb": (10, 12, 9)}, 5)
    assert found["aa", "interval", "2021"] == ("<5", None)
    assert None in {found["aa", "cumulative", year][1] for year in ("2019", "2021")}
    assert None in {found[name, "interval", "2021"][1] for name in ("bb", "pooled")}
    # nor from the total, which the incidence table has, less the rest
    assert None in {found["aa", "interval", "2019"][1], found["aa", "interval", "2023"][1]}


def test_nothing_small_nothing_withheld():
    found = rows_of({"aa": (10, 0, 9), "bb": (10, 12, 9)}, 5)
    assert {status for status, _ in found.values()} == {"shown"}


@pytest.mark.parametrize(
    ("level", "days"),
    [
        ("2020", (date(2020, 1, 1), date(2020, 12, 31))),
        ("2020-Q1", (date(2020, 1, 1), date(2020, 3, 31))),
        ("2020-02", (date(2020, 2, 1), date(2020, 2, 29))),
        ("incomplete", None),
    ],
)
def test_days_of_a_calendar_level(level, days):
    assert days_of(level) == days
