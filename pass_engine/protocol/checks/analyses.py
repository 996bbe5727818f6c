"""Strata and analyses: margins that exist, measures and intervals that mean something."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import first_era_seen, repeated
from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Comparison, Incidence, Standardise
    from pass_engine.yamltext import KeyPath

ESP2013_STARTS = (0, 1, *range(5, 100, 5))
"""First years of the bands of the European Standard Population 2013; the last one is open."""

EXAMPLES = {
    "age": "age: {bands: [18, 40, 65]}",
    "calendar": "calendar: {by: year}",
    "time_since_start": "time_since_start: {cuts_days: [0, 183, 365]}",
}
"""How strata with fields of their own are declared."""

RATIO_METHODS = ("exact", "mid_p", "log_normal")


def check_strata(draft: Draft) -> Iterator[Problem]:
    """Bands rise, and time since the first era is seen from its start."""
    if draft.strata is None:
        return
    age, since = draft.strata.age, draft.strata.time_since_start
    yield from _rising(("strata", "age", "bands"), age.bands if age else ())
    yield from _rising(("strata", "time_since_start", "cuts_days"), since.cuts_days if since else ())
    if since is not None and since.origin == "first_era":
        cohorts = {c for _, a in draft.incidences() if any("time_since_start" in m for m in a.by) for c in a.cohorts}
        if cohorts:
            yield from first_era_seen(draft, ("strata", "time_since_start", "origin"), cohorts, "origin: entry")


def _rising(path: KeyPath, bands: Sequence[int]) -> Iterator[Problem]:
    for number, (low, high) in enumerate(itertools.pairwise(bands), start=1):
        if high <= low:
            yield Problem(
                (*path, number),
                Wrong.BANDS_NOT_RISING,
                f"each band begins above the one before, which begins at {low}",
                "write the lower limits in rising order",
            )


def check_analyses(draft: Draft) -> Iterator[Problem]:
    """Each analysis by itself."""
    for path, incidence in draft.incidences():
        yield from repeated((*path, "measures"), incidence.measures, "measure")
        yield from _margins(draft, path, incidence)
        yield from _events(draft, path, incidence)
        if incidence.standardise is not None:
            yield from _standard(draft, (*path, "standardise"), incidence.standardise)
    for path, comparison in draft.comparisons():
        yield from _comparison(path, comparison)


def _margins(draft: Draft, path: KeyPath, analysis: Incidence) -> Iterator[Problem]:
    seen: list[tuple[str, ...]] = []
    for number, margin in enumerate(analysis.by):
        here = (*path, "by", number)
        for position, stratum in enumerate(margin):
            yield from _declared(draft, (*here, position), stratum)
        yield from repeated(here, margin, "stratum")
        ordered = canonical_order(margin)
        if ordered in seen:
            yield Problem(
                here, Wrong.NAME_TWICE, "this combination of strata stands twice in the list", "keep one of them"
            )
        seen.append(ordered)


def _declared(draft: Draft, path: KeyPath, stratum: str) -> Iterator[Problem]:
    if draft.strata is not None and getattr(draft.strata, stratum) is None:
        example = EXAMPLES.get(stratum, f"{stratum}: {{}}")
        yield Problem(path, Wrong.NO_SUCH_NAME, f"strata does not declare {stratum}", f"write {example} under strata")


def _events(draft: Draft, path: KeyPath, analysis: Incidence) -> Iterator[Problem]:
    if "eaer" not in analysis.measures or any(o not in draft.outcomes for o in analysis.outcomes):
        return
    if all(draft.outcomes[o].counting == "first" for o in analysis.outcomes):
        yield Problem(
            (*path, "measures", analysis.measures.index("eaer")),
            Wrong.NO_RECURRENT_OUTCOME,
            "every outcome here counts first events only, for which eaer is not computed: it would equal eair",
            "take eaer away, or count an outcome as recurrent",
        )


def _standard(draft: Draft, path: KeyPath, standard: Standardise) -> Iterator[Problem]:
    yield from repeated((*path, "over"), standard.over, "stratum")
    for number, stratum in enumerate(standard.over):
        yield from _declared(draft, (*path, "over", number), stratum)
    if "age" not in standard.over or draft.strata is None or draft.strata.age is None:
        return
    for cut in draft.strata.age.bands:
        if cut > max(ESP2013_STARTS):
            yield Problem(
                (*path, "to"),
                Wrong.BAND_DIVIDED,
                f"the standard's last band begins at {max(ESP2013_STARTS)} years and cannot be divided at {cut}",
                f"let the last age band begin at {max(ESP2013_STARTS)} years or below",
            )
        elif cut not in ESP2013_STARTS and standard.split is None:
            low, high = max(a for a in ESP2013_STARTS if a < cut), min(a for a in ESP2013_STARTS if a > cut)
            yield Problem(
                path,
                Wrong.BAND_DIVIDED,
                f"the age band from {cut} years divides the standard's band of {low} to {high - 1} years",
                "write split: uniform (each year of the band has the same weight), or other age bands",
            )


def _comparison(path: KeyPath, analysis: Comparison) -> Iterator[Problem]:
    if analysis.of.target == analysis.of.comparator:
        yield Problem(
            (*path, "of", "comparator"), Wrong.SAME_ARM, "an exposure is compared with itself", "name another exposure"
        )
    if analysis.interval.method not in RATIO_METHODS:
        yield Problem(
            (*path, "interval", "method"),
            Wrong.INTERVAL_NOT_FOR_RATIOS,
            "there is no such interval for a ratio of rates",
            f"write one of: {', '.join(RATIO_METHODS)}",
        )
