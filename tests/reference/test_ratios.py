"""Do the intervals of rate ratios agree with R?"""

from __future__ import annotations

from math import exp, inf, sqrt

import pytest

from pass_engine.stats import (
    exact_ratio_interval,
    log_normal_ratio_interval,
    mantel_haenszel_ratio,
    mid_p_ratio_interval,
)
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.stratified import poisson_ratio

LEVEL = 0.95

R_TWO_SAMPLE = [
    ((3, 100, 7, 150), 0.642857142857143, (0.10726830072163, 2.81596115882103)),
    ((0, 50, 4, 80), 0.0, (0.0, 2.42378697498539)),
    ((25, 1000, 40, 900), 0.5625, (0.327053985315125, 0.950215846925016)),
]


@pytest.mark.parametrize(("arms", "ratio", "limits"), R_TWO_SAMPLE)
def test_exact_conditional_against_r(arms, ratio, limits):
    """R 4.2.2: ``poisson.test(c(x1, x2), c(t1, t2))``, estimate and conf.int."""
    n1, t1, n2, t2 = arms
    assert (n1 / t1) / (n2 / t2) == pytest.approx(ratio, abs=1e-12)
    assert exact_ratio_interval(*arms, LEVEL) == pytest.approx(limits, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("arms", "limits"),
    [
        ((3, 100, 7, 150), (0.135030539525659, 2.44653253807722)),
        ((0, 50, 4, 80), (0.0, 1.78369714126064)),
        ((25, 1000, 40, 900), (0.337249240491588, 0.9245188360345)),
    ],
)
def test_mid_p_against_epitools(arms, limits):
    """R, epitools 0.5-10.1: ``rateratio.midp``, which is good to about 1e-4 only."""
    assert mid_p_ratio_interval(*arms, LEVEL) == pytest.approx(limits, rel=3e-4, abs=1e-12)


def test_mid_p_without_an_event_in_the_first_arm():
    """The upper limit solves (1 - p)^n / 2 = alpha / 2: p = 1 - 0.05^(1/4), ratio = p / (1 - p) * 80 / 50."""
    p = 1 - 0.05**0.25
    assert mid_p_ratio_interval(0, 50, 4, 80, LEVEL) == pytest.approx((0, p / (1 - p) * 80 / 50), rel=1e-9)


def test_log_normal_by_hand():
    factor = exp(1.959963984540054 * sqrt(1 / 25 + 1 / 40))
    assert log_normal_ratio_interval(25, 1000, 40, 900, LEVEL) == pytest.approx((0.5625 / factor, 0.5625 * factor))


def test_empty_arms():
    assert exact_ratio_interval(3, 10, 0, 10, LEVEL)[1] == inf
    assert mid_p_ratio_interval(3, 10, 0, 10, LEVEL)[1] == inf
    for interval in (exact_ratio_interval, mid_p_ratio_interval, log_normal_ratio_interval):
        assert interval(0, 10, 0, 10, LEVEL) is None
        assert interval(3, 0, 3, 10, LEVEL) is None
    assert log_normal_ratio_interval(0, 10, 3, 10, LEVEL) is None


@pytest.mark.parametrize("interval", [exact_ratio_interval, mid_p_ratio_interval, log_normal_ratio_interval])
def test_swapping_the_arms_inverts_the_limits(interval):
    low, high = interval(5, 120, 9, 200, LEVEL)
    assert interval(9, 200, 5, 120, LEVEL) == pytest.approx((1 / high, 1 / low), rel=1e-9)


DOCTORS = [
    (32, 52407, 2, 18790),
    (104, 43248, 12, 10673),
    (206, 28612, 28, 5710),
    (186, 12663, 28, 2585),
    (102, 5317, 31, 1462),
]
"""Coronary deaths and person-years of British doctors who smoked and who did not, by age (Doll & Hill 1966)."""


def test_mantel_haenszel_as_published():
    """Stata manual, ``ir deaths smokes pyears, by(agecat)``: M-H combined 1.424682 (1.154703 to 1.757784)."""
    assert mantel_haenszel_ratio(DOCTORS, LEVEL) == pytest.approx((1.424682, 1.154703, 1.757784), abs=6e-7)


def test_mantel_haenszel_against_r():
    """R 4.2.2, ``R <- sum(a * t0 / T); S <- sum(b * t1 / T); v <- sum((a + b) * t1 * t0 / T^2) / (R * S)``,
    ``R / S * exp(c(-1, 1) * qnorm(.975) * sqrt(v))``.
    """
    expected = (1.42468201675144, 1.15470310074680, 1.75778418499287)
    assert mantel_haenszel_ratio(DOCTORS, LEVEL) == pytest.approx(expected, rel=1e-13)


def test_crude_ratio_as_published():
    """The same table's crude ratio: 1.719823 (1.391992 to 2.143530, exact)."""
    crude = [sum(row[i] for row in DOCTORS) for i in range(4)]
    assert crude[0] / crude[1] / (crude[2] / crude[3]) == pytest.approx(1.719823, abs=6e-7)
    assert exact_ratio_interval(*crude, LEVEL) == pytest.approx((1.391992, 2.14353), abs=2e-5)


def test_one_stratum_is_the_log_normal_ratio():
    """With one stratum R / S is the crude ratio and the variance 1/n1 + 1/n2."""
    low, high = log_normal_ratio_interval(25, 1000, 40, 900, LEVEL)
    assert mantel_haenszel_ratio([(25, 1000, 40, 900)], LEVEL) == pytest.approx((0.5625, low, high), rel=1e-12)


def test_strata_without_time_in_an_arm_add_nothing():
    found = mantel_haenszel_ratio([*DOCTORS, (3, 100, 0, 0), (0, 0, 9, 100), (0, 0, 0, 0)], LEVEL)
    assert found == mantel_haenszel_ratio(DOCTORS, LEVEL)
    assert mantel_haenszel_ratio([(3, 100, 0, 0), (0, 100, 9, 100)], LEVEL) is None
    assert mantel_haenszel_ratio([(3, 100, 0, 100)], LEVEL) is None
    assert mantel_haenszel_ratio([], LEVEL) is None


def test_poisson_ratio_as_r_gives_it():
    """R: ``glm(events ~ arm + age + offset(log(time)), poisson)`` on Doll and Hill's doctors; exp of Wald's limits."""
    strata = [(32, 52407, 2, 18790), (104, 43248, 12, 10673), (206, 28612, 28, 5710), (186, 12663, 28, 2585),
              (102, 5317, 31, 1462)]  # fmt: skip
    found = poisson_ratio(strata, [(str(n),) for n in range(5)], 0.95)
    assert found == pytest.approx((1.42551854286, 1.15498370163, 1.7594214647), rel=1e-8)


def test_poisson_ratio_with_two_factors_as_r_gives_it():
    """R: ``glm(events ~ arm + f1 + f2 + offset(log(time)), poisson)``: terms for values, none for their interaction."""
    strata = [(3, 100, 4, 120), (7, 150, 6, 60), (12, 220, 1, 75), (4, 90, 0, 40), (5, 310, 2, 90), (2, 80, 3, 130)]
    labels = [("1", "1"), ("1", "1"), ("1", "2"), ("1", "2"), ("2", "1"), ("2", "1")]
    found = poisson_ratio(strata, labels, 0.95)
    assert found == pytest.approx((1.12798818114, 0.617626643383, 2.06007520955), rel=1e-8)


def test_strata_without_an_event_say_nothing():
    """A value without an event in either arm changes nothing; one arm without any has no ratio."""
    strata, labels = [(3, 100, 5, 90), (7, 80, 2, 60)], [("a",), ("b",)]
    with_empty = poisson_ratio([*strata, (0, 500, 0, 900)], [*labels, ("c",)], 0.95)
    assert with_empty == pytest.approx(poisson_ratio(strata, labels, 0.95), rel=1e-9)
    assert poisson_ratio([(3, 100, 0, 90)], [("a",)], 0.95) == NotEstimable(Diagnosis.NO_EVENT_IN_ARM)
    apart = poisson_ratio([(3, 100, 0, 0), (0, 0, 4, 100)], [("a",), ("b",)], 0.95)
    assert apart == NotEstimable(Diagnosis.COLLINEAR)
