"""Map a registry and look on: what maps, what does not, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine import quality, source
from pass_engine.engines import mapping_store
from pass_engine.harmonise import Watch, count_filled, count_shapes, count_values, harmonise_data, second_formats
from pass_engine.mapping.findings import Answer, ColumnCheck, Finding, RegistryCheck, TableCheck
from pass_engine.mapping.mends import mends_of
from pass_engine.mapping.substances import check_substances
from pass_engine.protocol.models import Data
from pass_engine.protocol.needs import DEATHS_BY_VISITS, WITHOUT_PERIODS, consequence, needs_of
from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pass_engine.harmonise import SecondFormat, TableReading, TableTally
    from pass_engine.harmonise.reading import Reading
    from pass_engine.harmonise.tally import ColumnTally
    from pass_engine.protocol import Protocol
    from pass_engine.protocol.needs import Need
    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store
    from pass_engine.tables.raw import RawTable


def check_mapping(registry: LoadedRegistry, protocol: Protocol | None = None, *, threads: int = 2) -> RegistryCheck:
    """Check how a registry maps, and what it has of what a study reads.

    Raises SourceError or HarmoniseError where its files or its mapping cannot be read at all; faults of the data are
    among what is given back.
    """
    registry = source.settle(registry)
    info = registry.registry.registry
    data = protocol.study.data if protocol else Data(model="core/1", cut=info.data_cut_date, registries=(info.id,))
    least = registry.registry.policy.min_cell
    tables: list[TableCheck] = []
    with mapping_store(registry, threads=threads) as store:
        raw = {table.table: table for table in source.load_source(store, registry)}
        store.lock()
        watch = Watch(lambda reading, tally: tables.append(_check_table(store, reading, tally, raw, least)))
        # Whether what is required is there is for the check to say, not a reason to stop.
        harmonise_data(store, registry, tuple(raw.values()), data.model_copy(update={"require": ()}), watch=watch)
        quality.count_faults(store)
        findings = (*(f for t in tables for f in t.findings), *_findings(store))
        substances, others = check_substances(store, protocol, least) if protocol else ((), ())
        answers = tuple(_answers(store, needs_of(protocol), tables, info.deaths)) if protocol else ()
    return RegistryCheck(
        registry=info.id,
        name=info.name,
        min_cell=least,
        cut_year=info.data_cut_date.year,
        tables=tuple(tables),
        tables_not_mapped=tuple(name for name in CORE if name not in raw),
        findings=findings,
        study=protocol.study.study.id if protocol else "",
        answers=answers,
        faults=tuple(watch.faults),
        substances=substances,
        other_substances=others,
    )


def _check_table(
    store: Store, reading: TableReading, tally: TableTally, raw: dict[str, RawTable], least: int
) -> TableCheck:
    by_name = {r.name: r for r in reading.mapped}
    origin = raw[reading.table]
    seconds = {second.column: second for second in second_formats(store, reading, tally)}
    columns = [
        _check_column(store, reading, by_name[c.column], c, Looked(least, seconds.get(c.column)))
        for c in tally.columns
        if c.column
    ]
    return TableCheck(
        table=reading.table,
        origin=origin.origin,
        files=origin.files,
        source_rows=tally.source_rows,
        kept_rows=tally.rows,
        left_out=tuple(_left_out(reading, tally)),
        columns=tuple(columns),
        not_mapped=tuple(r.name for r in reading.columns if not r.is_mapped),
        unused=origin.unused,
        findings=tuple(_of_source(reading, tally, seconds.values())),
        of_other_studies=tuple(_of_other_studies(reading)),
    )


def _of_source(reading: TableReading, tally: TableTally, seconds: Iterable[SecondFormat]) -> Iterator[Finding]:
    """What only a look at the source tells: a table without a row, dates that another format reads."""
    if not tally.source_rows:
        yield Finding(reading.table, "", "The table is there, and has not one row", 0, 0)
    for second in seconds:
        label = f"Dates that only {second.date_format} reads, so that there may be two formats: missing"
        yield Finding(reading.table, second.column, label, second.tested, second.count)


def _of_other_studies(reading: TableReading) -> Iterator[str]:
    if reading.table_map is None:
        return
    read = {r.name for r in reading.columns}
    yield from (n for n in (*reading.table_map.columns, *reading.table_map.constants) if n not in read)


def _left_out(reading: TableReading, tally: TableTally) -> Iterator[tuple[str, int]]:
    filtered = sum(n for c in tally.columns if not c.column for _, n in c.losses)
    if filtered:
        yield "left out by where", filtered
    rest = tally.source_rows - filtered - tally.rows
    if rest > 0:
        yield "merged into one row a person" if reading.merges else "of persons who refused", rest
    if tally.duplicates:
        yield "copies of another row, counted once", tally.duplicates


@dataclass(frozen=True)
class Looked:
    """What is known of a column beside its counts: fewest persons for a value to be told, and a second format."""

    least: int
    second: SecondFormat | None


def _check_column(
    store: Store, reading: TableReading, column: Reading, tally: ColumnTally, looked: Looked
) -> ColumnCheck:
    values = count_values(store, reading, column, looked.least) if column.is_coded else ()
    is_unreadable = any(reason.startswith("unreadable") for reason, _ in tally.losses)
    shapes = count_shapes(store, reading, column, looked.least) if is_unreadable else ()
    return ColumnCheck(
        column=column.name,
        source=_source_of(column),
        rows=tally.rows,
        present=tally.present,
        partial=tally.partial,
        losses=tally.losses,
        values=values,
        shapes=shapes,
        mend=mends_of(reading.table, column, tally.losses, values, shapes, looked.second),
    )


def _source_of(column: Reading) -> str:
    if column.column_map is None:
        return f"always {column.constant}" if column.constant else "always empty"
    names = " + ".join(column.column_map.sources)
    return f"part of {names}" if column.column_map.split else names


def _findings(store: Store) -> Iterator[Finding]:
    """Faults of the data, and codes that no list has; losses and missing values stand with their columns."""
    query = (
        "SELECT table_name, column_name, label, tested, failed FROM quality_count "
        "WHERE (kind = 'fault' OR rule_id = 'code_unmapped') AND failed > 0 ORDER BY table_name, rule_id, column_name"
    )
    for table, column, label, tested, failed in store.fetch(query):
        yield Finding(table, column, label, int(tested), int(failed))


def _answers(store: Store, needs: Sequence[Need], tables: Sequence[TableCheck], deaths: str) -> Iterator[Answer]:
    mapped = {f"{t.table}.{c.column}" for t in tables for c in t.columns}
    spared = {WITHOUT_PERIODS} if "observation_period.start_date" in mapped else set()
    if deaths == "linked":
        spared.add(DEATHS_BY_VISITS)
    for need in needs:
        is_mapped = need.variable in mapped
        years = count_filled(store, need.table, need.column) if is_mapped else ()
        present = sum(year.present for year in years)
        filled = [year.year for year in years if year.present and year.year is not None]
        yield Answer(
            variable=need.variable,
            level=need.level,
            is_mapped=is_mapped,
            rows=sum(year.rows for year in years),
            present=present,
            since=min(filled, default=None),
            years=years,
            without="" if present else consequence(need, spared),
        )
