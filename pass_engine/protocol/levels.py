"""Levels that a protocol alone says a margin can have, so that a registry's rows do not tell whom it holds.

They are those that ``455_entry_level.sql``, ``646_level.sql``, ``750_incidence_count.sql`` and ``460_baseline.sql``
print. Country and centre are not known before there are data.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from pass_engine.protocol.covariate_rules import PREFIX, level_names, places_of, replaced_variables
from pass_engine.protocol.names import age_labels, calendar_intervals, canonical_order
from pass_engine.tables.core import CORE, COURSES

if TYPE_CHECKING:
    from pass_engine.protocol.models import Study

UNKNOWN, OUTSIDE, INCOMPLETE, MISSING = "unknown", "outside", "incomplete", "missing"
EDSS = ("0-1.5", "2-3.5", "4-5.5", "6-10")
FEW = ("0", "1", "2", "3+")
LINES = ("1", "2", "3", "4+")
AGE_GROUPS = ("<18", "18-29", "30-39", "40-49", "50-59", "60+")
MOST_LEVELS = 50_000
"""A margin with more levels than that is not laid out whole."""
MEASURED = ("age_years", "disease_duration_days")
"""Baseline variables with sums."""


def margin_levels(study: Study, margin: tuple[str, ...]) -> tuple[str, ...] | None:
    """Every level a margin can have (``18-29*female``); None where the protocol does not say, or for too many."""
    parts = []
    size = 1
    for name in canonical_order(margin):
        levels = levels_of(study, name)
        if levels is None:
            return None
        parts.append(levels)
        size *= len(levels)
    return tuple("*".join(level) for level in product(*parts)) if size <= MOST_LEVELS else None


def levels_of(study: Study, stratifier: str) -> tuple[str, ...] | None:
    """Every level of one stratifier, as margins print it; None for one whose levels only data tell."""
    known = {
        "sex": _sexes(),
        "course": (*COURSES, UNKNOWN),
        "edss": (*EDSS, UNKNOWN),
        "relapses_12_months": (*FEW, UNKNOWN),
        "prior_substances": (*FEW, UNKNOWN),
        "line_of_treatment": (*LINES, UNKNOWN),
        "entry_year": _years(study),
    }
    return known[stratifier] if stratifier in known else _banded(study, stratifier)


def baseline_levels(study: Study) -> dict[str, tuple[str, ...]]:
    """Every level of each baseline variable, as 460_baseline.sql and 796_covariate_total.sql print them."""
    covariates = {f"{PREFIX}{place.name}": level_names(place) for place in places_of(study)}
    replaced = replaced_variables(study)
    return {name: levels for name, levels in _described(study).items() if name not in replaced} | covariates


def is_measured(variable: str, level: str) -> bool:
    """Has a row of the table of characteristics sums? Those of covariates that are numbers have an empty level."""
    return level == "" and (variable in MEASURED or variable.startswith(PREFIX))


def _described(study: Study) -> dict[str, tuple[str, ...]]:
    return {
        "persons": ("",),
        "sex": _sexes(),
        **dict.fromkeys(MEASURED, ("", MISSING)),
        "age_group": (*AGE_GROUPS, MISSING),
        "entry_year": _years(study),
        "course": (*COURSES, MISSING),
        "edss": (*EDSS, MISSING),
        "relapses_12_months": (*FEW, MISSING),
        "prior_substances": (*FEW, MISSING),
    }


def _banded(study: Study, stratifier: str) -> tuple[str, ...] | None:
    """Levels of a stratifier that the protocol cuts into bands."""
    strata = study.strata
    if stratifier == "age" and strata.age:
        return (*age_labels(strata.age.bands), OUTSIDE, UNKNOWN)
    if stratifier == "calendar" and strata.calendar:
        period = study.population.period.start, study.data.cut
        return (*(label for *_, label in calendar_intervals(strata.calendar.by, *period)), INCOMPLETE)
    cuts = {
        "time_since_start": strata.time_since_start.cuts_days if strata.time_since_start else (),
        "exposure_duration": strata.exposure_duration.cuts_days if strata.exposure_duration else (),
        "cumulative_doses": strata.cumulative_doses.cuts if strata.cumulative_doses else (),
    }.get(stratifier, ())
    return (*age_labels(cuts), OUTSIDE, UNKNOWN) if cuts else None


def _sexes() -> tuple[str, ...]:
    return tuple(next(c for c in CORE["person"].columns if c.name == "sex").codes)


def _years(study: Study) -> tuple[str, ...]:
    return tuple(str(year) for year in range(study.population.period.start.year, study.data.cut.year + 1))
