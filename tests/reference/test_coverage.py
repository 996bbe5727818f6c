"""Do intervals hold the truth they were simulated from, about as often as they say? (slow)

Each of 600 simulations; the share of 95 % intervals that hold the truth would be in 0.9207 to 0.9793 all but once in a
thousand (0.95 +- 3.29 sqrt(0.95 x 0.05 / 600)).
"""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from pass_engine.stats.cox import CoxData, fit_cox
from pass_engine.stats.fine_gray import fit_fine_gray
from pass_engine.stats.likelihood_grid import grid, pool_grids, rate_ratio_likelihood
from pass_engine.stats.logistic import fit_logistic
from pass_engine.stats.negative_binomial import fit_negative_binomial
from pass_engine.stats.poisson import fit_poisson, person_robust
from pass_engine.stats.pooling import pool_effects
from pass_engine.stats.sandwich import robust_covariance
from pass_engine.stats.standardised_risk import weighted_risks
from pass_engine.stats.weighting import propensity_weights

pytestmark = pytest.mark.slow
RUNS, Z = 600, 1.959963984540054


def share(held):
    return sum(held) / len(held)


def holds(estimate, variance, truth):
    return abs(estimate - truth) <= Z * sqrt(variance)


def right(held):
    return 0.9207 <= share(held) <= 0.9793


def test_cox_model_based_and_robust():
    rng, plain, robust = np.random.default_rng(1), [], []
    for _ in range(RUNS):
        x = np.column_stack([rng.integers(0, 2, 250), rng.normal(size=250)]).astype(float)
        stop = np.ceil(300 * rng.exponential(1, 250) * np.exp(-x @ [0.5, -0.3]))
        gone = rng.integers(1, 600, 250)
        fit = fit_cox(CoxData(x, np.minimum(stop, gone), stop <= gone))
        plain.append(holds(fit.coefficients[0], fit.covariance[0, 0], 0.5))
        robust.append(holds(fit.coefficients[0], fit.robust()[0, 0], 0.5))
    assert right(plain)
    assert right(robust)


def test_cox_with_several_rows_of_a_person_needs_the_robust_covariance():
    """Each person is in twice: the model-based interval is too narrow by sqrt 2, the robust one right."""
    rng, plain, robust = np.random.default_rng(2), [], []
    for _ in range(RUNS):
        x, stop = rng.integers(0, 2, 150).astype(float), rng.exponential(1, 150)
        twice = CoxData(np.tile(x, 2)[:, None], np.tile(stop * np.exp(-0.4 * x), 2), np.ones(300))
        fit = fit_cox(twice)
        plain.append(holds(fit.coefficients[0], fit.covariance[0, 0], 0.4))
        robust.append(holds(fit.coefficients[0], fit.robust(np.tile(np.arange(150), 2))[0, 0], 0.4))
    assert share(plain) < 0.88
    assert 0.915 <= share(robust) <= 0.9793


def test_fine_gray():
    """Subdistribution 1 - (1 - p (1 - exp(-t)))^exp(b x) with p 0.5, as Fine & Gray simulate it."""
    rng, held = np.random.default_rng(3), []
    for _ in range(RUNS):
        x = rng.integers(0, 2, 300).astype(float)
        ratio = np.exp(0.5 * x)
        of_interest = rng.random(300) < 1 - 0.5**ratio
        u = rng.random(300) * (1 - 0.5**ratio)
        first = -np.log(1 - (1 - (1 - u) ** (1 / ratio)) / 0.5)
        time = np.where(of_interest, first, rng.exponential(1, 300))
        gone = rng.uniform(0, 3, 300)
        status = np.where(time > gone, 0, np.where(of_interest, 1, 2))
        fit = fit_fine_gray(x[:, None], np.minimum(time, gone), status)
        held.append(holds(fit.coefficients[0], fit.covariance[0, 0], 0.5))
    assert right(held)


def test_negative_binomial_and_robust_poisson_where_persons_differ():
    rng, model, robust, naive = np.random.default_rng(4), [], [], []
    for _ in range(RUNS):
        x = np.column_stack([np.ones(300), rng.integers(0, 2, 300)]).astype(float)
        years = rng.uniform(0.5, 5, 300)
        counts = rng.poisson(years * np.exp(x @ [-1, 0.4]) * rng.gamma(1.2, 1 / 1.2, 300))
        fit, poisson = fit_negative_binomial(x, counts, np.log(years)), fit_poisson(x, counts, np.log(years))
        model.append(holds(fit.coefficients[1], fit.covariance[1, 1], 0.4))
        both = person_robust(poisson, x, counts, range(300))
        robust.append(holds(poisson.coefficients[1], both[1, 1], 0.4))
        naive.append(holds(poisson.coefficients[1], poisson.covariance[1, 1], 0.4))
    assert right(model)
    assert right(robust)
    assert share(naive) < 0.9


def test_logistic_and_inverse_probability_weights():
    """A confounder that doubles both chances: weights find the risk difference of 0 that the crude one misses."""
    rng, held, model, crude = np.random.default_rng(5), [], [], []
    for _ in range(RUNS):
        sick = rng.integers(0, 2, 800)
        arm = (rng.random(800) < 0.3 + 0.4 * sick).astype(int)
        y = (rng.random(800) < 0.1 + 0.2 * sick).astype(int)
        fit = fit_logistic(np.column_stack([np.ones(800), sick]), arm)
        e = fit.probabilities
        weights = propensity_weights(np.column_stack([1 - e, e]), arm, "ate")
        low, high = weighted_risks(y, arm, weights, 0.95).difference_limits
        held.append(low <= 0 <= high)
        model.append(holds(fit.coefficients[1], fit.covariance[1, 1], log(0.7 / 0.3) - log(0.3 / 0.7)))
        low, high = weighted_risks(y, arm, np.ones(800), 0.95).difference_limits
        crude.append(low <= 0 <= high)
    assert 0.9207 <= share(held) <= 0.995  # weights taken as known: rather too wide
    assert right(model)
    assert share(crude) < 0.6


def test_weighted_logistic_with_robust_covariance():
    rng, held = np.random.default_rng(6), []
    for _ in range(RUNS):
        x = np.column_stack([np.ones(400), rng.normal(size=400)])
        y = rng.random(400) < 1 / (1 + np.exp(-x @ [-0.5, 0.6]))
        weights = rng.uniform(0.2, 3, 400)
        fit = fit_logistic(x, y, weights)
        robust = robust_covariance(fit.covariance, x * fit.residuals[:, None])
        held.append(holds(fit.coefficients[1], robust[1, 1], 0.6))
    assert right(held)


def test_grids_of_registries_with_few_events():
    """Six registries, about four events each, some with none in an arm: the interval of the sum of likelihoods."""
    rng, held, b = np.random.default_rng(7), [], grid(201)
    for _ in range(RUNS):
        likelihoods = []
        for _ in range(6):
            base = rng.uniform(0.002, 0.02)
            strata = [(int(rng.poisson(200 * base * 2)), 200, int(rng.poisson(150 * base)), 150)]
            likelihoods.append(rate_ratio_likelihood(b, strata))
        found = pool_grids(b, likelihoods, 0.95)
        held.append(found.low <= log(2) <= found.high)
    assert 0.9207 <= share(held) <= 0.98


def test_hartung_knapp_between_few_registries():
    """Five registries, tau 0.3: Hartung and Knapp's interval holds the mean, the fixed effect's does not."""
    rng, held, fixed = np.random.default_rng(8), [], []
    for _ in range(RUNS):
        variances = rng.uniform(0.01, 0.05, 5)
        estimates = 0.2 + rng.normal(size=5) * 0.3 + rng.normal(size=5) * np.sqrt(variances)
        for found, method in ((held, "reml"), (fixed, "fixed")):
            pooled = pool_effects(list(estimates), list(variances), 0.95, method)
            found.append(pooled.low <= 0.2 <= pooled.high)
    assert 0.9207 <= share(held) <= 0.985
    assert share(fixed) < 0.85
