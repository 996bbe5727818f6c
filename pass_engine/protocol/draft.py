"""A protocol while it is being checked: the parts that are sound, whatever else is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.counted import cohorts_of, times_of
from pass_engine.protocol.later import LATER
from pass_engine.protocol.models import (
    Analysis,
    Comparison,
    Covariate,
    Criterion,
    Data,
    Exposure,
    Incidence,
    Outcome,
    Period,
    QualityGate,
    Sensitivity,
    Strata,
    Study,
    StudyInfo,
    Survival,
    TimeAtRisk,
)
from pass_engine.protocol.substances import with_substances
from pass_engine.yamltext import check_model, find_later, sound, sound_fields, sound_items, value_at, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.substances import CodedSubstance
    from pass_engine.yamltext import KeyPath, Problem


@dataclass(frozen=True)
class Draft:
    """Sound parts by name or position, and all names that are written, sound or not."""

    value: dict[str, object]
    study: StudyInfo | None
    data: Data | None
    period: Period | None
    entries: str | None
    landmark: int
    criteria: dict[int, Criterion]
    exposures: dict[str, Exposure]
    times: dict[str, TimeAtRisk]
    outcomes: dict[str, Outcome]
    strata: Strata | None
    covariates: dict[str, Covariate]
    analyses: dict[int, Incidence | Comparison | Survival | Sensitivity]
    gates: dict[int, QualityGate]
    listed: tuple[CodedSubstance, ...] = ()
    """Rows of the list of substances; ``exposures`` hold what they say."""

    def names(self, section: str) -> tuple[str, ...]:
        """Names written in a section, also those whose content is at fault."""
        found = self.value.get(section)
        return tuple(str(name) for name in found) if isinstance(found, dict) else ()

    def analysis_ids(self) -> tuple[str, ...]:
        """Identifiers of all analyses, also of those whose content is at fault."""
        items = self.value.get("analyses")
        written = [a for a in items if isinstance(a, dict)] if isinstance(items, tuple) else []
        return tuple(str(a["id"]) for a in written if "id" in a)

    def incidence_ids(self) -> tuple[str, ...]:
        """Identifiers of incidence analyses, also of those whose content is at fault."""
        items = self.value.get("analyses")
        written = [a for a in items if isinstance(a, dict)] if isinstance(items, tuple) else []
        return tuple(str(a["id"]) for a in written if a.get("kind") == "incidence" and "id" in a)

    def incidences(self) -> Iterator[tuple[KeyPath, Incidence]]:
        """Sound incidence analyses with their paths."""
        for number, analysis in self.analyses.items():
            if isinstance(analysis, Incidence):
                yield ("analyses", number), analysis

    def comparisons(self) -> Iterator[tuple[KeyPath, Comparison]]:
        """Sound comparisons with their paths."""
        for number, analysis in self.analyses.items():
            if isinstance(analysis, Comparison):
                yield ("analyses", number), analysis

    def survivals(self) -> Iterator[tuple[KeyPath, Survival]]:
        """Sound survival analyses with their paths."""
        for number, analysis in self.analyses.items():
            if isinstance(analysis, Survival):
                yield ("analyses", number), analysis

    def sensitivities(self) -> Iterator[tuple[KeyPath, Sensitivity]]:
        """Sound sensitivity analyses with their paths."""
        for number, analysis in self.analyses.items():
            if isinstance(analysis, Sensitivity):
                yield ("analyses", number), analysis

    def counted(self) -> Iterator[tuple[KeyPath, Incidence | Comparison | Survival]]:
        """Sound analyses that are counted: all but sensitivity analyses."""
        yield from self.incidences()
        yield from self.comparisons()
        yield from self.survivals()

    def designs(self) -> Iterator[Design]:
        """Every combination of cohort, outcome and time at risk that is analysed, all three sound."""
        for path, analysis in self.counted():
            for outcome in analysis.outcomes:
                for time in times_of(analysis, outcome):
                    for cohort in cohorts_of(analysis):
                        if cohort in self.exposures and outcome in self.outcomes and time in self.times:
                            yield Design(path, cohort, outcome, time)


@dataclass(frozen=True)
class Design:
    """One cohort, outcome and time at risk of the analysis at ``path``."""

    path: KeyPath
    cohort: str
    outcome: str
    time: str


def read_draft(
    value: dict[str, object], listed: tuple[CodedSubstance, ...] = ()
) -> tuple[Study | None, Draft, tuple[Problem, ...]]:
    """The study if its form is sound, its sound parts, and what is wrong with its form.

    ``listed``: rows of the list of substances, by which exposures by ATC codes get theirs.
    """
    later = tuple(find_later(value, LATER))
    fields = frozenset(p.path for p in later if p.at_key)
    kept = with_substances(without(value, fields), listed)
    study, problems = check_model(Study, kept)
    known = [p.path for p in later]
    rest = tuple(p for p in problems if not any(_covers(path, p.path) for path in known))
    return (None if later else study), _draft(value, kept, listed), (*later, *rest)


def _covers(path: KeyPath, other: KeyPath) -> bool:
    return other[: len(path)] == path


def _draft(value: dict[str, object], kept: object, listed: tuple[CodedSubstance, ...]) -> Draft:
    entries = value_at(kept, ("population", "entries"))
    landmark = value_at(kept, ("population", "landmark_days"))
    return Draft(
        value=value,
        study=sound(StudyInfo, kept, ("study",)),
        data=sound(Data, kept, ("data",)),
        period=sound(Period, kept, ("population", "period")),
        entries=entries if isinstance(entries, str) else None,
        landmark=landmark if isinstance(landmark, int) and landmark > 0 else 0,
        criteria=sound_items(Criterion, kept, ("population", "criteria")),
        exposures=sound_fields(Exposure, kept, ("exposures",)),
        times=sound_fields(TimeAtRisk, kept, ("times_at_risk",)),
        outcomes=sound_fields(Outcome, kept, ("outcomes",)),
        strata=sound(Strata, kept, ("strata",)) if "strata" in value else Strata(),
        covariates=sound_fields(Covariate, kept, ("covariates",)),
        analyses=sound_items(Analysis, kept, ("analyses",)),
        gates=sound_items(QualityGate, kept, ("quality", "gates")),
        listed=listed,
    )
