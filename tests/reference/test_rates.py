"""Do the intervals of rates agree with R and with published tables?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from pass_engine.stats import (
    CrossSums,
    PersonSums,
    clopper_pearson,
    rate_interval,
    robust_difference_interval,
    robust_rate_interval,
    robust_ratio_interval,
    wilson,
)
from pass_engine.terms import DAYS_PER_YEAR

LEVEL = 0.95

R_SINGLE = [
    (0, 100, (0, 0.0368887945411394), (0, 0.0299573227355399)),
    (1, 100, (0.000253178079842899, 0.055716433909389), (0.000500203448353366, 0.0493186052470677)),
    (3, 1250.5, (0.000494739802395523, 0.00701101405017379), (0.000610232945060202, 0.00652896378118222)),
    (10, 3000, (0.00159846289871081, 0.00613011868067259), (0.00169317394907245, 0.00594161789885656)),
    (57, 8123.4, (0.00531443033248698, 0.00909103471489313), (0.00536429411023379, 0.00902574838989114)),
    (412, 99999, (0.0037317626319769, 0.00453774242955454), (0.00373640362155603, 0.00453262456914785)),
]


@pytest.mark.parametrize(("events", "time", "exact", "mid_p"), R_SINGLE)
def test_exact_and_mid_p_against_r(events, time, exact, mid_p):
    """R 4.2.2: ``poisson.test(events, time)$conf.int``; mid-P by ``uniroot`` on ppois and dpois."""
    assert rate_interval("exact", events, time, LEVEL) == pytest.approx(exact, rel=1e-12, abs=1e-15)
    assert rate_interval("mid_p", events, time, LEVEL) == pytest.approx(mid_p, rel=1e-7, abs=1e-15)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("events", [1, 2, 7, 40])
def test_exact_and_mid_p_limits_solve_their_equations(events, level):
    """The tail at each limit is alpha/2 by the definition of the method, summed term by term."""
    from math import exp, factorial

    tail = (1 - level) / 2

    def probabilities(mean):
        return [exp(-mean) * mean**k / factorial(k) for k in range(events + 1)]

    low, high = rate_interval("exact", events, 1, level)
    assert sum(probabilities(high)) == pytest.approx(tail, abs=1e-9)
    assert 1 - sum(probabilities(low)[:-1]) == pytest.approx(tail, abs=1e-9)
    low, high = rate_interval("mid_p", events, 1, level)
    assert sum(probabilities(high)[:-1]) + probabilities(high)[-1] / 2 == pytest.approx(tail, abs=1e-9)
    assert 1 - sum(probabilities(low)[:-1]) - probabilities(low)[-1] / 2 == pytest.approx(tail, abs=1e-9)


PUBLISHED = [
    ("Wijnands 2018 JNNP T2, unexposed", "exact", 33949, "50312.0", 674.8, 667.6, 682.0, 1),
    ("Wijnands 2018 JNNP T2, any DMT", "exact", 3823, "6065.7", 630.3, 610.4, 650.6, 1),
    ("Wijnands 2018 JNNP T2, second generation", "exact", 199, "224.0", 888.4, 769.2, 1020.8, 1),
    ("Wijnands 2018 JNNP T2, natalizumab", "exact", 153, "157.9", 969.0, 821.5, 1135.3, 1),
    ("TOP 2020 JNNP T3, OI up to 3 y", "log_normal", 10, "15773.19", 0.634, 0.341, 1.178, 3),
    ("TOP 2020 JNNP T3, OI after 3 y", "log_normal", 1, "10233.77", 0.098, 0.014, 0.694, 3),
    ("TOP 2020 JNNP T3, PML", "log_normal", 53, "26060.25", 2.034, 1.554, 2.662, 3),
    ("TOP 2020 JNNP T3, malignancy", "log_normal", 63, "26060.25", 2.417, 1.889, 3.095, 3),
    ("BSRBR 2008 ARD T4, anti-TNF", "exact", 25, "23996", 1.04, 0.67, 1.54, 2),
    ("ART 2015 T2, biologics", "normal", 89, "16650.63", 5.35, 4.23, 6.46, 2),
    ("BSRBR 2008 ARD T4, DMARD", "exact", 0, "5207", 0.0, 0.0, 0.71, 2),
    ("Gold 2015 JNNP T2, observed over expected, all", "exact", 7, "18.3e3", 0.38, 0.15, 0.79, 2),
    ("Gold 2015 JNNP T2, observed over expected, 1+ y", "exact", 4, "15.8e3", 0.25, 0.07, 0.65, 2),
]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row[0])
def test_published_tables(row):
    """Printed counts, person-years and limits, per 1 000; the method is the one that gives the printed limits.

    TOP's footnote says exact; its limits are log-normal. For Gold the expected count, times 1 000, is the time.
    """
    _, method, events, years, rate, low, high, decimals = row
    exponent = Decimal(years).as_tuple().exponent
    rounding = 0.5 * 10.0**exponent / float(years)  # of the printed person-years, relative
    found = [events / float(years) * 1000, *rate_interval(method, events, float(years) / 1000, LEVEL)]
    for value, printed in zip(found, (rate, low, high), strict=True):
        assert value == pytest.approx(printed, abs=0.5 * 10.0**-decimals + value * rounding + 1e-12)


def test_published_normal_interval_is_cut_at_zero_by_its_authors():
    """ART 2015 T2, rituximab-matched: 1 event in 102.02 years, 9.80 (0.00-29.01) per 1 000; ours is not cut."""
    low, high = rate_interval("normal", 1, 102.02 / 1000, LEVEL)
    assert low < 0
    assert high == pytest.approx(29.01, abs=0.005)


def test_second_generation_is_exact_and_nothing_else():
    """Wijnands 2018 T2: 769.2-1020.8 is what the exact method gives; mid-P, log-normal and normal do not."""
    others = [rate_interval(m, 199, 0.2240, LEVEL) for m in ("log_normal", "normal", "mid_p")]
    assert all(abs(low - 769.2) > 0.05 or abs(high - 1020.8) > 0.05 for low, high in others)


def test_no_event():
    """At 0: exact 3.689 (97.5 % one-sided), mid-P -ln alpha, Byar from 0 up; log-normal and normal not estimable."""
    assert rate_interval("exact", 0, 1, LEVEL) == pytest.approx((0, 3.688879454113936), abs=1e-12)
    assert rate_interval("mid_p", 0, 1, LEVEL) == pytest.approx((0, 2.995732273553991), abs=1e-12)
    low, high = rate_interval("byar", 0, 1, LEVEL)
    assert low == 0
    assert high == pytest.approx((1 - 1 / 9 + 1.959963984540054 / 3) ** 3, abs=1e-12)
    assert rate_interval("log_normal", 0, 1, LEVEL) is None
    assert rate_interval("normal", 0, 1, LEVEL) is None


@pytest.mark.parametrize("method", ["exact", "mid_p", "byar", "log_normal", "normal"])
def test_no_time_is_not_estimable(method):
    assert rate_interval(method, 0, 0, LEVEL) is None
    assert rate_interval(method, 3, 0, LEVEL) is None


def test_byar_by_hand():
    """Breslow & Day 1987: 10 (1 - 1/90 - 1.96/(3 sqrt 10))^3 = 4.787 and 11 (1 - 1/99 + 1.96/(3 sqrt 11))^3 = 18.39."""
    assert rate_interval("byar", 10, 1, LEVEL) == pytest.approx((4.78745, 18.39146), abs=1e-4)


EXAMPLE = [
    (1, 1022, 35.7387, 0.9048, 199.1236),  # cut_at_switch: EAIR
    (1, 1140, 32.0395, 0.8112, 178.5125),  # EAIR over total exposure
    (2, 1140, 64.0789, 7.7603, 231.4752),  # EAER
    (2, 1067, 68.4630, 8.2912, 247.3118),  # keep: the same three
    (2, 1321, 55.2990, 6.6970, 199.7591),
    (3, 1321, 82.9485, 17.1060, 242.4108),
]


@pytest.mark.parametrize(("events", "days", "rate", "low", "high"), EXAMPLE)
def test_worked_example_of_the_methods(events, days, rate, low, high):
    """Three persons under two switch rules, per 100 person-years of 365.25 days, exact Poisson."""
    units = days / DAYS_PER_YEAR / 100
    assert events / units == pytest.approx(rate, abs=5e-5)
    assert rate_interval("exact", events, units, LEVEL) == pytest.approx((low, high), abs=5e-5)


def test_proportions_against_r():
    """R 4.2.2: ``binom.test(7, 20)$conf.int`` and ``prop.test(7, 20, correct = FALSE)$conf.int``."""
    assert clopper_pearson(7, 20, LEVEL) == pytest.approx((0.1539092, 0.5921885), abs=1e-7)
    assert wilson(7, 20, LEVEL) == pytest.approx((0.1811918, 0.5671457), abs=1e-7)
    assert clopper_pearson(0, 20, LEVEL) == pytest.approx((0, 1 - 0.025 ** (1 / 20)), abs=1e-12)
    assert clopper_pearson(20, 20, LEVEL) == pytest.approx((0.025 ** (1 / 20), 1), abs=1e-12)
    for total in (3, 7, 100, 4321):
        assert wilson(0, total, LEVEL)[0] == 0
        assert wilson(total, total, LEVEL)[1] == 1
        assert wilson(0, total, LEVEL)[1] == pytest.approx(1.959963984540054**2 / (total + 1.959963984540054**2))
    assert clopper_pearson(0, 0, LEVEL) is None
    assert wilson(0, 0, LEVEL) is None


def sums(people):
    """Sums of (events, days) of persons."""
    return PersonSums(
        sum(e > 0 for e, _ in people), sum(e for e, _ in people), sum(t for _, t in people),
        sum(e * e for e, _ in people), sum(e * t for e, t in people), sum(t * t for _, t in people),
    )  # fmt: skip


ARM_1 = [(0, 100), (3, 250), (1, 365), (0, 30), (2, 400), (0, 365), (1, 90)]
ARM_2 = [(1, 200), (0, 300), (0, 365), (4, 500), (0, 20), (1, 365), (0, 100)]


def sandwich(people, weights):
    """Variance of the log rate by the clustered score of an intercept-only Poisson model, person by person."""
    rate = sum(e for e, _ in people) / sum(t for _, t in people)
    return sum((e - rate * t) ** 2 for e, t in people) / weights**2


def test_robust_rate_is_the_sandwich():
    """V from the sums equals the sum over persons of (e - r t)^2 / T^2, and the limits are r exp(+-z sqrt V / r)."""
    from math import exp, sqrt

    arm = sums(ARM_1)
    variance = sandwich(ARM_1, arm.days)
    assert arm.variance == pytest.approx(variance, rel=1e-12)
    factor = exp(1.959963984540054 * sqrt(variance) / arm.rate)
    assert robust_rate_interval(arm, LEVEL) == pytest.approx((arm.rate / factor, arm.rate * factor), rel=1e-12)


def test_robust_needs_two_persons_with_event():
    assert robust_rate_interval(sums([(5, 100), (0, 200)]), LEVEL) is None
    assert robust_rate_interval(sums([]), LEVEL) is None


def test_robust_against_statsmodels():
    """statsmodels Poisson GLM, log-days offset, ``cov_type='cluster'`` by person; four persons are in both arms."""
    import numpy as np
    import statsmodels.api as sm

    shared = 4  # persons 0 to 3 are in both arms
    events = np.array([e for e, _ in ARM_1 + ARM_2], dtype=float)
    days = np.array([t for _, t in ARM_1 + ARM_2], dtype=float)
    arm = np.array([1.0] * len(ARM_1) + [0.0] * len(ARM_2))
    groups = np.array([*range(len(ARM_1)), *range(shared), *range(100, 100 + len(ARM_2) - shared)])
    model = sm.GLM(events, sm.add_constant(arm), family=sm.families.Poisson(), offset=np.log(days))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-14)
    expected = np.exp(fit.conf_int(alpha=1 - LEVEL)[1])
    both = list(zip(ARM_1[:shared], ARM_2[:shared], strict=True))
    cross = CrossSums(
        sum(a[0] * b[0] for a, b in both), sum(a[0] * b[1] for a, b in both),
        sum(a[1] * b[0] for a, b in both), sum(a[1] * b[1] for a, b in both),
    )  # fmt: skip
    found = robust_ratio_interval(sums(ARM_1), sums(ARM_2), cross, LEVEL)
    assert found == pytest.approx(tuple(expected), rel=1e-8)
    assert robust_ratio_interval(sums(ARM_1), sums(ARM_2), CrossSums(), LEVEL) != pytest.approx(found, rel=1e-3)
    low, high = robust_ratio_interval(sums(ARM_1), sums(ARM_2), None, LEVEL)
    assert low < found[0] < found[1] < high


@pytest.mark.parametrize("robust", [robust_ratio_interval, robust_difference_interval])
def test_without_products_the_limits_are_the_widest_that_any_pairing_of_persons_gives(robust):
    import numpy as np

    rng = np.random.default_rng(8)
    first, second = (
        list(zip(rng.poisson(1, 30).tolist(), rng.integers(50, 900, 30).tolist(), strict=True)) for _ in "12"
    )
    widest = robust(sums(first), sums(second), None, LEVEL)
    for _ in range(200):
        pairs = list(zip(first, rng.permutation(second).tolist(), strict=True))
        cross = CrossSums(*(sum(a[i] * b[j] for a, b in pairs) for i in (0, 1) for j in (0, 1)))
        low, high = robust(sums(first), sums(second), cross, LEVEL)
        assert widest[0] < low < high < widest[1]
