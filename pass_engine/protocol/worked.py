"""Worked cases beside a protocol (``cases/*.yaml``): a few persons as timelines, with what their author expects.

They change nothing of a study and are no part of its digest: they show its definitions at work, and are held against
the numbered SQL by ``pass-engine check``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from pass_engine.errors import ProtocolError
from pass_engine.protocol.models import Id, Label, Model
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem, YamlText, check_model, read_yaml, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.loader import Protocol
    from pass_engine.protocol.models import Study

FAMILY = "PE1"
FOLDER = "cases"
SCHEMA = re.compile(r" \(pass-engine schema [\w.]+\)")
"""The way to a field of a protocol or registry: those of a case stand in docs/reviewers.md."""
Span = Annotated[tuple[dt.date, ...], Field(min_length=2, max_length=2)]
PersonName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,3}$")]


class Treatment(Model):
    """An episode of treatment."""

    substance: str = Field(description="As the protocol writes it")
    start: dt.date = Field(description="First day")
    stop: dt.date | None = Field(None, description="Last day; empty: still treated at the data cut")


class Doses(Model):
    """Single doses of one substance."""

    substance: str = Field(description="As the protocol writes it")
    on: tuple[dt.date, ...] = Field(min_length=1, description="Days of the doses")


class Happening(Model):
    """An adverse event, or a condition of the history."""

    system: Literal["ICD-10", "MedDRA LLT", "MedDRA PT"] = Field("ICD-10", description="Coding system")
    code: str = Field(description="Code in that system")
    onset: dt.date = Field(description="First day")
    end: dt.date | None = Field(None, description="Last day; the onset where it is empty")
    serious: Literal["yes", "no", "unknown"] = Field("unknown", description="Seriousness")


class ExpectedCount(Model):
    """What one person contributes to one count."""

    cohort: Id = Field(description="Cohort")
    outcome: Id = Field(description="Outcome")
    time_at_risk: Id = Field(description="Time at risk")
    at_risk: tuple[Span, ...] | None = Field(None, description="Periods whose days count, both ends included")
    person_days: int = Field(ge=0, description="Whole days that count")
    events: tuple[dt.date, ...] = Field((), description="Onsets of the events that count")


class Expected(Model):
    """What the author expects of one person; what is left out is not looked at."""

    eras: dict[Id, tuple[Span, ...]] = Field(default_factory=dict, description="Eras of an exposure")
    entry: dict[Id, dt.date | Literal["none"]] = Field(
        default_factory=dict, description="Day of entry into a cohort, or none"
    )
    counts: tuple[ExpectedCount, ...] = Field((), description="Contributions to counts")


class Person(Model):
    """One made-up person, and what is expected of them."""

    id: PersonName = Field(description="A letter, or a few")
    birth_date: dt.date | None = Field(None, description="Birth")
    sex: Literal["female", "male"] = Field("female", description="Sex")
    country: str | None = Field(None, description="Country of residence, ISO 3166-1 alpha-2")
    onset_date: dt.date | None = Field(None, description="Onset of the disease")
    diagnosis_date: dt.date | None = Field(None, description="Diagnosis of the disease")
    death_date: dt.date | None = Field(None, description="Death")
    last_contact_date: dt.date | None = Field(None, description="Last contact")
    observed: tuple[Span, ...] = Field(min_length=1, description="Periods of observation")
    treatments: tuple[Treatment, ...] = Field((), description="Episodes of treatment")
    doses: tuple[Doses, ...] = Field((), description="Single doses")
    events: tuple[Happening, ...] = Field((), description="Reports of adverse events")
    conditions: tuple[Happening, ...] = Field((), description="Conditions of the history")
    expect: Expected = Field(description="What is expected")


class WorkedCase(Model):
    """A few persons that show a rule of the protocol at work."""

    case: Label = Field(description="What the case shows")
    why: str = Field(min_length=1, description="The numbers worked by hand")
    data_cut: dt.date | None = Field(None, description="The registry's data cut; the protocol's where it is empty")
    persons: tuple[Person, ...] = Field(min_length=1, description="Made-up persons")


@dataclass(frozen=True)
class LoadedCase:
    """A worked case and the text it was read from, for the places of its faults."""

    name: str
    case: WorkedCase
    document: YamlText

    def fault(self, problem: Problem) -> Fault:
        """A problem of this case with its place."""
        return self.document.fault(problem, FAMILY)


def load_cases(protocol: Protocol) -> tuple[LoadedCase, ...]:
    """The worked cases of a protocol by file name; raises ProtocolError with every fault of them."""
    loaded: list[LoadedCase] = []
    found: list[Fault] = []
    for file in case_files(protocol.folder):
        document, faults = read_yaml(file, FAMILY)
        found.extend(faults)
        if document is None:
            continue
        case, problems = check_model(WorkedCase, document.value)
        problems = tuple(replace(p, mend=SCHEMA.sub("", p.mend)) for p in problems)
        if case is not None:
            loaded.append(LoadedCase(file.name, case, document))
            problems = tuple(_unknown_names(case, protocol.study))
        found.extend(document.fault(problem, FAMILY) for problem in problems)
    if found:
        raise ProtocolError(*found)
    return tuple(loaded)


def case_files(folder: Path) -> list[Path]:
    """Files of worked cases in a protocol's folder, by name."""
    return sorted(p for p in (folder / FOLDER).glob("*.yaml") if p.is_file())


def _unknown_names(case: WorkedCase, study: Study) -> Iterator[Problem]:
    """Names that the protocol does not have, and a person named twice."""
    known: dict[str, Any] = {
        "cohort": study.exposures, "outcome": study.outcomes, "time_at_risk": study.times_at_risk,
    }  # fmt: skip
    seen: set[str] = set()
    for n, person in enumerate(case.persons):
        at: tuple[str | int, ...] = ("persons", n)
        if person.id in seen:
            yield Problem((*at, "id"), Wrong.NAME_TWICE, "another person has this name", "give each one its own")
        seen.add(person.id)
        for part in ("eras", "entry"):
            for name in (x for x in getattr(person.expect, part) if x not in study.exposures):
                yield _no_such_name((*at, "expect", part, name), name, study.exposures)
        for c, count in enumerate(person.expect.counts):
            for field, names in known.items():
                if getattr(count, field) not in names:
                    yield _no_such_name((*at, "expect", "counts", c, field), getattr(count, field), names)


def _no_such_name(path: tuple[str | int, ...], name: str, known: Any) -> Problem:
    return Problem(path, Wrong.NO_SUCH_NAME, "the protocol has no such name", suggest(name, known))
