"""Files of weights: a standard population of the study's own, as ``standards/town.csv``."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from pass_engine.protocol.names import BEYOND_AGE
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.sheets import BadRowError, Sheet, read_sheet
from pass_engine.stats import BOTH_SEXES, STANDARD_SEXES, STANDARDS, Standard
from pass_engine.yamltext import Problem, shown_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.models import Standardise, Study
    from pass_engine.protocol.sheets import Cells
    from pass_engine.yamltext import KeyPath

SHEET = Sheet("a file of weights", "band", ("age_from", "age_to", "sex", "weight"), Wrong.NOT_A_RATE_FILE, ("sex",))
STUDY_POPULATION = "study_population"
OPEN = BEYOND_AGE
"""Last age of a band without an end."""

_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
Band = tuple[int, int, int]
"""Line, first and last age."""


def read_standard(path: Path, written: str) -> tuple[Standard | None, tuple[Fault, ...]]:
    """The standard in a file, called by the path as it is written in the protocol, and every fault in it."""
    name = shown_name(path)
    rows, form = read_sheet(path, SHEET)
    faults = list(form)
    bands: dict[str, list[Band]] = {}
    weights: dict[str, list[tuple[int, Fraction]]] = {}
    for line, cells in rows:
        try:
            sex, (first, last) = sex_of(cells), ages_of(cells)
            weight = number_of(cells, "weight")
        except BadRowError as bad:
            faults.append(bad.fault(name, line))
            continue
        bands.setdefault(sex, []).append((line, first, last))
        weights.setdefault(sex, []).append((first, weight))
    if not faults:
        faults += [bad.fault(name, line) for line, bad in _uneven(bands, weights)]
    if faults:
        return None, tuple(faults)
    starts = tuple(sorted(first for first, _ in next(iter(weights.values()))))
    by_sex = {sex: tuple(weight for _, weight in sorted(pairs)) for sex, pairs in sorted(weights.items())}
    return Standard(f"standard in {written}", starts, by_sex), ()


def _uneven(
    bands: Mapping[str, list[Band]], weights: Mapping[str, list[tuple[int, Fraction]]]
) -> Iterator[tuple[int, BadRowError]]:
    """Lines at which the bands of a file do not make one standard."""
    yield from sexes_missing(bands.keys(), next(iter(bands.values()))[0][0])
    for sex, own in bands.items():
        yield from _gaps(sorted(own, key=lambda band: band[1]))
        if not sum(weight for _, weight in weights[sex]):
            yield own[0][0], BadRowError(Wrong.RATE_ROW, "weight", "0", "all weights are 0", "write the weights")
    starts = {sex: sorted(first for _, first, _ in own) for sex, own in bands.items()}
    if len({tuple(own) for own in starts.values()}) > 1:
        line = bands["male"][0][0]
        problem, mend = "the sexes have other age bands", "write the same bands for both sexes"
        yield line, BadRowError(Wrong.RATES_OVERLAP, "age_from", "male", problem, mend)


def sexes_missing(sexes: Collection[str], line: int) -> Iterator[tuple[int, BadRowError]]:
    """A fault where one sex has rows and the other none, or where some rows tell the sex and others do not."""
    if set(sexes) not in ({BOTH_SEXES}, set(STANDARD_SEXES)):
        shown = ", ".join(sorted(sex or "nothing" for sex in sexes))
        problem, mend = "rows are for both sexes, or some for each of them", "write rows for female and for male"
        yield line, BadRowError(Wrong.RATES_OVERLAP, "sex", shown, problem, mend)


def _gaps(own: Sequence[Band]) -> Iterator[tuple[int, BadRowError]]:
    for (_, _, last), (line, first, _) in pairwise(own):
        if first != last + 1:
            problem = f"the band before it ends at {'no age' if last == OPEN else f'{last} years'}"
            mend = "let each band begin a year after the one before it ends"
            yield line, BadRowError(Wrong.RATES_OVERLAP, "age_from", str(first), problem, mend)
    line, _, last = own[-1]
    if last != OPEN:
        problem, mend = "the last band has an end, and nothing is said of older persons", "leave its age_to empty"
        yield line, BadRowError(Wrong.RATES_OVERLAP, "age_to", str(last), problem, mend)


def sex_of(cells: Cells) -> str:
    """The sex of a row, or both."""
    sex = cells.get("sex", BOTH_SEXES)
    if sex not in (BOTH_SEXES, *STANDARD_SEXES):
        raise BadRowError(
            Wrong.RATE_ROW, "sex", sex, "this sex is not known", "write female, male, or nothing for both"
        )
    return sex


def ages_of(cells: Cells) -> tuple[int, int]:
    """First and last age of a row; without an end, no last one."""
    first = whole_of(cells, "age_from", "completed years")
    last = whole_of(cells, "age_to", "completed years, or nothing for the last band") if cells["age_to"] else OPEN
    if last < first:
        mend = "write the last age that belongs to the band"
        raise BadRowError(Wrong.RATE_ROW, "age_to", str(last), f"the band ends before it begins, at {first}", mend)
    return first, last


def whole_of(cells: Cells, column: str, wanted: str) -> int:
    """A whole number."""
    text = cells[column]
    if not _WHOLE.fullmatch(text):
        raise BadRowError(Wrong.RATE_ROW, column, text or "nothing", "this is no whole number", f"write {wanted}")
    return int(text)


def number_of(cells: Cells, column: str) -> Fraction:
    """A number from 0, exactly as it is written."""
    text = cells[column]
    if not _NUMBER.fullmatch(text):
        mend = "write it with a point, as 0.5"
        raise BadRowError(Wrong.RATE_ROW, column, text or "nothing", "this is no number from 0", mend)
    return Fraction(text)


def standard_of(standardise: Standardise, files: Mapping[str, Standard]) -> Standard | None:
    """The standard asked for; none where it is the study population."""
    return STANDARDS.get(standardise.to) or files.get(standardise.to)


def age_cuts(study: Study, strata: Sequence[str]) -> tuple[int, ...]:
    """Lower limits of the age bands, where a margin of these strata has age."""
    return study.strata.age.bands if "age" in strata and study.strata.age is not None else ()


def divided_bands(path: KeyPath, standard: Standard, cuts: Sequence[int], *, split_uniform: bool) -> Iterator[Problem]:
    """Study bands that begin inside a band of the standard with no rule to share it, or outside all of them."""
    low, high = standard.starts[0], standard.starts[-1]
    for cut in cuts:
        if cut > high:
            yield Problem(
                (*path, "to"),
                Wrong.BAND_DIVIDED,
                f"the standard's last band begins at {high} years and cannot be divided at {cut}",
                f"let the last age band begin at {high} years or below",
            )
        elif cut < low:
            yield Problem(
                (*path, "to"),
                Wrong.BAND_DIVIDED,
                f"the standard has no weight below {low} years, and an age band begins at {cut}",
                f"let the first age band begin at {low} years or above",
            )
        elif cut not in standard.starts and not split_uniform:
            start, end = max(a for a in standard.starts if a < cut), min(a for a in standard.starts if a > cut)
            yield Problem(
                path,
                Wrong.BAND_DIVIDED,
                f"the age band from {cut} years divides the standard's band of {start} to {end - 1} years",
                "write split: uniform (each year of the band has the same weight), or other age bands",
            )
