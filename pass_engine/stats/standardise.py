"""Direct standardisation: weights over the study's bands, and the gamma interval of the weighted rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pass_engine.stats.rates import chi2_high, chi2_low
from pass_engine.stats.standards import BOTH_SEXES, STANDARD_SEXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pass_engine.stats.standards import Standard


class DividedBandError(ValueError):
    """A study band divides a band of the standard, and nothing says how to share it."""


def standard_weights(
    standard: Standard, labels: Sequence[str], cuts: Sequence[int], *, by_sex: bool, split_uniform: bool = False
) -> dict[str, float]:
    """Weight of every study cell, summing to 1: level (``18-29``, ``18-29*female`` or ``female``) to weight.

    ``cuts`` are the lower limits of the study's bands in completed years, the last band open, and ``labels``
    their names; none gives weights by sex alone. Raises DividedBandError where a cut lies inside a band of the
    standard, unless ``split_uniform`` gives each year of such a band the same share; the open band is never shared.
    """
    cells: dict[str, Fraction] = {}
    for sex in STANDARD_SEXES if by_sex else (BOTH_SEXES,):
        for label, weight in _band_weights(standard, sex, labels, cuts, split_uniform=split_uniform).items():
            cells["*".join(filter(None, (label, sex)))] = weight
    whole = sum(cells.values(), Fraction(0))
    ordered = [f"{label}*{sex}" for label in labels for sex in STANDARD_SEXES] if cuts and by_sex else list(cells)
    return {level: float(cells[level] / whole) for level in ordered}


def _band_weights(
    standard: Standard, sex: str, labels: Sequence[str], cuts: Sequence[int], *, split_uniform: bool
) -> dict[str, Fraction]:
    weights = dict(zip(standard.starts, standard.of(sex), strict=True))
    if not cuts:
        return {"": sum(weights.values(), Fraction(0))}
    above = [_weight_from(weights, cut, split_uniform=split_uniform) for cut in cuts]
    return {label: a - b for label, a, b in zip(labels, above, [*above[1:], Fraction(0)], strict=True)}


def _weight_from(weights: Mapping[int, Fraction], age: int, *, split_uniform: bool) -> Fraction:
    """Weight of the standard at this age and above."""
    whole = sum((weight for start, weight in weights.items() if start >= age), Fraction(0))
    if age in weights or age < min(weights):
        return whole
    start = max(a for a in weights if a < age)
    later = [a for a in weights if a > age]
    if not later or not split_uniform:
        raise DividedBandError(f"the cut at {age} years divides the band of the standard that starts at {start}")
    return whole + Fraction(later[0] - age, later[0] - start) * weights[start]


def standard_text(standard: Standard, cuts: Sequence[int], *, by_sex: bool) -> str:
    """What stands under a table: which part of which standard."""
    if not cuts:
        parts = "its shares of women and men" if standard.tells_sex else "equal parts of women and men"
        return f"standardised to {parts}, as in the {standard.name}"
    part = f"standardised to the {cuts[0]}+ years part of the {standard.name}"
    if not by_sex or standard.tells_sex:
        return part
    return f"{part}, half of each age band for each sex"


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
