"""Pooled effects against metafor's results on the BCG trials, and what holds of them by hand."""

from __future__ import annotations

from math import log, sqrt

import pytest

from pass_engine.stats.pooling import dersimonian_laird_tau2, leave_one_out, pool_effects, reml_tau2

BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
]  # fmt: skip
"""Tuberculosis yes and no, vaccinated and not, in 13 trials of BCG (Colditz et al., JAMA 1994;271:698-702)."""
Y = [log(a / (a + b)) - log(c / (c + d)) for a, b, c, d in BCG]
V = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]


def test_variance_between_trials_as_metafor_gives_it():
    """Viechtbauer, J Stat Softw 2010;36(3), section 3: tau^2 0.3132 (REML) and 0.3088 (DL), Q 152.23 on 12."""
    assert reml_tau2(Y, V) == pytest.approx(0.3132, abs=5e-5)
    assert dersimonian_laird_tau2(Y, V) == pytest.approx(0.3088, abs=5e-5)
    pooled = pool_effects(Y, V, 0.95, "dersimonian_laird")
    assert pooled.q == pytest.approx(152.233, abs=5e-4)
    assert pooled.i2 == pytest.approx(0.9212, abs=5e-5)
    assert pooled.estimate == pytest.approx(-0.7141, abs=5e-5)


def test_hartung_knapp_as_r_gives_it():
    """R 4.2.2: the restricted likelihood by ``optimize``, standard error of ``lm(y ~ 1, weights = 1 / (v + tau2))``."""
    pooled = pool_effects(Y, V, 0.95)
    assert (pooled.model, pooled.studies) == ("reml", 13)
    assert pooled.estimate == pytest.approx(-0.7145323417, abs=1e-7)
    assert pooled.standard_error == pytest.approx(0.1807917440, abs=1e-7)
    assert (pooled.low, pooled.high) == pytest.approx((-1.1084437131, -0.3206209704), abs=1e-7)


def test_prediction_interval_as_r_gives_it():
    """R 4.2.2: ``m + c(-1, 1) * qt(.975, 11) * sqrt(tau2 + se^2)``."""
    assert pool_effects(Y, V, 0.95).prediction == pytest.approx((-2.0090576413, 0.5799929578), abs=1e-7)


def test_dersimonian_laird_with_hartung_knapp_as_metafor_gives_it():
    """R, metafor 3.8: ``rma(yi, vi, method = "DL", test = "knha")``."""
    pooled = pool_effects(Y, V, 0.95, "dersimonian_laird")
    found = (pooled.estimate, pooled.standard_error, pooled.low, pooled.high, pooled.tau2)
    wanted = (-0.714117222073, 0.180696628336, -1.10782135417, -0.320413089978, 0.308760262862)
    assert found == pytest.approx(wanted, rel=1e-9)


def test_fixed_effect_as_metafor_gives_it():
    """R, metafor 3.8: ``rma(yi, vi, method = "FE")``."""
    pooled = pool_effects(Y, V, 0.95, "fixed")
    found = (pooled.estimate, pooled.standard_error, pooled.low, pooled.high, pooled.q)
    wanted = (-0.430285163654, 0.0404987517109, -0.509661258426, -0.350909068882, 152.233008082)
    assert found == pytest.approx(wanted, rel=1e-9)
    assert (pooled.model, pooled.prediction) == ("fixed", None)


def test_without_each_in_turn_as_metafor_gives_it():
    """R, metafor 3.8: ``leave1out(rma(yi, vi, method = "REML", test = "knha", control = list(threshold = 1e-12)))``."""
    without = leave_one_out(Y, V, 0.95)
    assert len(without) == 13
    wanted = [(-0.707083784699, -1.13408093301), (-0.654031200294, -1.05327217218), (-0.685554410837, -1.1008700815)]
    assert [(p.estimate, p.low) for p in without[:3]] == [pytest.approx(pair, rel=1e-7) for pair in wanted]
    assert leave_one_out([1.0], [1.0], 0.95) == []
    assert [p.model for p in leave_one_out(Y[:3], V[:3], 0.95)] == ["fixed"] * 3


def test_alike_registries_are_not_told_too_surely():
    """Equal estimates: no spread, and the factor of Hartung and Knapp, which would be 0, counts as 1."""
    pooled = pool_effects([1.0, 1.0, 1.0, 1.0], [0.04] * 4, 0.95)
    assert (pooled.tau2, pooled.q, pooled.i2) == (0.0, 0.0, 0.0)
    assert pooled.standard_error == pytest.approx(sqrt(0.04 / 4))
    assert pooled.high - 1 == pytest.approx(3.182446 * 0.1, rel=1e-6)  # t(3)


def test_two_registries_have_a_fixed_effect_only():
    pooled = pool_effects([0.0, 1.0], [0.1, 0.3], 0.95)
    assert (pooled.model, pooled.prediction, pooled.tau2) == ("fixed", None, 0.0)
    assert pooled.estimate == pytest.approx(0.25)  # weights 10 and 10/3
    assert pooled.high - pooled.low == pytest.approx(2 * 1.959964 * sqrt(1 / (10 + 10 / 3)), rel=1e-6)
    assert pooled.q == pytest.approx(10 * 0.0625 + 10 / 3 * 0.5625)


def test_one_registry_is_itself():
    pooled = pool_effects([2.0], [0.25], 0.95)
    assert (pooled.estimate, pooled.standard_error, pooled.i2) == (2.0, 0.5, 0.0)


def test_reml_reaches_the_top_of_its_likelihood():
    """On a spread that scoring steps over, the slope of the restricted likelihood at the estimate is 0, or it is 0."""
    from pass_engine.stats.pooling import _restricted

    for y, v in (([0.0, 5.0, 0.1, 4.0], [0.01, 4.0, 3.0, 0.02]), ([0, 0.1, 0.05], [0.5, 0.4, 0.9]), (Y, V)):
        tau2 = reml_tau2(y, v)
        top = _restricted(y, v, tau2)
        assert all(_restricted(y, v, max(0.0, tau2 + d)) <= top + 1e-12 for d in (-0.01, -1e-4, 1e-4, 0.01))


def test_nothing_to_pool():
    with pytest.raises(ValueError, match="above 0"):
        pool_effects([1.0], [0.0], 0.95)
