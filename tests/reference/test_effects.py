"""E-values, detectable ratios, standardised risks, grids of likelihoods, imputations and interactions."""

from __future__ import annotations

from math import exp, inf, log, sqrt
from time import process_time

import numpy as np
import pytest

from pass_engine.stats.cox import CoxData, fit_cox
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.imputations import combine_imputations
from pass_engine.stats.interaction import interaction_test
from pass_engine.stats.likelihood_grid import cox_likelihood, grid, pool_grids, rate_ratio_likelihood
from pass_engine.stats.logistic import fit_logistic
from pass_engine.stats.standardised_risk import standardised_risks, weighted_risks
from pass_engine.stats.unmeasured import e_value, e_value_of_limits, minimum_detectable_ratio
from tests.reference import lehmer as made
from tests.reference.mtcars import AM, CARB, HP

VS = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1])
GEAR = np.array([4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 4, 4, 4, 3, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5, 4])
STRATA = [(3, 100, 7, 150), (12, 220, 0, 90), (5, 310, 2, 80)]


def test_e_value_as_published():
    """VanderWeele & Ding 2017: ratio 3.9 (1.8 to 8.7) has E-value 7.26, its limit 3.00; 0.80 (0.71 to 0.91) 1.81."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value_of_limits(3.9, (1.8, 8.7)) == pytest.approx(3.0, abs=0.005)
    assert e_value(0.80) == pytest.approx(1.81, abs=0.005)
    assert e_value_of_limits(0.8, (0.71, 0.91)) == pytest.approx(1.43, abs=0.005)
    assert (e_value(1), e_value_of_limits(1.5, (0.9, 3))) == (1, 1)
    with pytest.raises(ValueError, match="above 0"):
        e_value(0)


def test_detectable_ratio_by_hand():
    """Half the time each, 100 events: exp((1.959964 + 0.841621) / sqrt(25)) = 1.7511."""
    assert minimum_detectable_ratio(100, 0.5) == pytest.approx(exp((1.959963985 + 0.841621234) / 5), rel=1e-8)
    assert minimum_detectable_ratio(100, 0.2, power=0.5) == pytest.approx(exp(1.959963985 / 4), rel=1e-8)
    with pytest.raises(ValueError, match="share"):
        minimum_detectable_ratio(10, 1)


def test_standardised_risks_as_r_gives_them():
    """R: ``glm(am ~ vs + I(hp/100), binomial, mtcars)``, predictions with vs set to 1 and 0, delta method by hand."""
    x = np.column_stack([np.ones(32), VS, HP / 100])
    fit = fit_logistic(x, AM)
    found = standardised_risks(fit.coefficients, fit.covariance, x, 1, 0.95)
    assert (found.target, found.comparator) == pytest.approx((0.389918527125, 0.421458699034), rel=1e-8)
    half = 1.959963984540054 * 0.238723155029
    wanted = (found.difference - half, found.difference + half)
    assert found.difference_limits == pytest.approx(wanted, rel=1e-6)
    assert found.ratio_limits[1] / found.ratio == pytest.approx(exp(1.959963984540054 * 0.590041039685), rel=1e-6)
    assert found.needed_to_harm == pytest.approx(-1 / 0.0315401719089, rel=1e-6)
    assert found.needed_to_harm_limits is None


def test_weighted_risks_as_sandwich_gives_them():
    """R: ``m <- lm(am ~ vs, mtcars, weights = 1 + carb / 2)``, vcovCL and vcovHC of type HC0, cluster gear."""
    weights = 1 + CARB / 2
    clustered = weighted_risks(AM, VS, weights, 0.95, GEAR)
    assert clustered.difference == pytest.approx(0.0567905847188, rel=1e-9)
    assert clustered.difference_limits[1] - clustered.difference == pytest.approx(1.959963984540054 * 0.208706815523)
    alone = weighted_risks(AM, VS, weights, 0.95)
    assert alone.difference_limits[1] - alone.difference == pytest.approx(1.959963984540054 * 0.183627753328)


def test_number_needed_to_harm_has_limits_where_there_is_harm():
    found = weighted_risks([1] * 60 + [0] * 40 + [1] * 20 + [0] * 80, [1] * 100 + [0] * 100, [1] * 200, 0.95)
    assert found.difference == pytest.approx(0.4)
    half = 1.959963984540054 * sqrt(0.6 * 0.4 / 100 + 0.2 * 0.8 / 100)
    assert found.needed_to_harm == pytest.approx(2.5)
    assert found.needed_to_harm_limits == pytest.approx((1 / (0.4 + half), 1 / (0.4 - half)))


def test_no_event_in_an_arm_has_a_difference_and_no_ratio_limits():
    found = weighted_risks([1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], 0.95)
    assert (found.difference, found.ratio, found.ratio_limits) == (0.5, inf, (0.0, inf))


def test_grid_of_rates_as_r_profiles_them():
    """R: ``glm(events ~ arm + stratum + offset(log(time)), poisson)``, limits where its profile falls by qchisq/2."""
    b = grid()
    found = pool_grids(b, [rate_ratio_likelihood(b, STRATA)], 0.95)
    assert found.estimate == pytest.approx(0.332029980653, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((-0.474570522884, 1.21112410018), abs=1e-6)


def test_grids_of_registries_are_that_of_all():
    b = grid()
    together = pool_grids(b, [rate_ratio_likelihood(b, STRATA)], 0.95)
    apart = pool_grids(b, [rate_ratio_likelihood(b, [stratum]) for stratum in STRATA], 0.95)
    assert apart.estimate == pytest.approx(together.estimate, abs=1e-12)
    assert (apart.low, apart.high) == pytest.approx((together.low, together.high), abs=1e-12)


def test_a_registry_without_events_in_an_arm_counts():
    """Alone it has no top; beside another it moves the estimate. One without any event changes nothing."""
    b = grid()
    some, none_in_second = rate_ratio_likelihood(b, [(5, 100, 5, 100)]), rate_ratio_likelihood(b, [(4, 100, 0, 100)])
    alone = pool_grids(b, [none_in_second], 0.95)
    assert (alone.estimate, alone.high) == (inf, inf)
    assert alone.low > log(1 / 100)
    assert pool_grids(b, [some], 0.95).estimate == pytest.approx(0, abs=1e-9)
    both = pool_grids(b, [some, none_in_second], 0.95)
    assert both.estimate > 0.3
    with_empty = pool_grids(b, [some, none_in_second, rate_ratio_likelihood(b, [(0, 50, 0, 70)])], 0.95)
    assert with_empty == both
    assert pool_grids(b, [rate_ratio_likelihood(b, [(0, 9, 0, 9)])], 0.95) == NotEstimable(Diagnosis.NO_EVENT)
    with pytest.raises(ValueError, match="one grid"):
        pool_grids(b, [some[:5]], 0.95)


def test_grid_of_a_cox_regression():
    """Registries as strata: the stratified regression with one covariate is the sum of grids, to the spline's error."""
    data = CoxData(made.MATRIX[:, 1:], made.STOP, made.EVENT, strata=made.STRATUM)
    whole = fit_cox(data)
    b = grid()
    parts = [CoxData(made.MATRIX[here, 1:], made.STOP[here], made.EVENT[here])
             for here in (made.STRATUM == 0, made.STRATUM == 1)]  # fmt: skip
    grids = [cox_likelihood(b, part, 0) for part in parts]
    found = pool_grids(b, grids, 0.95)
    assert found.estimate == pytest.approx(whole.coefficients[0], abs=1e-6)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-6)


def test_grid_with_other_coefficients_at_their_best():
    data = CoxData(made.MATRIX, made.STOP, made.EVENT)
    b = grid(41, log(4))
    found = pool_grids(b, [cox_likelihood(b, data, 1)], 0.95)
    assert found.estimate == pytest.approx(fit_cox(data).coefficients[1], abs=1e-5)


def test_six_registries_take_seconds():
    """CPU seconds of six grids of 5000 persons with a covariate, and of their pool."""
    rng = np.random.default_rng(2)
    begun, b, grids = process_time(), grid(101), []
    for _ in range(6):
        x = rng.integers(0, 2, (5000, 2)).astype(float)
        stop = np.ceil(rng.exponential(900, 5000) * np.exp(-0.4 * x[:, 0]))
        grids.append(cox_likelihood(b, CoxData(x, stop, rng.random(5000) < 0.05), 0))
    found = pool_grids(b, grids, 0.95)
    assert process_time() - begun < 5
    assert found.low < 0.4 < found.high


def test_rubin_as_r_gives_it():
    """R by hand with Barnard & Rubin's degrees of freedom for 97 of complete data; without, (m - 1) / lambda^2."""
    q, u = [0.31, 0.27, 0.42, 0.35, 0.29], [0.021, 0.019, 0.024, 0.020, 0.022]
    found = combine_imputations(q, u, 0.95, 97)
    wanted = (0.328, 0.159449051424, 51.2387565442, 0.00792888429478, 0.648071115705, 0.19688990071)
    parts = (found.estimate, found.standard_error, found.degrees, found.low, found.high, found.missing)
    assert parts == pytest.approx(wanted, rel=1e-9)
    assert combine_imputations(q, u, 0.95).degrees == pytest.approx(144.910525712, rel=1e-9)


def test_equal_imputations_lose_nothing():
    found = combine_imputations([1.0, 1.0, 1.0], [0.04] * 3, 0.95)
    assert (found.standard_error, found.degrees, found.missing) == (pytest.approx(0.2), inf, 0)
    assert found.high == pytest.approx(1 + 1.959963984540054 * 0.2)
    with pytest.raises(ValueError, match="two"):
        combine_imputations([1.0], [1.0], 0.95)


def test_interaction_as_published():
    """The relative risks of Altman & Bland 2003, 0.67 (0.46 to 0.98) and 0.88 (0.71 to 1.08): -0.2726, error 0.2206."""
    first, second = log(0.67), log(0.88)
    errors = (log(0.98) - log(0.46)) / 3.92, (log(1.08) - log(0.71)) / 3.92
    found = interaction_test([first, second], [e * e for e in errors], 0.95)
    assert log(found.ratio_of_ratios) == pytest.approx(-0.2726, abs=5e-5)
    assert log(found.limits[1]) == pytest.approx(-0.2726 + 1.959964 * 0.2206, abs=2e-4)
    assert found.chi2 == pytest.approx((0.2726 / 0.2206) ** 2, rel=2e-3)
    assert found.p == pytest.approx(0.2165, abs=1e-3)


def test_interaction_of_three_is_cochrans():
    """By hand: y 0, 1, 2 with variances 1: mean 1, Q 2 on 2 degrees, P exp(-1)."""
    found = interaction_test([0, 1, 2], [1, 1, 1], 0.95)
    assert (found.chi2, found.degrees, found.ratio_of_ratios) == (pytest.approx(2), 2, None)
    assert found.p == pytest.approx(exp(-1))
    with pytest.raises(ValueError, match="two subgroups"):
        interaction_test([1], [1], 0.95)
