"""Direct standardisation: weights over the study's bands, and the gamma interval of the weighted rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pass_engine.stats.rates import chi2_high, chi2_low

if TYPE_CHECKING:
    from collections.abc import Sequence

ESP2013 = {
    0: 1000,
    1: 4000,
    5: 5500,
    10: 5500,
    15: 5500,
    20: 6000,
    25: 6000,
    30: 6500,
    35: 7000,
    40: 7000,
    45: 7000,
    50: 7000,
    55: 6500,
    60: 6000,
    65: 5500,
    70: 5000,
    75: 4000,
    80: 2500,
    85: 1500,
    90: 800,
    95: 200,
}
"""European Standard Population 2013: first year of a band to its persons, 100 000 in all; the last band is open.

Source: Eurostat, Revision of the European Standard Population, Methodologies and working papers, 2013.
The standard is the same for both sexes.
"""

STANDARD_SEXES = ("female", "male")


class DividedBandError(ValueError):
    """A study band divides a band of the standard, and nothing says how to share it."""


def esp2013_weights(
    labels: Sequence[str], cuts: Sequence[int], *, by_sex: bool, split_uniform: bool = False
) -> dict[str, float]:
    """Weight of every study cell, summing to 1: level (``18-29``, ``18-29*female`` or ``female``) to weight.

    ``cuts`` are the lower limits of the study's bands in completed years, the last band open, and ``labels``
    their names; none gives weights by sex alone. Each sex has half the weight. Raises DividedBandError where
    a cut lies inside a band of the standard, unless ``split_uniform`` gives each year of such a band the same
    share; the open band is never shared.
    """
    if not cuts:
        return dict.fromkeys(STANDARD_SEXES, 0.5)
    starts = [_persons_from(cut, split_uniform=split_uniform) for cut in cuts]
    persons = [a - b for a, b in zip(starts, [*starts[1:], Fraction(0)], strict=True)]
    shares = {label: n / starts[0] for label, n in zip(labels, persons, strict=True)}
    if not by_sex:
        return {label: float(share) for label, share in shares.items()}
    return {f"{label}*{sex}": float(share / 2) for label, share in shares.items() for sex in STANDARD_SEXES}


def standard_text(cuts: Sequence[int], *, by_sex: bool) -> str:
    """What stands under a table: which part of which standard."""
    name = "European Standard Population 2013"
    if not cuts:
        return f"standardised to equal parts of women and men, as in the {name}"
    part = f"standardised to the {cuts[0]}+ years part of the {name}"
    return f"{part}, half of each age band for each sex" if by_sex else part


def fay_feuer(
    events: Sequence[int], times: Sequence[float], weights: Sequence[float], level: float
) -> tuple[float, float, float] | None:
    """Directly standardised rate and its gamma limits (Fay & Feuer, Stat Med 1997;16:791-801), per unit of time.

    One entry a cell. None where a cell has weight but no time: the rate is not estimable.
    """
    if min(times, default=0) <= 0:
        return None
    tail = (1 - level) / 2
    factors = [w / t for w, t in zip(weights, times, strict=True)]
    y = sum(f * d for f, d in zip(factors, events, strict=True))
    v = sum(f * f * d for f, d in zip(factors, events, strict=True))
    largest = max(factors)
    low = chi2_low(2 * y * y / v, tail) * v / (2 * y) if y else 0.0
    y_up, v_up = y + largest, v + largest * largest
    return y, low, chi2_high(2 * y_up * y_up / v_up, tail) * v_up / (2 * y_up)


def _persons_from(age: int, *, split_uniform: bool) -> Fraction:
    """Persons of the standard at this age and above."""
    whole = Fraction(sum(n for start, n in ESP2013.items() if start >= age))
    if age in ESP2013:
        return whole
    start = max(a for a in ESP2013 if a < age)
    later = [a for a in ESP2013 if a > age]
    if not later or not split_uniform:
        raise DividedBandError(f"the cut at {age} years divides the band of the standard that starts at {start}")
    return whole + Fraction(ESP2013[start] * (later[0] - age), later[0] - start)
