"""What a scenario counts: which analyses, in which cohorts and margins, each distinct count once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.models import Comparison, Incidence, Survival
from pass_engine.protocol.names import canonical_order
from pass_engine.terms import DATED_STRATA, VISITED

if TYPE_CHECKING:
    from pass_engine.protocol.loader import Protocol
    from pass_engine.protocol.models import Outcome, Study


@dataclass(frozen=True)
class Count:
    """One thing counted: an outcome in a cohort over a time at risk, shared by the analyses that ask for it."""

    count_no: int
    cohort: str
    outcome: str
    time_at_risk: str


def times_of(analysis: Incidence | Comparison | Survival, outcome: str) -> tuple[str, ...]:
    """Times at risk over which an analysis counts an outcome."""
    named = analysis.outcomes[outcome]
    return (named,) if isinstance(named, str) else tuple(named)


def cohorts_of(analysis: Incidence | Comparison | Survival) -> tuple[str, ...]:
    """Cohorts an analysis counts, in its order."""
    return (analysis.of.target, analysis.of.comparator) if isinstance(analysis, Comparison) else analysis.cohorts


def counted_analyses(study: Study) -> tuple[Incidence | Comparison | Survival, ...]:
    """The analyses of a scenario that are counted (a sensitivity analysis is a scenario of its own)."""
    return tuple(a for a in study.analyses if isinstance(a, Incidence | Comparison | Survival))


def cell_analyses(study: Study) -> tuple[Incidence | Comparison, ...]:
    """Those of them that are counted in cells of strata."""
    return tuple(a for a in study.analyses if isinstance(a, Incidence | Comparison))


def survival_analyses(study: Study) -> tuple[Survival, ...]:
    """The analyses whose life tables are counted."""
    return tuple(a for a in study.analyses if isinstance(a, Survival))


def margins_of(analysis: Incidence | Comparison) -> tuple[tuple[str, ...], ...]:
    """Margins an analysis needs, overall first: those asked for, and those that its weights and rates are for."""
    asked: list[tuple[str, ...]] = [()]
    if isinstance(analysis, Incidence):
        asked += list(analysis.by)
        if analysis.standardise:
            asked.append(analysis.standardise.over)
        if analysis.reference:
            asked.append(analysis.reference.by)
    else:
        asked.append(analysis.adjust)
    return tuple(dict.fromkeys(canonical_order(margin) for margin in asked))


def dated_way(margin: tuple[str, ...]) -> tuple[str, ...]:
    """Stratifiers of a margin that go by what a person has had by a day."""
    return tuple(name for name in DATED_STRATA if name in margin)


def dated_counts(study: Study) -> tuple[tuple[Count, tuple[str, ...]], ...]:
    """Counts made once more over periods that are cut at such bands, with what they are cut by.

    Persons are counted afresh at every margin, and one person has days in several bands; so a margin that splits by
    bands has counts of its own.
    """
    counts = counts_of(study)
    number = {(c.cohort, c.outcome, c.time_at_risk): c for c in counts}
    wanted = {
        (number[cohort, outcome, time], dated_way(margin))
        for analysis in cell_analyses(study)
        for margin in margins_of(analysis)
        if dated_way(margin)
        for cohort in cohorts_of(analysis)
        for outcome in analysis.outcomes
        for time in times_of(analysis, outcome)
    }
    return tuple(sorted(wanted, key=lambda item: (item[0].count_no, item[1])))


def counts_of(study: Study) -> tuple[Count, ...]:
    """Every distinct (cohort, outcome, time at risk) of a scenario, numbered in a fixed order."""
    wanted = {
        (cohort, outcome, time_at_risk)
        for analysis in counted_analyses(study)
        for cohort in cohorts_of(analysis)
        for outcome in analysis.outcomes
        for time_at_risk in times_of(analysis, outcome)
    }
    return tuple(Count(number, *key) for number, key in enumerate(sorted(wanted), start=1))


def source_of(study: Study, outcome: str) -> str:
    """Source whose follow-up an outcome needs; of a composite, adverse events if any component comes from them.

    Relapses, courses and disability are seen at visits.
    """
    named = study.outcomes[outcome]
    sources = {_seen_in(study.outcomes[o]) for o in named.of or (outcome,)}
    return next(source for source in ("adverse_event", "visit", "death") if source in sources)


def _seen_in(outcome: Outcome) -> str:
    return "visit" if outcome.from_ in VISITED else outcome.from_


def is_from_entry(study: Study, outcome: str) -> bool:
    """Is an outcome, or a component of it, a change from a baseline at cohort entry, and so of one cohort alone?"""
    named = study.outcomes[outcome]
    return any(study.outcomes[o].from_ == "disability" for o in named.of or (outcome,))


def event_key(study: Study, outcome: str, cohort: str) -> str:
    """The name under which the SQL finds the events of an outcome in a cohort."""
    return f"{outcome}@{cohort}" if is_from_entry(study, outcome) else outcome


def enders_of(study: Study) -> set[str]:
    """Outcomes that end another one's time at risk: those that stop a time at risk in use, and those that compete."""
    times = {c.time_at_risk for c in counts_of(study)}
    stops = {o for time in times for o in study.times_at_risk[time].stop_at_outcomes}
    return stops | {o for a in survival_analyses(study) for o in a.competing}


def components_of(study: Study) -> list[tuple[str, str]]:
    """(outcome, component) for every outcome read and every component of one; one that is recorded is its own."""
    counted = {c.outcome for c in counts_of(study)} | enders_of(study)
    parts = {o for name in counted for o in study.outcomes[name].of or ()}
    return [(name, part) for name in sorted(counted | parts) for part in sorted(study.outcomes[name].of or (name,))]


def scenarios_of(protocol: Protocol) -> dict[str, str]:
    """Analysis id to the scenario it is counted in."""
    return {a.id: scenario.id for scenario in protocol.scenarios for a in scenario.study.analyses}
