"""What do the rules of study and registries do at publication, beyond the smallest cell; and what is recorded?"""

from __future__ import annotations

import pandas as pd
import pytest

from pass_engine.centre import build_results, participation_rows
from pass_engine.disclose import publish
from pass_engine.disclose.publish import check_closed
from pass_engine.disclose.release import enter_release
from pass_engine.disclose.thresholds import Thresholds, rules_of
from pass_engine.errors import DisclosureError
from pass_engine.estimate import RESULT_COLUMNS, frame_of
from pass_engine.protocol.models import Publish
from tests.made_bundles import made_bundle, registry_facts, small_protocol
from tests.unit.test_disclose import PLACE, cell

COUNTS = ("first_events", "events", "window_days", "person_days", "first_event_days", "sum_e2", "sum_et", "sum_t2")


def rules(**more):
    return Thresholds(5, {}, **more)


def published(rows, own=None, counts=None, earlier=(), **more):
    frames = {name: frame_of(name, {"incidence": rows, **more}.get(name, [])) for name in RESULT_COLUMNS}
    return publish(frames, own or rules(), counts, earlier)


def counted(registry, events, persons=100, persons_with_event=None, sum_e2=None, **more):
    """A row of pooled counts."""
    return {
        **{k: PLACE[k] for k in ("analysis", "cohort", "outcome", "time_at_risk")}, "stratum": "overall", "level": "",
        "registry": registry, "registries": registry, "persons": persons, **dict.fromkeys(COUNTS, 100),
        "persons_with_event": events if persons_with_event is None else persons_with_event, "first_events": events,
        "events": events, "sum_e2": events if sum_e2 is None else sum_e2, **more,
    }  # fmt: skip


def test_of_each_rule_the_stricter_one_counts():
    """Worked by hand: aa has rules of its own, bb has none beyond its smallest cell."""
    own = {"aa": {"min_cell": 3, "zeros": "withheld", "dominance": 80}, "bb": {"min_cell": 10}}
    assert rules_of(Publish(min_cell=5), own) == Thresholds(5, {"aa": 3, "bb": 10}, frozenset({"aa"}), {"aa": 80})
    asked = Publish(min_cell=5, zeros="withheld", dominance=90)
    assert rules_of(asked, own) == Thresholds(5, {"aa": 3, "bb": 10}, frozenset({"aa", "bb"}), {"aa": 80, "bb": 90})
    assert rules_of(asked, own).of("aa", "aa") == 5
    assert rules_of(asked, own).of("pooled", "aa;bb") == 10


def test_the_registry_left_out_of_a_pooled_margin_is_not_given_back():
    """aa: 3 events, overall only. All: 23, levels of bb: 9 and 11. 23 less 20 would be aa's."""
    levels = [
        row for level, n in (("female", 9), ("male", 11)) for who in ("bb", "pooled")
        for row in cell(who, n, registries="bb", stratum="sex", level=level)
    ]  # fmt: skip
    rows = [*cell("aa", 3), *cell("bb", 20, 200), *cell("pooled", 23, 300, registries="aa;bb"), *levels]
    frame = published(rows)["incidence"]
    assert frame["status"].tolist()[:3] == ["<5", "withheld", "shown"]
    shown = frame[(frame["registry"] == "pooled") & (frame["stratum"] == "sex") & (frame["status"] == "shown")]
    assert len(shown) < 2


# Zeros


def test_zeros_are_withheld_where_a_contributor_or_the_study_says_so():
    rows = [*cell("aa", 0), *cell("bb", 9), *cell("cc", 30), *cell("pooled", 39, 300, registries="aa;bb;cc")]
    assert set(published(rows)["incidence"]["status"]) == {"shown"}
    own = rules(zeros_hidden=frozenset({"aa"}))
    assert published(rows, own)["incidence"]["status"].tolist() == ["<5", "withheld", "shown", "shown"]


def test_a_pooled_zero_is_a_zero_of_every_contributor():
    rows = [*cell("aa", 0), *cell("bb", 0), *cell("pooled", 0, 200, registries="aa;bb")]
    frame = published(rows, rules(zeros_hidden=frozenset({"aa"})))["incidence"]
    assert frame["status"].tolist()[0] == frame["status"].tolist()[2] == "<5"


def test_nobody_at_risk_is_no_secret():
    rows = cell("aa", 0, 0)
    assert published(rows, rules(zeros_hidden=frozenset({"aa"})))["incidence"]["status"].tolist() == ["shown"]


# Dominance


@pytest.mark.parametrize(
    ("events", "persons", "sum_e2", "dominated"),
    [
        (10, 10, 10, False),  # one each
        (10, 5, 40, True),  # 6 of one person: 60 %
        (10, 5, 20, False),  # two each: nobody above 50 %
        (20, 11, 110, False),  # 10 of one person is half, not more
        (21, 11, 131, True),  # 11 of one person: 52 %
    ],
)
def test_one_person_of_more_than_half_the_events(events, persons, sum_e2, dominated):
    """Worked by hand with a share of 50: both Σe² > (E/2)² and E − n + 1 > E/2 must hold."""
    row = counted("aa", events, persons_with_event=persons, sum_e2=sum_e2)
    assert rules(shares={"aa": 50}).is_dominated(row) is dominated
    assert not rules().is_dominated(row)


def test_a_dominated_cell_is_withheld_with_what_gives_it_back():
    rows = [*cell("aa", 10), *cell("bb", 30), *cell("pooled", 40, 200, registries="aa;bb")]
    counts = pd.DataFrame([counted("aa", 10, persons_with_event=5, sum_e2=60), counted("bb", 30)])
    assert published(rows, rules(shares={"aa": 50}), counts)["incidence"]["status"].tolist() == [
        "withheld",
        "withheld",
        "shown",
    ]


# Cells that are counted and not printed


@pytest.mark.parametrize(("events", "status"), [(4, "withheld"), (5, "shown"), (0, "shown")])
def test_a_standardised_rate_from_unprinted_cells_is_shown_only_where_they_could_be(events, status):
    rows = cell("aa", 20) + cell("aa", 20, measures=("standardised_eair",))
    counts = pd.DataFrame([
        counted("aa", events, stratum="sex", level="female"), counted("aa", 20 - events, stratum="sex", level="male"),
    ])  # fmt: skip
    weights = [
        {"analysis": PLACE["analysis"], "level": x, "weight": 0.5, "status": "shown"} for x in ("female", "male")
    ]
    frame = published(rows, counts=counts, standard_weights=weights)["incidence"]
    assert frame["status"].tolist() == ["shown", status]


# Main and sensitivity analyses, and releases


def scenarios(main, other):
    rows = [*cell("aa", main), *cell("aa", other, analysis="narrow", role="sensitivity")]
    return published(rows)["incidence"]["status"].tolist()


@pytest.mark.parametrize(
    ("main", "other", "status"), [(20, 20, "shown"), (20, 23, "withheld"), (20, 16, "withheld"), (20, 25, "shown")]
)
def test_a_small_difference_to_the_main_analysis_is_not_told(main, other, status):
    assert scenarios(main, other) == ["shown", status]


def test_an_equal_cell_of_a_sensitivity_analysis_goes_with_the_main_one():
    """aa is too small, so bb goes: in the main analysis, and where it is the same number."""
    more = {"analysis": "narrow", "role": "sensitivity"}
    rows = [
        *cell("aa", 4), *cell("bb", 9), *cell("pooled", 13, 200, registries="aa;bb"), *cell("bb", 9, **more),
    ]  # fmt: skip
    assert published(rows)["incidence"]["status"].tolist()[1:] == ["withheld", "shown", "withheld"]


def test_a_small_difference_to_an_earlier_release_is_not_told():
    before = published([*cell("aa", 20), *cell("bb", 20)])
    after = published([*cell("aa", 23), *cell("bb", 25)], earlier=(before,))
    assert after["incidence"]["status"].tolist() == ["withheld", "shown"]


def test_a_registry_that_joins_later_is_not_given_back_by_an_earlier_release():
    """First aa and bb: 10 + 30 = 40, all shown. Then cc joins with 3: 43.

    Withheld beside cc's 3 must be what the first release did not show: the pool of three, since 43 - 40 is 3.
    """
    first = [*cell("aa", 10), *cell("bb", 30)]
    before = published([*first, *cell("pooled", 40, 200, registries="aa;bb")])
    assert before["incidence"]["status"].tolist() == ["shown"] * 3
    then = [*first, *cell("cc", 3), *cell("pooled", 43, 300, registries="aa;bb;cc")]
    assert published(then)["incidence"]["status"].tolist() == ["withheld", "shown", "<5", "shown"]
    after = published(then, earlier=(before,))
    assert after["incidence"]["status"].tolist() == ["shown", "shown", "<5", "withheld"]
    twice = publish(after, rules(), earlier=(before,))
    pd.testing.assert_frame_equal(twice["incidence"], after["incidence"])


# The record


def test_what_is_withheld_is_recorded_without_its_value():
    once = published([*cell("aa", 4), *cell("bb", 9), *cell("pooled", 13, 200, registries="aa;bb")])
    columns = "persons_with_event;events;person_days;rate;rate_low;rate_high"
    assert once["withheld"].to_dict("records") == [
        {"file": "incidence.csv", "row": 2, "columns": columns, "status": "<5"},
        {"file": "incidence.csv", "row": 3, "columns": columns, "status": "withheld"},
    ]
    pd.testing.assert_frame_equal(publish(once, rules())["withheld"], once["withheld"])


def test_a_run_applies_every_policy(tmp_path):
    protocol = small_protocol()
    bundles = [made_bundle(protocol, r, size=60) for r in ("aa", "bb", "cc")]
    facts = registry_facts("aa")
    strict = {**facts, "policy": {**facts["policy"], "zeros": "withheld"}}
    bundles[0] = type(bundles[0])(strict, bundles[0].protocol, bundles[0].tables)
    shown = build_results(bundles, protocol, tmp_path, participation_rows(bundles, protocol, {}))["incidence"]
    crude = shown[~shown["measure"].str.startswith("standardised") & (shown["person_days"] > 0)]
    assert not (crude[crude["registry"] == "aa"]["events"] == 0).any()
    assert (crude[crude["registry"] == "bb"]["events"] == 0).any()


def test_what_is_left_open_stops_publication():
    """Were the ledger to end with an open number, nothing would be published."""
    rows = [*cell("aa", 4), *cell("bb", 9), *cell("pooled", 13, 200, registries="aa;bb")]
    release = enter_release({n: frame_of(n, rows if n == "incidence" else []) for n in RESULT_COLUMNS}, rules())
    release.ledger.settle()
    check_closed(release.ledger)
    release.ledger.unrelieved = [
        i for (name, n), i in release.ledger.names.items() if n == 4 and name[0][:6] == "events"
    ]
    with pytest.raises(DisclosureError) as caught:
        check_closed(release.ledger)
    assert str(caught.value) == (
        "PE506 table incidence\n"
        "  found    1 withheld number\n"
        "  problem  registries and their pool give back what is withheld, and nothing is left to withhold\n"
        "  mend     ask for fewer margins or analyses, or let the registry concerned keep the cohort back (min_persons)"
    )
