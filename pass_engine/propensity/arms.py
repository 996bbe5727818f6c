"""The persons of two arms by the covariates of a score: who is left out, and the columns of the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pass_engine.protocol.covariate_rules import Place

LEFT_OUT = ("later_arm", "incomplete", "rare_level")
"""Why a member of a cohort has no score: entered the other cohort first, lacks a covariate, has a level of few."""


@dataclass(frozen=True)
class Group:
    """Persons of one arm who are alike: their digits, one a covariate of the score."""

    is_target: bool
    digits: tuple[int, ...]


@dataclass
class Arms:
    """Persons by group, and how many of each arm (target first) were left out for which reason."""

    places: tuple[Place, ...]
    persons: dict[Group, int] = field(default_factory=dict)
    left_out: dict[str, list[int]] = field(default_factory=lambda: {reason: [0, 0] for reason in LEFT_OUT})

    def size(self, *, is_target: bool) -> int:
        """Persons of an arm."""
        return sum(n for group, n in self.persons.items() if group.is_target == is_target)


def arms_of(rows: Iterable[Mapping[str, Any]], places: Sequence[Place], min_level_persons: int) -> Arms:
    """The arms from the rows of ``arm_pattern`` of one analysis (is_target, is_first, pattern, persons)."""
    arms = Arms(tuple(places))
    for row in rows:
        digits = tuple(place.digit(int(row["pattern"])) for place in places)
        incomplete = any(d == 0 and p.covariate.missing == "complete_case" for d, p in zip(digits, places, strict=True))
        reason = "incomplete" if incomplete else "" if row["is_first"] else "later_arm"
        if not row["is_first"]:
            reason = "later_arm"
        if reason:
            _leave(arms, reason, is_target=bool(row["is_target"]), persons=int(row["persons"]))
            continue
        group = Group(bool(row["is_target"]), digits)
        arms.persons[group] = arms.persons.get(group, 0) + int(row["persons"])
    _leave_rare(arms, min_level_persons)
    return arms


def _leave(arms: Arms, reason: str, *, is_target: bool, persons: int) -> None:
    arms.left_out[reason][0 if is_target else 1] += persons


def _leave_rare(arms: Arms, least: int) -> None:
    """Leave out persons with a level that few of either arm have, until there is none left."""
    while True:
        rare = {
            (n, digit)
            for n, place in enumerate(arms.places)
            if not place.is_linear
            for digit, sizes in level_sizes(arms, n).items()
            if min(sizes) < least
        }
        gone = [g for g in arms.persons if any((n, d) in rare for n, d in enumerate(g.digits))]
        if not gone:
            return
        for group in gone:
            _leave(arms, "rare_level", is_target=group.is_target, persons=arms.persons.pop(group))


def level_sizes(arms: Arms, number: int) -> dict[int, list[int]]:
    """Digit of a covariate to the persons of target and comparator who have it."""
    sizes: dict[int, list[int]] = {}
    for group, persons in arms.persons.items():
        sizes.setdefault(group.digits[number], [0, 0])[0 if group.is_target else 1] += persons
    return dict(sorted(sizes.items()))


@dataclass(frozen=True)
class Term:
    """One column of the model: a covariate's number and the digit that has a 1, or none for a number itself."""

    number: int | None
    digit: int | None
    covariate: str
    level: str
    is_reference: bool = False


def terms_of(arms: Arms) -> tuple[Term, ...]:
    """Intercept, then a column a number and a column a level but the first that is there; a reference has none."""
    terms = [Term(None, None, "intercept", "")]
    for n, place in enumerate(arms.places):
        if place.is_linear:
            terms.append(Term(n, None, place.name, ""))
            continue
        digits = sorted(level_sizes(arms, n), key=lambda d: d or len(place.levels) + 1)  # missing last
        terms += [Term(n, d, place.name, level_name(place, d), is_reference=d == digits[0]) for d in digits]
    return tuple(terms)


def level_name(place: Place, digit: int) -> str:
    """The level that a digit stands for."""
    return "missing" if digit == 0 else place.levels[digit - 1].name


def value_of(term: Term, group: Group, places: Sequence[Place]) -> float:
    """What a group has in a column of the model; a number in points."""
    if term.number is None:
        return 1.0
    digit = group.digits[term.number]
    if term.digit is not None:
        return float(digit == term.digit)
    return (digit - 1) / places[term.number].units
