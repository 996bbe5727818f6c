"""What a protocol holds, asked one question at a time: the evidence that checklists answer from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pass_engine.protocol.counted import counted_analyses, margins_of
from pass_engine.protocol.models import Comparison, Incidence, Sensitivity, Survival

if TYPE_CHECKING:
    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Study

Verdict = Literal["Yes", "No", "N/A"]
NO_HYPOTHESIS: Final = "none"
"""What an objective's hypothesis says where there is none a priori."""


@dataclass(frozen=True)
class Asked:
    """One protocol, ready to be asked."""

    protocol: Protocol

    @property
    def study(self) -> Study:
        """The study of the protocol."""
        return self.protocol.study

    def wrote(self, key: str) -> bool:
        """Did people write this text?"""
        return bool(self.protocol.prose.get(key, "").strip())

    def planned(self, event: str) -> bool:
        """Has a milestone a planned or an actual date?"""
        return any(m.event == event and (m.planned or m.actual) for m in self.study.study.milestones)

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """What the objectives say of hypotheses; those that say nothing left out."""
        return tuple(o.hypothesis for o in self.study.study.objectives if o.hypothesis)

    @property
    def incidences(self) -> tuple[Incidence, ...]:
        """Analyses of occurrence."""
        return tuple(a for a in self.study.analyses if isinstance(a, Incidence))

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Analyses of association."""
        return tuple(a for a in self.study.analyses if isinstance(a, Comparison))

    @property
    def survivals(self) -> tuple[Survival, ...]:
        """Curves."""
        return tuple(a for a in self.study.analyses if isinstance(a, Survival))

    @property
    def main_analyses(self) -> tuple[Incidence | Comparison | Survival, ...]:
        """All but the sensitivity analyses."""
        return counted_analyses(self.study)

    @property
    def sensitivities(self) -> tuple[Sensitivity, ...]:
        """Sensitivity analyses."""
        return tuple(a for a in self.study.analyses if isinstance(a, Sensitivity))

    @property
    def measures_association(self) -> bool:
        """Does the study hold groups against each other, or against reference rates?"""
        return bool(self.comparisons) or any(a.reference for a in self.incidences)

    @property
    def has_comparator(self) -> bool:
        """Is there more than one cohort?"""
        side_by_side = [a.cohorts for a in self.incidences] + [a.cohorts for a in self.survivals]
        return bool(self.comparisons) or any(len(cohorts) > 1 for cohorts in side_by_side)

    @property
    def adjusts(self) -> bool:
        """Does a comparison take differences between the groups into account?"""
        return any(a.adjust or a.propensity for a in self.comparisons) or any(
            a.standardise or a.reference for a in self.incidences
        )

    @property
    def strata(self) -> tuple[str, ...]:
        """Stratifiers that some analysis of occurrence splits by."""
        return tuple(dict.fromkeys(s for a in self.incidences for margin in margins_of(a) for s in margin))

    @property
    def covariates(self) -> tuple[str, ...]:
        """Stratifiers and adjustment variables of all analyses."""
        adjusted = (s for a in self.comparisons for s in a.adjust)
        return tuple(dict.fromkeys((*self.strata, *adjusted)))

    def criteria_on(self, *subjects: str) -> bool:
        """Does an entry criterion look at one of these?"""
        return any(c.require in subjects for c in self.study.population.criteria)

    def changes(self, part: str) -> bool:
        """Does a sensitivity analysis change something below this part of the protocol?"""
        return any(path.startswith(part) for s in self.sensitivities for path in s.change)
