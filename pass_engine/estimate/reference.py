"""Observed against expected: the standardised incidence ratio, by reference rates of the study's own choosing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pass_engine.disclose.thresholds import WITHHELD
from pass_engine.estimate.asked import PARTS
from pass_engine.estimate.rows import level_rank, numbers_of
from pass_engine.estimate.standard import STRATA_SUPPRESSED
from pass_engine.protocol.names import canonical_order, margin_name
from pass_engine.protocol.reference import band_ages
from pass_engine.stats import RATE_METHOD_WORDS, rate_interval
from pass_engine.terms import DAYS_PER_YEAR, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.disclose import Row
    from pass_engine.estimate.asked import Asked, Place
    from pass_engine.protocol.reference import ReferenceRate, ReferenceRates

NUMERATOR, DENOMINATOR = PARTS["eair"]
SIR_METHOD = "exact"
YEAR_DIGITS = 4


@dataclass(frozen=True)
class Expectation:
    """The margin whose cells have reference rates, and the rate of each of them."""

    stratum: str
    strata: tuple[str, ...]
    rates: ReferenceRates
    bands: Mapping[str, range]

    def rate_of(self, level: str) -> ReferenceRate | None:
        """The rate of a cell; none where its age or sex is not known, or lies outside the bands."""
        told = dict(zip(self.strata, level.split("*"), strict=True))
        ages = self.bands.get(told["age"]) if "age" in told else range(1)
        # a calendar level begins with its year, however long its interval is
        year = told.get("calendar", "0")[:YEAR_DIGITS]
        return self.rates.find(ages, told.get("sex", ""), int(year)) if ages and year.isdigit() else None


def expectation_of(asked: Asked) -> Expectation | None:
    """The reference of an analysis; None where it names none."""
    reference = asked.analysis.reference
    if reference is None:
        return None
    strata = canonical_order(reference.by)
    rates = asked.protocol.references[reference.rates]
    return Expectation(margin_name(strata), strata, rates, band_ages(asked.scenario.study))


def sir_scale(asked: Asked) -> Row:
    """Unit, level and method of the ratio."""
    return {
        "per": 1,
        "interval_level": asked.analysis.interval.level,
        "method": f"{RATE_METHOD_WORDS[SIR_METHOD]}, observed over expected",
    }


def sir_row(asked: Asked, expectation: Expectation, overall: Row, found: Sequence[Row]) -> Row:
    """Observed first events, those expected in the same time, and their ratio; ``found`` are all cells of the place.

    Not estimable where a cell with person-time has no rate: leaving its time out would leave out its events too.
    """
    observed, days = overall[NUMERATOR], overall[DENOMINATOR]
    # A case belongs to the one cell that holds its first event.
    row = {**numbers_of(overall, observed, days), "persons_with_event": observed}
    cells = [(c[DENOMINATOR], expectation.rate_of(c["level"])) for c in found if c["stratum"] == expectation.stratum]
    if None in (observed, days, *(own for own, _ in cells)):
        return {**row, "status": WITHHELD, "note": STRATA_SUPPRESSED}
    with_time = [(own, rate) for own, rate in cells if own]
    bare = sum(rate is None for _, rate in with_time)
    if not with_time or bare:
        remark = f"no reference rate for the person-time of {bare} of {len(with_time)} cells"
        return {**row, "status": "not_estimable", "note": remark if bare else "no person-time"}
    # exact up to the end, so that the order of the cells changes nothing
    expected = sum((own * rate.rate / rate.rate_per for own, rate in with_time if rate is not None), Fraction(0))
    events = float(expected / Fraction(DAYS_PER_YEAR))
    limits = rate_interval(SIR_METHOD, observed, events, asked.analysis.interval.level)
    if limits is None:
        return {**row, "status": "not_estimable", "note": "no event expected"}
    low, high = limits
    ratio = {"rate": observed / events, "rate_low": low, "rate_high": high}
    return {**row, "status": "shown", "expected": events, **ratio}


def reference_rows_of(asked: Asked, expectation: Expectation, cells: Mapping[Place, Sequence[Row]]) -> Iterator[Row]:
    """Rows of reference_rates.csv of one analysis: the rate of every cell in which anyone has person-time."""
    pooled = (cell for place, found in cells.items() if place[0] == POOLED for cell in found)
    levels = {cell["level"] for cell in pooled if cell["stratum"] == expectation.stratum and cell[DENOMINATOR] != 0}
    for level in sorted(levels, key=level_rank):
        rate = expectation.rate_of(level)
        if rate is not None and asked.analysis.reference is not None:
            yield {
                "analysis": asked.analysis.id,
                "reference": asked.analysis.reference.rates,
                "level": level,
                "per": rate.rate_per,
                "rate": float(rate.rate),
            }
