"""What every table and figure is made with: the run, its names, its notes, and its incidence rows by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pass_engine.protocol.counted import times_of
from pass_engine.protocol.models import Comparison, Incidence, Sensitivity
from pass_engine.protocol.sentences.words import lower_first
from pass_engine.report.kinds import FINAL, Kind
from pass_engine.report.names import Names
from pass_engine.report.notes import Notes
from pass_engine.report.numbers import format_level, format_per
from pass_engine.terms import EXCLUDED, MASKED, OVERALL, POOLED, TOOK_PART

if TYPE_CHECKING:
    from pass_engine.protocol.models import Study
    from pass_engine.report.reading import Row, Run

Key = tuple[str, str, str, str, str, str, str, str]


@dataclass(frozen=True)
class Combo:
    """One outcome under one time at risk in one analysis, with the cohorts it is counted in."""

    analysis: Incidence
    outcome: str
    time: str

    @property
    def key(self) -> str:
        """A name for anchors."""
        return f"{self.analysis.id}-{self.outcome}-{self.time}"

    @property
    def rate_measures(self) -> tuple[str, ...]:
        """The rates among the measures of the analysis, in its order."""
        return tuple(m for m in self.analysis.measures if m != "incidence_proportion")


@dataclass(frozen=True)
class Context:
    """One run, ready to be asked."""

    run: Run
    kind: Kind = FINAL
    names: Names = field(init=False)
    notes: Notes = field(init=False)

    def __post_init__(self) -> None:
        """Names and notes are made from the run."""
        names = Names(self.run)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "notes", Notes(self.run, names))

    @property
    def study(self) -> Study:
        """The protocol's study."""
        return self.run.protocol.study

    @cached_property
    def index(self) -> dict[Key, Row]:
        """Incidence rows by analysis, registry, cohort, outcome, time at risk, stratum, level and measure."""
        columns = ("analysis", "registry", "cohort", "outcome", "time_at_risk", "stratum", "level", "measure")
        return {tuple(row[c] for c in columns): row for row in self.run.results["incidence.csv"]}  # type: ignore[misc]

    def find(
        self,
        combo: Combo,
        cohort: str,
        measure: str,
        *,
        registry: str = POOLED,
        stratum: str = OVERALL,
        level: str = "",
    ) -> Row | None:
        """One incidence row, or None where the results hold none."""
        key = (combo.analysis.id, registry, cohort, combo.outcome, combo.time, stratum, level, measure)
        return self.index.get(key)

    @cached_property
    def combos(self) -> tuple[Combo, ...]:
        """Every outcome and time at risk of the incidence analyses, in the order of the protocol."""
        return tuple(
            Combo(analysis, outcome, time)
            for analysis in self.study.analyses
            if isinstance(analysis, Incidence)
            for outcome in analysis.outcomes
            for time in times_of(analysis, outcome)
        )

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The comparison analyses."""
        return tuple(a for a in self.study.analyses if isinstance(a, Comparison))

    @property
    def sensitivities(self) -> tuple[Sensitivity, ...]:
        """The sensitivity analyses."""
        return tuple(a for a in self.study.analyses if isinstance(a, Sensitivity))

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Cohorts that any incidence analysis names, in the order of the protocol."""
        named = {c for combo in self.combos for c in combo.analysis.cohorts}
        return tuple(key for key in self.study.exposures if key in named)

    @property
    def registries(self) -> tuple[str, ...]:
        """Registries that took part, those masked as one, pooled last; one registry alone is its own pool."""
        own = tuple(key for key in self.run.contributors if not self.run.is_masked(key))
        own = (*own, MASKED) if len(own) < len(self.run.contributors) else own
        return (*own, POOLED) if len(own) != 1 else own

    @property
    def examined(self) -> tuple[str, ...]:
        """Registries whose data were looked at: those that took part, and those that a quality gate excluded."""
        looked_at = {TOOK_PART, EXCLUDED}
        return tuple(r["registry"] for r in self.run.results["participation.csv"] if r["status"] in looked_at)

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries of the study as the protocol names them, else those of the registries that took part."""
        return self.study.study.countries or self._covered

    @property
    def other_countries(self) -> tuple[str, ...]:
        """Countries that registries cover and the protocol does not name."""
        return tuple(c for c in self._covered if c not in self.countries)

    @property
    def _covered(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c for facts in self.run.registries.values() for c in facts.get("countries", ())))

    @property
    def per(self) -> str:
        """What the rates are per, or the several things."""
        return format_per(*(combo.analysis.per_person_years for combo in self.combos))

    @property
    def ci(self) -> str:
        """Head of a column of intervals."""
        levels = {row["interval_level"] for row in self.run.results["incidence.csv"] if row["interval_level"]}
        return f"{format_level(levels.pop())} CI" if len(levels) == 1 else "CI"

    def title(self, combo: Combo) -> str:
        """Outcome and time at risk in words."""
        return f"{self.names.outcome(combo.outcome)} · {lower_first(self.names.time_at_risk(combo.time))}"

    def shortest_title(self, combo: Combo) -> str:
        """The outcome alone where it stands under one time at risk, else with the time at risk."""
        times = {other.time for other in self.combos if other.outcome == combo.outcome}
        return self.title(combo) if len(times) > 1 else self.names.outcome(combo.outcome)

    def main_measure(self, combo: Combo) -> str:
        """The first rate of the analysis that the results hold for this outcome."""
        for measure in (*combo.rate_measures, "eair"):
            if any(self.find(combo, c, measure) for c in combo.analysis.cohorts):
                return measure
        return "eair"
