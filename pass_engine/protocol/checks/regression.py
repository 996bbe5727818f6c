"""Regression models: covariates that are declared, one origin of time, gates that disclosure control can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import repeated, unknown_name
from pass_engine.protocol.checks.propensity import limits_shown
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.regression_rules import CRUDE
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Regressions
    from pass_engine.yamltext import KeyPath


def check_regressions(draft: Draft, path: KeyPath, asked: Regressions) -> Iterator[Problem]:
    """The models of one comparison."""
    yield from repeated((*path, "fit"), asked.fit, "model")
    known = draft.names("covariates")
    for name, covariates in asked.adjust.items():
        here = (*path, "adjust", name)
        if name == CRUDE:
            problem, mend = "the model without covariates, which is always fitted, has this name", "give another one"
            yield Problem(here, Wrong.NAME_TAKEN, problem, mend, at_key=True)
        for number, covariate in enumerate(covariates):
            yield from unknown_name((*here, number), covariate, "covariate", known)
        yield from repeated(here, covariates, "covariate")
    since = draft.strata.time_since_start if draft.strata else None
    if asked.time_scale == "since_start" and since is not None and since.origin == "period":
        problem = "its origin is that of strata.time_since_start, and there each period has its own"
        mend = "write another time_scale, or strata.time_since_start.origin: entry"
        yield Problem((*path, "time_scale"), Wrong.ORIGIN_AGAIN, problem, mend)
    yield from limits_shown(draft, path, asked, ("min_level_persons", "min_events"))
