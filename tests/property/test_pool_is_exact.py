"""Are pooled numbers those that the individual data of all registries together would give? For each mode of release.

Persons are made up, counted registry by registry into bundles, and pooled; beside that the persons of all registries
stand in one list, from which the same numbers are worked out without bundles or pools.
"""

from __future__ import annotations

import random
from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pass_engine.bundle import read_bundle, write_bundle
from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose.squares import CROSS, SQUARES
from pass_engine.mask import make_mask_key
from pass_engine.pool import pool_bundles
from pass_engine.rounds import Member, Round, mask_content, sum_round
from pass_engine.site import analysis_kinds
from pass_engine.stats.poisson import fit_poisson
from tests.made_bundles import REGISTRIES, made_bundle, made_person, small_protocol

ADJUST = ("age", "sex")
PROTOCOL = small_protocol(
    sensitivity=False, ratio={"measures": ("rate_ratio", "mantel_haenszel_rate_ratio"), "adjust": ADJUST}
)
PLACES = [("infection", "on_treatment"), ("cancer", "on_treatment")]
COHORTS = ("new_drug", "old_drug")
SIZE = 60
SUMS = {*SQUARES, *CROSS}
MODES = ("exact", "masked", "mixed")


def persons_of(seed, registry, cohort, outcome, time):
    """The very persons that ``made_bundle`` counts."""
    rng = random.Random(f"{seed} {registry} main {cohort} {outcome} {time}")
    rate = 0.1 if outcome == "infection" else 0.03
    return [made_person(rng, rate) for _ in range(max(0, SIZE - rng.choice((0, 1, 2, 10))))]


def pieces_of(seed, registries, cohort, outcome, time):
    """(age, sex, year, days, events) of each stretch of each person, all registries in one list."""
    found = []
    for registry in registries:
        for person in persons_of(seed, registry, cohort, outcome, time):
            for age, year, _, net, first_days, first, events in person["pieces"]:
                recurrent = outcome == "infection"
                days, counted = (net, events) if recurrent else (first_days, first)
                found.append((age, person["sex"], year, days, counted))
    return found


def masked_as_one(bundles):
    """The bundles of masked registries as their sum, by way of masks."""
    keys = {b.registry_id: make_mask_key() for b in bundles}
    members = {name: Member(1, "", key.public) for name, key in keys.items()}
    asked = Round("small", "", PROTOCOL.digest, ("main", "ratio"), members)
    sent = {b.registry_id: mask_content(b, PROTOCOL, asked, keys[b.registry_id]) for b in bundles}
    messages = {name: message for name, (_, message) in sent.items()}
    contents = {name: content for name, (content, _) in sent.items()}
    return sum_round(asked, messages, contents, PROTOCOL, analysis_kinds(PROTOCOL))


def sent_in(mode, seed, names):
    bundles = [made_bundle(PROTOCOL, name, seed=seed, size=SIZE) for name in names]
    if mode == "exact":
        return bundles
    if mode == "masked":
        return [masked_as_one(bundles)]
    return [bundles[0], masked_as_one(bundles[1:])]


NAMES = (*REGISTRIES, "dd")
WIDE = replace(
    PROTOCOL,
    study=PROTOCOL.study.model_copy(update={"data": PROTOCOL.study.data.model_copy(update={"registries": NAMES})}),
)


@pytest.mark.parametrize("mode", MODES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=2, deadline=None)
def test_counts_rates_and_ratios(mode, seed):
    bundles = sent_in(mode, seed, NAMES)
    results = estimate(bundles, WIDE, participation_rows(bundles, WIDE, {}))
    incidence = results["incidence"]
    pooled = incidence[incidence["registry"] == "pooled"]
    weights = results["standard_weights"]
    for outcome, time in PLACES:
        measure = "eaer" if outcome == "infection" else "eair"
        strata = {}
        for arm, cohort in enumerate(COHORTS):
            pieces = pieces_of(seed, NAMES, cohort, outcome, time)
            mine = pooled[
                (pooled["cohort"] == cohort) & (pooled["outcome"] == outcome) & (pooled["time_at_risk"] == time)
            ]
            for row in mine[mine["measure"] == measure].to_dict("records"):
                cell = in_cell(pieces, row["stratum"], row["level"])
                events, days = sum(p[4] for p in cell), sum(p[3] for p in cell)
                assert (row["events"], row["person_days"]) == (events, days)
                assert row["rate"] == pytest.approx(events / (days / 365.25 / 1000), rel=1e-12)
            levels = set(mine[mine["stratum"] == "age*sex"]["level"])
            assert levels == {f"{p[0]}*{p[1]}" for p in pieces if p}
            standard = {r["level"]: r["weight"] for r in weights[weights["analysis"] == "main"].to_dict("records")}
            expected = sum(w * rate_of(in_cell(pieces, "age*sex", level)) for level, w in standard.items())
            (row,) = mine[mine["measure"] == f"standardised_{measure}"].to_dict("records")
            assert row["rate"] == pytest.approx(expected * 365.25 * 1000, rel=1e-9)
            for level in levels:
                cell = in_cell(pieces, "age*sex", level)
                strata.setdefault(level, [0, 0, 0, 0])[2 * arm : 2 * arm + 2] = (
                    sum(p[4] for p in cell), sum(p[3] for p in cell),
                )  # fmt: skip
        both = [(a, b, c, d) for a, b, c, d in strata.values() if b and d]
        ratio = sum(a * d / (b + d) for a, b, c, d in both) / sum(c * b / (b + d) for a, b, c, d in both)
        comparison = results["comparison"]
        (row,) = comparison[
            (comparison["registry"] == "pooled")
            & (comparison["outcome"] == outcome)
            & (comparison["measure"] == "mantel_haenszel_rate_ratio")
        ].to_dict("records")
        assert row["estimate"] == pytest.approx(ratio, rel=1e-9)


def in_cell(pieces, stratum, level):
    names = () if stratum == "overall" else stratum.split("*")
    values = level.split("*") if names else ()
    place = {"age": 0, "sex": 1, "calendar": 2}
    return [p for p in pieces if all(p[place[n]] == v for n, v in zip(names, values, strict=True))]


def rate_of(cell):
    return sum(p[4] for p in cell) / sum(p[3] for p in cell)


@pytest.mark.parametrize("mode", MODES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=2, deadline=None)
def test_poisson_regression_over_cells_is_that_over_persons(mode, seed):
    """Treatment, age and sex: coefficients and their covariance to 1e-9 from a few cells and from hundreds of rows."""
    bundles = sent_in(mode, seed, NAMES)
    counts = pool_bundles(bundles, NAMES)["counts"]
    cells = counts[(counts["registry"] == "pooled") & (counts["stratum"] == "age*sex") & (counts["analysis"] == "main")]
    cells = cells[(cells["outcome"] == "infection") & (cells["person_days"] > 0)]
    by_cell = [
        (covariates(row["cohort"], *row["level"].split("*")), int(row["events"]), int(row["person_days"]))
        for row in cells.to_dict("records")
    ]
    by_person = [
        (covariates(cohort, age, sex), events, days)
        for cohort in COHORTS
        for age, sex, _, days, events in pieces_of(seed, NAMES, cohort, "infection", "on_treatment")
    ]
    assert len(by_cell) < 15 < len(by_person)
    fits = [
        fit_poisson([x for x, *_ in rows], [e for _, e, _ in rows], [log(t) for *_, t in rows])
        for rows in (by_cell, by_person)
    ]
    assert fits[0].coefficients == pytest.approx(fits[1].coefficients, rel=1e-9, abs=1e-9)
    assert fits[0].covariance == pytest.approx(fits[1].covariance, rel=1e-9, abs=1e-9)
    assert np.exp(fits[0].coefficients[1]) > 0


def covariates(cohort, age, sex):
    return [1.0, float(cohort == "new_drug"), float(age == "50+"), float(sex == "male")]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=2, deadline=None)
def test_every_whole_number_is_the_same_in_every_mode(seed):
    """Persons and squares of persons too, attrition and baseline: pooled rows of all tables, whole.

    Squares that do not leave for a sum over few persons with event are held against nothing.
    """
    told = [pool_bundles(sent_in(mode, seed, NAMES), NAMES) for mode in MODES]
    for table in ("counts", "arms", "attrition", "baseline"):
        frames = []
        for one in told:
            frame = one[table][one[table]["registry"] == "pooled"].drop(columns="registries")
            key = [c for c in frame.columns if str(frame[c].dtype) != "Int64"]
            frames.append(frame.sort_values(key).reset_index(drop=True))
        for column in (c for c in frames[0].columns if c.removeprefix("target_").removeprefix("comparator_") in SUMS):
            there = frames[0][column].notna() & frames[1][column].notna() & frames[2][column].notna()
            frames = [frame.assign(**{column: frame[column].where(there)}) for frame in frames]
        for other in frames[1:]:
            pd.testing.assert_frame_equal(frames[0], other, obj=table)


def test_a_bundle_on_disk_is_the_bundle(tmp_path):
    """What is written and read again pools to the same numbers."""
    bundles = sent_in("mixed", 5, NAMES)
    for bundle in bundles:
        write_bundle(tmp_path / bundle.registry_id, bundle)
    again = [read_bundle(tmp_path / bundle.registry_id) for bundle in bundles]
    first, second = (pool_bundles(b, NAMES)["counts"] for b in (bundles, again))
    key = ["registry", "analysis", "cohort", "outcome", "time_at_risk", "stratum", "level"]
    first, second = (
        f.sort_values(key).reset_index(drop=True)[[*key, "events", "person_days"]] for f in (first, second)
    )
    assert first.equals(second)
