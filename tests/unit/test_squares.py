"""Of which cells do sums of squares leave a registry, and what is made of those that did not?"""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose import check_border
from pass_engine.disclose.squares import CROSS, SQUARES, squares_told, without_squares
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.estimate.heterogeneity import heterogeneity_rows
from pass_engine.estimate.rows import frame_of
from pass_engine.pool import pool_bundles
from pass_engine.registry.models import Policy
from pass_engine.stats import NO_SQUARES, WIDEST
from tests.made_bundles import border_frame, made_bundle, small_protocol

KINDS = {"main": "incidence", "ratio": "comparison", "narrow": "sensitivity"}
PLACE = {"cohort": "new_drug", "outcome": "infection", "time_at_risk": "on"}
POLICY = Policy(min_cell=5, min_persons=10, release="exact", allow=("incidence", "comparison"))


def counted(level, persons, with_event, stratum=None, analysis="main", squares=None):
    """A row in which each person with event has one, and everybody the same hundred days."""
    e2 = with_event if squares is None else squares
    days = 100 * persons
    sums = {"sum_e2": e2, "sum_et": 100 * with_event, "sum_t2": 100 * days, "sum_fw": 100 * with_event}
    return {
        **PLACE, "analysis": analysis, "stratum": stratum or ("sex" if level else "overall"), "level": level,
        "persons": persons, "persons_with_event": with_event, "first_events": with_event, "events": with_event,
        "window_days": days, "person_days": days, "first_event_days": days, **sums, "sum_w2": 100 * days,
    }  # fmt: skip


def shared(persons, target, comparator, both):
    pair = {"analysis": "ratio", "outcome": "infection", "time_at_risk": "on", "target": "a", "comparator": "b"}
    events = {"target_with_event": target, "comparator_with_event": comparator, "both_with_event": both}
    return {**pair, "persons_in_both": persons, **events, **dict.fromkeys(CROSS, 7)}


def left(rows, pairs=(), policy=POLICY):
    """Whether the sums of each row leave, and the records."""
    frame = border_frame("counts", rows).assign(sum_fw=1, sum_w2=2).astype({"sum_fw": "Int64", "sum_w2": "Int64"})
    counts, overlap, told = without_squares(frame, border_frame("arm_overlap", list(pairs)), policy, KINDS)
    assert all(counts[name].isna().equals(counts["sum_e2"].isna()) for name in SQUARES)
    assert all(overlap[name].isna().equals(overlap["sum_e1e2"].isna()) for name in CROSS)
    assert squares_told(counts, overlap, policy, KINDS) == 0
    return counts["sum_e2"].notna().tolist(), overlap["sum_e1e2"].notna().tolist(), told


@pytest.mark.parametrize(
    ("persons", "with_event", "leaves"),
    [(0, 0, True), (9, 0, False), (10, 0, True), (10, 1, False), (10, 4, False), (10, 5, True), (9, 9, False)],
)
def test_enough_persons_and_no_event_or_enough(persons, with_event, leaves):
    assert left([counted("", persons, with_event)])[0] == [leaves]


def test_first_events_alone_may_be_too_few():
    """Five have an event in the cell, of whom four had their first one elsewhere."""
    assert left([{**counted("", 40, 5), "first_events": 1}])[0] == [False]


def test_the_other_level_stays_too_so_that_nothing_is_subtracted():
    """Worked by hand: 3 women with event. All less men would be the women's sums; men are the cheapest to keep back."""
    kept, _, told = left([counted("", 60, 23), counted("female", 20, 3), counted("male", 40, 20)])
    assert kept == [True, False, False]
    (record,) = told
    assert (record["table"], record["analysis"], record["cells"]) == ("squares", "main", "2")
    assert "3" not in record["reason"]


def test_bands_of_age_tell_of_each_other_only_where_they_add_up():
    """Two bands. Where one person has an event in each, the squares of all are more than their sum."""
    bands = [counted("18-39", 20, 3, "age"), counted("40-", 40, 20, "age")]
    assert left([counted("", 60, 23), *bands])[0] == [True, False, False]
    across = {**counted("", 60, 22, squares=25), "sum_t2": 10**7}
    assert left([across, *bands])[0] == [True, False, True]


def test_a_sensitivity_analysis_that_differs_by_few_goes_with_the_main_one():
    rows = [counted("", 40, 4), counted("", 41, 5, analysis="narrow"), counted("", 80, 50, analysis="narrow")]
    assert left(rows[:2])[0] == [False, False]
    assert left([rows[0], rows[2]])[0] == [False, True]


def test_sums_over_the_persons_of_both_arms_follow_the_same_rule():
    pairs = [shared(0, 0, 0, 0), shared(9, 0, 0, 0), shared(10, 0, 0, 0), shared(30, 5, 0, 0), shared(30, 6, 6, 1)]
    assert left([], pairs)[1] == [True, False, True, True, False]


def test_sums_that_should_not_have_left_are_found():
    """The rows leave as the registry has them: one sum of too few, and one that gives a sum kept back away."""
    rows = [counted("", 60, 23), counted("female", 20, 3), counted("male", 40, 20)]
    none = border_frame("arm_overlap", [])
    assert squares_told(border_frame("counts", rows), none, POLICY, KINDS) == 1
    frame = border_frame("counts", rows)
    frame.loc[1, ["sum_e2", "sum_et", "sum_t2"]] = pd.NA
    assert squares_told(frame, none, POLICY, KINDS) == 2  # of events, and of days
    assert squares_told(border_frame("counts", []), border_frame("arm_overlap", [shared(30, 6, 6, 1)]), POLICY, KINDS)


@pytest.mark.parametrize("seed", range(4))
def test_no_sum_kept_back_is_an_equation_of_those_that_left(seed):
    """Against plain linear algebra: a sum kept back is told if its unit vector is in the span of the equations."""
    protocol = small_protocol()
    tables = made_bundle(protocol, "aa", seed=seed, size=90).tables
    kept, _ = check_border(tables, POLICY.model_copy(update={"min_persons": 1}), KINDS)
    counts = kept["counts"][kept["counts"]["analysis"] == "main"]
    for _, cells in counts.groupby(["cohort", "outcome", "time_at_risk"]):
        true = tables["counts"].set_index(list(KEY)).loc[pd.MultiIndex.from_frame(cells[list(KEY)])]
        for name in ("sum_e2", "sum_t2"):
            values, gone = true[name].to_numpy(dtype=int), cells[name].isna().to_numpy()
            if gone.any():
                assert not told_exactly(cells, values, gone)


KEY = ("analysis", "cohort", "outcome", "time_at_risk", "stratum", "level")


def told_exactly(cells, values, gone):
    """Numbers above 0 kept back that the margins' equations tell, as far as these hold."""
    strata = [() if s == "overall" else tuple(s.split("*")) for s in cells["stratum"]]
    named = [dict(zip(by, v.split("*"), strict=True)) if by else {}
             for by, v in zip(strata, cells["level"], strict=True)]  # fmt: skip
    rows = []
    for total, fine in product(range(len(named)), sorted(set(strata))):
        parts = [i for i, n in enumerate(named) if strata[i] == fine and named[total].items() < n.items()]
        if parts and values[parts].sum() == values[total]:
            row = np.zeros(len(named))
            row[total], row[parts] = 1, -1
            rows.append(row)
    matrix = np.array([*rows, np.zeros(len(named))])[:, gone]
    rank, unit, hidden = np.linalg.matrix_rank(matrix), np.eye(gone.sum()), values[gone]
    return [n for n in range(len(hidden)) if hidden[n] and np.linalg.matrix_rank(np.vstack([matrix, unit[n]])) == rank]


# What is made of them


def pooled_bundles(with_squares):
    protocol = small_protocol(ratio={"measures": ("rate_ratio", "rate_difference")})
    bundles = [made_bundle(protocol, r, size=300) for r in ("aa", "bb")]
    counts = bundles[0].tables["counts"]
    if not with_squares:
        counts.loc[:, ["sum_e2", "sum_et", "sum_t2"]] = pd.NA
    return protocol, bundles


def rows_of(frame, registry, **values):
    for name, value in {"registry": registry, **values}.items():
        frame = frame[frame[name] == value]
    assert len(frame)
    return frame


def test_missing_sums_are_no_robust_interval_and_say_so():
    """One registry kept its sums back: neither it nor the pool has a robust interval; rates and the others stay."""
    protocol, bundles = pooled_bundles(with_squares=False)
    found = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables
    protocol, bundles = pooled_bundles(with_squares=True)
    whole = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables
    place = {"measure": "eaer", "stratum": "overall", "status": "shown"}
    for registry in ("aa", "pooled"):
        rows = rows_of(found["incidence"], registry, **place)
        assert rows["robust_low"].isna().all()
        assert rows["note"].str.contains(NO_SQUARES, regex=False).all()
        assert rows["rate"].tolist() == rows_of(whole["incidence"], registry, **place)["rate"].tolist()
    assert rows_of(found["incidence"], "bb", **place)["robust_low"].notna().all()
    for measure in ("rate_ratio", "rate_difference"):
        rows = rows_of(found["comparison"], "pooled", measure=measure, counting="recurrent")
        assert set(rows["status"]) == {"shown"}
        assert rows["estimate"].notna().all()
        assert rows["robust_low"].isna().all()
        assert set(rows["note"]) == {NO_SQUARES}


def test_persons_in_both_arms_without_their_products_have_the_widest_limits():
    """Never narrower than those of any products that there could be: of none, as if nobody were in both, too."""
    protocol, bundles = pooled_bundles(with_squares=True)
    for bundle in bundles:
        overlap = bundle.tables["arm_overlap"]
        overlap.loc[:, "persons_in_both"] = 7
        overlap.loc[:, list(CROSS)] = pd.NA
    found = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables["comparison"]
    rows = rows_of(found, "pooled", measure="rate_ratio", status="shown")
    assert rows["note"].str.contains(WIDEST, regex=False).all()
    for bundle in bundles:
        bundle.tables["arm_overlap"].loc[:, list(CROSS)] = 0
    found = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables["comparison"]
    known = rows_of(found, "pooled", measure="rate_ratio", status="shown")
    for low, high in (("low", "high"), ("robust_low", "robust_high")):
        widest, narrower = (np.log((frame[high] / frame[low]).to_numpy()) for frame in (rows, known))
        assert (widest > narrower).all()
        assert (widest <= sqrt(2) * narrower * (1 + 1e-12)).all()


def test_a_sum_of_what_left_is_not_the_sum_of_all():
    _, bundles = pooled_bundles(with_squares=False)
    counts = pool_bundles(bundles, ("aa", "bb"))["counts"]
    pooled = counts[(counts["registry"] == "pooled") & (counts["stratum"] == "overall")]
    assert pooled["sum_e2"].isna().all()
    assert pooled["events"].notna().all()


def test_squares_that_did_not_leave_set_no_limit_to_one_persons_share():
    """10 events of 5 persons: one may have 6 of them, of 10 one. Squares of 20 would have said at most 4.5."""
    row = {"registry": "aa", "registries": "aa", "events": 10, "persons_with_event": 5, "sum_e2": 20}
    rules = Thresholds(5, {}, shares={"aa": 50})
    assert not rules.is_dominated(row)
    assert rules.is_dominated({**row, "sum_e2": None})
    assert not rules.is_dominated({**row, "sum_e2": None, "persons_with_event": 10})


def test_heterogeneity_names_whose_variance_is_that_of_the_events_alone():
    rows = [
        {**PLACE, "analysis": "main", "role": "primary", "measure": "eaer", "stratum": "overall", "level": "",
         "registry": name, "registries": name, "status": "shown", "events": n, "rate": float(n), "per": 1000,
         "interval_level": 0.95, "note": note}
        for name, n, note in (("aa", 20, NO_SQUARES), ("bb", 30, ""))
    ]  # fmt: skip
    (found,) = heterogeneity_rows(frame_of("incidence", rows))
    assert found["note"] == "variance 1 / events for aa: no person-robust interval"
