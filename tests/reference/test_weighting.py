"""Weights, balance, equipoise and matching: against formulas worked by hand, R, and a plain search."""

from __future__ import annotations

import numpy as np
import pytest

from pass_engine.stats.balance import Moments, largest_difference, moments, standardised_difference, variance_ratio
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.equipoise import equipoise, preference_scores, within_range
from pass_engine.stats.logistic import fit_logistic
from pass_engine.stats.matching import match_nearest
from pass_engine.stats.weighting import arm_weights, propensity_weights, truncated, weight_in_one
from tests.reference.mtcars import AM, CARB, HP, WT

E = np.array([0.2, 0.5, 0.8, 0.4])
TWO = np.column_stack([1 - E, E])
Z = np.array([0, 1, 1, 0])
THREE = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.1, 0.7, 0.2]])


def test_weights_of_two_arms_by_hand():
    assert propensity_weights(TWO, Z, "ate") == pytest.approx([0.5 / 0.8, 0.5 / 0.5, 0.5 / 0.8, 0.5 / 0.6])
    assert propensity_weights(TWO, Z, "att") == pytest.approx([0.2 / 0.8, 1, 1, 0.4 / 0.6])
    assert propensity_weights(TWO, Z, "overlap") == pytest.approx([0.2, 0.5, 0.2, 0.4])
    assert propensity_weights(TWO, Z, "matching") == pytest.approx([0.2 / 0.8, 1, 0.2 / 0.8, 0.4 / 0.6])


def test_weights_of_three_arms_by_hand():
    """Li & Li 2019: h = 1 / sum(1 / e); for the first person 1 / (2 + 10/3 + 5) = 3 / 31."""
    arm = [0, 1, 2]
    assert propensity_weights(THREE, arm, "overlap")[0] == pytest.approx(3 / 31 / 0.5)
    assert propensity_weights(THREE, arm, "matching") == pytest.approx([0.2 / 0.5, 1, 0.1 / 0.2])
    assert propensity_weights(THREE, arm, "att", target=2) == pytest.approx([0.2 / 0.5, 0.6 / 0.2, 1])
    assert propensity_weights(THREE, arm, "ate") == pytest.approx([1 / 1.5, 1 / 0.6, 1 / 0.6])


def test_overlap_weights_balance_exactly():
    """With scores of a logistic regression the weighted means of its covariates are equal (Li et al. 2018)."""
    x = np.column_stack([np.ones(32), HP / 100, CARB])
    e = fit_logistic(x, AM).probabilities
    w = propensity_weights(np.column_stack([1 - e, e]), AM, "overlap")
    first, second = (moments(HP[arm == AM], w[arm == AM]) for arm in (1, 0))
    assert first.mean == pytest.approx(second.mean, rel=1e-9)
    assert abs(moments(HP[AM == 1]).mean - moments(HP[AM == 0]).mean) > 30


def test_truncated_at_quantiles_as_r_gives_them():
    """R: ``quantile(w, c(.1, .9))`` of type 7 is 0.38 and 5.0."""
    w, beyond = truncated([0.2, 0.5, 1.7, 3, 8, 0.9, 1.1], 0.1, 0.9)
    assert (w.min(), w.max(), beyond) == (pytest.approx(0.38), pytest.approx(5.0), 2)


def test_effective_sample_size_counts_persons():
    """Weights 1, 1, 2: 16 / 6. The two rows of one person are one weight of 2: 16 / 8."""
    rows = arm_weights([1, 1, 2, 5], [0, 0, 0, 1])
    assert (rows[0].persons, rows[0].weight, rows[0].effective) == (3, 4, pytest.approx(16 / 6))
    persons = arm_weights([1, 1, 2, 5], [0, 0, 0, 1], ["a", "a", "b", "c"])
    assert (persons[0].persons, persons[0].effective, persons[0].heaviest) == (2, pytest.approx(2), 0.5)


def test_one_person_with_all_the_weight_is_told():
    arms = arm_weights([1, 1, 1, 100, 1], [0, 0, 1, 1, 1])
    assert weight_in_one(arms) == NotEstimable(Diagnosis.WEIGHT_IN_ONE, arms=(1,))
    assert weight_in_one(arm_weights([1, 1, 1, 1], [0, 0, 1, 1])) is None


def test_weights_that_cannot_be():
    assert propensity_weights(TWO, [1, 1, 1, 1], "ate") == NotEstimable(Diagnosis.EMPTY_ARM, arms=(0,))
    assert propensity_weights([[1, 0], [0.5, 0.5]], [1, 0], "ate") == NotEstimable(Diagnosis.NO_OVERLAP, arms=(1,))
    with pytest.raises(ValueError, match="0 to 1"):
        propensity_weights([[2, 0]], [0], "ate")


def test_standardised_difference_as_r_gives_it():
    """R: ``with(mtcars, (mean(wt[am==1]) - mean(wt[am==0])) / sqrt((var(wt[am==1]) + var(wt[am==0])) / 2))``."""
    assert standardised_difference(moments(WT[AM == 1]), moments(WT[AM == 0])) == pytest.approx(
        -1.93490287092, rel=1e-9
    )


def test_differences_by_hand():
    """Shares 0.4 and 0.2: 0.2 / sqrt((0.24 + 0.16) / 2). After weighting to 0.3 and 0.25 the spread stays that."""
    before = Moments(10, 4, 4, binary=True), Moments(20, 4, 4, binary=True)
    assert standardised_difference(*before) == pytest.approx(0.2 / 0.2**0.5)
    after = Moments(8.0, 2.4, 2.4, binary=True), Moments(8.0, 2.0, 2.0, binary=True)
    assert standardised_difference(*after, before) == pytest.approx(0.05 / 0.2**0.5)
    assert largest_difference([*after, after[0]], [*before, before[0]]) == pytest.approx(0.05 / 0.2**0.5)
    assert standardised_difference(moments([1, 1]), moments([0, 0])) == np.inf
    assert standardised_difference(moments([1, 1]), moments([1, 1])) == 0


def test_moments_add_over_registries():
    whole = moments(HP)
    parts = moments(HP[:10]) + moments(HP[10:])
    assert (parts.mean, parts.variance) == (pytest.approx(whole.mean), pytest.approx(HP.var(ddof=1)))
    assert variance_ratio(whole, moments(HP * 2)) == pytest.approx(0.25)
    assert variance_ratio(moments([0, 1]), moments([1, 0])) is None


def test_preference_takes_the_share_out():
    """Walker 2013: a score equal to the share treated is a preference of one half; 0.5 at a share of 0.2 is 0.8."""
    assert preference_scores([0.2, 0.5], 0.2) == pytest.approx([0.5, 0.8])


def test_equipoise_by_hand():
    """Share 1/2, so preference is the score. Common support is [0.25, 0.75]."""
    found = equipoise([0.1, 0.25, 0.5, 0.75, 0.25, 0.5, 0.65, 0.9], [0, 0, 0, 0, 1, 1, 1, 1])
    assert found.persons == (4, 4)
    assert found.in_equipoise == (1, 2)
    assert found.outside == (1, 1)
    assert (found.shares, found.enough) == ((0.25, 0.5), False)
    assert [sum(b) for b in found.bins] == [4, 4]
    assert list(within_range([0.05, 0.1, 0.5, 0.95])) == [False, True, True, False]


def test_arms_that_do_not_overlap():
    assert equipoise([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]) == NotEstimable(Diagnosis.NO_OVERLAP, arms=(0, 1))
    assert equipoise([0.1, 0.2], [0, 0]) == NotEstimable(Diagnosis.EMPTY_ARM, arms=(1,))


LOGITS = np.array([
    0.206, 0.207, 0.982, 0.381, -0.78, -1.038, -2.672, 1.676, 0.988, -0.56, -1.162, -1.763, -1.375, -2.278, -4.343,
    -4.342, -2.49, 5.129, 4.269, 5.777, 0.441, -2.141, -2.269, -3.086, -0.545, 2.942, 2.384, 4.278, -2.005,
    -0.325, -2.347, 0.409,
])  # fmt: skip
"""R: ``predict(glm(vs ~ mpg, binomial, mtcars)) + (0:31) / 1000``, to three decimals."""


def partners(found, target):
    return {int(t): {int(c) for c in np.flatnonzero((found.sets == found.sets[t]) & (target == 0))}
            for t in np.flatnonzero((target == 1) & (found.sets >= 0))}  # fmt: skip


def test_pairs_and_triples_of_mtcars_by_hand():
    """The two with the highest logits, 5.777 and 5.129, find 1.676 and 0.988 the nearest, then 4.278 finds 0.441."""
    e = 1 / (1 + np.exp(-LOGITS))
    pairs = partners(match_nearest(e, AM, 1, None), AM)
    assert (pairs[19], pairs[17], pairs[27], pairs[18]) == ({7}, {8}, {20}, {3})
    two = match_nearest(e, AM, 2, None)
    assert partners(two, AM) == plainly(LOGITS, AM, 2)
    assert two.weights[[17, 8, 18]] == pytest.approx([1, 0.5, 1])


def test_a_caliper_leaves_out_who_is_far():
    """By a plain search; the spread is R's ``sqrt((var(d[am==1]) + var(d[am==0])) / 2)``."""
    e = 1 / (1 + np.exp(-LOGITS))
    found = match_nearest(e, AM)
    assert found.caliper == pytest.approx(0.2 * 2.20857282458661, rel=1e-9)
    free, wanted = set(np.flatnonzero(AM == 0)), {}
    for t in sorted(np.flatnonzero(AM == 1), key=lambda i: -LOGITS[i]):
        near = min(free, key=lambda c: (abs(LOGITS[c] - LOGITS[t]), c))
        if abs(LOGITS[near] - LOGITS[t]) <= found.caliper:
            free.remove(near)
            wanted[int(t)] = {int(near)}
    assert partners(found, AM) == wanted
    assert found.unmatched == 13 - len(wanted) > 0
    assert (found.weights[found.sets < 0] == 0).all()


def test_equal_scores_are_taken_in_their_order():
    found = match_nearest([0.5, 0.5, 0.5, 0.5, 0.6], [0, 1, 0, 1, 0], 1, None)
    assert list(found.sets) == [0, 0, 1, 1, -1]


def test_any_scores_against_a_plain_search():
    rng = np.random.default_rng(7)
    for _ in range(30):
        z, line = rng.integers(0, 2, 25), rng.integers(-8, 9, 25) / 4
        if 0 < z.sum() < 25:
            found = match_nearest(1 / (1 + np.exp(-line)), z, 2, None)
            assert partners(found, z) == plainly(line, z, 2)


def plainly(line, z, ratio):
    free, sets = set(np.flatnonzero(z == 0)), {}
    order = sorted(np.flatnonzero(z == 1), key=lambda i: -line[i])
    for _ in range(ratio):
        for t in order:
            if free:
                near = min(free, key=lambda c: (round(abs(line[c] - line[t]), 9), line[c] > line[t], c))
                free.remove(near)
                sets.setdefault(int(t), set()).add(int(near))
    return sets


def test_nobody_near():
    assert match_nearest([0.01, 0.99, 0.02, 0.98], [0, 1, 0, 1], 1, 0.001) == NotEstimable(
        Diagnosis.NO_OVERLAP, arms=(0, 1)
    )
    with pytest.raises(ValueError, match="ratio"):
        match_nearest([0.5, 0.5], [0, 1], 0)
