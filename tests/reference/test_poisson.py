"""Poisson regression against published results, against statsmodels, and where there is no answer."""

from __future__ import annotations

import numpy as np
import pytest

from pass_engine.stats.poisson import CollinearError, SeparatedError, fit_poisson

DOCTORS = [
    (32, 52407, 1), (104, 43248, 1), (206, 28612, 1), (186, 12663, 1), (102, 5317, 1),
    (2, 18790, 0), (12, 10673, 0), (28, 5710, 0), (28, 2585, 0), (31, 1462, 0),
]  # fmt: skip
"""Coronary deaths and person-years of British doctors by smoking and five age bands (Doll & Hill 1966; Breslow & Day,
Statistical Methods in Cancer Research II, 1987, p. 112)."""


def doctors():
    matrix = [[1, smokes, *(float(row % 5 == band) for band in range(1, 5))] for row, (_, _, smokes) in
              enumerate(DOCTORS)]  # fmt: skip
    return matrix, [events for events, _, _ in DOCTORS], np.log([years for _, years, _ in DOCTORS])


def test_british_doctors_as_published():
    """Stata 17 Base Reference Manual, [R] poisson, example 1: incidence-rate ratios, their limits, likelihood."""
    fit = fit_poisson(*doctors())
    ratios = np.exp(fit.coefficients)
    assert ratios == pytest.approx([0.0003636, 1.425519, 4.410584, 13.8392, 28.51678, 40.45121], rel=2e-4)
    error = np.sqrt(fit.covariance[1, 1])
    limits = np.exp(fit.coefficients[1] + np.array([-1, 1]) * 1.959964 * error)
    assert limits == pytest.approx([1.154984, 1.759421], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-33.600153, abs=1e-6)
    assert fit.deviance == pytest.approx(12.13, abs=0.01)  # McCullagh & Nelder; Stata's estat gof: 12.13237


def test_equals_statsmodels():
    statsmodels = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(4)
    matrix = np.column_stack([np.ones(80), rng.integers(0, 2, (80, 3)), rng.normal(size=80) * 50])
    time = rng.integers(30, 90000, 80)
    counts = rng.poisson(time * np.exp(matrix @ [-7, 0.4, -1.0, 0.1, 0.004]))
    fit = fit_poisson(matrix, counts, np.log(time))
    other = statsmodels.GLM(counts, matrix, family=statsmodels.families.Poisson(), offset=np.log(time)).fit(tol=1e-12)
    assert fit.coefficients == pytest.approx(other.params, rel=1e-9)
    assert fit.covariance == pytest.approx(other.cov_params(), rel=1e-7)
    assert fit.deviance == pytest.approx(other.deviance, rel=1e-9)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-9)


def test_one_group_is_the_crude_rate():
    fit = fit_poisson([[1.0], [1.0]], [3, 5], np.log([100, 300]))
    assert np.exp(fit.coefficients[0]) == pytest.approx(8 / 400, rel=1e-12)
    assert fit.covariance[0, 0] == pytest.approx(1 / 8, rel=1e-12)


def test_columns_that_depend_on_each_other_are_named():
    matrix = [[1, 1, 0], [1, 0, 1], [1, 1, 0], [1, 0, 1]]
    with pytest.raises(CollinearError) as caught:
        fit_poisson(matrix, [1, 2, 3, 4], np.zeros(4))
    assert caught.value.columns == (2,)


def test_a_group_without_events_has_no_estimate():
    matrix = [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]]
    with pytest.raises(SeparatedError) as caught:
        fit_poisson(matrix, [2, 1, 0, 0, 3, 4], np.log([10, 20, 30, 40, 50, 60]))
    assert (caught.value.columns, caught.value.rows) == ((1,), (2, 3))


def test_separation_that_no_single_column_shows():
    """Events only where the two covariates are equal: their difference runs off, neither is empty by itself."""
    matrix = [[1, 0, 0], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 1, 0]]
    with pytest.raises(SeparatedError) as caught:
        fit_poisson(matrix, [2, 1, 0, 1, 3, 0], np.zeros(6))
    assert caught.value.rows == (2, 5)


def test_no_event_at_all_is_separated():
    with pytest.raises(SeparatedError):
        fit_poisson([[1.0], [1.0]], [0, 0], np.log([10, 20]))


def test_zeros_alone_do_not_separate():
    fit = fit_poisson([[1, 0], [1, 0], [1, 1], [1, 1]], [0, 2, 0, 5], np.log([10, 20, 30, 40]))
    assert np.exp(fit.coefficients) == pytest.approx([2 / 30, (5 / 70) / (2 / 30)], rel=1e-10)


@pytest.mark.parametrize(
    ("matrix", "counts", "offset"),
    [([[1.0]], [1, 2], [0.0]), ([[1.0]], [-1], [0.0]), ([[1.0]], [1], [-np.inf]), ([[]], [1], [0.0])],
)
def test_what_is_no_regression(matrix, counts, offset):
    with pytest.raises(ValueError, match=r"needed|must be"):
        fit_poisson(matrix, counts, offset)
