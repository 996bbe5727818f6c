"""One model of one comparison: its columns, and the coefficient of being in the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pass_engine.stats.cox import CoxData, fit_cox
from pass_engine.stats.diagnosis import Diagnosis, NotEstimable
from pass_engine.stats.likelihood_grid import cox_likelihood, registry_grid
from pass_engine.stats.proportional_hazards import check_proportional_hazards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pass_engine.protocol.models import Regressions
    from pass_engine.regression.members import Members

    Vector = NDArray[Any]

TARGET: Final = 0
"""Place of the column that says who is in the target."""


@dataclass(frozen=True)
class Design:
    """Columns of a model (n x p), the target first, with their names; ``least``: fewest persons of a level used."""

    matrix: Vector
    names: tuple[str, ...]
    least: int


@dataclass(frozen=True)
class Fitted:
    """Log ratio of target over comparator, its variance by the model and by the person; hazards: chi-squared of one."""

    coefficient: float
    variance: float
    robust: float
    hazards: float | None = None


def design_of(members: Members, covariates: Sequence[str]) -> Design:
    """A column for the target, one for a number, one for each level but the first that is there; missing last."""
    import numpy as np

    columns, names, least = [members.target.astype(float)], ["target"], sum(arm.persons for arm in members.arms)
    for n, place in enumerate(members.places):
        if place.name not in covariates:
            continue
        if place.is_linear:
            columns.append((members.digits[:, n] - 1) / place.units)
            names.append(place.name)
            continue
        sizes = members.level_sizes(n)
        least = min([least, *sizes.values()])
        for digit in sorted(sizes, key=lambda d: d or place.digits)[1:]:
            columns.append((members.digits[:, n] == digit).astype(float))
            names.append(f"{place.name}: {place.levels[digit - 1].name if digit else 'missing'}")
    return Design(np.column_stack(columns), tuple(names), least)


def fit_model(members: Members, design: Design, asked: Regressions) -> Fitted | NotEstimable:
    """The model's coefficient of the target, or why there is none."""
    empty = _unfit(members)
    if empty is not None:
        return empty
    data = _cox_data(members, design.matrix)
    fit = fit_cox(data, asked.ties)
    if isinstance(fit, NotEstimable):
        return fit
    test = check_proportional_hazards(data, fit, asked.ties, terms=[[TARGET]])[0]
    robust = fit.robust(members.spans["person_id"].to_numpy(dtype=str))
    place = (TARGET, TARGET)
    return Fitted(float(fit.coefficients[TARGET]), float(fit.covariance[place]), float(robust[place]), test.chi2)


def likelihood_of(members: Members, design: Design, asked: Regressions) -> Vector | None:
    """How far the log-likelihood lies below its top at each point of the registries' grid; none without events."""
    if not sum(arm.persons_with_event for arm in members.arms) or not all(arm.persons for arm in members.arms):
        return None
    found = cox_likelihood(registry_grid(), _cox_data(members, design.matrix), TARGET, asked.ties)
    return None if isinstance(found, NotEstimable) else found.max() - found


def _unfit(members: Members) -> NotEstimable | None:
    """What is seen before anything is fitted."""
    for number, arm in enumerate(members.arms):
        if not arm.persons:
            return NotEstimable(Diagnosis.EMPTY_ARM, arms=(number,))
    events = [arm.persons_with_event for arm in members.arms]
    if not any(events):
        return NotEstimable(Diagnosis.NO_EVENT)
    return None if all(events) else NotEstimable(Diagnosis.NO_EVENT_IN_ARM, arms=(events.index(0),))


def _cox_data(members: Members, matrix: Vector) -> CoxData:
    """The day before a span is where it starts, since its first day is at risk."""
    spans = members.spans
    start, stop = (spans[c].to_numpy(dtype=float) for c in ("from_day", "to_day"))
    return CoxData(matrix, stop, spans["is_event"].to_numpy(dtype=float), start - 1)
