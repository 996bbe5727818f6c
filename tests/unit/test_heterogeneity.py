"""Heterogeneity between registries: by hand, from published numbers, and never of a masked registry."""

from __future__ import annotations

from math import exp, log, sqrt

import pandas as pd
import pytest

from pass_engine.estimate import frame_of, heterogeneity_rows

Z = 1.959963984540054


def row(registry, events, years, **more):
    rate = events / years * 1000 if events is not None else None
    return {
        "analysis": "main", "role": "primary", "registry": registry, "cohort": "c", "outcome": "o", "time_at_risk": "t",
        "counting": "first", "stratum": "overall", "level": "", "measure": "eair", "status": "shown", "events": events,
        "person_days": 1, "per": 1000, "rate": rate, "interval_level": 0.95, "registries": registry, **more,
    }  # fmt: skip


def found(*rows):
    (only,) = heterogeneity_rows(frame_of("incidence", rows))
    return only


def test_two_registries_by_hand():
    """Rates 10 and 20 of 25 and 100 events: variances 0.04 and 0.01, weights 25 and 100, Q = 20 ln(2)^2."""
    got = found(row("aa", 25, 2500), row("bb", 100, 5000), row("pooled", 125, 7500))
    assert got["rate"] == pytest.approx(exp((25 * log(10) + 100 * log(20)) / 125))
    assert got["rate_high"] / got["rate"] == pytest.approx(exp(Z * sqrt(1 / 125)))
    assert got["q"] == pytest.approx(20 * log(2) ** 2)
    assert got["i2_percent"] == pytest.approx(100 * (1 - 1 / (20 * log(2) ** 2)))
    assert (got["tau2"], got["prediction_low"], got["method"]) == (None, None, "fixed effect")
    assert (got["registries"], got["left_out"]) == ("aa;bb", "")


def test_equal_rates_differ_in_nothing():
    got = found(*(row(name, 50, 5000) for name in ("aa", "bb", "cc", "dd")))
    assert (got["q"], got["i2_percent"], got["tau2"]) == pytest.approx((0, 0, 0), abs=1e-12)
    assert got["rate"] == pytest.approx(10)
    # t(3) and t(2) at 97.5 %: 3.182446 and 4.302653; variance 1 / 200
    assert got["rate_high"] == pytest.approx(10 * exp(3.182446 * sqrt(1 / 200)), rel=1e-6)
    assert got["prediction_low"] == pytest.approx(10 * exp(-4.302653 * sqrt(1 / 200)), rel=1e-6)


def test_person_robust_limits_give_the_variance():
    """Limits rate * exp(+-z s): s is taken back from them, here 0.5 instead of 1 / sqrt(100)."""
    wide = {"robust_low": 20 * exp(-Z * 0.5), "robust_high": 20 * exp(Z * 0.5)}
    got = found(row("aa", 100, 5000, measure="eaer", **wide), row("bb", 100, 10000, measure="eaer"))
    assert got["rate"] == pytest.approx(exp((4 * log(20) + 100 * log(10)) / 104))
    narrow = {"robust_low": 19.99, "robust_high": 20.01}
    got = found(row("aa", 100, 5000, measure="eaer", **narrow), row("bb", 100, 10000, measure="eaer"))
    assert got["rate"] == pytest.approx(exp((log(20) + log(10)) / 2))


def test_withheld_empty_and_masked_registries_are_not_among_them():
    rows = [row("aa", 25, 2500), row("bb", 0, 900), row("cc", None, 1, status="<5"), row("dd", 100, 5000),
            row("masked", 900, 100), row("pooled", 1025, 8500)]  # fmt: skip
    got = found(*rows)
    assert (got["registries"], got["left_out"]) == ("aa;dd", "bb;cc")
    assert got["rate"] == pytest.approx(exp((25 * log(10) + 100 * log(20)) / 125))


def test_too_few_to_say():
    got = found(row("aa", 25, 2500), row("bb", 0, 900))
    assert (got["status"], got.get("rate")) == ("not_estimable", None)
    assert not list(heterogeneity_rows(frame_of("incidence", [row("aa", 25, 2500), row("pooled", 25, 2500)])))
    assert isinstance(frame_of("heterogeneity", [got]), pd.DataFrame)
