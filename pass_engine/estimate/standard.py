"""Direct standardisation: the weights of the study's cells, and the rates that they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose.thresholds import WITHHELD
from pass_engine.estimate.asked import PARTS
from pass_engine.estimate.rows import numbers_of
from pass_engine.protocol.names import age_labels, canonical_order, margin_name
from pass_engine.protocol.standards import age_cuts, standard_of
from pass_engine.stats import BOTH_SEXES, STANDARD_SEXES, fay_feuer, standard_text, standard_weights
from pass_engine.terms import DAYS_PER_YEAR, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.disclose import Row
    from pass_engine.estimate.asked import Asked, Place
    from pass_engine.protocol.models import Standardise

STRATA_SUPPRESSED = "rests on numbers that a registry withheld before they left"
EVERYWHERE = ("", "")
"""Outcome and time at risk of weights that are the same for all."""


@dataclass(frozen=True)
class Weighting:
    """The margin standardised over, what the standard is called, and level to weight by outcome and time at risk."""

    stratum: str
    text: str
    weights: Mapping[tuple[str, str], Mapping[str, float]]
    withheld: frozenset[tuple[str, str]] = frozenset()
    """Outcomes and times at risk of which nobody can make weights: a contributor withheld days before they left."""

    def is_withheld(self, row: Row) -> bool:
        """Are the weights of a row's outcome and time at risk not to be made?"""
        return (row["outcome"], row["time_at_risk"]) in self.withheld

    def of(self, outcome: str, time_at_risk: str) -> Mapping[str, float]:
        """The weights of an outcome and time at risk, summing to 1."""
        return self.weights.get((outcome, time_at_risk)) or self.weights.get(EVERYWHERE, {})


def weighting_of(asked: Asked, cells: Mapping[Place, Sequence[Row]]) -> Weighting | None:
    """The weights of an analysis; None where it asks for no standardisation. ``cells`` are its pooled counts."""
    standardise, study = asked.analysis.standardise, asked.scenario.study
    if standardise is None:
        return None
    stratum, cuts = margin_name(standardise.over), age_cuts(study, standardise.over)
    by_sex = "sex" in standardise.over
    standard = standard_of(standardise, asked.protocol.standards)
    if standard is None:
        levels = _levels(cuts, by_sex=by_sex)
        shares = {pair: _shares(asked, cells, pair, stratum, levels) for pair in asked.pairs()}
        made = {pair: own for pair, own in shares.items() if own is not None}
        return Weighting(stratum, _study_population_text(standardise), made, frozenset(shares.keys() - made.keys()))
    labels = age_labels(cuts) if cuts else ()
    weights = standard_weights(standard, labels, cuts, by_sex=by_sex, split_uniform=standardise.split == "uniform")
    return Weighting(stratum, standard_text(standard, cuts, by_sex=by_sex), {EVERYWHERE: weights})


def _levels(cuts: tuple[int, ...], *, by_sex: bool) -> list[str]:
    """Cells that a standard weighs: every band and both sexes, without what is outside or unknown."""
    labels, sexes = age_labels(cuts) if cuts else ("",), STANDARD_SEXES if by_sex else (BOTH_SEXES,)
    return ["*".join(filter(None, (label, sex))) for label in labels for sex in sexes]


def _shares(
    asked: Asked, cells: Mapping[Place, Sequence[Row]], pair: tuple[str, str], stratum: str, levels: Sequence[str]
) -> dict[str, float] | None:
    """Each level's share of the pooled days at risk of all cohorts; a level without any day has no weight.

    None where days of a level are missing.
    """
    days = dict.fromkeys(levels, 0)
    for cohort in asked.analysis.cohorts:
        for cell in cells.get((POOLED, cohort, *pair), ()):
            if cell["stratum"] == stratum and cell["level"] in days:
                if cell["person_days"] is None:
                    return None
                days[cell["level"]] += cell["person_days"]
    whole = sum(days.values())
    return {level: own / whole for level, own in days.items() if own}


def _study_population_text(standardise: Standardise) -> str:
    by = " and ".join(canonical_order(standardise.over))
    return f"standardised by {by} to the pooled person-time of all cohorts of the analysis"


def standardised_rate(asked: Asked, weighting: Weighting, measure: str, overall: Row, found: Sequence[Row]) -> Row:
    """What a row of a standardised measure holds; ``found`` are the cells of every margin beside the overall one."""
    numerator, denominator = PARTS[measure.removeprefix("standardised_")]
    weights = weighting.of(overall["outcome"], overall["time_at_risk"])
    cells = {c["level"]: c for c in found if c["stratum"] == weighting.stratum}
    row = numbers_of(overall, overall[numerator], overall[denominator])
    needed = [cells[level][c] for level in weights if level in cells for c in (numerator, denominator)]
    if weighting.is_withheld(overall) or None in (*needed, overall[numerator], overall[denominator]):
        return {**row, "status": WITHHELD, "note": STRATA_SUPPRESSED}
    bare = [level for level in weights if level not in cells or cells[level][denominator] == 0]
    if bare or not weights:
        remark = f"no person-time in {len(bare)} of {len(weights)} weighted cells" if bare else "no person-time"
        return {**row, "status": "not_estimable", "note": remark}
    units = DAYS_PER_YEAR * asked.analysis.per_person_years
    estimate = fay_feuer(
        [cells[level][numerator] for level in weights],
        [cells[level][denominator] / units for level in weights],
        list(weights.values()),
        asked.analysis.interval.level,
    )
    rate, low, high = estimate or (None, None, None)
    left_out = any(c[denominator] for level, c in cells.items() if level not in weights)
    notes = [weighting.text, *(["events and time outside the standard's cells left out"] if left_out else [])]
    return {**row, "status": "shown", "rate": rate, "rate_low": low, "rate_high": high, "note": "; ".join(notes)}


def weight_rows_of(asked: Asked, weighting: Weighting) -> Iterator[Row]:
    """Rows of standard_weights.csv of one analysis."""
    for (outcome, time_at_risk), weights in weighting.weights.items():
        for level, weight in weights.items():
            yield {
                "analysis": asked.analysis.id,
                "outcome": outcome,
                "time_at_risk": time_at_risk,
                "standard": weighting.text,
                "level": level,
                "status": "shown",
                "weight": weight,
            }
