"""Are the result tables the right rows, in the right order, with the numbers where they belong?"""

from __future__ import annotations

import statistics

import pandas as pd
import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import build_results, estimate, participation_rows
from pass_engine.disclose import BORDER_TABLES
from pass_engine.errors import BundleError
from pass_engine.estimate import RESULT_COLUMNS, frame_of, read_results
from pass_engine.estimate.index import contributors
from pass_engine.estimate.rows import level_rank
from pass_engine.estimate.tables import _describe
from pass_engine.stats import NO_SQUARES, PersonSums, exact_ratio_interval, rate_interval, robust_rate_interval
from pass_engine.terms import DAYS_PER_YEAR, SYNTHETIC_NOTICE
from tests.made_bundles import REGISTRIES, border_frame, made_bundle, registry_facts, small_protocol

PROTOCOL = small_protocol()
BUNDLES = [made_bundle(PROTOCOL, r, size=n) for r, n in zip(REGISTRIES, (60, 120, 90), strict=True)]
PARTICIPATION = participation_rows(BUNDLES, PROTOCOL, {})
RESULTS = estimate(BUNDLES, PROTOCOL, PARTICIPATION)
KEY = ["analysis", "registry", "cohort", "outcome", "time_at_risk", "stratum", "level", "measure"]


def one(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def incidence(registry="pooled", cohort="new_drug", outcome="infection", measure="eaer", **more):
    wanted = {"analysis": "main", "time_at_risk": "on_treatment", "stratum": "overall", "level": "", **more}
    return one(RESULTS["incidence"], registry=registry, cohort=cohort, outcome=outcome, measure=measure, **wanted)


def counts(registry="aa", cohort="new_drug", outcome="infection", stratum="overall", level=""):
    frame = BUNDLES[REGISTRIES.index(registry)].tables["counts"]
    return one(
        frame,
        analysis="main",
        cohort=cohort,
        outcome=outcome,
        time_at_risk="on_treatment",
        stratum=stratum,
        level=level,
    )


def test_the_key_is_unique_and_columns_are_the_declared_ones():
    frame = RESULTS["incidence"]
    assert not frame.duplicated(KEY).any()
    for name, columns in RESULT_COLUMNS.items():
        assert list(RESULTS[name].columns) == list(columns)


def test_row_order():
    frame = RESULTS["incidence"]
    blocks = frame[["analysis", "registry"]].drop_duplicates().to_numpy().tolist()
    assert blocks == [[a, r] for a in ("main", "narrow") for r in (*REGISTRIES, "pooled")]
    first = frame[(frame["analysis"] == "main") & (frame["registry"] == "pooled") & (frame["cohort"] == "new_drug")]
    pairs = first[["outcome", "time_at_risk"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["cancer", "ever_exposed"], ["cancer", "on_treatment"], ["infection", "on_treatment"]]
    infection = first[first["outcome"] == "infection"]
    assert list(infection["stratum"].drop_duplicates()) == ["overall", "sex", "age", "calendar", "age*sex"]
    assert list(infection[infection["stratum"] == "overall"]["measure"]) == [
        "incidence_proportion", "eair", "eair_total_exposure", "eaer", "standardised_eair", "standardised_eaer",
    ]  # fmt: skip


def test_first_events_have_no_eaer():
    rows = RESULTS["incidence"][RESULTS["incidence"]["outcome"] == "cancer"]
    assert not rows["measure"].isin(["eaer", "standardised_eaer"]).any()
    assert set(rows["counting"]) == {"first"}


def test_levels_in_natural_order():
    levels = ["unknown", "70+", "outside", "18-29", "9-17", "missing", "2015", "female", "male", "<9"]
    assert sorted(levels, key=level_rank) == [
        "<9", "9-17", "18-29", "70+", "2015", "female", "male", "outside", "unknown", "missing",
    ]  # fmt: skip
    assert level_rank("18-29*male") < level_rank("18-29*unknown") < level_rank("70+*female")


@pytest.mark.parametrize(
    ("measure", "numerator", "denominator"),
    [
        ("eair", "first_events", "first_event_days"),
        ("eair_total_exposure", "first_events", "window_days"),
        ("eaer", "events", "person_days"),
    ],
)
def test_rates_of_a_registry(measure, numerator, denominator):
    cell, row = counts(), incidence("aa", measure=measure)
    years = int(cell[denominator]) / DAYS_PER_YEAR
    assert (row["events"], row["person_days"], row["per"]) == (cell[numerator], cell[denominator], 1000)
    assert row["rate"] == pytest.approx(cell[numerator] / years * 1000, rel=1e-14)
    limits = rate_interval("exact", int(cell[numerator]), years / 1000, 0.95)
    assert (row["rate_low"], row["rate_high"]) == pytest.approx(limits, rel=1e-14)
    assert (row["method"], row["status"], row["registries"]) == ("exact Poisson", "shown", "aa")


def test_recurrent_events_have_the_robust_interval_beside():
    cell, row = counts(), incidence("aa")
    names = ("persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2")
    limits = robust_rate_interval(PersonSums(*(int(cell[n]) for n in names)), 0.95)
    scale = DAYS_PER_YEAR * 1000
    assert (row["robust_low"], row["robust_high"]) == pytest.approx([v * scale for v in limits], rel=1e-12)


def test_few_persons_are_marked():
    row = incidence("aa")
    assert counts()["persons_with_event"] >= 10
    assert row["note"] == ""
    few = [r for r in _rates(RESULTS["incidence"]) if r["measure"] == "eaer" and 2 <= r["persons_with_event"] < 10]
    assert few
    assert {r["note"] for r in few} == {"person-robust interval: few persons"}
    lone = [r for r in _rates(RESULTS["incidence"]) if r["measure"] == "eaer" and r["persons_with_event"] < 2]
    assert {r["note"] for r in lone} <= {"person-robust interval not estimable below 2 persons with event"}


def _rates(frame):
    return frame[frame["status"] == "shown"].to_dict("records")


def test_total_exposure_has_a_robust_interval_where_its_sums_were_sent():
    """With e the one first event and t the window days of a person, from sums over persons."""
    frame = BUNDLES[0].tables["counts"]
    extra = frame.assign(sum_fw=frame["first_events"] * 200, sum_w2=frame["window_days"] * 300)
    bundle = BundleContent(BUNDLES[0].registry, BUNDLES[0].protocol, {**BUNDLES[0].tables, "counts": extra})
    rows = estimate([bundle], PROTOCOL, PARTICIPATION)["incidence"]
    row = one(
        rows, analysis="main", registry="aa", cohort="new_drug", outcome="infection", stratum="overall",
        measure="eair_total_exposure",
    )  # fmt: skip
    cell = counts()
    first, window = int(cell["first_events"]), int(cell["window_days"])
    limits = robust_rate_interval(PersonSums(first, first, window, first, first * 200, window * 300), 0.95)
    assert row["robust_low"] == pytest.approx(limits[0] * DAYS_PER_YEAR * 1000)
    assert incidence("aa", measure="eair_total_exposure")["note"] == NO_SQUARES


def test_incidence_proportion():
    cell, row = counts(), incidence("aa", measure="incidence_proportion")
    assert (row["per"], row["person_days"], row["method"]) == (100, cell["person_days"], "Clopper–Pearson")
    assert row["rate"] == pytest.approx(100 * cell["persons_with_event"] / cell["persons"])
    assert row["rate_low"] < row["rate"] < row["rate_high"]


def test_a_case_belongs_to_the_cell_of_its_first_event():
    frame = RESULTS["incidence"]
    rows = frame[(frame["measure"] == "eair") & (frame["analysis"] == "main")]
    keys = ["registry", "cohort", "outcome", "time_at_risk"]
    overall = rows[rows["stratum"] == "overall"].set_index(keys)["events"]
    for stratum in ("sex", "age", "calendar", "age*sex"):
        assert (rows[rows["stratum"] == stratum].groupby(keys)["events"].sum() == overall).all()
    assert (rows["persons_with_event"] == rows["events"]).all()


def test_sensitivity_analyses_come_last_and_say_so():
    frame = RESULTS["incidence"]
    assert frame[["analysis", "role"]].drop_duplicates().to_numpy().tolist() == [
        ["main", "primary"], ["narrow", "sensitivity"],
    ]  # fmt: skip


def test_standardised_rate_and_its_weights():
    row = incidence(measure="standardised_eaer")
    weights = RESULTS["standard_weights"]
    mine = weights[weights["analysis"] == "main"]
    assert mine["weight"].sum() == pytest.approx(1)
    frame = RESULTS["incidence"]
    cells = frame[
        (frame["analysis"] == "main") & (frame["registry"] == "pooled") & (frame["cohort"] == "new_drug")
        & (frame["outcome"] == "infection") & (frame["stratum"] == "age*sex") & (frame["measure"] == "eaer")
    ].set_index("level")  # fmt: skip
    expected = sum(w * cells.loc[level, "rate"] for level, w in zip(mine["level"], mine["weight"], strict=True))
    assert row["rate"] == pytest.approx(expected, rel=1e-12)
    assert row["method"] == "Fay–Feuer gamma"
    assert "standardised to the 18+ years part of the European Standard Population 2013" in row["note"]


def tiny(rows, overlap=0):
    """Results of one registry whose counts of the analysis are these."""
    protocol = small_protocol(sensitivity=False)
    names = BORDER_TABLES["counts"].numbers
    made = []
    for analysis in ("main", "ratio"):
        for cohort, outcome, numbers in rows:
            key = {"analysis": analysis, "cohort": cohort, "outcome": outcome, "time_at_risk": "on_treatment"}
            made.append({**key, "stratum": "overall", "level": "", **dict(zip(names, numbers, strict=True))})
    pair = {"analysis": "ratio", "time_at_risk": "on_treatment", "target": "new_drug", "comparator": "old_drug"}
    sums = {"persons_in_both": overlap, "sum_e1e2": 2 * overlap, "sum_e1t2": 0, "sum_t1e2": 0, "sum_t1t2": 0}
    shared = [{**pair, **sums, "outcome": outcome} for outcome in ("cancer", "infection")]
    tables = {
        **{n: border_frame(n, []) for n in BORDER_TABLES},
        "counts": border_frame("counts", made), "arm_overlap": border_frame("arm_overlap", shared),
    }  # fmt: skip
    return estimate([BundleContent(registry_facts("aa"), {"digest": "0" * 64}, tables)], protocol, [])


SOME = (40, 12, 12, 20, 9000, 8000, 7000, 60, 9000, 3_000_000)
NONE = (40, 0, 0, 0, 9000, 8000, 8000, 0, 0, 3_000_000)
NOBODY = (0,) * 10


def test_no_person_time_keeps_the_row():
    row = one(tiny([("new_drug", "infection", NOBODY)])["incidence"], registry="aa", measure="eaer")
    assert (row["status"], row["note"], row["persons"], row["person_days"]) == ("not_estimable", "no person-time", 0, 0)
    assert pd.isna(row["rate"])
    row = one(tiny([("new_drug", "infection", NOBODY)])["incidence"], registry="aa", measure="incidence_proportion")
    assert (row["status"], row["note"]) == ("not_estimable", "no person at risk")


def test_no_event_is_a_rate_of_zero():
    row = one(tiny([("new_drug", "infection", NONE)])["incidence"], registry="aa", measure="eaer")
    assert (row["status"], row["rate"], row["rate_low"]) == ("shown", 0, 0)
    assert row["rate_high"] > 0
    assert pd.isna(row["robust_low"])


def test_a_weighted_cell_without_time_is_not_estimable():
    row = one(tiny([("new_drug", "infection", SOME)])["incidence"], registry="aa", measure="standardised_eaer")
    assert (row["status"], row["note"]) == ("not_estimable", "no person-time in 4 of 4 weighted cells")


def test_nobody_contributed():
    results = estimate([], PROTOCOL, [])
    rows = results["incidence"]
    assert set(rows["registry"]) == {"pooled"}
    assert set(rows["status"]) == {"not_estimable"}
    assert set(rows["note"]) == {"no registry contributed"}
    assert set(results["comparison"]["note"]) == {"no registry contributed both cohorts"}


def test_what_a_registry_keeps_back_is_told():
    kept = tuple(
        {"table": "counts", "analysis": a, "cohort": "old_drug", "reason": "fewer than 50 persons in the registry"}
        for a in ("main", "ratio")
    )
    tables = BUNDLES[0].tables
    counts = tables["counts"][tables["counts"]["cohort"] != "old_drug"].reset_index(drop=True)
    bundle = BundleContent(BUNDLES[0].registry, BUNDLES[0].protocol, {**tables, "counts": counts}, kept)
    results = estimate([bundle, *BUNDLES[1:]], PROTOCOL, PARTICIPATION)
    rows = results["incidence"]
    told = rows[(rows["registry"] == "aa") & (rows["cohort"] == "old_drug") & (rows["analysis"] == "main")]
    assert set(told["status"]) == {"withheld"}
    assert set(told["note"]) == {"fewer than 50 persons in the registry"}
    ratio = one(results["comparison"], registry="aa", outcome="cancer")
    assert ratio["status"] == "withheld"
    assert set(results["comparison"]["registries"]) == {"aa", "bb", "cc", "bb;cc"}


def ratio_of(target, comparator, outcome="cancer", overlap=0):
    rows = [("new_drug", outcome, target), ("old_drug", outcome, comparator)]
    return one(tiny(rows, overlap)["comparison"], registry="aa", outcome=outcome)


def test_ratio_of_first_events_is_exact_where_no_person_is_shared():
    row = ratio_of(SOME, (30, 8, 8, 8, 9000, 6000, 5000, 8, 1000, 2_000_000))
    assert (row["target_events"], row["target_person_days"], row["comparator_person_days"]) == (12, 7000, 5000)
    assert row["estimate"] == pytest.approx((12 / 7000) / (8 / 5000))
    assert (row["low"], row["high"]) == pytest.approx(exact_ratio_interval(12, 7000, 8, 5000, 0.95))
    assert (row["method"], row["counting"]) == ("exact conditional", "first")
    assert pd.isna(row["robust_low"])


def test_ratio_of_recurrent_events_has_both_intervals():
    row = ratio_of(SOME, SOME, "infection")
    assert (row["target_events"], row["target_person_days"]) == (20, 8000)
    assert row["method"] == "exact conditional"
    assert row["robust_low"] < row["estimate"] < row["robust_high"]


def test_shared_persons_give_the_robust_interval_only():
    row, apart = ratio_of(SOME, SOME, "infection", overlap=3), ratio_of(SOME, SOME, "infection")
    assert row["method"] == "person-robust"
    assert (row["low"], row["high"]) == (row["robust_low"], row["robust_high"])
    assert row["high"] < apart["robust_high"], "persons in both arms with events in both make the ratio surer"


@pytest.mark.parametrize(
    ("target", "comparator", "note"),
    [
        (NOBODY, SOME, "no person-time in the target"),
        (SOME, NOBODY, "no person-time in the comparator"),
        (SOME, NONE, "no event in the comparator"),
    ],
)
def test_ratio_with_an_empty_arm(target, comparator, note):
    row = ratio_of(target, comparator)
    assert (row["status"], row["note"]) == ("not_estimable", note)
    assert pd.isna(row["estimate"])


def test_no_event_in_the_target_is_a_ratio_of_zero():
    row = ratio_of(NONE, SOME)
    assert (row["status"], row["estimate"], row["low"]) == ("shown", 0, 0)
    shared = ratio_of(NONE, SOME, overlap=3)
    assert shared["status"] == "not_estimable"


def test_ratio_over_several_registries_sums_first():
    row = one(RESULTS["comparison"], registry="pooled", outcome="infection")
    own = RESULTS["comparison"][RESULTS["comparison"]["registry"] != "pooled"]
    assert row["target_events"] == own[own["outcome"] == "infection"]["target_events"].sum()
    assert row["registries"] == "aa;bb;cc"


def test_baseline_percent_mean_and_sd():
    rows = RESULTS["baseline"]
    row = one(rows, registry="aa", cohort="new_drug", variable="age_years", level="")
    table = BUNDLES[0].tables["baseline"]
    raw = one(table, cohort="new_drug", variable="age_years", level="")
    n, total, squares = (int(raw[c]) for c in ("persons", "sum_value", "sum_square"))
    assert row["mean"] == total / n
    assert row["sd"] == pytest.approx(((squares - total**2 / n) / (n - 1)) ** 0.5)
    assert row["percent"] == pytest.approx(100 * n / 60)
    values = [20, 30, 70]
    tables = {"persons": 3, "sum_value": sum(values), "sum_square": sum(v * v for v in values)}
    assert _describe(tables, 3)["sd"] == pytest.approx(statistics.stdev(values))


def test_participation_names_every_invited_registry():
    rows = frame_of("participation", participation_rows(BUNDLES[:1], PROTOCOL, {"bb": ("Registry B", "broken")}))
    assert rows["status"].tolist() == ["took part", "failed", "did not take part"]
    assert rows["name"].tolist() == ["Registry aa", "Registry B", "cc"]
    assert rows["persons"].tolist() == [340, pd.NA, pd.NA]


def test_the_notice_stands_first_where_data_are_made_up():
    assert RESULTS["data_dictionary"].iloc[0]["meaning"] == SYNTHETIC_NOTICE
    real = BundleContent({**registry_facts("aa"), "synthetic": False}, BUNDLES[0].protocol, BUNDLES[0].tables)
    assert SYNTHETIC_NOTICE not in set(estimate([real], PROTOCOL, [])["data_dictionary"]["meaning"])


def test_the_dictionary_explains_every_column():
    listed = RESULTS["data_dictionary"]
    pairs = set(zip(listed["file"], listed["column"], strict=True))
    for name, columns in RESULT_COLUMNS.items():
        assert {(f"{name}.csv", c) for c in columns} <= pairs
    assert (listed["meaning"] != "").all()


def test_written_results_read_back(tmp_path):
    results = build_results(BUNDLES, PROTOCOL, tmp_path, PARTICIPATION)
    back = read_results(tmp_path)
    for name in RESULT_COLUMNS:
        pd.testing.assert_frame_equal(back[name], results[name])
        held = pd.read_parquet(tmp_path / "results" / f"{name}.parquet")
        pd.testing.assert_frame_equal(held, results[name], check_dtype=False)
        assert [held[c].dtype.kind for c in held] == [results[name][c].dtype.kind for c in held]
    first = (tmp_path / "results" / "incidence.csv").read_bytes()
    build_results(BUNDLES[::-1], PROTOCOL, tmp_path, PARTICIPATION)
    assert (tmp_path / "results" / "incidence.csv").read_bytes() == first


def test_results_that_are_not_whole_are_told(tmp_path):
    build_results(BUNDLES, PROTOCOL, tmp_path, PARTICIPATION)
    (tmp_path / "results" / "baseline.csv").unlink()
    (tmp_path / "results" / "quality.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BundleError) as caught:
        read_results(tmp_path)
    assert [(f.code, f.where.rsplit("/", 1)[1], f.found) for f in caught.value.faults] == [
        ("PE608", "baseline.csv", "no file"), ("PE608", "quality.csv", "other columns"),
    ]  # fmt: skip


def test_a_row_summed_over_masked_registries_points_to_the_bundle_of_their_sum():
    known = dict.fromkeys(("aa", "bb", "cc", "dd", "masked"), "0" * 64)
    members = ("bb", "cc", "dd")
    pooled = {"registry": "pooled", "registries": "aa;bb;cc;dd"}
    assert contributors(pooled, known, members) == ("aa", "masked")
    assert contributors({"registry": "pooled", "registries": "aa"}, known, members) == ("aa",)
    assert contributors({"registry": "bb"}, known, members) == ("bb",)  # what it says of itself, without numbers
    assert contributors({}, known, members) == ("aa", "masked")
    assert contributors(pooled, {"aa": ""}) == ("aa",)
