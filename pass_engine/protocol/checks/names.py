"""Names: every reference leads somewhere, nothing is named twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import repeated, unknown_name
from pass_engine.protocol.models import Comparison, Sensitivity, Survival
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem, suggest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Incidence
    from pass_engine.yamltext import KeyPath


def check_names(draft: Draft) -> Iterator[Problem]:
    """References from analyses, times at risk, exposures and criteria; identifiers of list items."""
    for section in (("population", "criteria"), ("analyses",), ("study", "objectives")):
        yield from _ids(draft, section)
    if "self" in draft.names("exposures"):
        yield Problem(
            ("exposures", "self"),
            Wrong.NAME_TAKEN,
            "criteria use this name for the cohort's own exposure",
            "give another name",
            at_key=True,
        )
    for number, analysis in draft.analyses.items():
        yield from _analysis_names(draft, ("analyses", number), analysis)
    yield from _objective_names(draft)
    yield from _time_names(draft)
    yield from _exposure_names(draft)
    exposures = draft.names("exposures")
    for number, criterion in draft.criteria.items():
        if criterion.exclude and criterion.of is not None:
            yield from unknown_name(
                ("population", "criteria", number, "of"), criterion.of, "exposure", ("self", *exposures)
            )


def _objective_names(draft: Draft) -> Iterator[Problem]:
    for number, objective in enumerate(draft.study.objectives if draft.study else ()):
        path = ("study", "objectives", number, "analyses")
        for place, name in enumerate(objective.analyses):
            yield from unknown_name((*path, place), name, "analysis", draft.analysis_ids())
        yield from repeated(path, objective.analyses, "analysis")


def _ids(draft: Draft, section: KeyPath) -> Iterator[Problem]:
    items = value_at(draft.value, section)
    seen: set[str] = set()
    for number, item in enumerate(items if isinstance(items, tuple) else ()):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            problem = "another one of this list has this id"
            yield Problem((*section, number, "id"), Wrong.NAME_TWICE, problem, "give each an id of its own")
        seen.add(name)


def _analysis_names(
    draft: Draft, path: KeyPath, analysis: Incidence | Comparison | Survival | Sensitivity
) -> Iterator[Problem]:
    if isinstance(analysis, Sensitivity):
        yield from _sensitivity_names(draft, path, analysis)
        return
    exposures = draft.names("exposures")
    if isinstance(analysis, Comparison):
        yield from unknown_name((*path, "of", "target"), analysis.of.target, "exposure", exposures)
        yield from unknown_name((*path, "of", "comparator"), analysis.of.comparator, "exposure", exposures)
    else:
        for number, cohort in enumerate(analysis.cohorts):
            yield from unknown_name((*path, "cohorts", number), cohort, "exposure", exposures)
        yield from repeated((*path, "cohorts"), analysis.cohorts, "cohort")
    if isinstance(analysis, Survival):
        yield from _outcomes(draft, (*path, "competing"), analysis.competing)
    for outcome, times in analysis.outcomes.items():
        here = (*path, "outcomes", outcome)
        yield from unknown_name(here, outcome, "outcome", draft.names("outcomes"), at_key=True)
        yield from _times(draft, here, times)


def _outcomes(draft: Draft, path: KeyPath, names: tuple[str, ...]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        yield from unknown_name((*path, number), name, "outcome", draft.names("outcomes"))
        found = draft.outcomes.get(name)
        if found is not None and any(
            part is not None and part.from_ == "disability"
            for part in (found, *(draft.outcomes.get(o) for o in found.of or ()))
        ):
            problem = "its events are measured from the entry of one cohort, and this needs them for every person"
            yield Problem(
                (*path, number), Wrong.FROM_ENTRY, problem, "name an outcome that is not a change of disability"
            )
    yield from repeated(path, names, "outcome")


def _times(draft: Draft, path: KeyPath, times: str | tuple[str, ...]) -> Iterator[Problem]:
    known = draft.names("times_at_risk")
    if isinstance(times, str):
        yield from unknown_name(path, times, "time at risk", known)
        return
    for number, time in enumerate(times):
        yield from unknown_name((*path, number), time, "time at risk", known)
    yield from repeated(path, times, "time at risk")


def _sensitivity_names(draft: Draft, path: KeyPath, analysis: Sensitivity) -> Iterator[Problem]:
    incidences = draft.incidence_ids()
    if analysis.of not in incidences:
        yield Problem(
            (*path, "of"),
            Wrong.NO_SUCH_NAME,
            "there is no incidence analysis of this id",
            suggest(analysis.of, incidences),
        )
    if analysis.id == "main":
        yield Problem(
            (*path, "id"), Wrong.NAME_TAKEN, "the run of the unchanged protocol is called main", "give another id"
        )


def _time_names(draft: Draft) -> Iterator[Problem]:
    exposures = draft.names("exposures")
    for name, time in draft.times.items():
        path = ("times_at_risk", name)
        if isinstance(time.end.plus_days, dict):
            for exposure in time.end.plus_days:
                yield from unknown_name(
                    (*path, "end", "plus_days", exposure), exposure, "exposure", exposures, at_key=True
                )
        for number, exposure in enumerate(time.switch_to or ()):
            yield from unknown_name((*path, "switch_to", number), exposure, "exposure", exposures)
        yield from repeated((*path, "switch_to"), time.switch_to or (), "exposure")
        if not isinstance(time.same_day, str):
            for number, exposure in enumerate(time.same_day):
                yield from unknown_name((*path, "same_day", number), exposure, "exposure", exposures)
            yield from repeated((*path, "same_day"), time.same_day, "exposure")
        yield from repeated((*path, "stop_at"), time.stop_at, "stop")
        yield from _outcomes(draft, (*path, "stop_at_outcomes"), time.stop_at_outcomes)


def _exposure_names(draft: Draft) -> Iterator[Problem]:
    exposures = draft.names("exposures")
    for name, exposure in draft.exposures.items():
        for kind, other in (("not_yet", exposure.not_yet), ("past", exposure.past)):
            if other is not None:
                yield from unknown_name(("exposures", name, kind), other, "exposure", exposures)
        for number, part in enumerate(exposure.overlap_of or ()):
            yield from unknown_name(("exposures", name, "overlap_of", number), part, "exposure", exposures)
        yield from repeated(("exposures", name, "substances"), exposure.substances or (), "substance")
