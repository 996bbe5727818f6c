"""Do the intervals of rate differences agree with R and with published tables?"""

from __future__ import annotations

import warnings
from math import sqrt

import pytest

from pass_engine.stats import (
    CrossSums,
    PersonSums,
    robust_difference_interval,
    score_difference_interval,
    wald_difference_interval,
)

LEVEL = 0.95
Z = 1.959963984540054

R_SCORE = [
    ((41, 28.010, 15, 19.017), (0.0432022373048411, 1.2900546772269164)),
    ((3, 100, 7, 150), (-0.0708840101744192, 0.0454900864781546)),
    ((0, 50, 4, 80), (-0.1285742140504403, 0.0268291768271207)),
    ((25, 1000, 40, 900), (-0.0375407580183613, -0.0028357244644107)),
    ((5, 2, 0, 3), (1.06785056878672, 5.85287884156034)),
]


@pytest.mark.parametrize(("arms", "limits"), R_SCORE)
def test_score_limits_against_r(arms, limits):
    """R 4.2.2, without the closed form: the likeliest rates by ``optimize``, the limits by ``uniroot``.

    ``ll <- function(r) sum(dpois(c(n1, n2), c((r + D) * t1, r * t2), log = TRUE))``, its maximum over r gives r1 and
    r2, and the limits are the roots of ``(d - D)^2 - qchisq(0.95, 1) * (r1 / t1 + r2 / t2)``.
    """
    assert score_difference_interval(*arms, LEVEL) == pytest.approx(limits, rel=1e-6)


def test_published_difference():
    """Rothman's breast cancers after fluoroscopy (Stata manual, ``iri 41 15 28010 19017``): .0000749 to .0012751."""
    found = wald_difference_interval(41, 28010, 15, 19017, LEVEL)
    assert found == pytest.approx((0.0000749, 0.0012751), abs=6e-8)


def test_no_event_in_either_arm():
    """r1 = D and r2 = 0 above 0, so that D^2 = z^2 D / t1; mirrored below. Wald has no variance there."""
    assert score_difference_interval(0, 100, 0, 50, LEVEL) == pytest.approx((-(Z**2) / 50, Z**2 / 100))
    assert wald_difference_interval(0, 100, 0, 50, LEVEL) is None
    assert wald_difference_interval(4, 100, 0, 50, LEVEL) is None


@pytest.mark.parametrize("interval", [score_difference_interval, wald_difference_interval])
def test_swapping_the_arms_turns_the_sign(interval):
    low, high = interval(5, 120, 9, 200, LEVEL)
    assert interval(9, 200, 5, 120, LEVEL) == pytest.approx((-high, -low), rel=1e-9)
    assert interval(5, 0, 9, 200, LEVEL) is None


@pytest.mark.parametrize("interval", [score_difference_interval, wald_difference_interval])
def test_the_unit_of_time_only_scales(interval):
    low, high = interval(5, 120, 9, 200, LEVEL)
    assert interval(5, 0.12, 9, 0.2, LEVEL) == pytest.approx((1000 * low, 1000 * high), rel=1e-9)


def test_a_limit_at_zero_is_found():
    """Level at which the lower score limit is 0: z^2 = d^2 / (r (1/t1 + 1/t2)) with r the common rate."""
    from scipy.stats import norm

    d, r = 9 / 100 - 4 / 100, 13 / 200
    level = 2 * norm.cdf(d / sqrt(r * 2 / 100)) - 1
    assert score_difference_interval(9, 100, 4, 100, level)[0] == pytest.approx(0, abs=1e-12)


PEOPLE_1 = [(0, 100), (3, 250), (1, 365), (0, 30), (2, 400), (0, 365), (1, 90)]
PEOPLE_2 = [(1, 200), (0, 300), (0, 365), (4, 500), (0, 20), (1, 365), (0, 100)]


def sums(people):
    return PersonSums(
        sum(e > 0 for e, _ in people), sum(e for e, _ in people), sum(t for _, t in people),
        sum(e * e for e, _ in people), sum(e * t for e, t in people), sum(t * t for _, t in people),
    )  # fmt: skip


def test_robust_difference_is_the_sum_over_persons():
    """Variance of r1 - r2: the sum over persons of (their influence on r1 less that on r2)^2; four are in both arms."""
    shared = 4
    first, second = sums(PEOPLE_1), sums(PEOPLE_2)
    one = [(e - first.rate * t) / first.days for e, t in PEOPLE_1]
    two = [(e - second.rate * t) / second.days for e, t in PEOPLE_2]
    both = [a - b for a, b in zip(one[:shared], two[:shared], strict=True)]
    half = Z * sqrt(sum(v * v for v in (*both, *one[shared:], *two[shared:])))
    pairs = list(zip(PEOPLE_1[:shared], PEOPLE_2[:shared], strict=True))
    cross = CrossSums(*(sum(a[i] * b[j] for a, b in pairs) for i in (0, 1) for j in (0, 1)))
    difference = first.rate - second.rate
    found = robust_difference_interval(first, second, cross, LEVEL)
    assert found == pytest.approx((difference - half, difference + half), rel=1e-12)
    assert robust_difference_interval(first, sums([(3, 100)]), CrossSums(), LEVEL) is None


def test_robust_difference_against_statsmodels():
    """statsmodels Poisson GLM with identity link, ``cov_type='cluster'``: d = b1 of events on days * (1, arm)."""
    import numpy as np
    import statsmodels.api as sm

    first, second = sums(PEOPLE_1), sums(PEOPLE_2)
    events = np.array([e for e, _ in PEOPLE_1 + PEOPLE_2], dtype=float)
    days = np.array([t for _, t in PEOPLE_1 + PEOPLE_2], dtype=float)
    arm = np.array([1.0] * len(PEOPLE_1) + [0.0] * len(PEOPLE_2))
    family = sm.families.Poisson(link=sm.families.links.Identity())
    with warnings.catch_warnings():
        # a Poisson mean below 0 is possible under this link, and statsmodels says so; it does not come about here
        warnings.simplefilter("ignore")
        model = sm.GLM(events, np.column_stack([days, days * arm]), family=family)
    fit = model.fit(
        start_params=[second.rate, first.rate - second.rate],
        cov_type="cluster",
        cov_kwds={"groups": np.arange(len(days)), "use_correction": False},
        tol=1e-14,
    )
    found = robust_difference_interval(first, second, CrossSums(), LEVEL)
    assert found == pytest.approx(tuple(fit.conf_int(alpha=1 - LEVEL)[1]), rel=1e-7)
