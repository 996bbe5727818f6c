"""The data a study stands on: dates in order, variables that exist, registries that are invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import repeated, unknown_name, unknown_variable
from pass_engine.protocol.numbers import Wrong
from pass_engine.terms import MASKED, POOLED
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Data
    from pass_engine.yamltext import KeyPath


def check_data(draft: Draft) -> Iterator[Problem]:
    """Registries, variables and dates."""
    if draft.data is not None:
        yield from _registries(draft.data)
        yield from _variables(draft.data)
    yield from _dates(draft)
    if draft.study is not None:
        yield from repeated(("study", "countries"), draft.study.countries, "country")
        for number, amendment in enumerate(draft.study.amendments):
            if amendment.date > draft.study.date:
                yield _order(
                    ("study", "amendments", number, "date"),
                    f"this version of the protocol is of {draft.study.date}",
                    "date the amendment on or before the version, or give the version its new date",
                )


TOGETHER = {POOLED: "all registries together", MASKED: "the sum over all masked registries"}
"""Names that no registry can have."""


def _registries(data: Data) -> Iterator[Problem]:
    yield from repeated(("data", "registries"), data.registries, "registry")
    for number, name in enumerate(data.registries):
        if name in TOGETHER:
            yield Problem(
                ("data", "registries", number),
                Wrong.NAME_TAKEN,
                f"results use this name for {TOGETHER[name]}",
                "give another name",
            )
    for number, rule in enumerate(data.registry_overlap):
        path: KeyPath = ("data", "registry_overlap", number)
        for position, name in enumerate(rule.registries):
            yield from unknown_name((*path, "registries", position), name, "invited registry", data.registries)
        yield from repeated((*path, "registries"), rule.registries, "registry")
        yield from repeated((*path, "countries"), rule.countries, "country")
        if rule.from_ not in rule.registries:
            yield Problem(
                (*path, "from"),
                Wrong.NO_SUCH_NAME,
                "this registry is not one of the two",
                f"one of: {', '.join(rule.registries)}",
            )


def _variables(data: Data) -> Iterator[Problem]:
    yield from repeated(("data", "require"), data.require, "variable")
    for number, name in enumerate(data.require):
        yield from unknown_variable(("data", "require", number), name, data.extras)


def _dates(draft: Draft) -> Iterator[Problem]:
    period, data = draft.period, draft.data
    if period is not None and period.end < period.start:
        yield _order(
            ("population", "period", "end"),
            f"the period begins on {period.start}, after its end",
            "write the earlier day as start",
        )
    if period is not None and data is not None:
        if data.cut < period.start:
            yield _order(
                ("data", "cut"),
                f"the period in which people enter begins on {period.start}, after the data cut",
                "write a later cut",
            )
        elif data.cut < period.end:
            yield _order(
                ("population", "period", "end"),
                f"the data are cut on {data.cut}; nobody who enters later is at risk",
                f"write {data.cut} or an earlier day",
            )


def _order(path: KeyPath, problem: str, mend: str) -> Problem:
    return Problem(path, Wrong.DATES_OUT_OF_ORDER, problem, mend)
