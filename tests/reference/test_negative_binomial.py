"""Negative binomial regression, and Poisson's with persons as the unit, against MASS and sandwich on ``warpbreaks``."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.negative_binomial import fit_negative_binomial
from pass_engine.stats.poisson import fit_poisson, person_robust
from pass_engine.stats.sandwich import robust_covariance

BREAKS = np.array([
    26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12, 18, 35, 30, 36, 36, 21, 24, 18, 10, 43, 28, 15, 26, 27,
    14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28, 21, 39, 29, 20, 21, 24, 17, 13, 15, 15, 16, 28,
])  # fmt: skip
"""R's ``warpbreaks``: breaks of yarn, wool A then B, in each tension L, M, H, nine looms each (Tippett 1950)."""
ROW = np.arange(54)
MATRIX = np.column_stack([np.ones(54), ROW >= 27, ROW // 9 % 3 == 1, ROW // 9 % 3 == 2]).astype(float)
OFFSET, CLUSTER = np.log(ROW % 3 + 1), ROW % 18


def errors(covariance):
    return np.sqrt(covariance.diagonal())


@pytest.mark.parametrize(
    ("offset", "coefficients", "spread", "theta", "robust"),
    [
        (None, [3.673354566579145, -0.186211052351016, -0.299227238628680, -0.511395515191389],
         [0.0979030472904469, 0.1009613994288241, 0.1217284968022337, 0.1237398644650355],
         (9.94438543590045, 2.56132647933634, -199.38190388900352),
         [0.1139617614036011, 0.0863028213498503, 0.1064507118043658, 0.1178543045804873]),
        (OFFSET, [3.093980379033964, -0.170712994813341, -0.262906476236427, -0.483050042780948],
         [0.139820749393152, 0.141856398897435, 0.172352138551363, 0.173812596647450],
         (4.282478053341421, 0.928495458507539, -219.137643383460841),
         [0.138335814261967, 0.101310059394677, 0.120924517983909, 0.125790729138471]),
    ],
)  # fmt: skip
def test_as_mass_gives_it(offset, coefficients, spread, theta, robust):
    """R, MASS 7.3-58: ``glm.nb(breaks ~ wool + tension + offset(o), control = glm.control(epsilon = 1e-14))``.

    theta, SE.theta and logLik; robust: sandwich's ``vcovCL(m, rep(1:18, 3), type = "HC0", cadjust = FALSE)``;
    o is ``log(rep(1:3, 18))``.
    """
    fit = fit_negative_binomial(MATRIX, BREAKS, offset)
    assert fit.coefficients == pytest.approx(coefficients, rel=1e-7)
    assert errors(fit.covariance) == pytest.approx(spread, rel=1e-7)
    assert (fit.theta, fit.theta_error, fit.log_likelihood) == pytest.approx(theta, rel=1e-6)
    clustered = robust_covariance(fit.covariance, MATRIX * fit.residuals[:, None], CLUSTER)
    assert errors(clustered) == pytest.approx(robust, rel=1e-7)


def test_poisson_with_persons_as_the_unit():
    """R: ``glm(breaks ~ wool + tension + offset(o), poisson)`` and vcovCL of it as above."""
    fit = fit_poisson(MATRIX, BREAKS, OFFSET)
    wanted = [0.1081301483360826, 0.0877056586781996, 0.1042260352295819, 0.1215337325655392]
    assert errors(person_robust(fit, MATRIX, BREAKS, CLUSTER)) == pytest.approx(wanted, rel=1e-8)


def test_one_rate_is_the_person_robust_rate():
    """The sandwich of an intercept alone is the variance that :mod:`pass_engine.stats.robust` makes from sums."""
    from pass_engine.stats.robust import PersonSums

    events, days = np.array([0, 3, 1, 0, 2]), np.array([100, 200, 50, 400, 365])
    sums = PersonSums(3, 6, 1115, int(events @ events), int(events @ days), int(days @ days))
    fit = fit_poisson(np.ones((5, 1)), events, np.log(days))
    robust = person_robust(fit, np.ones((5, 1)), events, range(5))
    assert robust[0, 0] == pytest.approx(sums.variance / sums.rate**2, rel=1e-10)


def test_counts_without_more_spread_are_poisson():
    fit = fit_negative_binomial(np.ones((6, 1)), [2, 3, 2, 3, 2, 3])
    assert (fit.theta, fit.theta_error) == (inf, inf)
    poisson = fit_poisson(np.ones((6, 1)), [2, 3, 2, 3, 2, 3], np.zeros(6))
    assert fit.coefficients == pytest.approx(poisson.coefficients)
    assert fit.covariance == pytest.approx(poisson.covariance)
    assert fit.log_likelihood == pytest.approx(poisson.log_likelihood)


def test_mostly_zeros_still_has_a_theta():
    """One person with all events: the theta is small and the top of the likelihood, by a search around it."""
    counts = np.array([0] * 30 + [9, 1, 0, 4])
    fit = fit_negative_binomial(np.ones((34, 1)), counts)
    from scipy.stats import nbinom

    def value(mu, theta):
        return nbinom.logpmf(counts, theta, theta / (theta + mu)).sum()

    mu = float(np.exp(fit.coefficients[0]))
    assert fit.log_likelihood == pytest.approx(value(mu, fit.theta), rel=1e-12)
    near = [value(mu * m, fit.theta * t) for m in (0.99, 1, 1.01) for t in (0.99, 1, 1.01)]
    assert max(near) == near[4]


@pytest.mark.parametrize(
    ("matrix", "counts", "wanted"),
    [
        (np.ones((3, 1)), [0, 0, 0], NotEstimable(Diagnosis.NO_EVENT)),
        ([[1, 0], [1, 0], [1, 1], [1, 1]], [2, 7, 0, 0], NotEstimable(Diagnosis.SEPARATION, (1,))),
        ([[1, 2], [1, 2], [1, 2]], [1, 2, 3], NotEstimable(Diagnosis.COLLINEAR, (1,))),
        ([[1, 2]], [1], NotEstimable(Diagnosis.FEW_ROWS)),
    ],
)
def test_what_has_no_estimate(matrix, counts, wanted):
    assert fit_negative_binomial(matrix, counts) == wanted


def test_what_is_no_regression():
    with pytest.raises(ValueError, match="needed"):
        fit_negative_binomial([[1.0]], [1, 2])
    with pytest.raises(ValueError, match="must be"):
        fit_negative_binomial([[1.0]], [-1])
