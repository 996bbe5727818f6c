"""Do life tables become the curves that R gives, summed over registries, and what of them may be shown?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES, publish, records
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.protocol import Protocol, Scenario
from pass_engine.protocol.models import Study
from tests.made_bundles import MAIN, ON, STUDY, border_frame, registry_facts
from tests.reference.test_curves import MGUS2, R_DEATH, R_MALIGNANCY, R_VETERAN, VETERAN

CURVE = {
    "id": "curve", "kind": "survival", "role": "secondary", "cohorts": ("new_drug",), "outcomes": {"cancer": ON},
    "measures": ("survival", "cumulative_incidence"), "at_days": (1, 3, 6, 12, 20), "curve_days": 1,
    "interval": {"level": 0.95},
}  # fmt: skip
PLACE = {"analysis": "curve", "cohort": "new_drug", "outcome": "cancer", "time_at_risk": ON}


def protocol_of(**curve):
    study = Study.model_validate({**STUDY, "analyses": ({**MAIN, "by": ((),)}, {**CURVE, **curve})})
    return Protocol(Path("small"), study, "0" * 64, {}, {}, (Scenario("main", study),), {}, {})


def flows(table):
    """A life table as persons who come and leave: all come on day 0, and who is not at risk again was censored."""
    rows = []
    for (day, at_risk, events, competing), (_, then, *_) in zip(table, [*table[1:], (None, 0)], strict=True):
        gone = at_risk - events - competing - then
        rows.append(
            {"day": day, "persons": 0, "entered": 0, "events": events, "competing": competing, "censored": gone}
        )
    return [
        {"day": 0, "persons": table[0][1], "entered": table[0][1], "events": 0, "competing": 0, "censored": 0},
        *rows,
    ]


LEAVING = ("events", "competing", "censored")


def part(rows, share):
    """About this share of those who leave on each day, who all came on day 0; the rest is the other registry's."""
    left = [{"day": r["day"], "persons": 0, "entered": 0, **{n: r[n] * share // 10 for n in LEAVING}} for r in rows[1:]]
    came = sum(row[n] for row in left for n in LEAVING)
    return [{**rows[0], "persons": came, "entered": came}, *left]


def rest(rows, less):
    pairs = zip(rows, less, strict=True)
    return [{"day": one["day"], **{n: one[n] - two[n] for n in one if n != "day"}} for one, two in pairs]


def bundle(name, rows):
    names = [name for name in BORDER_TABLES if name != "life_table"]
    tables = {n: border_frame(n, []) for n in names}
    tables["life_table"] = border_frame("life_table", [{**PLACE, **row} for row in rows])
    return BundleContent(registry_facts(name), {"digest": "0" * 64}, tables)


def curve_of(registries, protocol=None):
    tables = estimate([bundle(*item) for item in registries.items()], protocol or protocol_of(), []).tables
    return records(tables["survival"]), tables


def numbers(rows, measure, day, registry="pooled"):
    row = next(r for r in rows if (r["registry"], r["measure"], r["day"]) == (registry, measure, day))
    return row["estimate"], row["std_error"], row["low"], row["high"]


def test_survival_of_two_registries_is_that_of_all_persons_in_r():
    """R's answer on survival::veteran (tests/reference/test_curves.py), from two registries that have a part each."""
    whole = flows([(*row, 0) for row in VETERAN])
    one = part(whole, 4)
    rows, _ = curve_of({"aa": one, "bb": rest(whole, one)})
    for month, expected in R_VETERAN["log_log"].items():
        assert numbers(rows, "survival", month) == pytest.approx(expected, rel=1e-11)
    median = next(r for r in rows if r["point"] == "median" and r["registry"] == "pooled")
    assert (median["estimate"], median["low"], median["high"]) == (3, 2, 4)


@pytest.mark.parametrize(("turn", "expected"), [(False, R_MALIGNANCY), (True, R_DEATH)])
def test_cumulative_incidence_beside_death_is_that_of_r(turn, expected):
    """R's answer on survival::mgus2 (tests/reference/test_curves.py)."""
    whole = flows([(t, n, d, c) if turn else (t, n, c, d) for t, n, c, d in MGUS2])
    rows, _ = curve_of({"aa": whole}, protocol_of(at_days=(1, 3, 5, 10, 15)))
    for step, numbers_of_r in expected.items():
        assert numbers(rows, "cumulative_incidence", step) == pytest.approx(numbers_of_r, rel=1e-11)


def test_at_risk_and_events_up_to_a_day():
    rows, _ = curve_of({"aa": flows([(*row, 0) for row in VETERAN])})
    held = {r["day"]: (r["at_risk"], r["events"]) for r in rows if r["measure"] == "survival" and r["registry"] == "aa"}
    # 137 at first; 41 + 22 deaths by month 2, 73 at risk in month 3
    assert held[1] == (137, 41)
    assert held[3] == (73, 73)
    total = next(r for r in rows if r["point"] == "total" and r["registry"] == "aa")
    assert (total["persons"], total["events"], total["competing"]) == (137, 128, 0)


def test_beyond_the_last_person_nothing_is_estimated():
    rows, _ = curve_of({"aa": flows([(5, 10, 1, 0)])}, protocol_of(at_days=(5, 6)))
    last = next(r for r in rows if r["day"] == 6 and r["point"] == "table")
    assert (last["status"], last["note"]) == ("not_estimable", "nobody was followed as long")


def test_nobody_contributed():
    rows, _ = curve_of({})
    assert [(r["registry"], r["status"], r["note"]) for r in rows] == [
        ("pooled", "not_estimable", "no registry contributed")
    ] * 2


def shown(registries, protocol, k=5):
    rows, tables = curve_of(registries, protocol)
    out = records(publish(tables, Thresholds(k, dict.fromkeys(registries, 1)))["survival"])
    return {
        (r["registry"], r["day"] if r["day"] is not None else r["point"])
        for r in out
        if r["measure"] == "survival" and r["events"] is not None
    }, rows


STEPS = [(10, 100, 6, 0), (20, 80, 2, 0), (30, 60, 7, 0), (40, 40, 20, 0)]
"""Events up to 10, 20, 30, 40 days: 6, 8, 15, 35."""


def test_a_step_of_few_events_is_not_shown():
    found, _ = shown({"aa": flows(STEPS)}, protocol_of(at_days=(10, 20, 30, 40), curve_days=100))
    # from 6 to 8 there are 2; without day 20 the step to day 30 is of 9
    assert {day for registry, day in found if registry == "pooled"} == {0, 10, 30, 40, "total"}


def test_a_last_step_of_few_events_is_not_shown():
    """Day 35 would leave 3 of 9 events in all."""
    found, _ = shown({"aa": flows([(30, 60, 6, 0), (40, 30, 3, 0)])}, protocol_of(at_days=(35,), curve_days=100))
    assert 35 not in {day for _, day in found}


def test_a_small_total_hides_the_curve():
    found, _ = shown({"aa": flows([(30, 60, 3, 0)])}, protocol_of(at_days=(35,), curve_days=100))
    assert found == set()


def test_registries_are_shown_on_a_day_only_together():
    few = flows([(10, 60, 6, 0), (20, 40, 3, 0), (30, 30, 8, 0)])
    many = flows([(10, 60, 9, 0), (20, 40, 12, 0), (30, 20, 9, 0)])
    found, _ = shown({"aa": few, "bb": many}, protocol_of(at_days=(10, 20, 30), curve_days=100))
    # three events of aa between day 10 and 20: neither registry's row of day 20, the pool's is shown
    assert {day for registry, day in found if registry == "aa"} == {10, 30, "total"}
    assert {day for registry, day in found if registry == "bb"} == {10, 30, "total"}
    assert ("pooled", 20) in found


def test_what_is_shown_leaves_no_step_of_few_events():
    """Any two shown points of one curve, neighbours or not, differ by no event or by enough."""
    table = [(t, 400 - 7 * t, (t * 5) % 7, (t * 3) % 4) for t in range(1, 40)]
    found, rows = shown({"aa": flows(table)}, protocol_of(at_days=(7, 19, 33), curve_days=2))
    held = {
        r["day"]: r for r in rows if r["registry"] == "pooled" and r["measure"] == "survival" and r["day"] is not None
    }
    days = sorted(day for registry, day in found if registry == "pooled" and isinstance(day, int))
    assert len(days) > 5
    for early, late in pairwise(days):
        for name in ("events", "competing"):
            step = held[late][name] - held[early][name]
            assert step == 0 or step >= 5
