"""Files of reference rates: what was to be expected by age, sex and calendar year."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

from pass_engine.protocol.names import BEYOND_AGE, age_labels, canonical_order
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.sheets import BadRowError, Sheet, read_sheet
from pass_engine.protocol.standards import age_cuts, ages_of, number_of, sex_of, sexes_missing, whole_of
from pass_engine.stats import BOTH_SEXES, STANDARD_SEXES
from pass_engine.yamltext import Problem, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from fractions import Fraction
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.models import Reference, Study
    from pass_engine.protocol.sheets import Cells
    from pass_engine.yamltext import KeyPath

COLUMNS_OF = {"age": ("age_from", "age_to"), "sex": ("sex",), "calendar": ("year_from", "year_to")}
"""Stratum to the columns that tell it."""

SHEET = Sheet(
    "a file of reference rates",
    "rate",
    ("age_from", "age_to", "sex", "year_from", "year_to", "rate_per", "rate"),
    Wrong.NOT_A_RATE_FILE,
    tuple(column for columns in COLUMNS_OF.values() for column in columns),
)
ANY_YEAR = (0, 0)
FIRST_YEAR, LAST_YEAR = 1800, 2200
"""A year outside of these is a slip of the pen."""


@dataclass(frozen=True, order=True)
class ReferenceRate:
    """One row: a rate per so many person-years, of these ages, of one sex or both, in these years."""

    age_from: int
    age_to: int
    sex: str
    year_from: int
    year_to: int
    rate_per: int
    rate: Fraction

    def holds(self, ages: range, sex: str, year: int) -> bool:
        """Is this the rate of all these ages?"""
        return (
            self.age_from <= ages[0]
            and ages[-1] <= self.age_to
            and sex == self.sex
            and self.year_from <= year <= self.year_to
        )


@dataclass(frozen=True)
class ReferenceRates:
    """The rates of a file, and the strata that its columns tell."""

    by: tuple[str, ...]
    rows: tuple[ReferenceRate, ...]

    def find(self, ages: range, sex: str, year: int) -> ReferenceRate | None:
        """The rate of a study cell, if one row holds all of it."""
        sought = (ages if "age" in self.by else range(1), sex if "sex" in self.by else BOTH_SEXES)
        at = year if "calendar" in self.by else ANY_YEAR[0]
        return next((row for row in self.rows if row.holds(*sought, at)), None)


def read_reference(path: Path) -> tuple[ReferenceRates | None, tuple[Fault, ...]]:
    """The reference rates of a file, and every fault in it."""
    name = shown_name(path)
    rows, form = read_sheet(path, SHEET)
    faults = list(form)
    by = canonical_order(s for s, columns in COLUMNS_OF.items() if rows and set(columns) <= rows[0][1].keys())
    kept: list[tuple[int, ReferenceRate]] = []
    if rows:
        faults += [bad.fault(name, 1) for bad in _half_told(rows[0][1])]
    for line, cells in rows if not faults else ():
        try:
            kept.append((line, _rate(cells, by)))
        except BadRowError as bad:
            faults.append(bad.fault(name, line))
    if not faults:
        faults += [bad.fault(name, line) for line, bad in _clashes(kept)]
    return (None if faults else ReferenceRates(by, tuple(sorted(row for _, row in kept)))), tuple(faults)


def _half_told(cells: Cells) -> Iterator[BadRowError]:
    """Columns that come in pairs."""
    for columns in COLUMNS_OF.values():
        for column in columns:
            if column not in cells and any(other in cells for other in columns):
                problem, mend = f"the column {column} is missing", f"write the columns {' and '.join(columns)}"
                yield BadRowError(Wrong.NOT_A_RATE_FILE, "", ",".join(cells), problem, mend)


def _rate(cells: Cells, by: Sequence[str]) -> ReferenceRate:
    ages = ages_of(cells) if "age" in by else (0, BEYOND_AGE)
    years = _years(cells) if "calendar" in by else ANY_YEAR
    per = whole_of(cells, "rate_per", "the number of person-years, as 100000")
    if per == 0:
        mend = "write the number of person-years, as 100000"
        raise BadRowError(Wrong.RATE_ROW, "rate_per", "0", "a rate is per one person-year or more", mend)
    return ReferenceRate(*ages, sex_of(cells), *years, per, number_of(cells, "rate"))


def _years(cells: Cells) -> tuple[int, int]:
    first, last = (whole_of(cells, column, "a year, as 2020") for column in COLUMNS_OF["calendar"])
    for column, year in (("year_from", first), ("year_to", last)):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadRowError(Wrong.RATE_ROW, column, str(year), "this is no year", "write a year, as 2020")
    if last < first:
        problem, mend = f"the years end before they begin, in {first}", "write the last year that the rate is of"
        raise BadRowError(Wrong.RATE_ROW, "year_to", str(last), problem, mend)
    return first, last


def _clashes(kept: Sequence[tuple[int, ReferenceRate]]) -> Iterator[tuple[int, BadRowError]]:
    """Rows that give one age, sex and year a second rate."""
    yield from sexes_missing({row.sex for _, row in kept}, kept[0][0])
    taken: dict[tuple[str, int, int], int] = {}
    for line, row in kept:
        places = product((row.sex,), range(row.age_from, row.age_to + 1), range(row.year_from, row.year_to + 1))
        before = {taken.setdefault(place, line) for place in places} - {line}
        if before:
            problem = f"ages and years of this row have a rate already, on line {min(before)}"
            mend = "let each age, sex and year have one rate"
            yield line, BadRowError(Wrong.RATES_OVERLAP, "", f"line {line}", problem, mend)


def band_ages(study: Study) -> dict[str, range]:
    """Label of every age band to its ages; what is below the first band has none."""
    cuts = age_cuts(study, ("age",))
    ages = (range(low, high) for low, high in pairwise([*cuts, BEYOND_AGE]))
    return dict(zip(age_labels(cuts), ages, strict=True)) if cuts else {}


def reference_misfits(
    path: KeyPath, study: Study, reference: Reference, files: Mapping[str, ReferenceRates]
) -> Iterator[Problem]:
    """Study cells that the reference has no rate for, or several; and columns that the protocol does not name."""
    rates = files.get(reference.rates)
    if rates is None:
        return
    if set(rates.by) != set(reference.by):
        told = ", ".join(rates.by) or "nothing"
        problem = f"the columns of the file tell rates by {told}"
        yield Problem((*path, "by"), Wrong.REFERENCE_MISFIT, problem, f"write by: [{told}], or other columns")
        return
    if "calendar" in rates.by and study.strata.calendar is not None and study.strata.calendar.complete_intervals:
        problem = "complete_intervals sets days apart that have no calendar year, and so no reference rate"
        mend = "take complete_intervals away, or rates that do not differ by year"
        yield Problem((*path, "by"), Wrong.REFERENCE_MISFIT, problem, mend)
    bands = band_ages(study) if "age" in rates.by else {"": range(1)}
    sexes = STANDARD_SEXES if "sex" in rates.by else (BOTH_SEXES,)
    first, last = study.population.period.start.year, study.data.cut.year
    years = range(first, last + 1) if "calendar" in rates.by else range(1)
    for band, ages in bands.items():
        bare = [(s, y) for s, y in product(sexes, years) if rates.find(ages, s, y) is None]
        if bare:
            yield _misfit((*path, "rates"), band, bare, len(sexes) * len(years))


def _misfit(path: KeyPath, band: str, bare: Sequence[tuple[str, int]], cells: int) -> Problem:
    sex, year = bare[0]
    parts = [f"ages {band}" if band else "", sex, str(year) if year else ""]
    example = ", ".join(filter(None, parts)) if len(bare) < cells else parts[0] or "the study"
    return Problem(
        path,
        Wrong.REFERENCE_MISFIT,
        f"no row of the file holds one rate for {example}",
        "give each age band, sex and year of the study one rate, or let the age bands begin where those of the file do",
    )
