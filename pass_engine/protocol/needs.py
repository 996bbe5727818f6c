"""The subset of the core data model that a study reads: each variable with the reasons, from the rules themselves.

A variable is *required* where a registry without it cannot take part (the pseudonym, and what the protocol lists under
``data.require``), *needed* where a rule reads it, and *wanted* where it only describes persons or makes an event surer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from pass_engine.protocol.counted import cell_analyses, margins_of
from pass_engine.protocol.covariate_rules import covariate_variables
from pass_engine.protocol.extras import extra_columns
from pass_engine.tables.core import CORE
from pass_engine.terms import VISITED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pass_engine.protocol.loader import Protocol
    from pass_engine.protocol.models import Outcome, Study, TimeAtRisk
    from pass_engine.protocol.scenarios import Scenario
    from pass_engine.tables.core import Column

Level = Literal["required", "needed", "wanted"]
LEVELS: Final[tuple[Level, ...]] = ("required", "needed", "wanted")
CRITERIA: Final = tuple(c.name for c in CORE["adverse_event"].columns if c.name.startswith("ser_"))

WITHOUT_PERIODS: Final = "time under follow-up begins with it, where no observation periods are sent"
DEATHS_BY_VISITS: Final = "where deaths are known from visits, follow-up ends with it"
"""Reasons that hold in some registries only."""

STRATA: Final[dict[str, tuple[str, ...]]] = {
    "age": ("person.birth_date",),
    "sex": ("person.sex",),
    "country": ("person.country",),
    "centre": ("person.centre_id",),
    "course": ("course.start_date", "course.course"),
    "edss": ("visit.visit_date", "visit.edss"),
    "relapses_12_months": ("relapse.onset_date",),
    "prior_substances": ("treatment.substance", "treatment.start_date"),
    "cumulative_doses": ("administration.substance", "administration.date"),
    "line_of_treatment": ("treatment.substance", "treatment.start_date"),
}
"""Stratifier to what it is made from."""

WITHOUT_STOP: Final = {
    "data_cut": "goes on to the data cut",
    "last_contact": "goes on to last contact",
    "fixed_days": "is taken to last a fixed number of days",
    "drop": "is not used",
}
"""What becomes of an episode of treatment whose stop is missing."""

BASELINE: Final = (
    "person.birth_date", "person.sex", "disease.onset_date", "course.start_date", "course.course", "visit.visit_date",
    "visit.edss", "relapse.onset_date", "treatment.substance", "treatment.start_date",
)  # fmt: skip
"""What the table of characteristics at entry reads."""


@dataclass(frozen=True)
class Need:
    """One variable that the study reads: the strongest level, and each reason once, in the order of the protocol."""

    table: str
    column: str
    level: Level
    reasons: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The variable as protocols name it."""
        return f"{self.table}.{self.column}"


@dataclass
class _Asked:
    """Variables asked for so far, each with level and reasons."""

    found: dict[str, tuple[Level, dict[str, None]]] = field(default_factory=dict)

    def ask(self, level: Level, reason: str, *variables: str) -> None:
        """Ask for variables; the stronger level stays, and a reason is kept once."""
        for variable in variables:
            before, reasons = self.found.get(variable, (level, {}))
            stronger = min(before, level, key=LEVELS.index)
            self.found[variable] = (stronger, {**reasons, reason: None})


def needs_of(protocol: Protocol) -> tuple[Need, ...]:
    """Every variable that the study or one of its sensitivity analyses reads, in the order of the core data model."""
    asked = _Asked()
    for name in protocol.study.data.require:
        asked.ask("required", "required by the protocol (data.require)", name)
    asked.ask("required", "nothing is counted without it", "person.person_id")
    _ask_study(asked, protocol.study)
    for scenario in protocol.scenarios:
        _ask_more(asked, scenario)
    asked.ask("wanted", "table of characteristics at entry", *BASELINE)
    for extra in protocol.study.data.extras:
        reason = "a variable of this study" + (", described at entry" if extra.at_entry else "")
        asked.ask("needed" if extra.at_entry else "wanted", reason, f"{extra.table}.{extra.name}")
    for name, covariate in protocol.study.covariates.items():
        asked.ask("needed", f"covariate {name}", *covariate_variables(covariate))
    for table in CORE:
        levels = [level for name, (level, _) in asked.found.items() if name.split(".")[0] == table]
        if levels:
            strongest = min(levels, key=LEVELS.index)
            asked.ask(strongest, f"says whose row of {table} it is", f"{table}.person_id")
    return tuple(_in_order(asked.found, extra_columns(protocol.study.data)))


def _in_order(
    found: dict[str, tuple[Level, dict[str, None]]], extras: Mapping[str, tuple[Column, ...]]
) -> Iterator[Need]:
    for table in CORE.values():
        for column in (*table.columns, *extras.get(table.name, ())):
            if f"{table.name}.{column.name}" in found:
                level, reasons = found[f"{table.name}.{column.name}"]
                yield Need(table.name, column.name, level, tuple(reasons))


def _ask_study(asked: _Asked, study: Study) -> None:
    _ask_everybody(asked, study)
    for number, criterion in enumerate(study.population.criteria, 1):
        subject = criterion.require or criterion.exclude or ""
        reason = f"entry criterion {number}, {criterion.id}"
        if subject == "age":
            asked.ask("needed", reason, "person.birth_date")
        elif subject.startswith("disease."):
            asked.ask("needed", reason, subject)
    _ask_exposures(asked, study)
    for name, rule in study.times_at_risk.items():
        _ask_time(asked, name, rule)
    for name, outcome in study.outcomes.items():
        _ask_outcome(asked, name, outcome)
    for analysis in cell_analyses(study):
        for stratum in dict.fromkeys(s for margin in margins_of(analysis) for s in margin):
            asked.ask("needed", f"analysis {analysis.id} divides by {stratum}", *STRATA.get(stratum, ()))


def _ask_more(asked: _Asked, scenario: Scenario) -> None:
    """What a sensitivity analysis asks for beyond the study as it stands."""
    alone = _Asked()
    _ask_study(alone, scenario.study)
    for name, (level, _) in alone.found.items():
        if name not in asked.found or LEVELS.index(level) < LEVELS.index(asked.found[name][0]):
            asked.ask(level, f"sensitivity analysis {scenario.id}", name)


def _ask_everybody(asked: _Asked, study: Study) -> None:
    asked.ask("needed", WITHOUT_PERIODS, "person.registry_entry_date")
    asked.ask("wanted", "time under follow-up as the registry knows it (instead of the entry date)",
              "observation_period.start_date", "observation_period.end_date")  # fmt: skip
    asked.ask("wanted", "who refused is left out before anything is counted", "person.consent")
    asked.ask("needed", "follow-up ends with it", "person.death_date")
    asked.ask("needed", DEATHS_BY_VISITS, "person.last_contact_date")
    for rule in study.data.registry_overlap:
        reason = f"persons of {', '.join(rule.countries)} are given up by {rule.from_}"
        asked.ask("needed", reason, "person.country")


def _ask_exposures(asked: _Asked, study: Study) -> None:
    for name, exposure in study.exposures.items():
        reason = f"exposure {name}"
        if exposure.substances and exposure.from_ == "administration":
            asked.ask("needed", reason, "administration.substance", "administration.date")
        elif exposure.substances:
            asked.ask("needed", reason, "treatment.substance", "treatment.start_date")
            ends = WITHOUT_STOP[exposure.missing_stop]
            asked.ask("needed", f"{reason}: an episode without it {ends}", "treatment.stop_date")
            if exposure.missing_stop == "last_contact":
                asked.ask("needed", f"{reason}: ends an episode without a stop", "person.last_contact_date")


def _ask_time(asked: _Asked, name: str, rule: TimeAtRisk) -> None:
    if rule.start.anchor == "disease_onset":
        asked.ask("needed", f"time at risk {name} begins with it", "disease.onset_date")
    if "last_contact" in rule.stop_at:
        asked.ask("needed", f"time at risk {name} ends with it", "person.last_contact_date")
    if rule.overlap == "cut_at_switch" and rule.switch_to is None:
        reason = f"time at risk {name} ends where any other substance begins"
        asked.ask("needed", reason, "treatment.substance", "treatment.start_date")


def _ask_outcome(asked: _Asked, name: str, outcome: Outcome) -> None:
    reason = f"outcome {name}"
    if outcome.from_ == "death":
        asked.ask("needed", reason, "person.death_date")
        if outcome.codes:
            asked.ask("needed", f"{reason}: deaths of these causes", "person.cause_of_death")
    if outcome.from_ in VISITED:
        _ask_visits(asked, reason, outcome)
    if outcome.from_ != "adverse_event":
        return
    asked.ask("needed", reason, "adverse_event.code_system", "adverse_event.code", "adverse_event.onset_date")
    asked.ask("wanted", f"{reason}: tells a report sent twice", "adverse_event.event_id")
    if outcome.counting == "recurrent" or outcome.clean_window_days:
        asked.ask("needed", f"{reason}: the clean window begins after it", "adverse_event.end_date")
    if outcome.serious:
        asked.ask("needed", f"{reason}: serious events only", "adverse_event.serious")
        criteria = (f"adverse_event.{c}" for c in CRITERIA)
        asked.ask("wanted", f"{reason}: a criterion makes an event serious, whatever the flag says", *criteria)
    if outcome.prior_events.rule == "exclude_person" and "comorbidity" in outcome.prior_events.from_:
        asked.ask("needed", f"{reason}: who had it before is left out", "comorbidity.code_system", "comorbidity.code",
                  "comorbidity.onset_date")  # fmt: skip


def _ask_visits(asked: _Asked, reason: str, outcome: Outcome) -> None:
    if outcome.from_ == "relapse":
        asked.ask("needed", reason, "relapse.onset_date")
    if outcome.from_ == "course":
        asked.ask("needed", reason, "course.start_date", "course.course")
    if outcome.disability:
        asked.ask("needed", reason, "visit.visit_date", "visit.edss")
        if outcome.disability.relapse_free_days or outcome.disability.relapse != "any":
            asked.ask("needed", f"{reason}: relapses set visits aside or qualify the change", "relapse.onset_date")


def consequence(need: Need, spared: Collection[str] = ()) -> str:
    """What the study could not do without this variable, in words; empty where no reason holds but those ``spared``."""
    reasons = "; ".join(reason for reason in need.reasons if reason not in spared)
    if not reasons:
        return ""
    if need.level == "required":
        return f"this registry could not take part ({reasons})"
    if need.level == "needed":
        return f"could not be done as the protocol says: {reasons}"
    return f"would be poorer without it: {reasons}"


def code_systems(protocol: Protocol) -> tuple[tuple[str, str, int], ...]:
    """(code list, code system, number of rows) of every code list of the study, in order."""
    counted: dict[tuple[str, str], int] = {}
    for path, codes in sorted(protocol.code_lists.items()):
        for code in codes:
            counted[path, code.system] = counted.get((path, code.system), 0) + 1
    return tuple((path, system, n) for (path, system), n in counted.items())


def tables_of(needs: Iterable[Need]) -> dict[str, tuple[Need, ...]]:
    """Needs by table, in order."""
    grouped: dict[str, tuple[Need, ...]] = {}
    for need in needs:
        grouped[need.table] = (*grouped.get(need.table, ()), need)
    return grouped
