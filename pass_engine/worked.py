"""Worked cases of a protocol, counted by the numbered SQL and held against what their author expects.

Eras come first, then entry, events and days at risk: the first rule that breaks a person's expectation is named, since
what follows from it differs as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import ProtocolError
from pass_engine.protocol.counted import counts_of
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.worked import load_cases
from pass_engine.registry.facts import RegistryFacts
from pass_engine.site import count_scenario
from pass_engine.sqltext import files_between
from pass_engine.store import open_store
from pass_engine.tables.harmonised import DICTIONARY, EXTRA, HARMONISED
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Study
    from pass_engine.protocol.worked import ExpectedCount, LoadedCase, Person, WorkedCase
    from pass_engine.store import Store

Span = tuple["dt.date", ...]
LOOK = (910, 919)
"""SQL files of a registry's own look at its cases."""


@dataclass(frozen=True)
class Counted:
    """What the SQL made of one person: eras, entries, criteria failed, periods, events and the rule of each event."""

    eras: dict[str, list[Span]]
    entry: dict[str, dt.date]
    failed: dict[str, str]
    periods: dict[int, list[Span]]
    events: dict[int, dict[dt.date, str]]


def check_cases(protocol: Protocol) -> int:
    """Hold every worked case of a protocol against the SQL; gives back how many there are.

    Raises ProtocolError with the first rule that breaks the expectation of each person (PE199), or with the faults of
    the files.
    """
    cases = load_cases(protocol)
    faults = [case.fault(problem) for case in cases for problem in _broken(protocol, case)]
    if faults:
        raise ProtocolError(*faults)
    return len(cases)


def _broken(protocol: Protocol, loaded: LoadedCase) -> Iterator[Problem]:
    counted = count_case(protocol, loaded.case)
    for n, person in enumerate(loaded.case.persons):
        problem = next(_differences(protocol.study, person, counted[person.id], ("persons", n, "expect")), None)
        if problem is not None:
            yield problem


def count_case(protocol: Protocol, case: WorkedCase) -> dict[str, Counted]:
    """The persons of a case through every numbered file, as one small registry."""
    study = protocol.study
    cut = min(case.data_cut or study.data.cut, study.data.cut)
    facts = RegistryFacts(study.data.registries[0], cut, "linked")
    with open_store(threads=1) as store:
        for table, columns in {**HARMONISED, **DICTIONARY, **EXTRA}.items():
            rows = [[row.get(c) for c in columns] for row in _rows(table, case.persons)]
            store.load_rows(table, columns, rows)
        count_scenario(store, study, protocol.code_lists, facts)
        store.make_tables(files_between(*LOOK))
        return {person.id: _counted(store, study, person.id) for person in case.persons}


def _rows(table: str, persons: Sequence[Person]) -> Iterator[dict[str, Any]]:
    """Rows of one harmonised table; what a case does not say is missing."""
    number = 0
    for person in persons:
        for row in _own_rows(table, person):
            number += 1
            yield {"person_id": person.id, **({"report_no": number} if table == "event_report" else {}), **row}


def _own_rows(table: str, person: Person) -> Iterator[dict[str, Any]]:
    if table == "person":
        named = person.model_dump(include={"birth_date", "sex", "country", "death_date", "last_contact_date"})
        yield {**named, "birth_precision": _day(person.birth_date), "death_precision": _day(person.death_date)}
    elif table == "observation_period":
        yield from ({"start_date": first, "end_date": last} for first, last in person.observed)
    elif table == "disease":
        yield {"onset_date": person.onset_date, "diagnosis_date": person.diagnosis_date}
    elif table == "treatment":
        yield from ({"substance": t.substance, "start_date": t.start, "stop_date": t.stop} for t in person.treatments)
    elif table == "administration":
        yield from ({"substance": d.substance, "date": day} for d in person.doses for day in d.on)
    elif table in ("event_report", "comorbidity"):
        for e in person.events if table == "event_report" else person.conditions:
            yield {
                "system": e.system, "code": e.code, "pt_code": e.code if e.system == "MedDRA PT" else None,
                "onset_date": e.onset, "onset_precision": "day", "possible_from": e.onset, "possible_to": e.onset,
                "end_date": e.end or e.onset, "serious": e.serious, "mapping_status": "native",
            }  # fmt: skip


def _day(value: object) -> str | None:
    return "day" if value else None


def _counted(store: Store, study: Study, person: str) -> Counted:
    own = "JOIN person_in_study AS p ON p.person_no = x.person_no WHERE p.person_id = $person"

    def fetch(columns: str, table: str) -> list[tuple[Any, ...]]:
        query = f"SELECT {columns} FROM {table} AS x {own} ORDER BY ALL"  # noqa: S608 - names of our own
        return store.fetch(query, {"person": person})

    eras: dict[str, list[Span]] = {}
    for exposure, first, last in fetch("x.exposure, x.era_start, x.era_end", "exposure_era"):
        eras.setdefault(exposure, []).append((first, last))
    criteria = [criterion.id for criterion in study.population.criteria]
    failed = {
        cohort: f"population.criteria.{criteria[position - 1]}"
        for cohort, position in fetch("x.cohort, x.failed_at", "candidate_check")
        if position is not None and position <= len(criteria)
    }
    periods: dict[int, list[Span]] = {}
    events: dict[int, dict[dt.date, str]] = {}
    for number, first, last in store.fetch(
        "SELECT count_no, period_start, period_end FROM case_period WHERE person_id = $person ORDER BY ALL",
        {"person": person},
    ):
        periods.setdefault(number, []).append((first, last))
    for number, onset, rule in store.fetch(
        "SELECT count_no, onset_date, rule FROM case_listing WHERE person_id = $person ORDER BY ALL", {"person": person}
    ):
        events.setdefault(number, {})[onset] = rule
    return Counted(eras, dict(fetch("x.cohort, x.entry_date", "cohort_entry")), failed, periods, events)


def _differences(study: Study, person: Person, counted: Counted, at: tuple[str | int, ...]) -> Iterator[Problem]:
    """What breaks a person's expectation, the first rule first."""
    for exposure, wanted in person.expect.eras.items():
        found = counted.eras.get(exposure, [])
        if list(wanted) != found:
            yield _problem((*at, "eras", exposure), f"exposures.{exposure}", f"gives the eras {_spans(found)}")
    for cohort, day in person.expect.entry.items():
        entered = counted.entry.get(cohort)
        if entered != (None if day == "none" else day):
            rule = counted.failed.get(cohort, f"exposures.{cohort}") if entered is None else "population"
            told = f"lets {person.id} enter on {entered}" if entered else f"does not let {person.id} enter"
            yield _problem((*at, "entry", cohort), rule, told)
    numbers = {(c.cohort, c.outcome, c.time_at_risk): c.count_no for c in counts_of(study)}
    for n, count in enumerate(person.expect.counts):
        path = (*at, "counts", n)
        number = numbers.get((count.cohort, count.outcome, count.time_at_risk))
        if number is None:
            yield _problem(path, "analyses", "does not ask for this count")
        else:
            yield from _of_count(path, count, counted.periods.get(number, []), counted.events.get(number, {}))


def _of_count(
    path: tuple[str | int, ...], count: ExpectedCount, periods: list[Span], events: dict[dt.date, str]
) -> Iterator[Problem]:
    """Days at risk, then events: each with the rule that decided it."""
    named = {day: rule for day, rule in events.items() if rule.startswith("counted")}
    for day in count.events:
        if day not in named:
            rule = events.get(day, "it is no event of this outcome and cohort, or not the first report of one")
            yield _problem((*path, "events"), f"outcomes.{count.outcome}", f"does not count {day}: {rule}")
    for day in named:
        if day not in count.events:
            yield _problem((*path, "events"), f"outcomes.{count.outcome}", f"counts an event on {day} as well")
    if count.at_risk is not None and list(count.at_risk) != periods:
        told = f"has {_spans(periods)} at risk"
        yield _problem((*path, "at_risk"), f"times_at_risk.{count.time_at_risk}", told)
    days = sum((last - first).days + 1 for first, last in periods)
    if days != count.person_days:
        told = f"has {days} person-days: {_spans(periods)}"
        yield _problem((*path, "person_days"), f"times_at_risk.{count.time_at_risk}", told)


def _spans(spans: Sequence[Span]) -> str:
    return ", ".join(f"{first} to {last}" for first, last in spans) or "none"


def _problem(path: tuple[str | int, ...], rule: str, told: str) -> Problem:
    mend = f"look at {rule}, and correct it or the expectation"
    return Problem(path, Wrong.CASE_BROKEN, f"the protocol's {rule} {told}", mend)
