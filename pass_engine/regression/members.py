"""Who is in the models of a comparison: the same persons in all of them, and why others are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pass_engine.protocol.covariate_rules import Place

    Vector = NDArray[Any]

LEFT_OUT = ("later_arm", "incomplete", "rare_level")
"""Why a member at risk is in no model: entered the other cohort first, lacks a covariate, has a level of few."""
MEMBER = ["is_target", "person_id"]


@dataclass(frozen=True)
class Arm:
    """Persons of a cohort in the models, those of them with an event, and persons left out by reason."""

    persons: int
    persons_with_event: int
    left_out: dict[str, int]


@dataclass(frozen=True)
class Members:
    """Spans of those in the models (n), with the digits of their covariates (n x k); arms: target, comparator."""

    places: tuple[Place, ...]
    spans: pd.DataFrame
    digits: Vector
    target: Vector
    arms: tuple[Arm, Arm]

    def level_sizes(self, number: int) -> dict[int, int]:
        """Digit of a covariate to the persons who have it, both cohorts together."""
        import numpy as np

        first = ~self.spans.duplicated(MEMBER).to_numpy()
        found, sizes = np.unique(self.digits[first, number], return_counts=True)
        return {int(digit): int(size) for digit, size in zip(found, sizes, strict=True)}


def members_of(spans: pd.DataFrame, places: Sequence[Place], min_level_persons: int) -> Members:
    """Choose the members.

    Args:
        spans: rows of ``regression_span`` of one comparison, outcome and time at risk.
        places: covariates of all models.
        min_level_persons: persons with a level that fewer have are left out, until there is no such level.
    """
    import numpy as np

    spans = spans.sort_values([*MEMBER, "from_day"], kind="stable").reset_index(drop=True)
    known = spans.assign(has_time=spans["from_day"].notna().astype(int))
    persons = known.groupby(MEMBER, sort=False).agg(
        {"pattern": "first", "is_counted": "max", "has_time": "min", "is_event": "max"}
    )
    pattern = persons["pattern"].to_numpy(dtype="int64")
    digits = np.empty((len(pattern), len(places)), dtype="int64")
    for n, place in enumerate(places):
        digits[:, n] = pattern // place.multiplier % place.digits
    reason = _reasons(persons, digits, places, min_level_persons)
    keys = persons.index.get_level_values("is_target").to_numpy(dtype=bool)
    events = persons["is_event"].to_numpy(dtype="int64") > 0
    number = spans.groupby(MEMBER, sort=False).ngroup().to_numpy()
    kept = (reason == "")[number]
    arms = tuple(_arm(reason[keys == is_target], events[keys == is_target]) for is_target in (True, False))
    of = spans[kept].reset_index(drop=True)
    return Members(tuple(places), of, digits[number[kept]], of["is_target"].to_numpy(dtype=bool), (arms[0], arms[1]))


def _reasons(persons: pd.DataFrame, digits: Vector, places: Sequence[Place], least: int) -> Vector:
    """Why each person is left out; empty for those who are not."""
    import numpy as np

    complete = [n for n, place in enumerate(places) if place.covariate.missing == "complete_case"]
    lacking = (persons["has_time"].to_numpy() == 0) | (digits[:, complete] == 0).any(axis=1)
    reason = np.where(
        persons["is_counted"].to_numpy(dtype="int64") == 0, "later_arm", np.where(lacking, "incomplete", "")
    )
    while True:
        kept, rare = reason == "", np.zeros(len(reason), dtype=bool)
        for n, place in enumerate(places):
            if not place.is_linear:
                sizes = np.bincount(digits[kept, n], minlength=place.digits)
                rare |= kept & (sizes[digits[:, n]] < least)
        if not rare.any():
            return np.asarray(reason)
        reason = np.where(rare, "rare_level", reason)


def _arm(reason: Vector, events: Vector) -> Arm:
    kept = reason == ""
    return Arm(int(kept.sum()), int((kept & events).sum()), {name: int((reason == name).sum()) for name in LEFT_OUT})
