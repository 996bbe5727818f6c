"""Quality gates: indicators that exist, limits that mean something, analyses that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated, unknown_name, unknown_variable
from pass_engine.protocol.numbers import Wrong
from pass_engine.tables.indicators import LIMIT_WORDS, VARIABLE_COMPLETE, indicators
from pass_engine.yamltext import Problem, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import QualityGate
    from pass_engine.yamltext import KeyPath

WHOLE = 100
"""Percent of all."""


def check_quality(draft: Draft) -> Iterator[Problem]:
    """Every gate by itself."""
    for number, gate in draft.gates.items():
        path = ("quality", "gates", number)
        yield from _indicator(draft, path, gate)
        yield from _analyses(draft, path, gate)


def _indicator(draft: Draft, path: KeyPath, gate: QualityGate) -> Iterator[Problem]:
    if gate.indicator not in indicators():
        problem = "there is no quality indicator of this name"
        yield Problem((*path, "indicator"), Wrong.NO_SUCH_NAME, problem, suggest(gate.indicator, indicators()))
        return
    yield from _limit(path, gate)
    if gate.indicator != VARIABLE_COMPLETE:
        yield from out_of_place(draft, path, ("variable",), f"without indicator: {VARIABLE_COMPLETE}")
    elif gate.variable is None:
        problem = f"{VARIABLE_COMPLETE} is the completeness of one variable, and none is named"
        mend = "write variable: and its name, as adverse_event.onset_date"
        yield Problem((*path, "indicator"), Wrong.GATE_VARIABLE, problem, mend)
    else:
        yield from unknown_variable((*path, "variable"), gate.variable, draft.data.extras if draft.data else ())


def _limit(path: KeyPath, gate: QualityGate) -> Iterator[Problem]:
    indicator = indicators()[gate.indicator]
    written = [name for name in LIMIT_WORDS if getattr(gate, name) is not None]
    if len(written) != 1:
        problem = "a gate has one limit" + (", and here are two" if written else ", and here is none")
        yield Problem(path, Wrong.GATE_LIMIT, problem, f"write {indicator.direction}")
        return
    limit = getattr(gate, written[0])
    if written[0] != indicator.direction:
        better = "more" if indicator.direction == "at_least" else "less"
        problem = f"of this indicator {better} is better, so that {written[0]} would fail good data"
        yield Problem((*path, written[0]), Wrong.GATE_DIRECTION, problem, f"write {indicator.direction}", at_key=True)
    elif indicator.unit == "percent" and limit > WHOLE:
        problem = "the indicator is a percentage, which is never above 100"
        yield Problem((*path, written[0]), Wrong.GATE_LIMIT, problem, "write a number from 0 to 100")


def _analyses(draft: Draft, path: KeyPath, gate: QualityGate) -> Iterator[Problem]:
    if gate.action != "exclude_analysis":
        yield from out_of_place(draft, path, ("analyses",), "without action: exclude_analysis")
        return
    if gate.analyses is None:
        mend = f"write analyses: [{', '.join(draft.analysis_ids())}], or those of them that are meant"
        problem = "nothing says from which analyses the registry is excluded"
        yield Problem((*path, "action"), Wrong.GATE_ANALYSES, problem, mend)
        return
    for number, name in enumerate(gate.analyses):
        yield from unknown_name((*path, "analyses", number), name, "analysis", draft.analysis_ids())
    yield from repeated((*path, "analyses"), gate.analyses, "analysis")
