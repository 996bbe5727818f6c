"""Does direct standardisation agree with the literature, and are the standards' weights the published ones?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from pass_engine.protocol import age_labels
from pass_engine.stats import (
    BOTH_SEXES,
    ESP2013,
    WHO2000_2025,
    DividedBandError,
    Standard,
    fay_feuer,
    rate_interval,
    standard_text,
    standard_weights,
)

LEVEL = 0.95


def test_fay_feuer_check_of_the_methods():
    """Fay & Feuer 1997 gamma limits: d = 2, 5, 9; T = 1000, 1500, 1200; w = .5, .3, .2 per 1 000."""
    rate, low, high = (1000 * v for v in fay_feuer([2, 5, 9], [1000, 1500, 1200], [0.5, 0.3, 0.2], LEVEL))
    assert rate == pytest.approx(3.5, abs=1e-12)
    assert (low, high) == pytest.approx((1.8581, 6.4157), abs=5e-5)


def test_one_cell_is_the_exact_interval():
    """With one cell of weight 1 the gamma limits are the exact Poisson limits (Fay & Feuer 1997, section 2)."""
    rate, low, high = fay_feuer([7], [250.0], [1.0], LEVEL)
    assert rate == pytest.approx(7 / 250)
    assert (low, high) == pytest.approx(rate_interval("exact", 7, 250, LEVEL), rel=1e-12)


def test_proportional_weights_give_the_crude_rate():
    """Weights in proportion to time make the standardised rate the crude one, with its exact limits."""
    times = [100.0, 300.0, 600.0]
    rate, low, high = fay_feuer([1, 4, 7], times, [t / 1000 for t in times], LEVEL)
    assert rate == pytest.approx(12 / 1000)
    assert (low, high) == pytest.approx(rate_interval("exact", 12, 1000, LEVEL), rel=1e-12)


def test_no_event_anywhere():
    """y = 0: the lower limit is 0, the upper the exact one of the largest w / T."""
    rate, low, high = fay_feuer([0, 0], [100, 400], [0.5, 0.5], LEVEL)
    assert (rate, low) == (0, 0)
    assert high == pytest.approx(0.5 / 100 * 3.688879454113936, rel=1e-12)


def test_weight_without_time_is_not_estimable():
    assert fay_feuer([1, 0], [100, 0], [0.5, 0.5], LEVEL) is None
    assert fay_feuer([], [], [], LEVEL) is None


def bands(standard):
    return dict(zip(standard.starts, standard.of(BOTH_SEXES), strict=True))


def test_european_standard_as_published():
    """Eurostat 2013: 100 000 persons; 1 000 below 1 year, 7 000 at 35 to 54, 5 000 at 70 to 74, 1 000 from 90."""
    esp = bands(ESP2013)
    assert sum(esp.values()) == 100_000
    assert esp[0] + esp[1] == 5000
    assert [esp[a] for a in (35, 40, 45, 50)] == [7000] * 4
    assert esp[90] + esp[95] == 1000


WHO_PER_MILLION = {
    0: 88_569, 5: 86_870, 10: 85_970, 15: 84_670, 20: 82_171, 25: 79_272, 30: 76_073, 35: 71_475, 40: 65_877,
    45: 60_379, 50: 53_681, 55: 45_484, 60: 37_187, 65: 29_590, 70: 22_092, 75: 15_195, 80: 9_097, 85: 4_398,
    90: 1_500, 95: 400, 100: 50,
}  # fmt: skip


def test_world_standard_as_published():
    """Ahmad 2001: sums to 100 as rounded. Rescaled to a million it is what SEER*Stat has as World (WHO 2000-2025)."""
    assert sum(bands(WHO2000_2025).values()) == pytest.approx(100, abs=0.05)
    cuts = tuple(WHO_PER_MILLION)
    found = standard_weights(WHO2000_2025, age_labels(cuts), cuts, by_sex=False)
    assert [1e6 * w for w in found.values()] == pytest.approx(list(WHO_PER_MILLION.values()), abs=1)


def weights(*cuts, by_sex=False, split=True, standard=ESP2013):
    labels = age_labels(cuts) if cuts else ()
    return standard_weights(standard, labels, cuts, by_sex=by_sex, split_uniform=split)


def test_weights_of_study_bands():
    """18 and 19 are two fifths of 15 to 19: 2 200, then 6 000 + 6 000; from 18 there are 80 700 persons."""
    found = weights(18, 30, 40, 50, 60, 70)
    assert found["18-29"] == pytest.approx(14_200 / 80_700, abs=1e-15)
    assert found["70+"] == pytest.approx(14_000 / 80_700, abs=1e-15)
    assert sum(found.values()) == pytest.approx(1, abs=1e-15)


def test_each_sex_has_half():
    found = weights(18, 30, 70, by_sex=True)
    ages = weights(18, 30, 70)
    assert list(found) == [f"{a}*{s}" for a in ages for s in ("female", "male")]
    assert found["30-69*male"] == ages["30-69"] / 2
    assert weights(by_sex=True) == {"female": 0.5, "male": 0.5}


TOLD = Standard("town", (0, 50), {"female": (Fraction(30), Fraction(30)), "male": (Fraction(30), Fraction(10))})


def test_a_standard_that_tells_the_sexes_apart():
    """100 persons: 30 and 30 women, 30 and 10 men; half the years of 0 to 49 are from 25 on."""
    assert weights(50, by_sex=True, standard=TOLD) == {"50+*female": 0.75, "50+*male": 0.25}
    assert weights(0, 50, standard=TOLD) == {"0-49": 0.6, "50+": 0.4}
    assert weights(by_sex=True, standard=TOLD) == {"female": 0.6, "male": 0.4}
    assert weights(25, 50, by_sex=True, standard=TOLD)["25-49*male"] == 15 / 70


def test_whole_bands_need_no_split():
    assert weights(20, 65, split=False) == weights(20, 65)
    assert weights(0, 1, 5, split=False)["0"] == 0.01


@pytest.mark.parametrize(("cuts", "split"), [((18, 30), False), ((20, 97), True)])
def test_a_divided_band_is_refused(cuts, split):
    with pytest.raises(DividedBandError, match="divides the band of the standard"):
        weights(*cuts, split=split)


def test_text_names_the_part():
    text = standard_text(ESP2013, (18, 30), by_sex=True)
    assert text == (
        "standardised to the 18+ years part of the European Standard Population 2013, half of each age band for each "
        "sex"
    )
    assert "half" not in standard_text(TOLD, (18, 30), by_sex=True)
    assert "equal parts of women and men" in standard_text(ESP2013, (), by_sex=True)
    assert "its shares of women and men" in standard_text(TOLD, (), by_sex=True)
