"""What is asked for: every incidence analysis of every scenario, with its margins and measures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.protocol.counted import times_of
from pass_engine.protocol.models import Incidence
from pass_engine.protocol.names import margin_name
from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from pass_engine.protocol import Protocol, Scenario

Place = tuple[str, str, str, str]
"""Registry, cohort, outcome, time at risk."""

PARTS = {
    "eair": ("first_events", "first_event_days"),
    "eair_total_exposure": ("first_events", "window_days"),
    "eaer": ("events", "person_days"),
}
"""Measure to its numerator and denominator among the counts."""

SIR = "sir"
MEASURES = ("incidence_proportion", *PARTS, "standardised_eair", "standardised_eaer", SIR)
"""Order of the measures in results."""


@dataclass(frozen=True)
class Asked:
    """One analysis of one scenario with what its rows need of the protocol."""

    protocol: Protocol
    scenario: Scenario
    analysis: Incidence
    is_main: bool

    @property
    def role(self) -> str:
        """The analysis's role, or sensitivity."""
        return self.analysis.role if self.is_main else "sensitivity"

    @property
    def margins(self) -> tuple[str, ...]:
        """Margins shown: overall, then those asked for, in their order."""
        return tuple(dict.fromkeys([OVERALL, *(margin_name(by) for by in self.analysis.by)]))

    def pairs(self) -> list[tuple[str, str]]:
        """Outcomes with their times at risk, both by name."""
        return sorted((o, time) for o in self.analysis.outcomes for time in times_of(self.analysis, o))

    def counting(self, outcome: str) -> str:
        """How events are counted: first or recurrent."""
        return self.scenario.study.outcomes[outcome].counting

    def measures(self, outcome: str) -> list[str]:
        """Crude measures printed: EAER of first events is their EAIR, and is left out."""
        asked = [m for m in MEASURES if m in self.analysis.measures]
        return [m for m in asked if m != "eaer" or self.counting(outcome) == "recurrent"]

    def standardised(self, outcome: str) -> list[str]:
        """Standardised measures printed."""
        if self.analysis.standardise is None:
            return []
        recurrent = self.counting(outcome) == "recurrent"
        return ["standardised_eair", "standardised_eaer"] if recurrent else ["standardised_eair"]

    def derived(self, outcome: str) -> list[str]:
        """Measures of the overall cell that rest on the cells of another margin."""
        return [*self.standardised(outcome), *([SIR] if self.analysis.reference is not None else [])]


def incidence_analyses(protocol: Protocol) -> Iterator[Asked]:
    """Every incidence analysis: the main ones in the protocol's order, then the sensitivity analyses."""
    for number, scenario in enumerate(protocol.scenarios):
        for analysis in scenario.study.analyses:
            if isinstance(analysis, Incidence):
                yield Asked(protocol, scenario, analysis, is_main=number == 0)


def cells_by_analysis(counts: pd.DataFrame) -> Mapping[str, Mapping[Place, list[Row]]]:
    """Rows of the pooled counts by analysis, then by registry, cohort, outcome and time at risk."""
    found: dict[str, dict[Place, list[Row]]] = defaultdict(dict)
    for row in records(counts):
        place = (row["registry"], row["cohort"], row["outcome"], row["time_at_risk"])
        found[row["analysis"]].setdefault(place, []).append(row)
    return found
