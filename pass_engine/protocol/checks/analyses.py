"""Strata and analyses: margins that exist, measures and intervals that mean something."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import first_era_seen, out_of_place, repeated
from pass_engine.protocol.checks.propensity import check_propensity
from pass_engine.protocol.checks.regression import check_regressions
from pass_engine.protocol.checks.subgroups import check_subgroups
from pass_engine.protocol.counted import cohorts_of, margins_of
from pass_engine.protocol.models import Survival
from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.standards import STUDY_POPULATION, divided_bands
from pass_engine.stats import STANDARDS
from pass_engine.yamltext import Problem, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Comparison, Incidence, Standardise
    from pass_engine.yamltext import KeyPath

EXAMPLES = {
    "age": "age: {bands: [18, 40, 65]}",
    "calendar": "calendar: {by: year}",
    "time_since_start": "time_since_start: {cuts_days: [0, 183, 365]}",
    "exposure_duration": "exposure_duration: {cuts_days: [0, 365, 730]}",
    "cumulative_doses": "cumulative_doses: {cuts: [0, 2, 5]}",
}
"""How strata with fields of their own are declared."""

RATIO, DIFFERENCE = "rate_ratio", "rate_difference"
OVER_STRATA = ("mantel_haenszel_rate_ratio", "poisson_rate_ratio")
NEEDS = (
    (("interval", "method"), RATIO, True),
    (("difference_interval",), DIFFERENCE, False),
    (("per_person_years",), DIFFERENCE, True),
)
"""Fields of a comparison that one measure alone acts upon, and whether it cannot do without."""


def check_strata(draft: Draft) -> Iterator[Problem]:
    """Bands rise, and time since the first era is seen from its start."""
    if draft.strata is None:
        return
    age, since = draft.strata.age, draft.strata.time_since_start
    yield from rising(("strata", "age", "bands"), age.bands if age else ())
    yield from rising(("strata", "time_since_start", "cuts_days"), since.cuts_days if since else ())
    duration, doses = draft.strata.exposure_duration, draft.strata.cumulative_doses
    yield from rising(("strata", "exposure_duration", "cuts_days"), duration.cuts_days if duration else ())
    yield from rising(("strata", "cumulative_doses", "cuts"), doses.cuts if doses else ())
    if since is not None and since.origin == "first_era":
        cohorts = {c for _, a in draft.counted() if _splits_by(a, "time_since_start") for c in cohorts_of(a)}
        if cohorts:
            yield from first_era_seen(draft, ("strata", "time_since_start", "origin"), cohorts, "origin: entry")


def _splits_by(analysis: Incidence | Comparison | Survival, stratum: str) -> bool:
    return isinstance(analysis, Survival) or any(stratum in margin for margin in margins_of(analysis))


def rising(path: KeyPath, bands: Sequence[int]) -> Iterator[Problem]:
    """A problem for every lower limit, or day, that does not rise."""
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
        if "incidence_proportion" not in incidence.measures:
            yield from out_of_place(draft, path, ["proportion_interval"], "without incidence_proportion among measures")
        if incidence.standardise is not None:
            yield from _standard(draft, path, incidence, incidence.standardise)
        if incidence.reference is not None:
            yield from repeated((*path, "reference", "by"), incidence.reference.by, "stratum")
            for number, stratum in enumerate(incidence.reference.by):
                yield from _declared(draft, (*path, "reference", "by", number), stratum)
    for path, comparison in draft.comparisons():
        yield from _comparison(draft, path, comparison)
        yield from check_subgroups(draft, path, comparison)
        if comparison.propensity is not None:
            yield from check_propensity(draft, (*path, "propensity"), comparison.propensity)
        if comparison.models is not None:
            yield from check_regressions(draft, (*path, "models"), comparison.models)


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


def _standard(draft: Draft, path: KeyPath, analysis: Incidence, standard: Standardise) -> Iterator[Problem]:
    here = (*path, "standardise")
    yield from repeated((*here, "over"), standard.over, "stratum")
    for number, stratum in enumerate(standard.over):
        yield from _declared(draft, (*here, "over", number), stratum)
    if standard.to == STUDY_POPULATION:
        yield from out_of_place(draft, here, ["split"], "with the study population, which has the bands of the study")
        if canonical_order(standard.over) not in [canonical_order(margin) for margin in analysis.by]:
            cells = f"[{', '.join(standard.over)}]"
            yield Problem(
                (*here, "over"),
                Wrong.NOT_SHOWN,
                f"its weights come from cells that the analysis does not show: by lacks {cells}",
                f"write {cells} in by as well",
            )
    elif "age" in standard.over and draft.strata is not None and draft.strata.age is not None:
        named = STANDARDS.get(standard.to)
        if named is not None:
            yield from divided_bands(here, named, draft.strata.age.bands, split_uniform=standard.split == "uniform")


def _comparison(draft: Draft, path: KeyPath, analysis: Comparison) -> Iterator[Problem]:
    if analysis.of.target == analysis.of.comparator:
        yield Problem(
            (*path, "of", "comparator"), Wrong.SAME_ARM, "an exposure is compared with itself", "name another exposure"
        )
    yield from repeated((*path, "measures"), analysis.measures, "measure")
    yield from repeated((*path, "adjust"), analysis.adjust, "stratum")
    for number, stratum in enumerate(analysis.adjust):
        yield from _declared(draft, (*path, "adjust", number), stratum)
    yield from _adjusted(draft, path, analysis)
    yield from _of_ratios(draft, path, analysis)
    for field, measure, needed in NEEDS:
        if measure not in analysis.measures:
            yield from out_of_place(draft, (*path, *field[:-1]), field[-1:], f"without {measure} among measures")
        elif needed and not value_at(draft.value, (*path, *field)):
            name = ".".join(field)
            problem, mend = f"{measure} needs {name}", f"write {name}, or take {measure} away"
            yield Problem((*path, *field), Wrong.MISSING, problem, mend)


def _adjusted(draft: Draft, path: KeyPath, analysis: Comparison) -> Iterator[Problem]:
    """Strata are for ratios over strata, which cannot do without."""
    over = [measure for measure in analysis.measures if measure in OVER_STRATA]
    if not over:
        yield from out_of_place(draft, path, ["adjust"], f"without {' or '.join(OVER_STRATA)} among measures")
    elif not analysis.adjust:
        problem, mend = f"{over[0]} needs adjust", f"write adjust, or take {over[0]} away"
        yield Problem((*path, "adjust"), Wrong.MISSING, problem, mend)


def _of_ratios(draft: Draft, path: KeyPath, analysis: Comparison) -> Iterator[Problem]:
    """What is made of ratios needs one; likelihoods are those of crude rates."""
    yield from repeated((*path, "two_stage"), analysis.two_stage, "model")
    if set(analysis.measures) == {DIFFERENCE}:
        reason = "without a ratio among measures"
        fields = ["e_value", "power"] if analysis.models else ["two_stage", "e_value", "power"]
        yield from out_of_place(draft, path, fields, reason)
    elif analysis.models is None and "likelihood" in analysis.two_stage and RATIO not in analysis.measures:
        yield Problem(
            (*path, "two_stage", analysis.two_stage.index("likelihood")),
            Wrong.OUT_OF_PLACE,
            f"the likelihood is that of crude rates, and has no effect without {RATIO} among measures",
            f"take likelihood away, or add {RATIO} to measures",
        )
    if draft.data is not None and len(draft.data.registries) == 1:
        yield from out_of_place(draft, path, ["two_stage"], "with one registry")
