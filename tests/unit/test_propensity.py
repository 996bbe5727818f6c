"""Propensity scores inside a registry: by hand, and against the same done person by person with another library."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pass_engine.disclose.border import check_border
from pass_engine.disclose.scores import FEW_EVENTS, FEW_PERSONS, shown_arms, shown_weighted
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.estimate.weighted import Scores, balance_rows, propensity_rows, weighted_rows
from pass_engine.propensity import weighted_tables
from pass_engine.protocol.scenarios import main_scenario
from pass_engine.qualify.cases import facts_of
from pass_engine.qualify.made import EXPOSURE_B, INFECTION, fill_rows, make_study
from pass_engine.registry.models import Policy
from pass_engine.site import count_scenario
from pass_engine.store import open_store
from pass_engine.tables.harmonised import DICTIONARY, EXTRA, HARMONISED

COVARIATES = {
    "sex": {"label": "Sex", "from": "sex"},
    "age": {"label": "Age", "from": "age", "missing": "complete_case"},
    "edss": {"label": "EDSS", "from": "edss", "window": "[-365, 0]", "groups": [2, 4]},
}


def study(covariates=("sex",), **propensity):
    asked = {"covariates": list(covariates), "weights": ["overlap"], "min_level_persons": 1, **propensity}
    ratio = {
        "id": "ratio", "kind": "comparison", "role": "secondary", "of": {"target": "a", "comparator": "b"},
        "outcomes": {"infection": "treated"}, "interval": {"method": "exact", "level": 0.95}, "propensity": asked,
    }  # fmt: skip
    return make_study({"exposures": {"b": EXPOSURE_B}, "covariates": COVARIATES, "analyses": [ratio]})


def count(rows, made):
    """The tables of a registry of these rows."""
    given = fill_rows(rows)
    with open_store(threads=1) as store:
        for table, columns in {**HARMONISED, **DICTIONARY, **EXTRA}.items():
            store.load_rows(table, columns, [[row[c] for c in columns] for row in given.get(table, [])])
        return count_scenario(store, made, {"codelists/infection.csv": INFECTION}, facts_of({}, made))


def treated(person, substance, days, first=date(2021, 1, 1)):
    return {
        "person_id": person, "substance": substance, "start_date": first, "stop_date": first + timedelta(days - 1)
    }  # fmt: skip


def event(person, day):
    return {"person_id": person, "onset_date": date(2021, 1, 1) + timedelta(day)}


def by(frame, **place):
    found = frame
    for column, value in place.items():
        found = found[found[column] == value]
    (row,) = found.to_dict("records")
    return row


def test_a_score_worked_by_hand():
    """Women: 1 of 2 in the target, men: 1 of 3; a saturated model gives these shares as scores.

    Overlap weights: target 1/2 and 2/3, comparator 1/2, 1/3 and 1/3, 7/6 in each arm. Days: f1 (target) 100 with an
    event, m1 200 without, f2 (comparator) 100 without, m2 50 with two events, m3 150 without.
    x1 began the comparator in 2020 and the target later: in the comparator's arm alone. x2 began both on one day: in
    neither. x1 is a woman, so that the women of the comparator would be two; she lacks a date of birth, so that she
    goes as incomplete where age is asked for.
    """
    rows = {
        "person": [{"person_id": p, "sex": "male" if p[0] == "m" else "female"} for p in
                   ("f1", "f2", "m1", "m2", "m3", "x2")],
        "treatment": [treated("f1", "alfa", 100), treated("m1", "alfa", 200), treated("f2", "beta", 100),
                      treated("m2", "beta", 50), treated("m3", "beta", 150), treated("x2", "alfa", 10),
                      treated("x2", "beta", 10)],
        "event_report": [event("f1", 10), event("m2", 10), event("m2", 20)],
    }  # fmt: skip
    tables = count(rows, study())
    target, comparator = (by(tables["weighted_count"], cohort=c) for c in "ab")
    assert target["weighted_events_e6"] == 500_000
    assert target["weighted_days_e6"] == pytest.approx((100 / 2 + 200 * 2 / 3) * 1e6, abs=200)
    assert comparator["weighted_events_e6"] == pytest.approx(2 / 3 * 1e6, abs=2)
    assert comparator["weighted_days_e6"] == pytest.approx((100 / 2 + 200 / 3) * 1e6, abs=200)
    r = comparator["weighted_events_e6"] / comparator["weighted_days_e6"]
    squares = (0 - 100 * r) ** 2 / 4 + (2 - 50 * r) ** 2 / 9 + (0 - 150 * r) ** 2 / 9
    assert comparator["residuals_e6"] == pytest.approx(squares * 1e6, abs=3)
    assert (target["persons"], target["events"], comparator["persons"], comparator["events"]) == (2, 1, 3, 2)
    plain = by(tables["arm_weight"], weighting="none", cohort="a")
    assert (plain["persons"], plain["later_arm"], plain["weight_e6"]) == (2, 1, 2_000_000)
    sex = by(tables["propensity_model"], covariate="sex", level="male")
    assert (sex["sign"], sex["coefficient_e6"]) == ("-", pytest.approx(log(2) * 1e6, abs=2))


def test_who_entered_both_counts_once_and_who_lacks_a_covariate_not_at_all():
    rows = {
        "person": [{"person_id": f"p{n}", "birth_date": None if n == 9 else date(1950 + 7 * n, 3, 1)}
                   for n in range(1, 10)],
        "treatment": [
            *(treated(f"p{n}", "alfa" if n % 2 else "beta", 100) for n in range(1, 9)), treated("p9", "alfa", 100),
            treated("p1", "beta", 50, date(2022, 1, 1)), treated("p2", "alfa", 50, date(2022, 1, 1)),
        ],
    }  # fmt: skip
    arms = count(rows, study(["age"]))["arm_weight"]
    target, comparator = (by(arms, weighting="none", cohort=c) for c in "ab")
    assert [target[c] for c in ("persons", "later_arm", "incomplete", "rare_level")] == [4, 1, 1, 0]
    assert [comparator[c] for c in ("persons", "later_arm", "incomplete", "rare_level")] == [4, 1, 0, 0]


def people(size=400, seed=5):
    """Persons with covariates that bear on treatment and events."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "male": rng.integers(0, 2, size), "age": rng.integers(20, 60, size), "edss": rng.integers(1, 4, size),
        "days": rng.integers(100, 900, size),
    })  # fmt: skip
    chance = 1 / (1 + np.exp(-(-2 + 0.05 * frame.age - 0.5 * frame.male + 0.3 * (frame.edss == 3))))
    frame["target"] = (rng.random(size) < chance).astype(int)
    frame["events"] = rng.poisson(frame.days / 365 * np.exp(-1 + 0.02 * frame.age - 0.7 * frame.target))
    return frame


def added_of(frame, made):
    """The persons as the SQL counts them: by pattern. Digits: sex (1 female, 2 male), age + 1, EDSS group."""
    from pass_engine.protocol.covariate_rules import places_of

    places = {p.name: p for p in places_of(made)}
    pattern = (
        (frame.male + 1) * places["sex"].multiplier
        + (frame.age + 1) * places["age"].multiplier
        + frame.edss * places["edss"].multiplier
    )
    rows = frame.assign(pattern=pattern, is_target=frame.target == 1, is_first=True, analysis="ratio", persons=1,
                        outcome="infection", time_at_risk="treated")  # fmt: skip
    sums = rows.assign(
        persons_with_event=(rows.events > 0).astype(int), person_days=rows.days, sum_e2=rows.events**2,
        sum_et=rows.events * rows.days, sum_t2=rows.days**2,
    )  # fmt: skip
    numbers = ["persons", "persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2"]
    keys = ["analysis", "is_target", "is_first", "pattern"]
    places_at = ["analysis", "outcome", "time_at_risk", "is_target", "pattern"]
    return {
        "arm_pattern": rows.groupby(keys, as_index=False)["persons"].sum(),
        "arm_outcome": sums.groupby(places_at, as_index=False)[numbers].sum(),
    }


@pytest.fixture(scope="module")
def fitted():
    made = study(["sex", "age", "edss"], weights=["ate", "att", "overlap", "matching"], min_events=5,
                 max_difference=0.9, min_equipoise=0.1)  # fmt: skip
    frame = people()
    design = sm.add_constant(
        pd.DataFrame({"male": frame.male, "age": frame.age, "e2": frame.edss == 2, "e3": frame.edss == 3}).astype(float)
    )
    score = np.asarray(sm.GLM(frame.target, design, family=sm.families.Binomial()).fit(tol=1e-12).fittedvalues)
    return made, frame, score, weighted_tables(added_of(frame, made), made)


def direct_weights(frame, score, kind):
    """Of each person, as the textbooks have them."""
    z, share = frame.target.to_numpy(), frame.target.mean()
    own = np.where(z == 1, score, 1 - score)
    if kind == "ate":
        weights = np.where(z == 1, share, 1 - share) / own
        return np.clip(weights, *np.quantile(weights, [0.01, 0.99]))
    tilt = {"att": score, "overlap": score * (1 - score), "matching": np.minimum(score, 1 - score)}[kind]
    return tilt / own


@pytest.mark.parametrize("kind", ["ate", "att", "overlap", "matching"])
def test_counts_balance_and_ratio_as_person_by_person(fitted, kind):
    """statsmodels' logistic regression, and sums over persons, against ours over patterns in whole millionths."""
    made, frame, score, tables = fitted
    weights = direct_weights(frame, score, kind)
    z = frame.target.to_numpy() == 1
    logs, variance = [], 0.0
    for cohort, arm in (("a", z), ("b", ~z)):
        w, e, t = weights[arm], frame.events[arm].to_numpy(), frame.days[arm].to_numpy()
        row = by(tables["weighted_count"], weighting=kind, cohort=cohort)
        assert row["weighted_events_e6"] / 1e6 == pytest.approx(w @ e, rel=1e-5)
        assert row["weighted_days_e6"] / 1e6 == pytest.approx(w @ t, rel=1e-5)
        rate = (w @ e) / (w @ t)
        logs.append(log(rate))
        variance += float((w**2) @ (e - rate * t) ** 2) / float(w @ e) ** 2
        arm_row = by(tables["arm_weight"], weighting=kind, cohort=cohort)
        assert arm_row["weight_e6"] ** 2 / arm_row["squares_e6"] / 1e6 == pytest.approx(
            w.sum() ** 2 / (w @ w), rel=1e-4
        )
    (own, pooled) = rows_of(made, tables, kind)
    ratio = exp(logs[0] - logs[1])
    assert own["estimate"] == pytest.approx(ratio, rel=1e-5)
    assert own["high"] == pytest.approx(ratio * exp(1.959963984540054 * sqrt(variance)), rel=1e-4)
    assert pooled["estimate"] == pytest.approx(own["estimate"])
    assert pooled["method"].endswith("fixed effect")


def scores_from(made, tables, registry="cz"):
    """What the centre has of one registry."""
    analysis = made.analyses[0]
    frames = {n: tables.get(n, pd.DataFrame()) for n in ("arm_weight", "balance", "weighted_count", "propensity_model")}
    listed = [{registry: f.to_dict("records")} if len(f) else {} for f in frames.values()]
    return Scores(analysis, analysis.propensity, *listed, [registry], {})


def rows_of(made, tables, kind):
    class Protocol:
        scenarios = (main_scenario(made),)

    return [r for r in weighted_rows([scores_from(made, tables)], Protocol()) if r["weighting"] == kind]


def test_balance_is_the_textbook_one_and_overlap_weights_make_it_exact(fitted):
    made, frame, score, tables = fitted
    rows = {(r["weighting"], r["covariate"], r["level"]): r for r in balance_rows([scores_from(made, tables)])
            if r["registry"] == "cz"}  # fmt: skip
    z = frame.target.to_numpy() == 1
    age = frame.age.to_numpy()
    spread = sqrt((age[z].var(ddof=1) + age[~z].var(ddof=1)) / 2)
    assert rows["ate", "age", ""]["smd_before"] == pytest.approx((age[z].mean() - age[~z].mean()) / spread, abs=1e-6)
    w = direct_weights(frame, score, "ate")
    after = (np.average(age[z], weights=w[z]) - np.average(age[~z], weights=w[~z])) / spread
    assert rows["ate", "age", ""]["smd_after"] == pytest.approx(after, abs=2e-5)
    assert all(abs(r["smd_after"]) < 1e-5 for (kind, *_), r in rows.items() if kind == "overlap")
    assert any(abs(r["smd_before"]) > 0.2 for r in rows.values())


def test_order_of_rows_and_of_parts_changes_nothing(fitted):
    """Sums of whole numbers: the same bytes, however the persons were split and ordered."""
    made, frame, _, tables = fitted
    halves = [added_of(frame.iloc[::2], made), added_of(frame.iloc[1::2], made)]
    keys = {"arm_pattern": ["analysis", "is_target", "is_first", "pattern"],
            "arm_outcome": ["analysis", "outcome", "time_at_risk", "is_target", "pattern"]}  # fmt: skip
    joined = {
        name: pd.concat([halves[1][name], halves[0][name]]).groupby(own, as_index=False).sum()
        for name, own in keys.items()
    }
    again = weighted_tables({name: f.sample(frac=1, random_state=3) for name, f in joined.items()}, made)
    for name, frame_ in tables.items():
        order = [c for c in frame_.columns if frame_[c].dtype == object or str(frame_[c].dtype) == "str"]
        pd.testing.assert_frame_equal(
            frame_.sort_values(order).reset_index(drop=True), again[name].sort_values(order).reset_index(drop=True)
        )


def test_persons_with_a_rare_level_are_left_out_until_none_is_rare():
    made = study(["sex", "edss"], min_level_persons=5)
    frame = people(200)
    frame = frame.assign(edss=np.where((frame.target == 0) & (frame.edss == 3), 2, frame.edss))
    tables = weighted_tables(added_of(frame, made), made)
    gone = int(((frame.target == 1) & (frame.edss == 3)).sum())
    assert by(tables["arm_weight"], weighting="none", cohort="a")["rare_level"] == gone > 0
    assert set(tables["balance"]["level"]) == {"female", "male", "<2", "2-3.5"} - {"<2"} | {"0-1.5"}


@pytest.mark.parametrize(
    ("change", "covariates", "words"),
    [
        ({"edss": 1}, ("sex", "edss"), ""),  # a covariate that is the same in all has no column
        ({"events": 0}, ("sex",), "not shown: fewer than 5 events in a cohort"),
        ({}, ("age",), "not shown: after weighting a standardised difference is above 0.0001"),
    ],
)
def test_gates_say_why(change, covariates, words):
    limits = {"weights": ["ate"], "min_events": 5, "min_equipoise": 0.0}
    made = study(covariates, max_difference=0.0001 if covariates == ("age",) else 0.9, **limits)
    (own, pooled) = rows_of(made, weighted_tables(added_of(people().assign(**change), made), made), "ate")
    assert own["status"] == ("not_shown" if words else "shown")
    assert own["note"].startswith(words)
    assert pooled["status"] == own["status"]


def test_separation_and_one_person_with_the_weight_are_named():
    made = study(["age"])
    frame = people()
    apart = frame.assign(target=(frame.age >= 40).astype(int))
    tables = weighted_tables(added_of(apart, made), made)
    assert set(tables) == {"arm_weight"}
    (own, _) = rows_of(made, tables, "overlap")
    assert own["status"] == "not_estimable"
    assert own["note"].startswith("no propensity score: a covariate tells those with the outcome from those without")
    told = list(propensity_rows([scores_from(made, tables)]))
    assert {r["status"] for r in told} == {"not_estimable"}


def border(tables, **policy):
    from pass_engine.disclose import BORDER_TABLES, OPTIONAL_TABLES, empty_table

    rest = {name: empty_table(name) for name in BORDER_TABLES if name not in OPTIONAL_TABLES}
    rules = Policy(allow=("comparison",), min_persons=1, release="exact", **policy)
    return check_border({**rest, **tables}, rules, {"ratio": "comparison"})


def test_few_persons_or_events_keep_a_score_in_the_registry(fitted):
    made, frame, _, tables = fitted
    kept, withheld = border(tables, min_cell=5)
    assert len(kept["weighted_count"]) == 8
    assert not withheld
    least = int(tables["propensity_model"]["persons"].min())
    kept, withheld = border(tables, min_cell=least + 1)
    assert all(kept[name].empty for name in ("propensity_model", "arm_weight", "balance", "weighted_count"))
    assert {w["reason"] for w in withheld} == {FEW_PERSONS}
    few = weighted_tables(added_of(frame.assign(events=(frame.index < 6).astype(int)), made), made)
    kept, withheld = border(few, min_cell=5)
    assert kept["weighted_count"].empty
    assert not kept["balance"].empty
    assert {w["reason"] for w in withheld} == {FEW_EVENTS}
    kept, withheld = border(tables, min_cell=5, max_parameters_per_event=0.01)
    assert kept["balance"].empty
    assert "coefficients" in withheld[0]["reason"]


def test_what_is_published_follows_the_crude_ratio_and_hides_few():
    place = {"analysis": "ratio", "outcome": "infection", "time_at_risk": "treated"}
    numbers = dict.fromkeys(("q", "i2_percent", "tau2", "prediction_low", "prediction_high"))
    numbers |= {"estimate": 0.5, "low": 0.4, "high": 0.7}
    rows = [
        {
            **place,
            "registry": r,
            "registries": m,
            "status": "shown",
            "estimate": 0.5,
            "low": 0.4,
            "high": 0.7,
            **numbers,
        }
        for r, m in (("cz", "cz"), ("dk", "dk"), ("pooled", "cz;dk"))
    ]
    crude = [{**place, "registry": "cz", "status": "<5"}, {**place, "registry": "dk", "status": "shown"},
             {**place, "registry": "pooled", "status": "shown"}]  # fmt: skip
    shown = shown_weighted(rows, crude)
    assert [(r["status"], r["estimate"]) for r in shown] == [("withheld", None), ("shown", 0.5), ("withheld", None)]
    arm = {"registry": "cz", "status": "shown", "persons": 100, "later_arm": 20, "incomplete": 3, "rare_level": 0,
           "in_equipoise": 98, "outside_support": 10, "truncated": 0, "unmatched": 0, "weighting": "none"}  # fmt: skip
    (told,) = shown_arms([arm], Thresholds(5, {}))
    assert told["status"] == "<5"
    assert [told[c] for c in ("later_arm", "incomplete", "rare_level", "in_equipoise")] == [None] * 4
    assert (told["persons"], told["outside_support"]) == (100, 10)
    (few,) = shown_arms([{**arm, "later_arm": 0}], Thresholds(5, {}))
    assert few["persons"] is None


def test_few_without_a_match_are_not_told_by_the_effective_size():
    arm = {"registry": "cz", "status": "shown", "persons": 100, "later_arm": 0, "incomplete": 0, "rare_level": 0,
           "in_equipoise": 90, "outside_support": 0, "truncated": 0, "unmatched": 3, "weighting": "matched",
           "effective": 97.0, "heaviest_percent": 1 / 0.97}  # fmt: skip
    (told,) = shown_arms([arm], Thresholds(5, {}))
    assert (told["status"], told["persons"]) == ("<5", 100)
    assert [told[c] for c in ("unmatched", "effective", "heaviest_percent")] == [None] * 3
    assert shown_arms([{**arm, "unmatched": 30}], Thresholds(5, {})) == [{**arm, "unmatched": 30}]


def test_matching_worked_by_hand():
    """Women: 2 of 3 in the target, men: 2 of 6; the logits differ by log 4.

    Within no distance worth naming, women match women: of two in the target one has a match, so that each has half a
    share in it and the one in the comparator a whole. Both men have one, and each of four has half a share. The third
    woman's match would be a man: wide calipers take one, and leave a share of 3/4 to each of the four.
    """
    persons = [("female", 1, 2), ("female", 0, 1), ("male", 1, 2), ("male", 0, 4)]
    frame = pd.DataFrame([
        {"male": int(sex == "male"), "age": 40, "edss": 1, "target": target, "days": 100, "events": 1}
        for sex, target, n in persons for _ in range(n)
    ])  # fmt: skip

    def shares(**matched):
        made = study(weights=["matched"], matched=matched)
        tables = weighted_tables(added_of(frame, made), made)
        found = {
            (row["cohort"], row["level"]): (row["total_e6"], row["persons"])
            for row in tables["balance"].to_dict("records")
            if row["weighting"] == "matched"
        }
        alone = [by(tables["arm_weight"], weighting="matched", cohort=c)["unmatched"] for c in "ab"]
        return {place: total / persons for place, (total, persons) in found.items()}, alone

    near, alone = shares(caliper=0.2)
    assert near == {("a", "female"): 500_000, ("a", "male"): 1_000_000, ("b", "female"): 1_000_000,
                    ("b", "male"): 500_000}  # fmt: skip
    assert alone == [1, 2]
    wide, alone = shares(caliper=5)
    assert wide == {("a", "female"): 1_000_000, ("a", "male"): 1_000_000, ("b", "female"): 1_000_000,
                    ("b", "male"): 750_000}  # fmt: skip
    assert alone == [0, 1]
    two, alone = shares(caliper=0.2, ratio=2)
    assert alone == [1, 0]
    assert two["b", "male"] == 500_000


def test_matched_pairs_person_by_person(fitted):
    """Nearest neighbours of a slow loop over all pairs, shared among alike persons; balance, events and days."""
    _, frame, score, _ = fitted
    made = study(["sex", "age", "edss"], weights=["matched"], matched={"ratio": 2, "caliper": 0.1}, min_events=5,
                 max_difference=0.9)  # fmt: skip
    tables = weighted_tables(added_of(frame, made), made)
    line = np.round(np.log(score / (1 - score)), 9)
    z = frame.target.to_numpy() == 1
    reach = 0.1 * sqrt((line[z].var(ddof=1) + line[~z].var(ddof=1)) / 2)
    chosen: dict[int, list[int]] = {}
    free = set(np.flatnonzero(~z))
    for _ in range(2):
        for person in sorted(np.flatnonzero(z), key=lambda n: -line[n]):
            near = min(free, key=lambda n: (abs(line[n] - line[person]), line[n]), default=None)
            if near is not None and abs(line[near] - line[person]) <= reach:
                free.remove(near)
                chosen.setdefault(person, []).append(near)
    own = np.zeros(len(line))
    for person, others in chosen.items():
        own[person] = 1
        own[others] = 1 / len(others)
    weights = pd.Series(own).groupby([z, line]).transform("mean").to_numpy()
    for cohort, arm in (("a", z), ("b", ~z)):
        row = by(tables["weighted_count"], weighting="matched", cohort=cohort)
        assert row["weighted_events_e6"] / 1e6 == pytest.approx(weights[arm] @ frame.events[arm], rel=1e-6)
        assert row["weighted_days_e6"] / 1e6 == pytest.approx(weights[arm] @ frame.days[arm], rel=1e-6)
        told = by(tables["arm_weight"], weighting="matched", cohort=cohort)
        assert told["unmatched"] == int((own[arm] == 0).sum()) > 0
    rows = {(r["covariate"], r["level"]): r["smd_after"] for r in balance_rows([scores_from(made, tables)])}
    means = [np.average(frame.age[arm], weights=weights[arm]) for arm in (z, ~z)]
    age = frame.age.to_numpy()
    spread = sqrt((age[z].var(ddof=1) + age[~z].var(ddof=1)) / 2)
    assert rows["age", ""] == pytest.approx((means[0] - means[1]) / spread, abs=2e-6)
    assert {r["status"] for r in rows_of(made, tables, "matched")} == {"shown"}


def test_nobody_with_a_match_is_named():
    made = study(["age"], weights=["overlap", "matched"], matched={"caliper": 0.0001}, max_difference=1.0)
    frame = people().assign(age=lambda f: 2 * (f.age // 2) + f.target)
    tables = weighted_tables(added_of(frame, made), made)
    (own, _) = rows_of(made, tables, "matched")
    assert (own["status"], own["note"]) == ("not_estimable", "nobody of the target has a match within the caliper")
    assert rows_of(made, tables, "overlap")[0]["status"] != "not_estimable"
    kept, withheld = border(tables, min_cell=5)
    assert len(kept["weighted_count"]) == 2
    assert not withheld
