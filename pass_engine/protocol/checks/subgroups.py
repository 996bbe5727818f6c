"""Subgroups of a comparison: of its crude ratio, and of cells that an incidence analysis shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated
from pass_engine.protocol.counted import times_of
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Comparison, Incidence
    from pass_engine.yamltext import KeyPath


def check_subgroups(draft: Draft, path: KeyPath, analysis: Comparison) -> Iterator[Problem]:
    """The subgroups of one comparison."""
    yield from repeated((*path, "subgroups"), analysis.subgroups, "stratum")
    if "rate_ratio" not in analysis.measures:
        yield from out_of_place(draft, path, ["subgroups"], "without rate_ratio among measures")
        return
    shown = [incidence for _, incidence in draft.incidences()]
    for number, stratum in enumerate(analysis.subgroups):
        here = (*path, "subgroups", number)
        lacking = [o for o in analysis.outcomes if not any(_shows(i, analysis, o, stratum) for i in shown)]
        if draft.strata is not None and getattr(draft.strata, stratum) is None:
            mend = f"write {stratum} under strata, and [{stratum}] in by of an incidence analysis"
            yield Problem(here, Wrong.NO_SUCH_NAME, f"strata does not declare {stratum}", mend)
        elif lacking:
            yield Problem(
                here,
                Wrong.NOT_SHOWN,
                f"no incidence analysis shows {lacking[0]} of both cohorts by {stratum}, over the same time at risk",
                f"write [{stratum}] in by of one that has both cohorts and {lacking[0]}",
            )


def _shows(incidence: Incidence, analysis: Comparison, outcome: str, stratum: str) -> bool:
    """Does an incidence analysis show an outcome's cells of both cohorts, as the comparison counts them?"""
    return (
        {analysis.of.target, analysis.of.comparator} <= set(incidence.cohorts)
        and outcome in incidence.outcomes
        and analysis.outcomes[outcome] in times_of(incidence, outcome)
        and (stratum,) in incidence.by
    )
