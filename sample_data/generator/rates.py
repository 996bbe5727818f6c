"""The known truth: constant hazards by exposure, sex and age band, per 1000 person-years.

Made-up numbers, chosen so that an analysis has something to find. Not evidence about any medicine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from generator.days import Array

PER = 1000 * 365.25
"""A rate per 1000 person-years over this is the hazard of one day."""

AGE_BANDS = ("18-29", "30-39", "40-49", "50-59", "60-69", "70+")
AGE_CUTS = (30, 40, 50, 60, 70)
SEXES = ("female", "male")

STATES = ("background", "platform", "ocrelizumab", "other")
"""Exposure on a day: the treatment begun last governs, until its effect ends."""

EVER = ("background", "ever_platform", "ever_ocrelizumab")
"""Exposure in the past: from 365 days after the first start; ever ocrelizumab outranks ever platform."""

PLATFORM_EXTENSION = 30
OCRELIZUMAB_EXTENSION = 180
OCRELIZUMAB_GAP = 270
EVER_LAG = 365
CLEAN_WINDOW = 30

REFERENCE: dict[str, dict[str, float]] = {
    "serious_infection": {"background": 9.0, "platform": 10.0, "ocrelizumab": 19.0, "other": 14.0},
    "nonserious_infection": {"background": 70.0, "platform": 80.0, "ocrelizumab": 120.0, "other": 95.0},
    "malignancy": {"background": 2.6, "ever_platform": 2.6, "ever_ocrelizumab": 3.4},
    "skin_tumour": {"background": 1.2, "platform": 1.2, "ocrelizumab": 1.2, "other": 1.2},
    "other_event": {"background": 40.0, "platform": 110.0, "ocrelizumab": 90.0, "other": 100.0},
    "death": {"any": 2.4},
}
"""Women aged 40-49: rate per 1000 person-years by outcome and exposure."""

AGE_FACTOR: dict[str, tuple[float, ...]] = {
    "serious_infection": (0.8, 0.9, 1.0, 1.2, 1.6, 2.0),
    "nonserious_infection": (1.2, 1.1, 1.0, 1.0, 1.0, 1.1),
    "malignancy": (0.35, 0.6, 1.0, 1.6, 2.4, 3.2),
    "skin_tumour": (0.2, 0.5, 1.0, 1.8, 3.0, 4.0),
    "other_event": (1.0, 1.0, 1.0, 1.0, 1.1, 1.2),
    "death": (0.6, 0.75, 1.0, 1.7, 2.8, 5.0),
}
"""Factor by age band; who is younger than 18 has that of 18-29."""

MALE_FACTOR: dict[str, float] = {
    "serious_infection": 1.15,
    "nonserious_infection": 0.85,
    "malignancy": 0.9,
    "skin_tumour": 1.2,
    "other_event": 0.9,
    "death": 1.4,
}
"""Factor for men."""


def exposures(outcome: str) -> tuple[str, ...]:
    """Exposure states that set the rate of this outcome, in the order of their numbers."""
    return tuple(REFERENCE[outcome])


def true_rate(outcome: str, exposure: str, sex: str, age: str) -> float:
    """True rate per 1000 person-years of one cell."""
    factor = MALE_FACTOR[outcome] if sex == "male" else 1.0
    return REFERENCE[outcome][exposure] * factor * AGE_FACTOR[outcome][AGE_BANDS.index(age)]


def true_rates() -> list[dict[str, str | float]]:
    """Every cell of the truth, in a fixed order."""
    return [
        {
            "outcome": outcome,
            "exposure": exposure,
            "sex": sex,
            "age": age,
            "rate_per_1000_py": round(true_rate(outcome, exposure, sex, age), 6),
        }
        for outcome in REFERENCE
        for exposure in exposures(outcome)
        for sex in SEXES
        for age in AGE_BANDS
    ]


def rate_array(outcome: str) -> Array:
    """Rates as an array: exposure, sex (female first), age band."""
    return np.array(
        [
            [[true_rate(outcome, exposure, sex, age) for age in AGE_BANDS] for sex in SEXES]
            for exposure in exposures(outcome)
        ]
    )


def age_band(age: Array) -> Array:
    """Number of the age band; the youngest band also holds who is under 18."""
    return np.searchsorted(np.array(AGE_CUTS), age, side="right")
