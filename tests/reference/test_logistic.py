"""Logistic and multinomial regression against R on ``mtcars``, and where there is no answer."""

from __future__ import annotations

import numpy as np
import pytest

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.logistic import fit_logistic
from pass_engine.stats.multinomial import fit_multinomial
from pass_engine.stats.sandwich import robust_covariance
from tests.reference.mtcars import AM, CARB, MATRIX


def test_as_r_glm_gives_it():
    """R 4.2.2: ``m <- glm(am ~ I(hp/100) + wt, binomial, mtcars, control = list(epsilon = 1e-14))``, coef and vcov."""
    fit = fit_logistic(MATRIX, AM)
    assert fit.coefficients == pytest.approx([18.86629871720412, 3.62555960822165, -8.08347518244463], rel=1e-9)
    assert fit.covariance.ravel() == pytest.approx(
        [55.40655659564712, 7.78178878033300, -22.03705758082320, 7.78178878033300, 3.14500205709097,
         -4.18323880355646, -22.03705758082320, -4.18323880355646, 9.41676694948130], rel=1e-6,
    )  # fmt: skip
    assert fit.log_likelihood == pytest.approx(-5.02955523613349, rel=1e-10)


def test_robust_by_cluster_as_sandwich_gives_it():
    """R, sandwich 3.0-2: ``vcovCL(m, cluster = mtcars$carb, type = "HC0", cadjust = FALSE)``."""
    fit = fit_logistic(MATRIX, AM)
    robust = robust_covariance(fit.covariance, MATRIX * fit.residuals[:, None], CARB)
    assert robust.ravel() == pytest.approx(
        [64.049783388689377, 1.579220446733595, -19.956347714796465, 1.579220446733629, 0.354346881965605,
         -0.656612840466117, -19.956347714796522, -0.656612840466115, 6.304618448853006], rel=1e-6,
    )  # fmt: skip


def test_weighted_as_r_gives_it():
    """R: ``glm(..., quasibinomial, weights = 1 + carb / 2)`` and vcovCL of it."""
    fit = fit_logistic(MATRIX, AM, 1 + CARB / 2)
    assert fit.coefficients == pytest.approx([24.21386247535449, 4.15451850420113, -9.96023675179019], rel=1e-9)
    robust = robust_covariance(fit.covariance, MATRIX * fit.residuals[:, None], CARB)
    assert robust.diagonal() == pytest.approx([169.33616840228535, 1.00459039493484, 19.24049552308563], rel=1e-7)


def test_multinomial_as_nnet_gives_it():
    """R, nnet 7.3-18: ``multinom(g ~ I(hp/100) + wt, reltol = 1e-16)``, g: carb 1, 2, more; coef, vcov, logLik."""
    fit = fit_multinomial(MATRIX, np.select([CARB <= 1, CARB == 2], [0, 1], 2), 3)
    wanted = [[-2.35520521826688, 3.24566685918962, -0.192694242669251],
              [-7.22813894093064, 5.60401390990203, 0.319299560729687]]  # fmt: skip
    assert fit.coefficients == pytest.approx(np.array(wanted), rel=1e-6)
    variances = [5.270269920392670, 5.948008825535840, 1.053679512931466, 9.646608118965087, 7.357061013085456,
                 1.551286652078637]  # fmt: skip
    assert fit.covariance.diagonal() == pytest.approx(variances, rel=1e-6)
    assert fit.covariance[0, 3] == pytest.approx(4.555231911042542, rel=1e-6)
    assert fit.log_likelihood == pytest.approx(-22.5229126380943, rel=1e-10)
    assert fit.probabilities[0] == pytest.approx([0.261019586771347, 0.531001507731093, 0.207978905497560], rel=1e-6)


def test_two_categories_are_a_logistic_regression():
    two, one = fit_multinomial(MATRIX, AM, 2), fit_logistic(MATRIX, AM)
    assert two.coefficients[0] == pytest.approx(one.coefficients, rel=1e-8)
    assert two.covariance == pytest.approx(one.covariance, rel=1e-8)


def test_separation_names_the_covariate():
    """All with the third covariate have the outcome, and nobody else's coefficient runs off."""
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(200), rng.normal(size=200), np.arange(200) < 20])
    y = (rng.random(200) < 0.3) | (x[:, 2] == 1)
    assert fit_logistic(x, y) == NotEstimable(Diagnosis.SEPARATION, (2,))
    assert fit_multinomial(x, y, 2) == NotEstimable(Diagnosis.SEPARATION, (2,))


def test_complete_separation_by_a_threshold():
    x = np.column_stack([np.ones(40), np.linspace(0, 1, 40)])
    found = fit_logistic(x, x[:, 1] > 0.5)
    assert found.diagnosis is Diagnosis.SEPARATION
    assert found.words(["constant", "age"]).endswith("has no end (constant, age)")


def test_near_separation_is_an_answer():
    """One person short of separation: large, but finite, as R's glm has it (Fisher scoring by statsmodels here)."""
    statsmodels = pytest.importorskip("statsmodels.api")
    x = np.column_stack([np.ones(40), np.linspace(0, 1, 40)])
    y = (x[:, 1] > 0.5).astype(float)
    y[17], y[22] = 1, 0
    other = statsmodels.GLM(y, x, family=statsmodels.families.Binomial()).fit(tol=1e-14)
    assert fit_logistic(x, y).coefficients == pytest.approx(other.params, rel=1e-7)


@pytest.mark.parametrize(
    ("matrix", "outcome", "wanted"),
    [
        ([[1, 1, 2], [1, 2, 3], [1, 3, 4], [1, 5, 6]], [0, 1, 0, 1], NotEstimable(Diagnosis.COLLINEAR, (2,))),
        ([[1, 1], [1, 2]], [1, 1], NotEstimable(Diagnosis.ONE_VALUE)),
        ([[1, 1, 2], [1, 2, 5]], [0, 1], NotEstimable(Diagnosis.FEW_ROWS)),
    ],
)
def test_what_has_no_estimate(matrix, outcome, wanted):
    assert fit_logistic(matrix, outcome) == wanted


def test_a_category_with_nobody():
    assert fit_multinomial(MATRIX, AM, 3) == NotEstimable(Diagnosis.EMPTY_ARM, arms=(2,))


def test_what_is_no_regression():
    with pytest.raises(ValueError, match="0 or 1"):
        fit_logistic([[1.0]], [2])
    with pytest.raises(ValueError, match="needed"):
        fit_logistic([[1.0]], [1, 0])
    with pytest.raises(ValueError, match="below their number"):
        fit_multinomial([[1.0]], [3], 2)
