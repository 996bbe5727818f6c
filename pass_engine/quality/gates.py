"""Quality gates: what the study asks of a registry's data, held against the counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, MethodError
from pass_engine.tables.indicators import (
    LIMIT_WORDS,
    UNIT_WORDS,
    VARIABLE_COMPLETE,
    indicators,
    keeps,
    limit_in_words,
)
from pass_engine.terms import GATE, GATE_MET, GATE_NOT_MET, GATE_UNTESTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    import pandas as pd

    from pass_engine.protocol.models import QualityGate, Study
    from pass_engine.registry import LoadedRegistry

EXCLUDE_REGISTRY, EXCLUDE_ANALYSIS, STOP = "exclude_registry", "exclude_analysis", "stop"


@dataclass(frozen=True)
class Decision:
    """One gate of the protocol (by its place, from 1), the counts it looked at, and what it says."""

    position: int
    gate: QualityGate
    numerator: int
    denominator: int
    verdict: str

    @property
    def acts(self) -> bool:
        """Is the limit not kept? Where there was nothing to test a gate says so, and does nothing."""
        return self.verdict == GATE_NOT_MET

    @property
    def value(self) -> Fraction | None:
        """The indicator's value, in its unit."""
        return indicators()[self.gate.indicator].exact(self.numerator, self.denominator)

    @property
    def limit(self) -> str:
        """``at least 95%``."""
        direction, number = _limit(self.gate)
        return limit_in_words(direction, number, indicators()[self.gate.indicator].unit)

    @property
    def reason(self) -> str:
        """Why something is excluded: without a number of the registry's, since it is published."""
        what = self.gate.variable or indicators()[self.gate.indicator].label
        return f"{GATE} {self.position}: {what}, {self.limit}"

    def row(self) -> dict[str, object]:
        """The decision as it travels: no count of the registry's stands in it."""
        return {
            "position": self.position,
            "indicator": self.gate.indicator,
            "variable": self.gate.variable or "",
            "limit_text": self.limit,
            "action": self.gate.action,
            "analyses": ";".join(self.gate.analyses or ()),
            "verdict": self.verdict,
        }


def decide_gates(
    gates: Sequence[QualityGate],
    counts: Mapping[tuple[str, str], tuple[int, int]],
    complete: Mapping[str, tuple[int, int]],
) -> tuple[Decision, ...]:
    """Decide every gate. ``counts``: (indicator, '') to its counts; ``complete``: variable to values and rows.

    A variable that the registry does not map has nothing to test; ``data.require`` is what asks that it be there.
    """
    decisions = []
    for position, gate in enumerate(gates, start=1):
        wanted = gate.variable if gate.indicator == VARIABLE_COMPLETE else ""
        pair = complete.get(wanted or "", (0, 0)) if wanted else counts.get((gate.indicator, ""), (0, 0))
        value = indicators()[gate.indicator].exact(*pair)
        verdict = GATE_UNTESTED if value is None else GATE_MET if keeps(value, *_limit(gate)) else GATE_NOT_MET
        decisions.append(Decision(position, gate, *pair, verdict))
    return tuple(decisions)


def _limit(gate: QualityGate) -> tuple[str, str]:
    """Direction and limit; a limit is printed as it was written, 95 rather than 95.0."""
    direction = next(name for name in LIMIT_WORDS if getattr(gate, name) is not None)
    return direction, f"{getattr(gate, direction):.10g}"


def excluded_analyses(decisions: Sequence[Decision], study: Study) -> dict[str, str]:
    """Analysis to the reason why this registry is excluded from it; the first gate that excludes it gives the reason.

    A sensitivity analysis goes with the analysis it repeats.
    """
    repeats = {a.id: getattr(a, "of", None) if a.kind == "sensitivity" else None for a in study.analyses}
    reasons: dict[str, str] = {}
    for decision in (d for d in decisions if d.acts):
        for analysis, repeated in repeats.items():
            named = decision.gate.analyses or ()
            if decision.gate.action == EXCLUDE_REGISTRY or (
                decision.gate.action == EXCLUDE_ANALYSIS and (analysis in named or repeated in named)
            ):
                reasons.setdefault(analysis, decision.reason)
    return reasons


def is_excluded(decisions: Sequence[Decision]) -> bool:
    """Does a gate exclude the registry from everything?"""
    return any(d.acts and d.gate.action == EXCLUDE_REGISTRY for d in decisions)


def gate_frame(decisions: Sequence[Decision]) -> pd.DataFrame:
    """Decisions as the table ``quality_gate`` of a bundle."""
    import pandas as pd

    columns = ("position", "indicator", "variable", "limit_text", "action", "analyses", "verdict")
    return pd.DataFrame([d.row() for d in decisions], columns=list(columns))


class StudyStopped(MethodError):  # noqa: N818 - a decision of the protocol, not a slip
    """A quality gate of the protocol stops the run: no other registry is counted."""


def stop_study(decisions: Sequence[Decision], registry: LoadedRegistry, study: Study) -> None:
    """Raise StudyStopped with every gate that stops the run and is not kept."""
    smallest = max(registry.registry.policy.min_cell, study.publish.min_cell)
    faults = [
        _stopped(d, registry.registry.registry.id, smallest) for d in decisions if d.acts and d.gate.action == STOP
    ]
    if faults:
        raise StudyStopped(*faults)


def _stopped(decision: Decision, registry: str, smallest: int) -> Fault:
    counts = (decision.numerator, decision.denominator - decision.numerator)
    small = any(0 < n < smallest for n in counts)
    unit = UNIT_WORDS[indicators()[decision.gate.indicator].unit]
    value = (
        "a value that small counts keep back"
        if small or decision.value is None
        else f"{float(decision.value):.1f}{unit}"
    )
    return Fault(
        where=f"registry {registry}",
        path=f"quality.gates.{decision.position}",
        found=f"{decision.gate.variable or decision.gate.indicator}: {value}",
        problem=f"the protocol stops the study unless it is {decision.limit} ({decision.gate.why})",
        mend=indicators()[decision.gate.indicator].remedy,
        code="PE404",
    )
