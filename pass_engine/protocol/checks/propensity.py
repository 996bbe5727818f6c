"""Propensity scores: covariates that are declared, gates that disclosure control can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated, unknown_name
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Propensity, Regressions
    from pass_engine.yamltext import KeyPath

EQUIPOISE = ("ate", "att")
"""Weightings for which equipoise is asked."""


def check_propensity(draft: Draft, path: KeyPath, asked: Propensity) -> Iterator[Problem]:
    """The propensity score of one comparison."""
    known = draft.names("covariates")
    for number, name in enumerate(asked.covariates):
        yield from unknown_name((*path, "covariates", number), name, "covariate", known)
    yield from repeated((*path, "covariates"), asked.covariates, "covariate")
    yield from repeated((*path, "weights"), asked.weights, "weighting")
    if "ate" not in asked.weights:
        yield from out_of_place(draft, path, ("truncate_percent",), "without ate among the weights")
    if not set(EQUIPOISE) & set(asked.weights):
        yield from out_of_place(draft, path, ("min_equipoise",), "without ate or att among the weights")
    if "matched" not in asked.weights:
        yield from out_of_place(draft, path, ("matched",), "without matched among the weights")
    yield from limits_shown(draft, path, asked, ("min_level_persons", "min_events"))


def limits_shown(
    draft: Draft, path: KeyPath, asked: Propensity | Regressions, fields: Sequence[str]
) -> Iterator[Problem]:
    """Limits below the smallest count that is shown."""
    smallest = value_at(draft.value, ("publish", "min_cell"))
    for field in fields:
        given = getattr(asked, field)
        if isinstance(smallest, int) and given < smallest:
            problem = f"fewer than the smallest count that is shown ({smallest}) would be told by a ratio"
            mend = f"write {field}: {smallest}, or more"
            at_key = value_at(draft.value, (*path, field)) is None
            yield Problem((*path, field), Wrong.PROPENSITY_LIMIT, problem, mend, at_key=at_key)
