"""Does pooling add up, whatever the order and however the registries are cut?"""

from __future__ import annotations

import pandas as pd
import pytest

from pass_engine.bundle import BundleContent
from pass_engine.pool import pool_bundles
from tests.made_bundles import REGISTRIES, border_frame, made_bundle, small_protocol

PROTOCOL = small_protocol()
BUNDLES = [made_bundle(PROTOCOL, r, size=n) for r, n in zip(REGISTRIES, (40, 60, 25), strict=True)]
CELL = ["analysis", "cohort", "outcome", "time_at_risk", "stratum", "level"]


def of(frame, registry):
    return (
        frame[frame["registry"] == registry].drop(columns=["registry", "registries", "status"]).reset_index(drop=True)
    )


@pytest.mark.parametrize("table", ["counts", "arms", "attrition", "baseline"])
def test_pool_of_one_is_that_registry(table):
    pooled = pool_bundles(BUNDLES[:1], REGISTRIES)[table]
    pd.testing.assert_frame_equal(of(pooled, "pooled"), of(pooled, "aa"))


def test_order_of_bundles_changes_nothing():
    one, other = pool_bundles(BUNDLES, REGISTRIES), pool_bundles(BUNDLES[::-1], REGISTRIES)
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name])


def test_pooled_counts_are_the_sum():
    counts = pool_bundles(BUNDLES, REGISTRIES)["counts"]
    own = counts[counts["registry"] != "pooled"].groupby(CELL)[["persons", "events", "person_days", "sum_t2"]].sum()
    pooled = counts[counts["registry"] == "pooled"].set_index(CELL)[own.columns].loc[own.index]
    pd.testing.assert_frame_equal(own.astype("Int64"), pooled)
    assert set(counts[counts["registry"] == "pooled"]["registries"]) == {"aa;bb;cc"}


def test_parts_make_the_whole():
    """Pooling the pool of two with the third is pooling the three."""
    whole = of(pool_bundles(BUNDLES, REGISTRIES)["counts"], "pooled").set_index(CELL)
    part = of(pool_bundles(BUNDLES[:2], REGISTRIES)["counts"], "pooled")
    third = BUNDLES[2].tables["counts"]
    again = pd.concat([part, third]).groupby(CELL).sum().astype("Int64")
    pd.testing.assert_frame_equal(again.loc[whole.index], whole)


def without_cohort(bundle, cohort):
    """A bundle whose registry kept one cohort back."""
    counts = bundle.tables["counts"]
    tables = {**bundle.tables, "counts": counts[counts["cohort"] != cohort].reset_index(drop=True)}
    kept = {"table": "counts", "analysis": "main", "cohort": cohort, "reason": "fewer than 50 persons in the registry"}
    return BundleContent(bundle.registry, bundle.protocol, tables, (kept,))


def test_contributors_are_named_by_cohort():
    pooled = pool_bundles([without_cohort(BUNDLES[0], "old_drug"), *BUNDLES[1:]], REGISTRIES)
    counts = pooled["counts"]
    rows = counts[counts["registry"] == "pooled"]
    assert set(rows[rows["cohort"] == "new_drug"]["registries"]) == {"aa;bb;cc"}
    assert set(rows[rows["cohort"] == "old_drug"]["registries"]) == {"bb;cc"}
    assert list(pooled["withheld"]["registry"]) == ["aa"]


def test_a_ratio_pools_registries_with_both_arms_only():
    arms = pool_bundles([without_cohort(BUNDLES[0], "old_drug"), *BUNDLES[1:]], REGISTRIES)["arms"]
    assert set(arms["registry"]) == {"bb", "cc", "pooled"}
    assert set(arms[arms["registry"] == "pooled"]["registries"]) == {"bb;cc"}


def chain(*rows):
    place = {"scope": "cohort", "analysis": "", "cohort": "new_drug", "outcome": "", "time_at_risk": ""}
    return border_frame(
        "attrition",
        [
            {**place, "position": n, "step": step, "label": step, "persons": left, "excluded": gone}
            for n, step, left, gone in rows
        ],
    )


def test_a_step_one_registry_lacks_keeps_its_persons():
    long = chain((1, "persons", 100, 0), (2, "registry_overlap", 70, 30), (3, "exposed", 20, 50))
    short = chain((1, "persons", 60, 0), (3, "exposed", 10, 50))
    bundles = [
        BundleContent(b.registry, b.protocol, {**b.tables, "attrition": frame})
        for b, frame in zip(BUNDLES, (long, short), strict=False)
    ]
    rows = of(pool_bundles(bundles, REGISTRIES)["attrition"], "pooled")
    assert rows[["step", "persons", "excluded"]].to_numpy().tolist() == [
        ["persons", 160, 0], ["registry_overlap", 130, 30], ["exposed", 30, 100],
    ]  # fmt: skip


def test_a_sum_with_a_part_missing_is_missing():
    whole, part = BUNDLES[:2]
    counts = whole.tables["counts"].assign(sum_fw=1, sum_w2=2).astype({"sum_fw": "Int64", "sum_w2": "Int64"})
    mixed = [BundleContent(whole.registry, whole.protocol, {**whole.tables, "counts": counts}), part]
    rows = of(pool_bundles(mixed, REGISTRIES)["counts"], "pooled")
    shared = rows.set_index(CELL).index.isin(part.tables["counts"].set_index(CELL).index)
    assert rows["sum_fw"][shared].isna().all()


def test_nobody_contributed():
    pooled = pool_bundles([], REGISTRIES)
    assert all(frame.empty for frame in pooled.values())
