"""What leaves a registry that suppresses: small tables worked by hand, and what a pool makes of them."""

from __future__ import annotations

import pandas as pd
import pytest

from pass_engine.bundle import BundleContent, read_bundle, write_bundle
from pass_engine.disclose import BORDER_TABLES, suppress, withheld_rows
from pass_engine.disclose.left_reader import audit_left
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.errors import DisclosureError
from pass_engine.estimate import bound_rows, frame_of
from pass_engine.estimate.rows import SUPPRESSED_NOTE
from pass_engine.pool import pool_bundles
from tests.made_bundles import border_frame, registry_facts

PLACE = {"analysis": "main", "cohort": "new_drug", "outcome": "cancer", "time_at_risk": "on"}
RULES = Thresholds(5, {"aa": 5})
SUMS = ("window_days", "person_days", "first_event_days", "sum_e2", "sum_et", "sum_t2")


def cell(level, persons, events, days):
    """A cell of first events: of everyone, or of one sex."""
    counts = dict.fromkeys(("persons_with_event", "first_events", "events"), events)
    stratum = "sex" if level else "overall"
    return {**PLACE, "stratum": stratum, "level": level, "persons": persons, **counts, **dict.fromkeys(SUMS, days)}


def tables(counts=(), **others):
    rows = {"counts": counts, **others}
    return {name: border_frame(name, list(rows.get(name, []))) for name in BORDER_TABLES}


def left(given, rules=RULES, earlier=(), scenarios=None):
    return suppress(given, "aa", rules, scenarios or {"main": "main"}, earlier)[0]


def marks(frame, *columns):
    return list(frame[list(columns)].fillna(-1).itertuples(index=False, name=None))


WOMEN_MEN = (cell("", 100, 20, 36500), cell("female", 60, 4, 22000), cell("male", 40, 16, 14500))


def test_a_small_cell_and_what_gives_it_back():
    """4 of 20 women is small; with 20 and the men's 16 it would be told. Persons tell nothing, and stay."""
    found = left(tables(WOMEN_MEN))["counts"]
    assert marks(found, "level", "persons", "events", "person_days", "sum_t2", "status") == [
        ("", 100, 20, 36500, 36500, "shown"),
        ("female", 60, -1, -1, -1, "<5"),
        ("male", 40, -1, -1, -1, "withheld"),
    ]
    assert [row["level"] for row in withheld_rows(found)] == ["female", "male"]


def test_nothing_small_leaves_all_numbers():
    given = tables((cell("", 100, 20, 36500), cell("female", 60, 5, 22000), cell("male", 40, 15, 14500)))
    found = left(given)
    for name, frame in given.items():
        same = [c for c in frame.columns if c in found[name].columns]
        pd.testing.assert_frame_equal(found[name][same], frame)
        assert not withheld_rows(found[name])


def test_few_persons_take_their_events_with_them():
    found = left(tables((cell("", 100, 20, 36500), cell("female", 97, 20, 36000), cell("male", 3, 0, 500))))["counts"]
    assert marks(found, "level", "persons", "events", "status")[1:] == [
        ("female", -1, -1, "withheld"),
        ("male", -1, -1, "<5"),
    ]


def test_zeros_are_shown_unless_the_registry_says_no():
    given = tables((cell("", 100, 20, 36500), cell("female", 60, 20, 22000), cell("male", 40, 0, 14500)))
    assert list(left(given)["counts"]["status"]) == ["shown"] * 3
    hidden = left(given, Thresholds(5, {"aa": 5}, frozenset({"aa"})))["counts"]
    assert list(hidden["status"]) == ["shown", "withheld", "<5"]


def test_one_person_may_not_dominate():
    one = {**cell("", 100, 20, 36500), "persons_with_event": 5, "sum_e2": 270}
    assert list(left(tables((one,)), Thresholds(5, {"aa": 5}, shares={"aa": 50}))["counts"]["status"]) == ["withheld"]
    assert list(left(tables((one,)), Thresholds(5, {"aa": 5}, shares={"aa": 90}))["counts"]["status"]) == ["shown"]


def test_sums_over_both_arms_go_with_an_arm():
    arms = [{**cell("", 100, events, 36500), "cohort": cohort} for cohort, events in (("new", 4), ("old", 20))]
    both = {"analysis": "main", "outcome": "cancer", "time_at_risk": "on", "target": "new", "comparator": "old"}
    sums = dict.fromkeys(("sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2"), 7)
    sums |= dict.fromkeys(("target_with_event", "comparator_with_event", "both_with_event"), 0)
    enough = left(tables(arms, arm_overlap=[{**both, "persons_in_both": 9, **sums}]))["arm_overlap"]
    assert marks(enough, "persons_in_both", "sum_e1e2", "status") == [(9, -1, "withheld")]
    few = left(tables(arms[1:], arm_overlap=[{**both, "persons_in_both": 4, **sums}]))["arm_overlap"]
    assert marks(few, "persons_in_both", "sum_t1t2", "status") == [(-1, -1, "<5")]
    some = left(tables(arms[1:], arm_overlap=[{**both, "persons_in_both": 9, **sums, "target_with_event": 2}]))
    columns = ("persons_in_both", "target_with_event", "both_with_event", "sum_t1t2", "status")
    assert marks(some["arm_overlap"], *columns) == [(9, -1, -1, -1, "<5")]


def test_baseline_sums_of_a_measured_value_go_with_its_persons():
    place = {"cohort": "new_drug", "variable": "age_years"}
    rows = [
        {"cohort": "new_drug", "variable": "persons", "level": "", "persons": 40},
        {**place, "level": "", "persons": 38, "sum_value": 1500, "sum_square": 60000},
        {**place, "level": "missing", "persons": 2},
    ]
    found = left(tables(baseline=rows))["baseline"]
    assert marks(found, "level", "persons", "sum_value", "status") == [
        ("", 40, -1, "shown"), ("", -1, -1, "withheld"), ("missing", -1, -1, "<5"),
    ]  # fmt: skip


def lock(point, events, days):
    return {**PLACE, "lock_point": point, "first_events": events, "events": events, "person_days": days,
            "first_event_days": days}  # fmt: skip


LOCKS = (lock("2020-12-31", 6, 900), lock("2021-12-31", 3, 800), lock("2022-12-31", 11, 700))


def test_counts_up_to_a_lock_point_leave_where_an_interval_may_not():
    """The interval with 3 is small; with the counts up to it and before, or after it, it would be told."""
    found = left(tables((cell("", 100, 20, 2400),), lock_counts=LOCKS))["lock_counts"]
    shown = marks(found, "lock_point", "events", "cumulative_events", "status")
    assert shown == [("2020-12-31", -1, -1, "withheld"), ("2021-12-31", -1, 9, "<5"), ("2022-12-31", 11, 20, "shown")]


def test_curves_do_not_leave():
    rows = [{**PLACE, "day": 3, "persons": 9, "entered": 0, "events": 1, "competing": 0, "censored": 0}]
    found, away = suppress(tables(life_table=rows), "aa", RULES, {})
    assert found["life_table"].empty
    assert [(w["table"], w["analysis"]) for w in away] == [("life_table", "main")]


def test_what_left_before_is_known_for_good():
    """Released before: 23 of everyone. Now 20: 3 fewer would be told, whatever is small by itself."""
    before = left(tables((cell("", 100, 23, 36500),)))
    assert list(left(tables((cell("", 100, 20, 36500),)), earlier=[before])["counts"]["status"]) == ["withheld"]
    assert list(left(tables((cell("", 100, 28, 36500),)), earlier=[before])["counts"]["status"]) == ["shown"]


def test_the_same_data_again_withhold_the_same():
    """Asked later for the men alone: with 20 of everyone from before, their 16 would tell the women's 4."""
    before = left(tables(WOMEN_MEN))
    again = left(tables((WOMEN_MEN[2],)), earlier=[before])["counts"]
    assert marks(again, "events", "status") == [(-1, "withheld")]
    assert list(left(tables((WOMEN_MEN[2],)))["counts"]["status"]) == ["shown"]


def test_a_number_that_nothing_can_shelter_stops_the_release(monkeypatch):
    monkeypatch.setattr("pass_engine.disclose.ledger.Ledger._relieve", lambda *_: False)
    monkeypatch.setattr("pass_engine.disclose.ledger.Ledger._complement", lambda *_: None)
    with pytest.raises(DisclosureError) as caught:
        left(tables(WOMEN_MEN))
    assert {fault.code for fault in caught.value.faults} == {"PE506"}


def test_the_audit_of_a_bundle_finds_what_is_planted():
    found = left(tables(WOMEN_MEN))
    assert audit_left(found, "aa", RULES).told == ()
    planted = found["counts"].copy()
    planted.loc[2, ["events", "first_events", "persons_with_event"]] = 16
    told = audit_left({**found, "counts": planted}, "aa", RULES)
    assert any("female" in place for place in told.told)
    assert told.covered["levels and their margin"] > 0


def content(name, given):
    return BundleContent(registry_facts(name), {"id": "small", "version": "1", "digest": "0" * 64}, given)


def test_a_bundle_holds_the_marks_and_comes_back_as_it_was(tmp_path):
    found = left(tables(WOMEN_MEN, lock_counts=LOCKS))
    write_bundle(tmp_path / "aa", content("aa", found))
    again = read_bundle(tmp_path / "aa").tables
    pd.testing.assert_frame_equal(again["counts"], found["counts"])
    line = (tmp_path / "aa/counts.csv").read_text(encoding="utf-8").splitlines()[2]
    assert line == "main,new_drug,cancer,on,sex,female,60,,,,,,,,,,<5"


@pytest.mark.parametrize(("mark", "code"), [("few", "PE504"), ("shown", "PE503")])
def test_an_empty_number_needs_its_mark(mark, code):
    from pass_engine.disclose import shape_tables

    found = left(tables(WOMEN_MEN))
    spoilt = found["counts"].assign(status=[mark] * 3)
    with pytest.raises(DisclosureError) as caught:
        shape_tables({**found, "counts": spoilt})
    assert code in {fault.code for fault in caught.value.faults}


def test_a_pool_lacks_what_a_contributor_lacks():
    """Never as a zero: the pooled row says that it is withheld; persons, which are there, are summed."""
    sent = [content("aa", left(tables(WOMEN_MEN))), content("bb", tables(WOMEN_MEN))]
    counts = pool_bundles(sent, ("aa", "bb"))["counts"]
    pooled = counts[counts["registry"] == "pooled"]
    assert marks(pooled, "level", "persons", "events", "status") == [
        ("", 200, 40, "shown"), ("female", 120, -1, "withheld"), ("male", 80, -1, "withheld"),
    ]  # fmt: skip


def test_pooled_counts_up_to_a_lock_point():
    sent = [
        content("aa", left(tables((cell("", 100, 20, 2400),), lock_counts=LOCKS))),
        content("bb", tables(lock_counts=LOCKS)),
    ]
    locks = pool_bundles(sent, ("aa", "bb"))["lock_counts"]
    pooled = locks[locks["registry"] == "pooled"]
    assert marks(pooled, "events", "cumulative_events") == [(-1, -1), (-1, 18), (22, 40)]


def rate_row(registry, persons, events, days, status="shown", note="", **place):
    """A row of incidence.csv: EAIR per 1000 person-years."""
    where = {"analysis": "main", "role": "primary", "cohort": "new", "outcome": "cancer", "time_at_risk": "on",
             "counting": "first", "measure": "eair", "stratum": "overall", "level": "", "per": 1000}  # fmt: skip
    names = "aa;bb" if registry == "pooled" else registry
    numbers = {"persons": persons, "persons_with_event": events, "events": events, "person_days": days}
    return {**where, **numbers, "registry": registry, "registries": names, "status": status, "note": note, **place}


def bounds_of(*rows):
    given = {"incidence": frame_of("incidence", rows), "attrition": frame_of("attrition", ()),
             "standard_weights": frame_of("standard_weights", ())}  # fmt: skip
    return list(bound_rows(given, Thresholds(5, {}), 3000))


def test_bounds_of_a_pooled_rate_by_hand():
    """The example of docs/suppressed.md: bb has 1 to 4 of its 20 persons with an event, in 20 to 60000 days."""
    pooled = rate_row("pooled", 120, None, None, "withheld", SUPPRESSED_NOTE)
    (row,) = bounds_of(rate_row("aa", 100, 30, 36500), rate_row("bb", 20, None, None, "<5"), pooled)
    assert (row["lacking"], row["events_least"], row["events_most"]) == ("bb", 31, 34)
    assert (row["days_least"], row["days_most"]) == (36520, 96500)
    assert row["rate_least"] == pytest.approx(31 / (96500 / 365.25) * 1000)
    assert row["rate_most"] == pytest.approx(34 / (36520 / 365.25) * 1000)


def test_what_the_other_levels_leave_over_bounds_a_level():
    """bb's women and men have 20 events in 9000 days; the men at most 4 and at least 40 days, so the women the rest."""
    women = {"stratum": "sex", "level": "female"}
    (row,) = bounds_of(
        rate_row("aa", 60, 9, 20000, **women),
        rate_row("bb", 100, 20, 9000),
        rate_row("bb", 60, None, None, "withheld", **women),
        rate_row("bb", 40, None, None, "<5", stratum="sex", level="male"),
        rate_row("pooled", 120, None, None, "withheld", SUPPRESSED_NOTE, **women),
    )
    assert (row["events_least"], row["events_most"]) == (9 + 16, 9 + 19)
    assert (row["days_least"], row["days_most"]) == (20000 + 60, 20000 + 8960)


def test_nothing_limits_all_events_of_a_person_who_is_not_shown():
    all_events = {"measure": "eaer", "counting": "recurrent"}
    (row,) = bounds_of(
        rate_row("aa", 100, 30, 36500, **all_events),
        rate_row("bb", None, None, None, "<5", **all_events),
        rate_row("pooled", None, None, None, "withheld", SUPPRESSED_NOTE, **all_events),
    )
    assert (row["events_least"], row["events_most"], row["days_most"], row["rate_most"]) == (30, None, None, None)
    assert row["note"] == "nothing published limits the events of one person"
