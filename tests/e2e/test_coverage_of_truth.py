"""Do the engine's pooled rates cover the rates that the registries were drawn with, and are they unbiased?

Clean networks the size of the demonstration (12,000 persons in six registries) are drawn from seeds, counted by the
real engine from harmonised tables, pooled and estimated; disclosure control comes later and is left out. In a cell of
age and sex the true rate is one number, so that its interval either covers it or does not; overall it is the mean
over the days at risk. A family is one outcome, time at risk, cohort and measure.

How often is right: an exact Poisson interval covers more often than its level, and how much more follows from the
expected count (:func:`exact_coverage`). The number of covering intervals of a family, whose cells share neither days
nor events, is held against the binomial distribution with the mean of those probabilities, which is wider than its
own (Hoeffding, Ann Math Stat 1956;27:713-21). It may lie neither below nor above the region that leaves out one in a
million on each side: too few and too many both fail. Bias: over all networks, events minus expected events stay
within 5 square roots of the latter.

Seen over seeds 1 to 60, in 180 s of one core. Of the 3,600 intervals of cells that share no events, 3,517 (97.69%)
cover the true rate; exact intervals of these counts are expected to in 97.70%, and 3,471 to 3,556 are accepted. By
family 97.1 to 98.6% cover by age and sex, 93.3 to 100% (56 to 60 of 60) overall. Events are 21,272 where 21,220 are
expected (z 0.36); z lies between -0.79 and 0.78 in every family. Intervals of level 92% or 98% in their place, or a
truth 5% higher or lower, do not pass.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from math import sqrt

import numpy as np
import pytest
from scipy.stats import binom, chi2, poisson

from pass_engine.terms import OVERALL
from tests.e2e.simulated import CELLS, TRUE_STATE, Estimate, Family, estimates_of

LEVEL = 0.95
ERROR = 1e-6
"""Probability with which a right engine would leave the region of acceptance, on each side and in each family."""
MOST_Z = 5.0
PERSONS = 12_000
QUICK_SEEDS = (1, 2)
SEEDS = range(1, 61)
CELLS_OF_A_FAMILY = 12
TOGETHER: Family = ("all", "disjoint", "all", "one measure each", CELLS)


@cache
def exact_coverage(expected: float, level: float = LEVEL) -> float:
    """Probability that the exact (Garwood) interval of a Poisson count covers its mean."""
    counts = np.arange(int(expected + 12 * sqrt(expected) + 40))
    low, high = exact_limits(counts, level)
    return float(poisson.pmf(counts, expected)[(low <= expected) & (expected <= high)].sum())


def exact_limits(counts, level: float):
    """Garwood's limits by their definition, apart from the engine's."""
    tail = (1 - level) / 2
    low = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0)
    return low, chi2.isf(tail, 2 * counts + 2) / 2


def by_family(estimates: list[Estimate]) -> dict[Family, list[Estimate]]:
    families: dict[Family, list[Estimate]] = defaultdict(list)
    for estimate in estimates:
        families[estimate.family].append(estimate)
        if is_apart(estimate.family):
            families[TOGETHER].append(estimate)
    return families


def is_apart(family: Family) -> bool:
    """Cells that share no event with those of another such family: one measure, and one time at risk of death."""
    outcome, time_at_risk, _, measure, stratum = family
    counted = measure == ("eaer" if outcome == "serious_infection" else "eair")
    return stratum == CELLS and counted and time_at_risk != "ever_exposed"


def complaints(estimates: list[Estimate]) -> list[str]:
    """What the estimates of a right engine would not show, family by family."""
    return [line for family, found in by_family(estimates).items() for line in family_complaints(family, found)]


def region(found: list[Estimate]) -> tuple[int, int]:
    """Fewest and most intervals of a right engine that cover the true rate."""
    right = float(np.mean([exact_coverage(e.expected) for e in found]))
    return int(binom.ppf(ERROR, len(found), right)), int(binom.isf(ERROR, len(found), right))


def family_complaints(family: Family, found: list[Estimate]) -> list[str]:
    name, covered = "/".join(family), sum(e.covers for e in found)
    fewest, most = region(found)
    told = []
    if covered < fewest:
        told.append(f"{name}: {covered} of {len(found)} cover the true rate, fewer than {fewest}")
    if covered > most:
        told.append(f"{name}: {covered} of {len(found)} cover the true rate, more than {most}")
    if abs(z_of(found)) > MOST_Z:
        told.append(f"{name}: events differ from those expected, z = {z_of(found):.2f}")
    return told


def z_of(found: list[Estimate]) -> float:
    expected = sum(e.expected for e in found)
    return (sum(e.events for e in found) - expected) / sqrt(expected)


def at_level(estimate: Estimate, level: float) -> Estimate:
    """The same estimate with an exact interval of another level."""
    low, high = exact_limits(np.array([estimate.events]), level)
    return replace(estimate, low=float(low[0]) / estimate.years, high=float(high[0]) / estimate.years)


@pytest.fixture(scope="module")
def few() -> list[Estimate]:
    return [e for seed in QUICK_SEEDS for e in estimates_of(seed, PERSONS)]


def test_two_networks_give_every_cell_and_no_complaint(few):
    cells = {family: len(found) for family, found in by_family(few).items() if family != TOGETHER}
    wanted = {
        (outcome, time, cohort, measure, stratum): len(QUICK_SEEDS) * (CELLS_OF_A_FAMILY if stratum == CELLS else 1)
        for outcome, time, cohort in TRUE_STATE
        for measure in (("eair", "eaer") if outcome == "serious_infection" else ("eair",))
        for stratum in (CELLS, OVERALL)
    }
    assert cells == wanted
    assert sum(e.events for e in few if e.family[3:] == ("eaer", OVERALL)) > 400
    assert complaints(few) == []


def test_intervals_are_garwoods(few):
    for estimate in few:
        own = at_level(estimate, LEVEL)
        assert (own.low, own.high) == pytest.approx((estimate.low, estimate.high), rel=1e-9)


@pytest.mark.slow
def test_true_rates_are_covered_at_about_the_nominal_level():
    """One test, so that the networks are drawn once; what it would catch is planted at its end."""
    estimates = [e for seed in SEEDS for e in estimates_of(seed, PERSONS)]
    assert complaints(estimates) == []
    together = by_family(estimates)[TOGETHER]
    fewest, most = region(together)
    assert LEVEL * len(together) < fewest < most < 0.999 * len(together)
    assert any("fewer" in line for line in family_complaints(TOGETHER, [at_level(e, 0.92) for e in together]))
    assert any("more" in line for line in family_complaints(TOGETHER, [at_level(e, 0.98) for e in together]))
    for wrong in (0.95, 1.05):
        assert any("z =" in line for line in family_complaints(TOGETHER, [times(e, wrong) for e in together]))


def times(estimate: Estimate, factor: float) -> Estimate:
    """The same estimate beside another truth."""
    return replace(estimate, expected=estimate.expected * factor)
