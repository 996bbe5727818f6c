"""Cox regression, proportional hazards and Fine-Gray against R's survival 3.5-3 and cmprsk 2.2-11."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from pass_engine.stats.cox import CoxData, fit_cox
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.fine_gray import events_of_cause, fit_fine_gray
from pass_engine.stats.proportional_hazards import check_proportional_hazards
from tests.reference import lehmer as made

FREIREICH = CoxData(
    matrix=[[0.0]] * 21 + [[1.0]] * 21,
    stop=[1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
          6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    event=[1] * 21 + [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
)  # fmt: skip
"""Weeks in remission under placebo and 6-mercaptopurine (Freireich et al., Blood 1963;21:699-716; Cox 1972)."""
PLAIN = CoxData(made.MATRIX, made.STOP, made.EVENT)
WHOLE = CoxData(made.MATRIX, made.STOP, made.EVENT, made.START, made.STRATUM, made.WEIGHT, made.OFFSET)


def test_the_made_rows_are_those_r_made():
    assert (made.STOP[:5].tolist(), made.STOP.sum(), made.EVENT.sum()) == ([6, 23, 9, 8, 5], 1299, 88)
    assert (len(set(made.CLUSTER)), np.bincount(made.STATUS).tolist()) == (30, [39, 41, 40])


def test_freireich_as_published():
    """R's ``coxph(Surv(time, event) ~ drug, ties = "efron")`` and ``"breslow"``: the well-known -1.57 and -1.51."""
    efron, breslow = fit_cox(FREIREICH), fit_cox(FREIREICH, "breslow")
    found = [(fit.coefficients[0], fit.covariance[0, 0] ** 0.5) for fit in (efron, breslow)]
    assert found[0] == pytest.approx((-1.57212514882907, 0.412396717709455), rel=1e-9)
    assert found[1] == pytest.approx((-1.50919141258588, 0.409564406366741), rel=1e-9)


@pytest.mark.parametrize(
    ("ties", "coefficients", "covariance", "values"),
    [
        ("efron", [0.201835630014438, 0.191857182678231],
         [0.0186825346212334, -0.00155194539468226, 0.0527942912937328], [-331.525154327141, -330.03232314787]),
        ("breslow", [0.193950521572879, 0.174732408868805],
         [0.0186639457493623, -0.00160519708978242, 0.0527110814929673], [-334.958212704307, -333.609788299966]),
    ],
)  # fmt: skip
def test_ties_as_r_has_them(ties, coefficients, covariance, values):
    """R: ``coxph(Surv(stop, ev) ~ a + b, ties = ties, control = coxph.control(eps = 1e-13))`` on the made rows."""
    fit = fit_cox(PLAIN, ties)
    assert fit.coefficients == pytest.approx(coefficients, rel=1e-9)
    assert fit.covariance.ravel()[[0, 1, 3]] == pytest.approx(covariance, rel=1e-9)
    assert (fit.null_log_likelihood, fit.log_likelihood) == pytest.approx(tuple(values), rel=1e-11)
    assert fit.events == 88


@pytest.mark.parametrize(
    ("ties", "coefficients", "covariance", "robust", "value"),
    [
        ("efron", [0.142380086077207, 0.074778987358662],
         [0.0158641982610205, -0.00238398334954731, 0.0465597987195659],
         [0.0318036245244206, -0.000103483420771162, 0.042608482260755], -328.939576419547),
        ("breslow", [0.137481251661754, 0.0748108896295206],
         [0.0159089486708826, -0.00240520859199089, 0.0465522615467383],
         [0.0293062395770726, 0.000457443624201523, 0.0385676597711786], -333.38067049587),
    ],
)  # fmt: skip
def test_start_stop_strata_weights_offset_clusters_as_r_has_them(ties, coefficients, covariance, robust, value):
    """R: ``coxph(Surv(start, stop, ev) ~ a + b + strata(st) + offset(off), weights = w, cluster = g, ties = ties)``.

    ``naive.var`` is the covariance, ``var`` the robust one of Lin & Wei.
    """
    fit = fit_cox(WHOLE, ties)
    assert fit.coefficients == pytest.approx(coefficients, rel=1e-9)
    assert fit.covariance.ravel()[[0, 1, 3]] == pytest.approx(covariance, rel=1e-9)
    assert fit.robust(made.CLUSTER).ravel()[[0, 1, 3]] == pytest.approx(robust, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(value, rel=1e-11)
    assert fit.scores.sum(axis=0) == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize(
    ("ties", "scale", "chi2"),
    [
        ("efron", "km", [0.0274908498746796, 2.5583125487259362, 2.5583405574015234]),
        ("efron", "identity", [0.00762909945728474, 2.61117895197060346, 2.70207643480279369]),
        ("efron", "rank", [0.100888119614085, 2.730987603022775, 2.756041711011915]),
        ("efron", "log", [0.0501813261739759, 3.0381159048219195, 3.1553872362581141]),
        ("breslow", "km", [0.0235520055371143, 2.3799229571551743, 2.3800370687322294]),
    ],
)
def test_proportional_hazards_as_cox_zph_gives_it(ties, scale, chi2):
    """R: ``cox.zph(m, transform = scale)$table`` of the fits above."""
    tests = check_proportional_hazards(WHOLE, fit_cox(WHOLE, ties), ties, scale)
    assert [t.chi2 for t in tests] == pytest.approx(chi2, rel=1e-7)
    assert [t.degrees for t in tests] == [1, 1, 2]


def test_terms_of_several_columns():
    """R: ``cox.zph(coxph(Surv(stop, ev) ~ a + f))``, f the factor ``floor(u3 * 3)``: 1.0235 on 2, all 1.3676 on 3."""
    f = np.floor(made.U3 * 3)
    data = CoxData(np.column_stack([made.A, f == 1, f == 2]), made.STOP, made.EVENT)
    tests = check_proportional_hazards(data, fit_cox(data), terms=[[0], [1, 2]])
    assert [t.chi2 for t in tests] == pytest.approx([0.472367802196158, 1.023542939801599, 1.367613675919767], rel=1e-7)
    assert [t.p for t in tests] == pytest.approx([0.49189988089628, 0.59943276062199, 0.71314351128065], rel=1e-7)


def test_fine_gray_as_cmprsk_gives_it():
    """R: ``crr(stop, status, cbind(a, b), gtol = 1e-14)``; coef, var, loglik."""
    fit = fit_fine_gray(made.MATRIX, made.STOP, made.STATUS)
    assert fit.coefficients == pytest.approx([-0.0758414249137157, -0.176379486309482], rel=1e-7)
    wanted = [0.0323473086836739, -0.00515585513930088, -0.00515585513930088, 0.105877257543358]
    assert fit.covariance.ravel() == pytest.approx(wanted, rel=1e-7)
    assert fit.log_likelihood == pytest.approx(-174.922956958207, rel=1e-10)
    assert (fit.events, fit.competing) == (41, 40)


def test_cause_specific_as_r_gives_it():
    """R: ``coxph(Surv(stop, status == 1) ~ a + b)``."""
    fit = fit_cox(CoxData(made.MATRIX, made.STOP, events_of_cause(made.STATUS, 1)))
    assert fit.coefficients == pytest.approx([0.0158696504633192, -0.0679171234262247], rel=1e-7)
    assert fit.covariance.ravel()[[0, 3]] == pytest.approx([0.039178717102071, 0.121112420841718], rel=1e-8)


def test_fine_gray_without_competing_events_is_cox():
    fit = fit_fine_gray(made.MATRIX, made.STOP, made.EVENT)
    assert fit.coefficients == pytest.approx(fit_cox(PLAIN, "breslow").coefficients, rel=1e-9)
    assert fit.covariance == pytest.approx(fit_cox(PLAIN, "breslow").robust(), rel=1e-8)


def test_rows_cut_in_two_change_nothing():
    """A row from 0 to t is the same as its two parts, whoever is the cluster."""
    middle = made.STOP / 2
    none = np.zeros(made.N)
    stops, starts = np.concatenate([middle, made.STOP]), np.concatenate([none, middle])
    cut = CoxData(np.vstack([made.MATRIX] * 2), stops, np.concatenate([none, made.EVENT]), starts)
    whole, parts = fit_cox(PLAIN), fit_cox(cut)
    assert parts.coefficients == pytest.approx(whole.coefficients, rel=1e-10)
    assert parts.robust(list(range(made.N)) * 2) == pytest.approx(whole.robust(), rel=1e-9)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (CoxData([[1.0], [2.0]], [1, 2], [0, 0]), NotEstimable(Diagnosis.NO_EVENT)),
        (CoxData([[1.0, 2], [2.0, 4], [3.0, 6]], [1, 2, 3], [1, 1, 0]), NotEstimable(Diagnosis.COLLINEAR, (1,))),
        (CoxData([[1.0]] * 3, [1, 2, 3], [1, 1, 1]), NotEstimable(Diagnosis.COLLINEAR, (0,))),
        (CoxData([[2.0], [2.0], [0.1], [0.1]], [1, 2, 3, 4], [1, 0, 1, 1], strata=[1, 1, 2, 2]),
         NotEstimable(Diagnosis.COLLINEAR, (0,))),
        (CoxData([[1.0], [1.0], [0.0], [0.0]] * 5, [3, 4, 5, 6] * 5, [0, 0, 1, 1] * 5),
         NotEstimable(Diagnosis.COLLINEAR, (0,))),  # nobody with 1 is left when the first dies
        (CoxData([[1.0], [1.0], [0.0], [0.0]] * 5, [3, 6, 4, 5] * 5, [0, 0, 1, 1] * 5),
         NotEstimable(Diagnosis.SEPARATION, (0,))),
    ],
)  # fmt: skip
def test_what_has_no_estimate(data, wanted):
    assert fit_cox(data) == wanted


def test_an_arm_without_events_is_told_in_fine_gray_too():
    found = fit_fine_gray(np.column_stack([made.A, made.B]), made.STOP, np.where(made.B == 1, 2, made.STATUS))
    assert found == NotEstimable(Diagnosis.SEPARATION, (1,))


def test_what_is_no_regression():
    with pytest.raises(ValueError, match="stop after"):
        fit_cox(CoxData([[1.0]], [1], [1], [1]))
    with pytest.raises(ValueError, match="above 0"):
        fit_cox(CoxData([[1.0]], [1], [1], weights=[0]))
    with pytest.raises(ValueError, match="matrix of 1 rows"):
        fit_cox(CoxData([1.0], [1], [1]))


def test_a_hundred_thousand_rows_take_seconds():
    """10 covariates, start and stop, ties, strata; in CPU seconds of this process, robust covariance included."""
    rng = np.random.default_rng(3)
    n = 100_000
    x = rng.normal(size=(n, 10))
    start = rng.integers(0, 300, n)
    stop = start + 1 + np.floor(rng.exponential(900, n) * np.exp(-0.2 * x[:, 0]))
    data = CoxData(x, stop, rng.random(n) < 0.2, start, rng.integers(0, 6, n))
    begun = process_time()
    fit = fit_cox(data)
    fit.robust(np.arange(n) // 2)
    assert process_time() - begun < 3
    assert fit.coefficients[0] == pytest.approx(0.2, abs=0.04)
