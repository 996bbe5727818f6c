"""Are differences and ratios over strata the formulas' answers on the sums of both arms?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES
from pass_engine.protocol.counted import margins_of
from pass_engine.stats import (
    CrossSums,
    PersonSums,
    mantel_haenszel_ratio,
    robust_difference_interval,
    score_difference_interval,
    wald_difference_interval,
)
from pass_engine.stats.poisson import fit_poisson
from pass_engine.terms import DAYS_PER_YEAR
from tests.made_bundles import REGISTRIES, border_frame, made_bundle, registry_facts, small_protocol

EVERY = ("rate_ratio", "rate_difference", "mantel_haenszel_rate_ratio")
ASKED = {"measures": EVERY, "per_person_years": 1000, "adjust": ("sex", "age")}
ARM = {"persons": 500, "sum_e2": 0, "sum_et": 0, "sum_t2": 0}
DOCTORS = {
    "35-44": (32, 52407, 2, 18790),
    "45-54": (104, 43248, 12, 10673),
    "55-64": (206, 28612, 28, 5710),
    "65-74": (186, 12663, 28, 2585),
    "75-84": (102, 5317, 31, 1462),
}
"""Coronary deaths and person-years (here days) of British doctors who smoked and who did not (Doll & Hill 1966)."""


def one(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def cell(cohort, stratum, level, events, days, outcome="cancer", **more):
    numbers = dict.fromkeys(BORDER_TABLES["counts"].numbers, 0) | ARM
    numbers |= {"persons_with_event": events, "first_events": events, "events": events}
    numbers |= {"window_days": days, "person_days": days, "first_event_days": days}
    place = {"analysis": "ratio", "cohort": cohort, "outcome": outcome, "time_at_risk": "on_treatment"}
    return {**place, "stratum": stratum, "level": level, **numbers, **more}


def arms(cells, outcome="cancer", **more):
    """Counts of both arms: overall, and by the levels of age."""
    rows = []
    for cohort, at in (("new_drug", 0), ("old_drug", 2)):
        events, days = (sum(numbers[at + i] for numbers in cells.values()) for i in (0, 1))
        rows.append(cell(cohort, "overall", "", events, days, outcome, **more))
        rows += [cell(cohort, "age", level, n[at], n[at + 1], outcome, **more) for level, n in cells.items()]
    return rows


def comparison(ratio, overlap=0, shared=(0, 0, 0, 0), **rows):
    """The comparison table of registries that sent these counts."""
    protocol = small_protocol(sensitivity=False, ratio=ratio)
    sums = dict(zip(("sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2"), shared, strict=True))
    pair = {"analysis": "ratio", "time_at_risk": "on_treatment", "target": "new_drug", "comparator": "old_drug"}
    both = [{**pair, "outcome": o, "persons_in_both": overlap, **sums} for o in ("cancer", "infection")]
    bundles = []
    for registry, counts in rows.items():
        tables = {name: border_frame(name, []) for name in BORDER_TABLES}
        tables |= {"counts": border_frame("counts", counts), "arm_overlap": border_frame("arm_overlap", both)}
        bundles.append(BundleContent(registry_facts(registry), {"digest": "0" * 64}, tables))
    return estimate(bundles, protocol, [])["comparison"]


BY_AGE = {**ASKED, "adjust": ("age",)}


def test_the_published_ratio_over_strata():
    """Stata manual, ``ir deaths smokes pyears, by(agecat)``: crude 1.719823, M-H 1.424682 (1.154703 to 1.757784)."""
    frame = comparison(BY_AGE, aa=arms(DOCTORS))
    row = one(frame, registry="aa", outcome="cancer", measure="mantel_haenszel_rate_ratio")
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((1.424682, 1.154703, 1.757784), abs=6e-7)
    assert (row["method"], row["adjusted_for"], row["status"]) == ("Mantel–Haenszel, Greenland–Robins", "age", "shown")
    assert (row["target_events"], row["comparator_person_days"], row["note"]) == (630, 39220, "")
    crude = one(frame, registry="aa", outcome="cancer", measure="rate_ratio")
    assert crude["estimate"] == pytest.approx(1.719823, abs=6e-7)
    assert crude["adjusted_for"] == ""


def test_cells_are_added_up_over_the_registries_before_the_strata():
    half = {level: tuple(n // 2 for n in numbers) for level, numbers in DOCTORS.items()}
    rest = {level: tuple(a - b for a, b in zip(n, half[level], strict=True)) for level, n in DOCTORS.items()}
    parts, whole = comparison(BY_AGE, aa=arms(half), bb=arms(rest)), comparison(BY_AGE, aa=arms(DOCTORS))
    pooled = {"registry": "pooled", "outcome": "cancer", "measure": "mantel_haenszel_rate_ratio"}
    for column in ("estimate", "low", "high"):
        assert one(parts, **pooled)[column] == one(whole, **pooled)[column]


REGRESSED = {"measures": ("rate_ratio", "poisson_rate_ratio"), "adjust": ("age",)}


def test_the_published_ratio_by_regression():
    """Stata manual, ``poisson deaths smokes i.agecat, exposure(pyears) irr``: 1.425519 (1.154984 to 1.759421)."""
    row = one(comparison(REGRESSED, aa=arms(DOCTORS)), registry="aa", outcome="cancer", measure="poisson_rate_ratio")
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((1.425519, 1.154984, 1.759421), abs=6e-7)
    assert (row["method"], row["adjusted_for"], row["status"]) == ("Poisson regression, Wald", "age", "shown")


def test_a_pooled_regression_has_a_term_for_the_registry():
    """Registries with rates apart and shares of the target apart: the crude ratio mixes them."""
    low = {level: (n1, t1 * 10, n2, t2 * 10) for level, (n1, t1, n2, t2) in DOCTORS.items()}
    high = {level: (n2, t2, n1, t1) for level, (n1, t1, n2, t2) in DOCTORS.items()}
    frame = comparison(REGRESSED, aa=arms(low), bb=arms(high))
    row = one(frame, registry="pooled", outcome="cancer", measure="poisson_rate_ratio")
    cells = [(r, level, *numbers) for r, own in (("aa", low), ("bb", high)) for level, numbers in own.items()]
    matrix = [[1, *(float(level == other) for other in list(DOCTORS)[1:]), float(r == "bb"), arm]
              for arm in (1.0, 0.0) for r, level, *_ in cells]  # fmt: skip
    events, days = [[c[i] for i in (at, at + 2) for c in cells] for at in (2, 3)]
    fit = fit_poisson(matrix, events, np.log(days))
    assert row["estimate"] == pytest.approx(np.exp(fit.coefficients[-1]), rel=1e-9)
    assert row["estimate"] != pytest.approx(
        one(frame, registry="pooled", outcome="cancer", measure="rate_ratio")["estimate"]
    )


def test_a_regression_without_an_event_in_an_arm_says_so():
    none = {level: (n1, t1, 0, t2) for level, (n1, t1, _, t2) in DOCTORS.items()}
    row = one(comparison(REGRESSED, aa=arms(none)), registry="aa", outcome="cancer", measure="poisson_rate_ratio")
    assert (row["status"], row["note"]) == ("not_estimable", "no event in an arm")
    shared = comparison(REGRESSED, overlap=1, aa=arms(DOCTORS))
    assert one(shared, registry="aa", outcome="cancer", measure="poisson_rate_ratio")["status"] == "not_estimable"


def test_only_registries_with_both_arms_add_their_cells():
    lone = [row for row in arms(DOCTORS) if row["cohort"] == "new_drug"]
    frame = comparison(BY_AGE, aa=arms(DOCTORS), bb=lone)
    row = one(frame, registry="pooled", outcome="cancer", measure="mantel_haenszel_rate_ratio")
    assert row["registries"] == "aa"
    assert row["estimate"] == pytest.approx(1.424682, abs=6e-7)


def test_a_ratio_over_strata_needs_arms_that_share_no_person():
    frame = comparison(BY_AGE, overlap=1, aa=arms(DOCTORS))
    row = one(frame, registry="aa", outcome="cancer", measure="mantel_haenszel_rate_ratio")
    assert row["status"] == "not_estimable"
    assert row["note"] == "persons in both arms: a ratio over strata supposes that there are none"
    assert pd.isna(row["estimate"])


def test_strata_without_an_event_in_common_time():
    apart = {"18-49": (3, 900, 0, 0), "50+": (0, 0, 5, 900)}
    row = one(comparison(BY_AGE, aa=arms(apart)), registry="aa", measure="mantel_haenszel_rate_ratio", outcome="cancer")
    assert (row["status"], row["note"]) == (
        "not_estimable", "no event of one arm in the strata with person-time in both",
    )  # fmt: skip


def test_recurrent_events_take_all_events_and_say_so():
    frame = comparison(BY_AGE, aa=arms(DOCTORS, "infection", first_events=1, first_event_days=1))
    row = one(frame, registry="aa", outcome="infection", measure="mantel_haenszel_rate_ratio")
    assert row["estimate"] == pytest.approx(1.424682, abs=6e-7)
    assert row["note"].startswith("events of one person can depend on each other")


@pytest.mark.parametrize(
    ("method", "interval", "words"),
    [
        (None, score_difference_interval, "Miettinen–Nurminen score"),
        ("wald", wald_difference_interval, "normal (Wald)"),
    ],
)
def test_difference_of_first_events(method, interval, words):
    ratio = BY_AGE if method is None else {**BY_AGE, "difference_interval": method}
    row = one(comparison(ratio, aa=arms(DOCTORS)), registry="aa", outcome="cancer", measure="rate_difference")
    scale = DAYS_PER_YEAR * 1000
    n1, t1, n2, t2 = (sum(numbers[i] for numbers in DOCTORS.values()) for i in range(4))
    assert row["estimate"] == pytest.approx((n1 / t1 - n2 / t2) * scale, rel=1e-12)
    expected = interval(n1, t1 / scale, n2, t2 / scale, 0.95)
    assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-9)
    assert (row["per"], row["method"], row["note"]) == (1000, words, "")
    assert pd.isna(row["robust_low"])


SUMS = {"persons_with_event": 40, "first_events": 40, "sum_e2": 110, "sum_et": 4000, "sum_t2": 900_000}


def test_difference_of_arms_that_share_persons_is_person_robust():
    shared = (10, 500, 600, 70_000)
    counts = arms({"18-49": (60, 50_000, 60, 40_000)}, "infection", **SUMS)
    frame = comparison(BY_AGE, 30, shared, aa=counts)
    row = one(frame, registry="aa", outcome="infection", measure="rate_difference")
    one_arm, two_arm = (PersonSums(40, 60, days, 110, 4000, 900_000) for days in (50_000, 40_000))
    limits = robust_difference_interval(one_arm, two_arm, CrossSums(*shared), 0.95)
    scale = DAYS_PER_YEAR * 1000
    assert (row["low"], row["high"]) == pytest.approx((limits[0] * scale, limits[1] * scale), rel=1e-12)
    assert (row["robust_low"], row["robust_high"], row["method"]) == (row["low"], row["high"], "person-robust")
    apart = one(comparison(BY_AGE, aa=counts), registry="aa", outcome="infection", measure="rate_difference")
    assert apart["method"] == "Miettinen–Nurminen score"
    assert apart["robust_low"] < apart["estimate"] < apart["robust_high"]
    assert apart["robust_low"] != row["robust_low"]


def test_differences_without_events():
    """No event in either arm: a difference of 0 with score limits; normal limits are not estimable."""
    nothing = arms({"18-49": (0, 5000, 0, 4000)})
    row = one(comparison(BY_AGE, aa=nothing), registry="aa", outcome="cancer", measure="rate_difference")
    assert (row["status"], row["estimate"]) == ("shown", 0)
    assert row["low"] < 0 < row["high"]
    wald = comparison({**BY_AGE, "difference_interval": "wald"}, aa=nothing)
    row = one(wald, registry="aa", outcome="cancer", measure="rate_difference")
    assert (row["status"], row["note"]) == ("shown", "interval not estimable without an event in each arm")
    assert pd.isna(row["low"])
    assert one(wald, registry="aa", outcome="cancer", measure="rate_ratio")["status"] == "not_estimable"
    lone = comparison(BY_AGE, overlap=3, aa=nothing)
    row = one(lone, registry="aa", outcome="cancer", measure="rate_difference")
    assert row["note"] == "person-robust interval not estimable below 2 persons with event in each arm"


def test_no_person_time_in_an_arm():
    frame = comparison(BY_AGE, aa=arms({"18-49": (3, 900, 0, 0)}))
    rows = frame[(frame["registry"] == "aa") & (frame["outcome"] == "cancer")]
    assert rows["measure"].tolist() == list(EVERY)
    assert set(rows["note"]) == {"no person-time in the comparator"}


def test_margins_of_a_comparison_are_those_of_its_strata():
    analysis = small_protocol(ratio=ASKED).study.analyses[1]
    assert margins_of(analysis) == ((), ("age", "sex"))
    assert margins_of(small_protocol().study.analyses[1]) == ((),)


def test_every_measure_over_made_persons():
    protocol = small_protocol(ratio=ASKED)
    bundles = [made_bundle(protocol, r) for r in REGISTRIES]
    frame = estimate(bundles, protocol, [])["comparison"]
    assert not frame.duplicated(["analysis", "registry", "outcome", "time_at_risk", "measure"]).any()
    cells = pd.concat([b.tables["counts"] for b in bundles])
    cells = cells[(cells["analysis"] == "ratio") & (cells["outcome"] == "cancer") & (cells["stratum"] == "age*sex")]
    strata = []
    for _, level in cells.groupby("level"):
        numbers = [
            level[level["cohort"] == c][["first_events", "first_event_days"]].sum() for c in ("new_drug", "old_drug")
        ]
        strata.append(tuple(int(v) for arm in numbers for v in arm))
    row = one(frame, registry="pooled", outcome="cancer", measure="mantel_haenszel_rate_ratio")
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx(mantel_haenszel_ratio(strata, 0.95), rel=1e-12)
