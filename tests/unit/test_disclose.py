"""What crosses the border, and what a reader of the published tables gets to see?"""

from __future__ import annotations

import pandas as pd
import pytest

from pass_engine.disclose import check_border, publish
from pass_engine.disclose.ledger import Ledger
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.estimate import RESULT_COLUMNS, frame_of
from pass_engine.registry.models import Policy
from tests.made_bundles import made_bundle, small_protocol

BUNDLE = made_bundle(small_protocol(), "aa", size=40)
KINDS = {"main": "incidence", "ratio": "comparison", "narrow": "sensitivity"}


def policy(min_persons=1, allow=("incidence", "comparison", "quality"), min_cell=5):
    return Policy(min_cell=min_cell, min_persons=min_persons, release="exact", allow=allow)


def test_whole_bundle_crosses_as_it_is():
    kept, withheld = check_border(BUNDLE.tables, policy(min_cell=1), KINDS)
    assert withheld == ()
    for name, frame in BUNDLE.tables.items():
        pd.testing.assert_frame_equal(kept[name], frame)


def test_floats_without_a_fraction_become_whole_numbers():
    counts = BUNDLE.tables["counts"].astype({"events": "float64"})
    kept, _ = check_border({**BUNDLE.tables, "counts": counts}, policy(min_cell=1), KINDS)
    pd.testing.assert_frame_equal(kept["counts"], BUNDLE.tables["counts"])


def test_checking_twice_is_checking_once():
    kept, _ = check_border(BUNDLE.tables, policy(min_persons=30), KINDS)
    again, withheld = check_border(kept, policy(min_persons=30), KINDS)
    assert {w["table"] for w in withheld} == {"squares"}  # which says what is not there
    for name, frame in kept.items():
        pd.testing.assert_frame_equal(again[name], frame)


def shrink(cohort, persons, analysis=""):
    """The bundle's tables with a cohort of this many persons."""
    attrition = BUNDLE.tables["attrition"].copy()
    last = (attrition["scope"] == "cohort") & (attrition["cohort"] == cohort) & (attrition["step"] == "observed")
    attrition.loc[last & (attrition["analysis"] == analysis), "persons"] = persons
    return {**BUNDLE.tables, "attrition": attrition}


def test_a_small_cohort_leaves_in_no_table():
    kept, withheld = check_border(shrink("old_drug", 9), policy(min_persons=10), KINDS)
    for name in ("counts", "attrition", "baseline"):
        of_main = kept[name][kept[name]["analysis"] != "narrow"] if "analysis" in kept[name] else kept[name]
        assert set(of_main["cohort"]) == {"new_drug"}
    assert kept["arm_overlap"].empty
    reason = "fewer than 10 persons in the registry"
    assert {"table": "counts", "analysis": "main", "cohort": "old_drug", "reason": reason} in withheld
    assert {"table": "arm_overlap", "analysis": "ratio", "cohort": "old_drug", "reason": reason} in withheld
    assert len(kept["quality"]) == len(BUNDLE.tables["quality"])


def test_a_cohort_may_be_small_in_a_sensitivity_analysis_only():
    kept, _ = check_border(shrink("old_drug", 9, "narrow"), policy(min_persons=10), KINDS)
    counts = kept["counts"]
    assert set(counts[counts["analysis"] == "narrow"]["cohort"]) == {"new_drug"}
    assert set(counts[counts["analysis"] == "main"]["cohort"]) == {"new_drug", "old_drug"}


@pytest.mark.parametrize(
    ("allow", "left"),
    [
        (("comparison", "quality"), {"ratio"}),
        (("incidence",), {"main", "narrow"}),
        (("quality",), set()),
    ],
)
def test_kinds_not_allowed_stay(allow, left):
    kept, withheld = check_border(BUNDLE.tables, policy(allow=allow), KINDS)
    assert set(kept["counts"]["analysis"]) == left
    assert set(kept["attrition"]["analysis"]) - {"", "narrow"} == left - {"narrow"}
    assert kept["quality"].empty == ("quality" not in allow)
    assert kept["baseline"].empty == (not left)
    refused = {w["analysis"] for w in withheld if w["table"] == "counts"}
    assert refused == {"main", "ratio", "narrow"} - left
    assert {w["reason"] for w in withheld if w["table"] != "squares"} == {"not allowed by the registry"}


# --- publication -----------------------------------------------------------------------------------------------------

PLACE = {
    "analysis": "main", "role": "primary", "cohort": "new_drug", "outcome": "cancer", "time_at_risk": "ever",
    "counting": "first", "stratum": "overall", "level": "", "status": "shown", "per": 1000, "note": "few persons",
}  # fmt: skip
RATES = ["rate", "rate_low", "rate_high"]


def cell(registry, events, persons=100, measures=("eair",), **more):
    """Rows of one cell."""
    registries = more.pop("registries", registry)
    row = {**PLACE, "registry": registry, "registries": registries, "persons": persons, "persons_with_event": events,
           "events": events, "person_days": 365 * persons, **dict.fromkeys(RATES, 1.5), **more}  # fmt: skip
    return [{**row, "measure": m} for m in measures]


def published(limits=None, min_cell=5, **tables):
    frames = {name: frame_of(name, tables.get(name, [])) for name in RESULT_COLUMNS}
    return publish(frames, Thresholds(min_cell, limits or {}))


def statuses(rows, **more):
    return published(incidence=rows, **more)["incidence"]["status"].tolist()


def test_a_small_count_empties_all_that_gives_it_back():
    rows = cell("aa", 4, measures=("incidence_proportion", "eair", "eair_total_exposure"))
    frame = published(incidence=rows)["incidence"]
    assert set(frame["status"]) == {"<5"}
    assert frame[["persons_with_event", "events", "person_days", *RATES]].isna().all(axis=None)
    assert (frame["persons"] == 100).all()
    assert (frame["note"] == "").all()


@pytest.mark.parametrize(("events", "status"), [(0, "shown"), (1, "<5"), (4, "<5"), (5, "shown")])
def test_zeros_and_counts_from_the_threshold_on_are_shown(events, status):
    assert statuses(cell("aa", events)) == [status]


def test_few_persons_hide_the_cell_even_without_an_event():
    frame = published(incidence=cell("aa", 0, persons=3))["incidence"]
    assert frame["status"].tolist() == ["<5"]
    assert frame["persons"].isna().all()


def test_one_small_measure_hides_the_others():
    """7 events of 3 persons: the event rate goes too."""
    rows = [*cell("aa", 3), *cell("aa", 7, measures=("eaer",))]
    rows[1]["persons_with_event"] = 3
    assert statuses(rows) == ["<5", "<5"]


def test_the_stricter_threshold_rules():
    assert statuses(cell("aa", 7), limits={"aa": 10}) == ["<10"]
    assert statuses(cell("aa", 7), limits={"aa": 3}) == ["shown"]
    pool = cell("pooled", 21, registries="aa;bb")
    rows = [*cell("aa", 7), *cell("bb", 14), *pool]
    assert statuses(rows, limits={"aa": 3, "bb": 10}) == ["shown", "shown", "shown"]
    assert statuses(rows, limits={"aa": 3, "bb": 30}) == ["shown", "<30", "<30"]


def test_one_registry_withheld_takes_the_next_smallest_with_it():
    rows = [*cell("aa", 4), *cell("bb", 9), *cell("cc", 30), *cell("pooled", 43, 300, registries="aa;bb;cc")]
    assert statuses(rows) == ["<5", "withheld", "shown", "shown"]


def test_a_pool_of_one_goes_with_it():
    assert statuses([*cell("aa", 4), *cell("pooled", 4, registries="aa")]) == ["<5", "<5"]


def test_the_only_other_registry_goes():
    assert statuses([*cell("aa", 4), *cell("bb", 9), *cell("pooled", 13, 200, registries="aa;bb")]) == [
        "<5", "withheld", "shown",
    ]  # fmt: skip


def test_a_registry_of_zeros_is_shown_where_the_pool_is_not():
    rows = [*cell("aa", 4), *cell("bb", 0), *cell("pooled", 4, 200, registries="aa;bb")]
    assert statuses(rows) == ["<5", "shown", "<5"]


def sexes(female, male, unknown=()):
    named = {"female": female, "male": male, **({"unknown": unknown} if unknown else {})}
    levels = [cell("aa", e, p, stratum="sex", level=s)[0] for s, (e, p) in named.items()]
    total = cell("aa", sum(r["events"] for r in levels), sum(r["persons"] for r in levels))
    total[0]["person_days"] = sum(r["person_days"] for r in levels)
    return [*total, *levels]


def test_one_level_withheld_takes_the_next_smallest_with_it():
    assert statuses(sexes((30, 200), (12, 100), (2, 50))) == ["shown", "shown", "withheld", "<5"]


def test_two_levels_withheld_shelter_each_other():
    assert statuses(sexes((30, 200), (3, 100), (2, 50))) == ["shown", "shown", "<5", "<5"]


def test_levels_whose_sum_tells_each_are_no_shelter():
    """Two counts of at least 1 that come to 2 are 1 and 1: a third level goes."""
    assert statuses(sexes((30, 200), (1, 100), (1, 50))) == ["shown", "withheld", "<5", "<5"]


def test_persons_withheld_for_another_alone_leave_the_rates():
    """3 persons of unknown sex: the persons of another sex go with them, and so does what would give them back."""
    rows = sexes((30, 200), (12, 100), (0, 3))
    frame = published(incidence=rows)["incidence"].set_index("level")
    assert frame.loc["unknown", "status"] == "<5"
    assert pd.isna(frame.loc["male", "persons"])
    assert frame.loc["female", "persons"] == 200


def test_differences_between_pools_of_different_registries():
    """The ratio's pool leaves out aa: pooled minus pooled would be aa."""
    rows = [
        *cell("aa", 4), *cell("bb", 9), *cell("cc", 30), *cell("dd", 40),
        *cell("pooled", 83, 400, registries="aa;bb;cc;dd"), *cell("pooled", 79, 300, registries="bb;cc;dd"),
    ]  # fmt: skip
    found = statuses(rows)
    assert found[0] == "<5"
    assert found[1] == "withheld"
    assert found[4:].count("withheld") == 1


def standardised(rows, weights):
    overall = {**rows[0], "measure": "standardised_eair"}
    tables = {"incidence": [*rows, overall], "standard_weights": weights}
    return published(**tables)["incidence"]["status"].tolist()[-1]


def test_a_standardised_rate_goes_with_any_cell_it_rests_on():
    weights = [{"analysis": "main", "standard": "x", "level": s, "weight": 0.5} for s in ("female", "male")]
    assert standardised(sexes((30, 200), (12, 100)), weights) == "shown"
    assert standardised(sexes((30, 200), (3, 100)), weights) == "withheld"
    assert standardised(sexes((2, 200), (1, 100)), weights) == "<5"


def study_population(cells_of, weights=(0.5, 0.5)):
    """Two cohorts in one registry, standardised to their own days: statuses of their rates, and the weights."""
    incidence = []
    for cohort, cells in cells_of.items():
        for registry in ("aa", "pooled"):
            rows = [{**r, "cohort": cohort, "registry": registry, "registries": "aa"} for r in sexes(*cells)]
            incidence += [*rows, {**rows[0], "measure": "standardised_eair", "rate": 2.0}]
    use = {"analysis": "main", "outcome": "cancer", "time_at_risk": "ever", "standard": "x", "status": "shown"}
    shares = [{**use, "level": s, "weight": w} for s, w in zip(("female", "male"), weights, strict=True)]
    tables = published(incidence=incidence, standard_weights=shares)
    frame = tables["incidence"]
    rates = frame[frame["measure"] == "standardised_eair"]
    return rates["status"].tolist(), tables["standard_weights"]


def test_weights_made_from_shown_days_are_shown():
    found, weights = study_population({"new_drug": ((30, 200), (12, 100)), "old_drug": ((9, 200), (7, 100))})
    assert found == ["shown"] * 4
    assert weights["status"].tolist() == ["shown"] * 2
    assert weights["weight"].tolist() == [0.5, 0.5]


def test_weights_made_from_withheld_days_go_with_every_rate_that_they_give():
    """Weight times all days would be the days of the cohort whose cell is too small."""
    found, weights = study_population({"new_drug": ((30, 200), (3, 100)), "old_drug": ((9, 200), (7, 100))})
    assert found == ["withheld"] * 4
    assert weights["status"].tolist() == ["withheld"] * 2
    assert weights["weight"].isna().all()


def test_weights_from_elsewhere_stay():
    weights = [
        {"analysis": "main", "standard": "x", "level": s, "status": "shown", "weight": 0.5} for s in ("a", "male")
    ]
    tables = published(incidence=sexes((30, 200), (3, 100)), standard_weights=weights)
    assert tables["standard_weights"]["weight"].tolist() == [0.5, 0.5]


REFERENCE = [{"analysis": "main", "reference": "f", "level": s, "per": 1000, "rate": 1.0} for s in ("female", "male")]


def expected(registry, rows, number, registries=""):
    """The cells of a registry with what was expected in the overall one."""
    own = [{**row, "registry": registry, "registries": registries or registry} for row in rows]
    return [*own, {**own[0], "measure": "sir", "expected": number, "per": 1}]


def sirs(*rows):
    frame = published(incidence=[r for part in rows for r in part], reference_rates=REFERENCE)["incidence"]
    return frame[frame["measure"] == "sir"]


def test_an_expected_number_goes_with_its_cell_and_with_any_that_it_rests_on():
    for cells, status in (
        (((30, 200), (12, 100)), "shown"),
        (((30, 200), (3, 100)), "withheld"),
        (((2, 200), (1, 100)), "<5"),
    ):
        frame = sirs(expected("aa", sexes(*cells), 7.5))
        assert frame["status"].tolist() == [status]
        assert frame[["expected", *RATES]].notna().all(axis=None) == (status == "shown")


def test_expected_numbers_add_up_so_that_none_goes_alone():
    """The expected number of aa would be the pooled one less those of the others, though no sum of cells ties them."""
    small, large = sexes((30, 200), (3, 100)), sexes((30, 200), (12, 100))
    pool = sexes((99, 660), (55, 333))
    frame = sirs(
        expected("aa", small, 5.0), expected("bb", large, 7.5), expected("cc", large, 8.5),
        expected("pooled", pool, 21.0, "aa;bb;cc"),
    )  # fmt: skip
    assert frame["status"].tolist() == ["withheld", "shown", "shown", "withheld"]
    assert frame["expected"].isna().tolist() == [True, False, False, True]


def test_a_withheld_expected_number_of_the_pool_takes_the_smallest_with_it():
    large = sexes((30, 200), (12, 100))
    pool = sexes((66, 444), (3, 222))
    frame = sirs(expected("aa", large, 9.5), expected("bb", large, 7.5), expected("pooled", pool, 17.0, "aa;bb"))
    assert frame["status"].tolist() == ["shown", "withheld", "withheld"]


def test_publishing_measures_at_rest_on_others_twice_is_publishing_once():
    small, large = sexes((30, 200), (3, 100)), sexes((30, 200), (12, 100))
    incidence = [*expected("aa", small, 5.0), *expected("bb", large, 7.5)]
    incidence += expected("pooled", sexes((60, 400), (15, 200)), 12.5, "aa;bb")
    once = published(incidence=incidence, reference_rates=REFERENCE)
    again = publish(once, Thresholds(5, {}))
    for name, frame in once.items():
        pd.testing.assert_frame_equal(again[name], frame)


def ratio(target, comparator, both=0):
    return {
        "analysis": "ratio", "role": "primary", "registry": "aa", "registries": "aa", "outcome": "cancer",
        "time_at_risk": "ever", "target": "new_drug", "comparator": "old_drug", "counting": "first",
        "measure": "rate_ratio", "status": "shown", "target_events": target, "target_person_days": 36500,
        "comparator_events": comparator, "comparator_person_days": 36500, "persons_in_both": both, "estimate": 1.5,
        "low": 1.0, "high": 2.0, "note": "", "adjusted_for": "",
    }  # fmt: skip


def test_a_ratio_goes_with_an_arm():
    row = published(comparison=[ratio(20, 3)])["comparison"].iloc[0]
    assert row["status"] == "<5"
    assert row[["estimate", "low", "high", "comparator_events", "comparator_person_days"]].isna().all()
    assert row["target_events"] == 20


def test_a_difference_goes_with_an_arm():
    """Ratio and difference together are both rates."""
    rows = [{**ratio(20, 3), "measure": m} for m in ("rate_ratio", "rate_difference")]
    frame = published(comparison=rows)["comparison"]
    assert frame["status"].tolist() == ["<5", "<5"]
    assert frame[["estimate", "low", "high"]].isna().all(axis=None)


def over_strata(registry, registries="", **more):
    named = {"measure": "mantel_haenszel_rate_ratio", "adjusted_for": "sex", "registry": registry}
    return {**ratio(42, 30), **named, "registries": registries or registry, **more}


def arm(cohort, cells, registry, registries=""):
    return [{**r, "cohort": cohort, "registry": registry, "registries": registries or registry} for r in sexes(*cells)]


LARGE, SMALL = ((30, 200), (12, 100)), ((30, 200), (3, 100))


@pytest.mark.parametrize(
    ("target", "comparator", "stratum", "status"),
    [
        (LARGE, LARGE, "sex", "shown"),
        (SMALL, LARGE, "sex", "withheld"),
        (LARGE, SMALL, "sex", "withheld"),
        (SMALL, LARGE, "age", "shown"),
        (((2, 200), (1, 100)), LARGE, "sex", "<5"),
    ],
)
def test_a_ratio_over_strata_goes_with_any_cell_it_is_made_from(target, comparator, stratum, status):
    incidence = [*arm("new_drug", target, "aa"), *arm("old_drug", comparator, "aa")]
    row = over_strata("aa", adjusted_for=stratum)
    frame = published(incidence=incidence, comparison=[row, {**row, "measure": "rate_ratio", "adjusted_for": ""}])
    found = frame["comparison"]
    assert found["status"].tolist() == [status, "<5" if status == "<5" else "shown"]
    assert found["estimate"].isna().tolist() == [status != "shown", status == "<5"]


def test_a_pooled_ratio_over_strata_rests_on_pooled_cells_or_on_those_of_its_own_registries():
    """The pool of the cells holds all of its registries: then only pooled cells count. Otherwise, their own do."""
    parts = {"aa": SMALL, "bb": LARGE, "cc": LARGE, "dd": LARGE}
    incidence = [row for name, cells in parts.items() for row in arm("new_drug", cells, name)]
    incidence += arm("new_drug", ((120, 800), (39, 400)), "pooled", "aa;bb;cc;dd")
    rows = [over_strata("pooled", r) for r in ("aa;bb;cc;dd", "aa;bb;cc", "cc;dd")]
    tables = published(incidence=incidence, comparison=rows)
    male = tables["incidence"][tables["incidence"]["level"] == "male"]
    assert male["status"].tolist() == ["<5", "withheld", "shown", "shown", "shown"]
    assert tables["comparison"]["status"].tolist() == ["shown", "withheld", "shown"]


def test_what_is_not_estimable_says_so_whatever_is_withheld():
    reason = {"status": "not_estimable", "note": "the reason", "estimate": None, "low": None, "high": None}
    incidence = [*arm("new_drug", SMALL, "aa"), *arm("old_drug", LARGE, "aa")]
    none = {"status": "not_estimable", "note": "the reason", "rate": None, "rate_low": None, "rate_high": None}
    incidence += [{**incidence[0], **none, "measure": m} for m in ("sir", "standardised_eair")]
    weights = [
        {"analysis": "main", "standard": "x", "level": s, "status": "shown", "weight": 0.5} for s in ("male", "b")
    ]
    tables = published(
        incidence=incidence,
        comparison=[over_strata("aa", **reason)],
        reference_rates=REFERENCE,
        standard_weights=weights,
    )
    assert tables["comparison"]["status"].tolist() == ["not_estimable"]
    assert tables["incidence"]["status"].tolist()[-2:] == ["not_estimable"] * 2
    assert tables["incidence"]["note"].tolist()[-2:] == ["the reason"] * 2


def test_publishing_contrasts_twice_is_publishing_once():
    incidence = [*arm("new_drug", SMALL, "aa"), *arm("old_drug", LARGE, "aa")]
    rows = [over_strata("aa"), {**ratio(42, 30), "measure": "rate_difference"}, ratio(33, 30)]
    once = published(incidence=incidence, comparison=rows)
    again = publish(once, Thresholds(5, {}))
    for name, frame in once.items():
        pd.testing.assert_frame_equal(again[name], frame)


def test_an_arm_withheld_in_the_incidence_is_withheld_in_the_ratio():
    rows = [*cell("aa", 20), *cell("bb", 3), *cell("pooled", 23, 200, registries="aa;bb")]
    tables = published(incidence=rows, comparison=[ratio(20, 30)])
    assert tables["incidence"]["status"].tolist() == ["withheld", "<5", "shown"]
    assert tables["comparison"]["status"].tolist() == ["withheld"]


def test_few_persons_in_both_arms_are_not_told():
    row = published(comparison=[ratio(20, 30, both=2)])["comparison"].iloc[0]
    assert row["status"] == "shown"
    assert pd.isna(row["persons_in_both"])
    assert row["estimate"] == 1.5


def chain(*rows, registry="aa"):
    """Attrition of a cohort: (persons left, excluded) of each step."""
    steps = ("persons", "exposed", "diagnosed", "adult", "observed", "new_user")
    place = {"registry": registry, "scope": "cohort", "cohort": "new_drug", "status": "shown"}
    return [
        {**place, "position": n, "step": step, "label": step, "persons": left, "excluded": gone}
        for n, (step, (left, gone)) in enumerate(zip(steps, rows, strict=False), start=1)
    ]


def seen(rows):
    frame = published(attrition=rows)["attrition"]
    return [
        (s, None if pd.isna(p) else p, None if pd.isna(e) else e)
        for s, p, e in zip(frame["status"], frame["persons"], frame["excluded"], strict=True)
    ]


def test_a_small_exclusion_is_read_together_with_the_next_one():
    assert seen(chain((500, 0), (300, 200), (297, 3), (250, 47), (240, 10))) == [
        ("shown", 500, 0), ("shown", 300, 200), ("<5", None, None), ("withheld", 250, None), ("shown", 240, 10),
    ]  # fmt: skip


def test_a_step_that_takes_nobody_out_is_no_shelter():
    assert seen(chain((500, 0), (300, 200), (297, 3), (297, 0), (240, 57))) == [
        ("shown", 500, 0), ("shown", 300, 200), ("<5", None, None), ("withheld", None, 0), ("withheld", 240, None),
    ]  # fmt: skip


def test_a_small_last_exclusion_is_read_together_with_the_one_before():
    """The last row is the cohort that other tables show: it stays."""
    assert seen(chain((500, 0), (300, 200), (280, 20), (277, 3))) == [
        ("shown", 500, 0), ("shown", 300, 200), ("withheld", None, None), ("<5", 277, None),
    ]  # fmt: skip


def test_a_lone_small_exclusion_takes_the_total_with_it():
    """Nothing else was taken out: the total goes, in the participation table as well."""
    tables = published(
        attrition=chain((300, 0), (297, 3)),
        participation=[{"registry": "aa", "name": "A", "status": "took part", "persons": 300}],
    )
    assert tables["attrition"]["persons"].isna().tolist() == [True, False]
    assert tables["participation"]["persons"].isna().all()


def test_two_exclusions_of_one_shelter_nothing():
    """1 and 1 make 2: the next step joins them."""
    found = seen(chain((500, 0), (300, 200), (299, 1), (298, 1), (250, 48)))
    assert [f[2] for f in found] == [0, 200, None, None, None]


def level(variable, name, persons, registry="aa", **more):
    row = {"registry": registry, "cohort": "new_drug", "variable": variable, "level": name, "status": "shown"}
    return {**row, "persons": persons, "percent": 1.0, **more}


def test_no_single_level_of_a_variable_goes_alone():
    rows = [
        level("persons", "", 100),
        level("course", "CIS", 3),
        level("course", "PPMS", 30),
        level("course", "RRMS", 67),
    ]
    frame = published(baseline=rows)["baseline"]
    assert frame["status"].tolist() == ["shown", "<5", "withheld", "shown"]
    assert frame.loc[1:2, ["persons", "percent"]].isna().all(axis=None)


def test_a_mean_goes_with_its_persons():
    """97 with an age and 3 without: the mean, whose denominator is 97, goes too."""
    rows = [level("persons", "", 100), level("age_years", "", 97, mean=40.1, sd=9.0), level("age_years", "missing", 3)]
    frame = published(baseline=rows)["baseline"]
    assert frame["status"].tolist() == ["shown", "withheld", "<5"]
    assert frame["mean"].isna().all()


def test_failed_checks_of_few_rows_are_not_told():
    row = {"registry": "aa", "kind": "fault", "rule_id": "r", "table_name": "t", "column_name": "c", "label": "l",
           "status": "shown", "tested": 500, "percent": 0.6}  # fmt: skip
    rows = [{**row, "failed": 3}, {**row, "rule_id": "s", "failed": 0}, {**row, "rule_id": "u", "failed": 50}]
    frame = published(quality=rows)["quality"]
    assert frame["status"].tolist() == ["<5", "shown", "shown"]
    assert frame["tested"].tolist() == [500, 500, 500]
    assert frame["percent"].isna().tolist() == [True, False, False]


def test_outcomes_of_one_check_add_up():
    """Native, mapped and unmapped reports make all reports: one of them cannot go alone."""
    row = {"registry": "aa", "kind": "mapping", "table_name": "adverse_event", "column_name": "term", "label": "l",
           "status": "shown", "tested": 500, "percent": 1.0}  # fmt: skip
    rows = [{**row, "rule_id": r, "failed": n} for r, n in (("native", 400), ("mapped", 97), ("unmapped", 3))]
    assert published(quality=rows)["quality"]["status"].tolist() == ["shown", "withheld", "<5"]


def test_a_study_without_a_threshold_shows_everything():
    """Public data: min_cell 1."""
    rows = sexes((1, 2), (2, 3))
    assert set(statuses(rows, min_cell=1)) == {"shown"}


# --- ledger ----------------------------------------------------------------------------------------------------------


def test_a_sum_that_does_not_hold_ties_nothing():
    ledger = Ledger()
    total, part, other = (ledger.add(n, v, 5) for n, v in (("total", 100), ("part", 3), ("other", 90)))
    ledger.tie([total], [part, other], "parts")
    ledger.settle()
    assert ledger.withheld == {part}


def test_equal_numbers_of_one_name_are_one_number():
    ledger = Ledger()
    assert ledger.add("persons", 40, 5) == ledger.add("persons", 40, 10)
    assert ledger.add("persons", 40, 5) != ledger.add("persons", 41, 5)
    assert ledger.entries[0].threshold == 10


def test_sums_that_go_round_in_a_ring_are_settled():
    """Sexes and registries cross: from sum to sum an end can creep on by ones, and the audit must not follow it."""
    levels = [
        row for who, female, male in (("aa", 4, 9), ("bb", 8, 20), ("pooled", 12, 29))
        for sex, n in (("female", female), ("male", male))
        for row in cell(who, n, registries="aa;bb" if who == "pooled" else who, stratum="sex", level=sex)
    ]  # fmt: skip
    totals = [*cell("aa", 13, 200), *cell("bb", 28, 200), *cell("pooled", 41, 400, registries="aa;bb")]
    assert statuses([*totals, *levels]) == ["shown", "shown", "shown", "<5", *["withheld"] * 3, "shown", "shown"]
