"""Does direct standardisation agree with the literature, and are the standard's weights the published ones?"""

from __future__ import annotations

import pytest

from pass_engine.protocol import age_labels
from pass_engine.stats import DividedBandError, esp2013_weights, fay_feuer, rate_interval, standard_text
from pass_engine.stats.standardise import ESP2013

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


def test_standard_as_published():
    """Eurostat 2013: 100 000 persons; 1 000 below 1 year, 7 000 at 35 to 54, 5 000 at 70 to 74, 1 000 from 90."""
    assert sum(ESP2013.values()) == 100_000
    assert ESP2013[0] + ESP2013[1] == 5000
    assert [ESP2013[a] for a in (35, 40, 45, 50)] == [7000] * 4
    assert ESP2013[90] + ESP2013[95] == 1000


def weights(*cuts, by_sex=False, split=True):
    return esp2013_weights(age_labels(cuts) if cuts else (), cuts, by_sex=by_sex, split_uniform=split)


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


def test_whole_bands_need_no_split():
    assert weights(20, 65, split=False) == weights(20, 65)
    assert weights(0, 1, 5, split=False)["0"] == 0.01


@pytest.mark.parametrize(("cuts", "split"), [((18, 30), False), ((20, 97), True)])
def test_a_divided_band_is_refused(cuts, split):
    with pytest.raises(DividedBandError, match="divides the band of the standard"):
        weights(*cuts, split=split)


def test_text_names_the_part():
    text = standard_text((18, 30), by_sex=True)
    assert text.startswith("standardised to the 18+ years part of the European Standard Population 2013")
    assert "European Standard Population 2013" in standard_text((), by_sex=True)
