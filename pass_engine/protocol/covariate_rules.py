"""Covariates as tables that the SQL joins to: what is looked for in which days, and the levels of what is found.

The levels follow from the protocol alone. A person's levels of all covariates are one whole number, the pattern: each
covariate has a place in it, as a digit has, whose weight is ``multiplier`` and whose digit says the level. Digit 0 is
missing. So a registry's persons can be counted by pattern, and the numbers of its parts add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.margin_rules import RuleTable
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.names import age_labels
from pass_engine.protocol.windows import read_window
from pass_engine.tables.core import CORE, DATED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Covariate, Data, Study
    from pass_engine.tables.core import Column

PREFIX: Final = "covariate."
"""With it begins the name of a covariate among the variables of the table of characteristics."""
MISSING: Final = "missing"
OTHER: Final = "other"
YES, NO = "yes", "no"
LARGEST: Final = 2**63 - 1
"""Largest pattern: a whole number of 64 bits."""
UNBOUNDED_DAYS: Final = 100_000
BOUNDLESS: Final = 1e300

MOST: Final = {
    "age": 130,
    "calendar_year": 2200,
    "disease_duration": 130,
    "edss": 20,
    "relapses": 99,
    "prior_treatments": 99,
}
"""Numbers that may stand without groups, and the largest that is told apart, in units (EDSS: half points)."""
UNITS: Final = {"edss": 2}
"""Units a point, where a number is not whole."""
COUNTED: Final = ("relapses", "prior_treatments")
FLAGS: Final = ("comorbidity", "comedication")
DATED: Final = ("edss", *COUNTED, *FLAGS)
"""Sources that are looked for in a window."""
SINGLE_ROW: Final = "one row a person"
NUMBERS: Final = ("number", "integer")


@dataclass(frozen=True)
class Level:
    """One level: its digit, its name, and what has it: a number from ``at_least`` to below ``below``, or a text."""

    number: int
    name: str
    at_least: float | None = None
    below: float | None = None
    text: str | None = None


@dataclass(frozen=True)
class Place:
    """A covariate's place in the pattern: weight of its digit, how many digits there are, and its levels.

    ``units``: of a number without groups the units a point, its digit being 1 more than the number of units; 0 for
    one with levels.
    """

    name: str
    covariate: Covariate
    levels: tuple[Level, ...]
    multiplier: int
    digits: int
    units: int

    @property
    def is_linear(self) -> bool:
        """Is it a number without groups?"""
        return self.units > 0

    def digit(self, pattern: int) -> int:
        """Its digit in a pattern."""
        return pattern // self.multiplier % self.digits


def places_of(study: Study) -> tuple[Place, ...]:
    """Every covariate with its place, in the order of the protocol; a pattern may be too large for 64 bits."""
    places: list[Place] = []
    multiplier = 1
    for name, covariate in study.covariates.items():
        levels = levels_of(covariate, study.data)
        units = 0 if levels else UNITS.get(covariate.from_, 1)
        digits = (len(levels) if levels else MOST.get(covariate.from_, 0) + 1) + 1
        places.append(Place(name, covariate, levels, multiplier, digits, units))
        multiplier *= digits
    return tuple(places)


def largest_pattern(study: Study) -> int:
    """The largest pattern there can be."""
    places = places_of(study)
    return places[-1].multiplier * places[-1].digits - 1 if places else 0


def column_of(variable: str, data: Data | None) -> Column | None:
    """The column of the core data model, or of the study's own, that a variable names; None where there is none."""
    table, _, name = variable.partition(".")
    for extra in data.extras if data else ():
        if (extra.table, extra.name) == (table, name):
            from pass_engine.protocol.extras import extra_column

            return extra_column(extra)
    if table not in CORE:
        return None
    return next((c for c in CORE[table].columns if c.name == name), None)


def levels_of(covariate: Covariate, data: Data | None) -> tuple[Level, ...]:
    """Levels without the missing one, in order; none of a number that has no groups."""
    source = covariate.from_
    if source == "sex":
        return _texts(covariate, _sexes(), closed=True)
    if source in FLAGS:
        return Level(1, NO, at_least=0, below=1), Level(2, YES, at_least=1, below=BOUNDLESS)
    if source in MOST:
        return tuple(_bands(covariate))
    column = column_of(source, data)
    if column is None:
        return ()
    if column.kind in NUMBERS:
        return tuple(_bands(covariate))
    return _texts(covariate, tuple(c for c in column.codes if c != "unknown"), closed=bool(column.codes))


def _sexes() -> tuple[str, ...]:
    return tuple(c for c in CORE["person"].column("sex").codes if c != "unknown")


def _texts(covariate: Covariate, codes: tuple[str, ...], *, closed: bool) -> tuple[Level, ...]:
    named = covariate.values or codes
    rest = () if closed and set(codes) <= set(named) else (OTHER,)
    texts = [Level(n, name, text=name) for n, name in enumerate(named, start=1)]
    return (*texts, *(Level(len(texts) + n, name) for n, name in enumerate(rest, start=1)))


def _bands(covariate: Covariate) -> Iterator[Level]:
    """Groups of a number; EDSS goes from 0 to 10 in half points."""
    starts = covariate.groups
    if not starts:
        return
    edges = [-BOUNDLESS, *starts, BOUNDLESS]
    for number, ((low, high), name) in enumerate(zip(pairwise(edges), _names(covariate, starts), strict=True), 1):
        yield Level(number, name, at_least=low, below=high)


def _names(covariate: Covariate, starts: tuple[float, ...]) -> tuple[str, ...]:
    if covariate.from_ == "edss":
        edges = [0.0, *starts, 10.5]
        return tuple(_from_to(low, high - 0.5) for low, high in pairwise(edges))
    if covariate.from_ in MOST:
        whole = tuple(int(s) for s in starts)
        counted = covariate.from_ in COUNTED
        first = _from_to(0, whole[0] - 1) if counted else f"<{whole[0]}"
        return first, *age_labels(whole)
    named = tuple(f"{low:.10g} to <{high:.10g}" for low, high in pairwise(starts))
    return f"<{starts[0]:.10g}", *named, f"{starts[-1]:.10g}+"


def _from_to(low: float, high: float) -> str:
    return f"{low:.10g}" if low == high else f"{low:.10g}-{high:.10g}"


def level_names(place: Place) -> tuple[str, ...]:
    """Every level as the table of characteristics has it; a number without groups has an empty one, with its sums."""
    return (*((level.name for level in place.levels) if place.levels else ("",)), MISSING)


def is_of_a_person(variable: str) -> bool:
    """Has the table of a variable one row a person, so that there is nothing to look for in days?"""
    table = variable.partition(".")[0]
    return table in CORE and CORE[table].grain == SINGLE_ROW


def variables_of(study: Study) -> tuple[str, ...]:
    """Variables, as table.column, that covariates name."""
    return tuple(dict.fromkeys(c.from_ for c in study.covariates.values() if "." in c.from_))


READ: Final[dict[str, tuple[str, ...]]] = {
    "age": ("person.birth_date",),
    "sex": ("person.sex",),
    "calendar_year": (),
    "disease_duration": ("disease.onset_date",),
    "edss": ("visit.visit_date", "visit.edss"),
    "relapses": ("relapse.onset_date",),
    "prior_treatments": ("treatment.substance", "treatment.start_date"),
    "comorbidity": ("comorbidity.code_system", "comorbidity.code", "comorbidity.onset_date"),
    "comedication": ("comedication.atc", "comedication.start_date", "comedication.stop_date"),
}
"""What a covariate is made from."""


def covariate_variables(covariate: Covariate) -> tuple[str, ...]:
    """Variables of the core data model, or of the study, that a covariate is made from."""
    if covariate.from_ in READ:
        return READ[covariate.from_]
    table = covariate.from_.partition(".")[0]
    day = () if is_of_a_person(covariate.from_) or table not in DATED_BY else (f"{table}.{DATED_BY[table]}",)
    return (covariate.from_, *day)


REPLACED: Final = {
    "sex": ("sex",),
    "calendar_year": ("entry_year",),
    "edss": ("edss",),
    "relapses": ("relapses_12_months",),
    "prior_treatments": ("prior_substances",),
    "course.course": ("course",),
}


def replaced_variables(study: Study) -> frozenset[str]:
    """Variables of the table of characteristics in whose place a covariate stands.

    Two ways to group one number would tell of the few who are in one group and not in the other.
    """
    found: set[str] = set()
    for covariate in study.covariates.values():
        if covariate.from_ == "age":
            found.add("age_group" if covariate.groups else "age_years")
        elif covariate.substances is None and covariate.atc is None:
            found.update(REPLACED.get(covariate.from_, ()))
    return frozenset(found)


def covariate_tables(study: Study) -> dict[str, RuleTable]:
    """``covariate_rule``, ``covariate_level``, ``covariate_substance``, ``covariate_atc`` and ``propensity_rule``."""
    places = places_of(study)
    return {
        "covariate_rule": RuleTable(
            {
                "covariate": "VARCHAR",
                "kind": "VARCHAR",
                "needs_table": "VARCHAR",
                "code_key": "VARCHAR",
                "by_class": "BOOLEAN",
                "from_day": "INTEGER",
                "to_day": "INTEGER",
                "units": "INTEGER",
                "most": "INTEGER",
                "multiplier": "BIGINT",
            },
            [_row(place) for place in places],
        ),
        "propensity_rule": RuleTable(
            {"analysis": "VARCHAR", "target": "VARCHAR", "comparator": "VARCHAR"},
            [
                (a.id, a.of.target, a.of.comparator)
                for a in study.analyses
                if isinstance(a, Comparison) and a.propensity is not None
            ],
        ),
        "covariate_level": RuleTable(
            {
                "covariate": "VARCHAR",
                "level_no": "INTEGER",
                "level": "VARCHAR",
                "at_least": "DOUBLE",
                "below": "DOUBLE",
                "text_value": "VARCHAR",
            },
            [(p.name, v.number, v.name, v.at_least, v.below, v.text) for p in places for v in p.levels],
        ),
        "covariate_substance": RuleTable(
            {"covariate": "VARCHAR", "substance": "VARCHAR"},
            [(p.name, s.lower()) for p in places for s in p.covariate.substances or ()],
        ),
        "covariate_atc": RuleTable(
            {"covariate": "VARCHAR", "atc": "VARCHAR"},
            [(p.name, c) for p in places if p.covariate.from_ == "comedication" for c in p.covariate.atc or ()],
        ),
    }


NEEDED_TABLE: Final = {
    "relapses": "relapse",
    "prior_treatments": "treatment",
    "comorbidity": "comorbidity",
    "comedication": "comedication",
}
"""Tables without which nobody is known to have had none."""


def _row(place: Place) -> tuple[object, ...]:
    covariate = place.covariate
    window = read_window(covariate.window or "[0, 0]")
    if window is None:
        raise ValueError(f"{place.name} has no window that can be read")  # the checks refuse it before
    single = "." in covariate.from_ and is_of_a_person(covariate.from_)
    first = -UNBOUNDED_DAYS if window.first is None or single else window.first
    return (
        place.name,
        covariate.from_,
        NEEDED_TABLE.get(covariate.from_),
        code_key(place.name) if covariate.codes else None,
        covariate.substances is not None,
        first,
        window.last,
        place.units,
        MOST.get(covariate.from_),
        place.multiplier,
    )


def code_key(name: str) -> str:
    """The name under which the SQL matches the codes of a covariate; no outcome has it."""
    return f"{PREFIX}{name}"


def covariate_codes(study: Study, code_lists: Mapping[str, tuple[Code, ...]]) -> Iterator[tuple[object, ...]]:
    """Rows of ``outcome_code`` for covariates from diagnoses."""
    for name, covariate in sorted(study.covariates.items()):
        for code in sorted(set(code_lists[covariate.codes])) if covariate.codes else ():
            yield code_key(name), code.system, code.code_from, code.code_to, code.match
