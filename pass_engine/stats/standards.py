"""Standard populations: weights by age band, and by sex where a standard tells the sexes apart."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BOTH_SEXES = ""
"""Key of the weights of a standard that does not tell the sexes apart."""

STANDARD_SEXES = ("female", "male")


@dataclass(frozen=True)
class Standard:
    """A standard population.

    ``starts`` are the first years of its bands, rising, the last band open; ``weights`` is sex (or
    ``BOTH_SEXES`` alone) to one weight a band, in any unit.
    """

    name: str
    starts: tuple[int, ...]
    weights: Mapping[str, tuple[Fraction, ...]]

    @property
    def tells_sex(self) -> bool:
        """Has each sex weights of its own?"""
        return BOTH_SEXES not in self.weights

    def of(self, sex: str) -> tuple[Fraction, ...]:
        """Weights of one sex, or of both together; without sex in the standard each sex has half."""
        if sex in self.weights:
            return self.weights[sex]
        if sex == BOTH_SEXES:
            return tuple(sum(pair, Fraction(0)) for pair in zip(*self.weights.values(), strict=True))
        return tuple(weight / 2 for weight in self.weights[BOTH_SEXES])


def _standard(name: str, bands: Mapping[int, str]) -> Standard:
    return Standard(name, tuple(bands), {BOTH_SEXES: tuple(Fraction(weight) for weight in bands.values())})


ESP2013 = _standard(
    "European Standard Population 2013",
    {
        0: "1000",
        1: "4000",
        5: "5500",
        10: "5500",
        15: "5500",
        20: "6000",
        25: "6000",
        30: "6500",
        35: "7000",
        40: "7000",
        45: "7000",
        50: "7000",
        55: "6500",
        60: "6000",
        65: "5500",
        70: "5000",
        75: "4000",
        80: "2500",
        85: "1500",
        90: "800",
        95: "200",
    },
)
"""100 000 persons. Eurostat, Revision of the European Standard Population, Methodologies and working papers, 2013."""

WHO2000_2025 = _standard(
    "WHO World Standard Population 2000–2025",
    {
        0: "8.86",
        5: "8.69",
        10: "8.60",
        15: "8.47",
        20: "8.22",
        25: "7.93",
        30: "7.61",
        35: "7.15",
        40: "6.59",
        45: "6.04",
        50: "5.37",
        55: "4.55",
        60: "3.72",
        65: "2.96",
        70: "2.21",
        75: "1.52",
        80: "0.91",
        85: "0.44",
        90: "0.15",
        95: "0.04",
        100: "0.005",
    },
)
"""Per cent, 100.035 in all as they are rounded; rescaled wherever they are used.

Ahmad OB et al., Age standardization of rates: a new WHO standard, GPE Discussion Paper 31, WHO 2001, table 4; the
paper's 85+ (0.63) is told apart here as in its long form, 0.635.
"""

STANDARDS = {"esp2013": ESP2013, "who2000_2025": WHO2000_2025}
"""Standards a protocol may name."""
