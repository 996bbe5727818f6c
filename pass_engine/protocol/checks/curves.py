"""Survival analyses, outcomes that end another one's time at risk, and data lock points."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import repeated
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Survival
    from pass_engine.yamltext import KeyPath


def check_curves(draft: Draft) -> Iterator[Problem]:
    """Life tables have one origin and one event a person; nothing ends its own time; lock points rise to the cut."""
    for path, analysis in draft.survivals():
        yield from repeated((*path, "measures"), analysis.measures, "measure")
        yield from _days(path, analysis)
        yield from _outcomes(draft, path, analysis)
        if draft.strata and draft.strata.time_since_start and draft.strata.time_since_start.origin == "period":
            yield Problem(
                ("strata", "time_since_start", "origin"),
                Wrong.ORIGIN_AGAIN,
                f"the curves of {analysis.id} run from an origin that a person has once, and each period has its own",
                "write origin: entry or origin: first_era",
            )
    for design in draft.designs():
        stops = draft.times[design.time].stop_at_outcomes
        if design.outcome in stops:
            path = ("times_at_risk", design.time, "stop_at_outcomes", stops.index(design.outcome))
            yield _itself(path, f"{design.outcome} is counted over this time at risk")
    yield from _lock_points(draft)


def _days(path: KeyPath, analysis: Survival) -> Iterator[Problem]:
    for number, (low, high) in enumerate(itertools.pairwise(analysis.at_days), start=1):
        if high <= low:
            problem = f"each day is later than the one before, which is {low}"
            yield Problem((*path, "at_days", number), Wrong.BANDS_NOT_RISING, problem, "write the days in rising order")


def _outcomes(draft: Draft, path: KeyPath, analysis: Survival) -> Iterator[Problem]:
    for name in analysis.outcomes:
        outcome = draft.outcomes.get(name)
        if outcome is not None and outcome.counting == "recurrent":
            yield Problem(
                (*path, "outcomes", name),
                Wrong.NOT_THE_FIRST,
                "a curve is of the time to a person's first event, and this outcome is recurrent",
                "declare an outcome of the same codes with counting: first, and name it here",
                at_key=True,
            )
        if name in analysis.competing:
            here = (*path, "competing", analysis.competing.index(name))
            yield _itself(here, f"{name} is an outcome of this analysis")


def _itself(path: KeyPath, why: str) -> Problem:
    return Problem(path, Wrong.ENDS_ITSELF, f"{why}, and cannot end its own time", "name another outcome")


def _lock_points(draft: Draft) -> Iterator[Problem]:
    if draft.data is None or not draft.data.lock_points:
        return
    points, path = draft.data.lock_points, ("data", "lock_points")
    for number, (early, late) in enumerate(itertools.pairwise(points), start=1):
        if late <= early:
            problem = f"each lock point is later than the one before, which is {early}"
            yield Problem((*path, number), Wrong.DATES_OUT_OF_ORDER, problem, "write them in rising order")
    if draft.period is not None and points[0] < draft.period.start:
        yield Problem(
            (*path, 0),
            Wrong.DATES_OUT_OF_ORDER,
            f"nothing is counted before {draft.period.start}, on which the study period begins",
            "take it away, or let the period begin earlier",
        )
    if points[-1] != draft.data.cut:
        yield Problem(
            (*path, len(points) - 1),
            Wrong.DATES_OUT_OF_ORDER,
            f"the last lock point is the data cut, {draft.data.cut}",
            f"write {draft.data.cut} as the last one",
        )
