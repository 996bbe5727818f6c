"""What stops a registry: checks on the mapping before, and on the mapped tables after. All faults at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import faults
from pass_engine.harmonise.column_map import TableReading, write_merge_check
from pass_engine.harmonise.dates import format_problem
from pass_engine.harmonise.extras import extra_faults
from pass_engine.harmonise.mixed_dates import ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.errors import Fault
    from pass_engine.harmonise.reading import Reading
    from pass_engine.harmonise.tally import TableTally
    from pass_engine.protocol.codes import Code
    from pass_engine.store import Store

ONE_ROW_A_PERSON = ("person", "disease")
UNREADABLE = {"unreadable date": "dates", "unreadable number": "numbers"}


def check_mapping(registry: str, readings: dict[str, TableReading], require: Iterable[str]) -> None:
    """Are all required variables mapped, and do the date formats say a date?"""
    wanted = {*require, "person.person_id"}
    missing = sorted(v for v in wanted if not _is_mapped(readings, v))
    found = [faults.not_mapped(registry, missing)] if missing else []
    for reading in readings.values():
        for r in reading.mapped:
            found.extend(_format_faults(reading, r))
            found.extend(extra_faults(reading, r))
    _raise(found)


def check_tallies(readings: dict[str, TableReading], tallies: list[TableTally], require: Iterable[str]) -> None:
    """Is more than half of a column unreadable, or nothing left of a required one?"""
    required = set(require)
    found: list[Fault] = []
    for tally in tallies:
        reading = readings[tally.table]
        by_name = {r.name: r for r in reading.mapped}
        for column in tally.columns:
            failed = sum(n for reason, n in column.losses if reason in UNREADABLE)
            if 2 * failed > column.present + failed:
                tested = column.present + failed
                how = _stated(by_name[column.column])
                found.append(faults.unreadable_values(reading.where, column.column, how, failed, tested))
            elif f"{tally.table}.{column.column}" in required and column.rows and not column.present:
                found.append(faults.no_value(reading.where, column.column, column.rows))
    _raise(found)


def check_persons(store: Store, readings: dict[str, TableReading]) -> None:
    """Do several rows of one person agree, in tables of one row a person?"""
    found: list[Fault] = []
    for table in ONE_ROW_A_PERSON:
        reading = readings[table]
        if reading.raw is None:
            continue
        columns, persons = _contradictions(store, reading)
        if persons:
            found.append(faults.contradicting_rows(reading.where, columns, persons))
    _raise(found)


def check_merge(store: Store, reading: TableReading) -> None:
    """Do the rows to be merged agree?"""
    if not reading.merges:
        return
    names = [r for r in reading.mapped if r.name != "person_id"]
    counts = iter(store.fetch(write_merge_check(reading))[0])
    found = []
    for r in names:
        conflicts = max([next(counts) for _ in range(2 if r.is_date else 1)])
        if conflicts:
            found.append(faults.merged_rows_conflict(reading.where, r.name, conflicts))
    _raise(found)


def check_groups(store: Store, registry: str, codes: Iterable[Code]) -> None:
    """Where reports have MedDRA codes and code lists name groups of terms, does the dictionary say what is in them?"""
    tables = {c.system: "meddra_smq" if c.system == "MedDRA SMQ" else "meddra_hierarchy" for c in codes if c.is_group}
    lacking = sorted(system for system, table in tables.items() if not store.count_rows(table))
    recorded = "SELECT count(*) FROM event_code WHERE system IN ('MedDRA LLT', 'MedDRA PT')"
    if lacking and store.fetch(recorded)[0][0]:
        _raise([faults.no_groups(registry, lacking)])


def _contradictions(store: Store, reading: TableReading) -> tuple[list[str], int]:
    """Columns in which rows of one person differ, and the number of such persons. Missing is a value here."""
    names = [r.name for r in reading.mapped if r.name != "person_id"]
    if not names:
        return [], 0
    counts = ", ".join(f"count(DISTINCT coalesce(CAST({n} AS VARCHAR), '')) AS {n}" for n in names)
    sums = ", ".join(f"count(CASE WHEN {n} > 1 THEN 1 END)" for n in names)
    differs = " OR ".join(f"{n} > 1" for n in names)
    query = (  # names of the core model only
        f"WITH repeated AS (SELECT person_id, {counts} FROM mapped_{reading.table} "  # noqa: S608
        "WHERE person_id IS NOT NULL GROUP BY person_id HAVING count(*) > 1) "
        f"SELECT count(CASE WHEN {differs} THEN 1 END), {sums} FROM repeated"
    )
    persons, *by_column = store.fetch(query)[0]
    return [name for name, n in zip(names, by_column, strict=True) if n], int(persons)


def _is_mapped(readings: dict[str, TableReading], variable: str) -> bool:
    table, _, column = variable.partition(".")
    return table in readings and any(r.name == column for r in readings[table].mapped)


def _format_faults(reading: TableReading, column: Reading) -> Iterator[Fault]:
    if not column.is_date or column.reads_days:
        return
    for date_format in column.formats:
        problem = format_problem(date_format)
        if problem:
            yield faults.bad_format(reading.where, column.name, date_format, problem)
    pair = ambiguous(column.formats)
    if pair:
        yield faults.two_readings(reading.where, column.name, pair)


def _stated(column: Reading) -> tuple[str, str]:
    """The key that says how a column is read, and what it says."""
    if column.reads_days:
        return "days_from", "days counted from a day 0"
    if column.is_date:
        return "date_format", f"dates with {' or '.join(column.formats)}"
    return "decimal", f"numbers with the decimal mark {column.decimal}"


def _raise(found: list[Fault]) -> None:
    if found:
        raise HarmoniseError(*found)
