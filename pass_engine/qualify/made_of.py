"""Requirements, and tests with what was expected and observed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

PASS, FAIL, NOT_DONE = "pass", "fail", "not done"


@dataclass(frozen=True)
class Requirement:
    """One requirement: its identifier, part (IQ, OQ), the file of cases that tests it or nothing, and its text."""

    id: str
    part: str
    cases: str
    text: str


@dataclass(frozen=True)
class Tested:
    """One test as it went."""

    id: str
    requirement: str
    what: str
    source: str
    expected: str
    observed: str
    outcome: str

    @property
    def is_deviation(self) -> bool:
        """Is there something that a person must look at?"""
        return self.outcome != PASS


def read_requirements() -> tuple[Requirement, ...]:
    """All requirements, in order."""
    text = (resources.files("pass_engine.qualify") / "requirements.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Requirement(r["requirement"], r["part"], r["cases"], r["text"]) for r in rows)


def outcome_of(requirement: Requirement, tests: list[Tested]) -> str:
    """A requirement is met if each of its tests passed; one without a test is not."""
    outcomes = {test.outcome for test in tests if test.requirement == requirement.id}
    if FAIL in outcomes or not outcomes:
        return FAIL
    return NOT_DONE if NOT_DONE in outcomes else PASS
