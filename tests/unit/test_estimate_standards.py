"""Are standardised rates and observed over expected what one gets by hand from the same counts?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES
from pass_engine.protocol.reference import ReferenceRate, ReferenceRates
from pass_engine.stats import BOTH_SEXES, Standard, clopper_pearson, rate_interval, wilson
from pass_engine.terms import DAYS_PER_YEAR
from tests.made_bundles import REGISTRIES, border_frame, made_bundle, registry_facts, small_protocol

OVER_SEX = {"to": "study_population", "over": ("sex",)}
TOWN = Standard("standard in standards/town.csv", (0, 50), {BOTH_SEXES: (Fraction(3), Fraction(1))})


def one(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def cell(cohort, stratum, level, events, days, outcome="cancer"):
    """Counts of one cell in which each event is a first one."""
    numbers = dict.fromkeys(BORDER_TABLES["counts"].numbers, 0)
    numbers |= {"persons": 500, "persons_with_event": events, "first_events": events, "events": events}
    numbers |= {"window_days": days, "person_days": days, "first_event_days": days}
    place = {"analysis": "main", "cohort": cohort, "outcome": outcome, "time_at_risk": "on_treatment"}
    return {**place, "stratum": stratum, "level": level, **numbers}


def whole(cohort, stratum, cells, **more):
    """The cells of a margin after the overall one that they add up to."""
    overall = cell(cohort, "overall", "", sum(e for e, _ in cells.values()), sum(d for _, d in cells.values()), **more)
    return [overall, *(cell(cohort, stratum, level, *numbers, **more) for level, numbers in cells.items())]


def results(protocol, **rows):
    """Results of registries that sent these counts and nothing else."""
    bundles = []
    for registry, counts in rows.items():
        tables = {name: border_frame(name, []) for name in BORDER_TABLES}
        tables["counts"] = border_frame("counts", counts)
        bundles.append(BundleContent(registry_facts(registry), {"digest": "0" * 64}, tables))
    return estimate(bundles, protocol, [])


def rate_of(found, measure="standardised_eair", registry="pooled", cohort="new_drug"):
    place = {"outcome": "cancer", "time_at_risk": "on_treatment", "stratum": "overall", "cohort": cohort}
    return one(found["incidence"], analysis="main", registry=registry, measure=measure, **place)


PROTOCOL = small_protocol(sensitivity=False, standardise=OVER_SEX)
NEW = {"female": (10, 30_000), "male": (2, 10_000), "unknown": (1, 500)}
OLD = {"female": (4, 10_000), "male": (9, 30_000)}


def test_weights_of_the_study_population_are_the_pooled_days_of_all_cohorts():
    """30 000 + 10 000 women's days and 10 000 + 30 000 men's: one half each; unknown sex has no weight."""
    found = results(PROTOCOL, aa=[*whole("new_drug", "sex", NEW), *whole("old_drug", "sex", OLD)])
    weights = found["standard_weights"]
    own = weights[(weights["outcome"] == "cancer") & (weights["time_at_risk"] == "on_treatment")]
    assert dict(zip(own["level"], own["weight"], strict=True)) == {"female": 0.5, "male": 0.5}
    assert set(own["standard"]) == {"standardised by sex to the pooled person-time of all cohorts of the analysis"}
    row = rate_of(found)
    per_day = 0.5 * 10 / 30_000 + 0.5 * 2 / 10_000
    assert row["rate"] == pytest.approx(per_day * DAYS_PER_YEAR * 1000, rel=1e-12)
    assert "events and time outside the standard's cells left out" in row["note"]
    assert rate_of(found, cohort="old_drug")["rate"] == pytest.approx(
        (0.5 * 4 / 10_000 + 0.5 * 9 / 30_000) * DAYS_PER_YEAR * 1000, rel=1e-12
    )


def test_weights_are_pooled_over_registries_and_used_by_each():
    """aa has women's days only in its cohorts: its own rate is not estimable with the pool's weights."""
    found = results(
        PROTOCOL,
        aa=[*whole("new_drug", "sex", {"female": (3, 5000)}), *whole("old_drug", "sex", {"female": (1, 5000)})],
        bb=[*whole("new_drug", "sex", NEW), *whole("old_drug", "sex", OLD)],
    )
    weights = found["standard_weights"]
    assert one(weights, level="female", outcome="cancer", time_at_risk="on_treatment")["weight"] == 50_000 / 90_000
    assert rate_of(found, registry="aa")["note"] == "no person-time in 1 of 2 weighted cells"
    assert rate_of(found, registry="bb")["status"] == "shown"


def test_a_level_that_nobody_has_carries_no_weight():
    found = results(PROTOCOL, aa=whole("new_drug", "sex", {"female": (3, 5000)}))
    assert rate_of(found)["rate"] == pytest.approx(3 / 5000 * DAYS_PER_YEAR * 1000)
    assert len(found["standard_weights"]) == 1
    assert rate_of(found, cohort="old_drug")["status"] == "not_estimable"


def test_each_outcome_has_its_own_study_population():
    bundles = [made_bundle(PROTOCOL, r) for r in REGISTRIES]
    weights = estimate(bundles, PROTOCOL, [])["standard_weights"]
    sums = weights.groupby(["outcome", "time_at_risk"])["weight"].sum()
    assert list(sums.index) == [("cancer", "ever_exposed"), ("cancer", "on_treatment"), ("infection", "on_treatment")]
    assert sums.tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("standard", "weights"),
    [
        ("who2000_2025", {"18-49": 46.928 / 68.803, "50+": 21.875 / 68.803}),
        ("standards/town.csv", {"18-49": 32 / 50 * 3 / (32 / 50 * 3 + 1), "50+": 1 / (32 / 50 * 3 + 1)}),
    ],
)
def test_other_standards_weigh_the_bands_of_the_study(standard, weights):
    """WHO: 2/5 of 8.47 and 8.22 to 6.04 make 46.928; 5.37 and on make 21.875. Town: 32 of the 50 years that have 3."""
    standardise = {"to": standard, "over": ("age",), "split": "uniform"}
    protocol = small_protocol(sensitivity=False, standardise=standardise, standards={"standards/town.csv": TOWN})
    ages = {"18-49": (10, 20_000), "50+": (30, 20_000)}
    found = results(protocol, aa=whole("new_drug", "age", ages))
    shown = found["standard_weights"]
    assert dict(zip(shown["level"], shown["weight"], strict=True)) == pytest.approx(weights, rel=1e-12)
    per_day = sum(w * ages[level][0] / 20_000 for level, w in zip(shown["level"], shown["weight"], strict=True))
    assert rate_of(found)["rate"] == pytest.approx(per_day * DAYS_PER_YEAR * 1000)


def test_wilson_intervals_where_they_are_asked_for():
    rows = whole("new_drug", "sex", NEW)
    for method, words, interval in (
        ("wilson", "Wilson score", wilson),
        ("clopper_pearson", "Clopper–Pearson", clopper_pearson),
    ):
        row = rate_of(results(small_protocol(proportion_interval=method), aa=rows), "incidence_proportion")
        assert row["method"] == words
        assert (row["rate_low"] / 100, row["rate_high"] / 100) == pytest.approx(interval(13, 500, 0.95))


# --- observed over expected ------------------------------------------------------------------------------------------


def reference(*rows, by):
    """Reference rates per 100 000 person-years."""
    return ReferenceRates(by, tuple(ReferenceRate(*row[:-1], 100_000, Fraction(row[-1])) for row in rows))


BY_ALL = reference(
    (0, 49, "female", 2015, 2019, "500"),
    (0, 49, "female", 2020, 2024, "600.5"),
    (50, 150, "female", 2015, 2024, "2000"),
    (0, 49, "male", 2015, 2024, "700"),
    (50, 150, "male", 2015, 2024, "2500"),
    by=("age", "sex", "calendar"),
)
CELLS = {
    "18-49*female*2016": (4, 146_100),
    "18-49*female*2021": (2, 73_050),
    "50+*female*2016": (9, 36_525),
    "18-49*male*2016": (1, 36_525),
    "50+*male*2021": (3, 36_525),
}
"""Events and days: 400, 200, 100, 100 and 100 person-years."""


def expected_protocol(rates, by):
    return small_protocol(
        sensitivity=False, standardise=None, reference={"rates": "standards/rates.csv", "by": by},
        references={"standards/rates.csv": rates},
    )  # fmt: skip


def test_expected_by_hand():
    """400 x .005 + 200 x .006005 + 100 x .02 + 100 x .007 + 100 x .025 = 2 + 1.201 + 2 + .7 + 2.5 = 8.401; 19 seen."""
    protocol = expected_protocol(BY_ALL, ("calendar", "sex", "age"))
    found = results(protocol, aa=whole("new_drug", "age*sex*calendar", CELLS))
    row = rate_of(found, "sir")
    assert row["expected"] == pytest.approx(8.401, rel=1e-14)
    assert (row["events"], row["persons_with_event"], row["per"], row["status"]) == (19, 19, 1, "shown")
    assert row["rate"] == pytest.approx(19 / 8.401, rel=1e-14)
    assert (row["rate_low"], row["rate_high"]) == pytest.approx(rate_interval("exact", 19, 8.401, 0.95), rel=1e-12)
    assert row["method"] == "exact Poisson, observed over expected"


def test_exact_limits_of_the_ratio_against_r():
    """R 4.2.2: ``poisson.test(12, T = 7.4)$conf.int``; 7.4 expected in 740 person-years at 1 per 100."""
    rates = reference((0, 150, "", 0, 0, "1000"), by=("age",))
    rows = whole("new_drug", "age", {"18-49": (12, 270_285)})
    row = rate_of(results(expected_protocol(rates, ("age",)), aa=rows), "sir")
    assert row["expected"] == pytest.approx(7.4, rel=1e-14)
    assert (row["rate_low"], row["rate_high"]) == pytest.approx((0.837915555232732, 2.832646628132021), rel=1e-9)


def test_person_time_without_a_rate_makes_the_ratio_not_estimable():
    protocol = expected_protocol(BY_ALL, ("age", "sex", "calendar"))
    cells = {**CELLS, "unknown*female*2016": (0, 10), "outside*male*2016": (0, 0), "18-49*unknown*2016": (0, 5)}
    row = rate_of(results(protocol, aa=whole("new_drug", "age*sex*calendar", cells)), "sir")
    assert row["status"] == "not_estimable"
    assert row["note"] == "no reference rate for the person-time of 2 of 7 cells"
    assert (row["events"], row["persons"]) == (19, 500)
    assert rate_of(results(protocol, aa=[]), "sir")["note"] == "no registry contributed"


def test_nothing_expected_and_no_time():
    rates = reference((0, 150, "", 0, 0, "0"), by=("age",))
    protocol = expected_protocol(rates, ("age",))
    row = rate_of(results(protocol, aa=whole("new_drug", "age", {"18-49": (0, 500)})), "sir")
    assert (row["status"], row["note"]) == ("not_estimable", "no event expected")
    row = rate_of(results(protocol, aa=whole("new_drug", "age", {})), "sir")
    assert (row["status"], row["note"]) == ("not_estimable", "no person-time")


def test_first_events_of_recurrent_outcomes_are_held_against_the_reference():
    rates = reference((0, 150, "female", 0, 0, "900"), (0, 150, "male", 0, 0, "900"), by=("sex",))
    protocol = expected_protocol(rates, ("sex",))
    bundles = [made_bundle(protocol, r) for r in REGISTRIES]
    rows = estimate(bundles, protocol, [])["incidence"]
    keys = {"analysis": "main", "registry": "bb", "cohort": "old_drug", "outcome": "infection"}
    place = {**keys, "time_at_risk": "on_treatment", "stratum": "overall"}
    sir, eair = (one(rows, **place, measure=m) for m in ("sir", "eair"))
    assert (sir["events"], sir["person_days"]) == (eair["events"], eair["person_days"])


def test_expected_numbers_of_registries_add_up():
    protocol = expected_protocol(BY_ALL, ("age", "sex", "calendar"))
    rows = whole("new_drug", "age*sex*calendar", CELLS)
    found = results(protocol, aa=rows, bb=rows)
    assert rate_of(found, "sir")["expected"] == pytest.approx(2 * 8.401, rel=1e-14)
    assert rate_of(found, "sir", "bb")["expected"] == pytest.approx(8.401, rel=1e-14)
    assert set(found["reference_rates"]["level"]) == set(CELLS)
    assert one(found["reference_rates"], level="18-49*female*2021")["rate"] == 600.5
    assert set(found["reference_rates"]["per"]) == {100_000}


def test_a_quarter_has_the_rate_of_its_year():
    cells = {"18-49*female*2019-Q4": (1, 36_525), "18-49*female*2020-Q1": (1, 36_525)}
    protocol = expected_protocol(BY_ALL, ("age", "sex", "calendar"))
    row = rate_of(results(protocol, aa=whole("new_drug", "age*sex*calendar", cells)), "sir")
    assert row["expected"] == pytest.approx(0.5 + 0.6005)
    incomplete = {**cells, "18-49*female*incomplete": (0, 3)}
    row = rate_of(results(protocol, aa=whole("new_drug", "age*sex*calendar", incomplete)), "sir")
    assert row["status"] == "not_estimable"
