"""Why a model, a weight or a pooled effect has no estimate: a value of its own, so that a table can say so by name.

Nothing here holds a person's value: a diagnosis names columns, arms and counts alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Diagnosis(StrEnum):
    """The names; DIAGNOSIS_WORDS says each in words."""

    COLLINEAR = "collinear"
    SEPARATION = "separation"
    NO_EVENT = "no_event"
    NO_EVENT_IN_ARM = "no_event_in_arm"
    EMPTY_ARM = "empty_arm"
    ONE_VALUE = "one_value"
    WEIGHT_IN_ONE = "weight_in_one"
    NO_OVERLAP = "no_overlap"
    ONE_REGISTRY = "one_registry"
    FEW_ROWS = "few_rows"
    NOT_CONVERGED = "not_converged"


DIAGNOSIS_WORDS: Mapping[Diagnosis, str] = {
    Diagnosis.COLLINEAR: "covariates are sums of one another",
    Diagnosis.SEPARATION: "a covariate tells those with the outcome from those without: its coefficient has no end",
    Diagnosis.NO_EVENT: "no event",
    Diagnosis.NO_EVENT_IN_ARM: "no event in an arm",
    Diagnosis.EMPTY_ARM: "nobody in an arm",
    Diagnosis.ONE_VALUE: "all have the same outcome",
    Diagnosis.WEIGHT_IN_ONE: "one person carries most of an arm's weight",
    Diagnosis.NO_OVERLAP: "the propensity scores of the arms do not overlap",
    Diagnosis.ONE_REGISTRY: "one registry only: nothing to pool",
    Diagnosis.FEW_ROWS: "fewer rows than coefficients",
    Diagnosis.NOT_CONVERGED: "the largest likelihood was not found",
}
"""How a diagnosis is printed."""


@dataclass(frozen=True)
class NotEstimable:
    """No estimate, and why. ``columns``: places of the covariates concerned; ``arms``: numbers of the arms."""

    diagnosis: Diagnosis
    columns: tuple[int, ...] = ()
    arms: tuple[int, ...] = ()

    def words(self, names: Sequence[str] = ()) -> str:
        """The diagnosis in words, with the names of the covariates or arms concerned where they are given."""
        said = DIAGNOSIS_WORDS[self.diagnosis]
        concerned = ", ".join(names[i] for i in self.columns or self.arms if i < len(names))
        return f"{said} ({concerned})" if concerned else said
