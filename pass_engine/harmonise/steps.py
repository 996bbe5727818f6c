"""The order of harmonising: rules, maps, one column map a table, checks, then the static SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise.checks import check_groups, check_mapping, check_merge, check_persons, check_tallies
from pass_engine.harmonise.column_map import TableReading, table_reading, write_column_map
from pass_engine.harmonise.extras import (
    EXTRA_COMPLETENESS,
    EXTRA_VALUE,
    write_extra_completeness,
    write_extra_values,
)
from pass_engine.harmonise.maps import load_code_maps
from pass_engine.harmonise.mixed_dates import mixed_dates
from pass_engine.harmonise.rules import load_dictionaries, load_rules
from pass_engine.harmonise.tally import TableTally, load_tallies, tally_table
from pass_engine.harmonise.variables import VARIABLE_READ, write_variable_values
from pass_engine.protocol.covariate_rules import variables_of
from pass_engine.protocol.extras import extra_columns
from pass_engine.sqltext import files_between
from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pass_engine.errors import Fault
    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Data, Study
    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store
    from pass_engine.tables.core import Column
    from pass_engine.tables.raw import RawTable

FIRST_FILE, LAST_FILE = 110, 179


@dataclass(frozen=True)
class HarmoniseOutcome:
    """The generated column maps (core table to SQL, in the order they ran) and what they did."""

    column_maps: dict[str, str]
    tallies: tuple[TableTally, ...]


@dataclass(frozen=True)
class Named:
    """What a protocol names beside its data: rows of its code lists, and variables of its covariates (table.column)."""

    codes: tuple[Code, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass
class Watch:
    """Looks on for whoever checks a mapping rather than counts.

    ``on_table`` sees each table while its source is still there; faults of the data are kept instead of raised.
    """

    on_table: Callable[[TableReading, TableTally], None]
    faults: list[Fault] = field(default_factory=list)


def harmonise(
    store: Store,
    loaded: LoadedRegistry,
    raw_tables: Sequence[RawTable],
    study: Study,
    codes: Sequence[Code] = (),
    pass_on: Callable[[], Store] | None = None,
) -> HarmoniseOutcome:
    """Map raw tables to the core model and make the harmonised tables. ``codes`` are those of the study's code lists.

    ``pass_on`` gives another store what the mapping made, and gives it back: the harmonised tables are made there.

    Raises HarmoniseError when the registry cannot take part: a required variable is not mapped, a format is wrong,
    rows of one person disagree.
    """
    named = Named(tuple(codes), variables_of(study))
    return harmonise_data(store, loaded, raw_tables, study.data, named, pass_on=pass_on)


def harmonise_data(
    store: Store,
    loaded: LoadedRegistry,
    raw_tables: Sequence[RawTable],
    data: Data,
    named: Named | None = None,
    watch: Watch | None = None,
    pass_on: Callable[[], Store] | None = None,
) -> HarmoniseOutcome:
    """As ``harmonise``, by what a protocol says of its data; with a watch, only faults of the mapping are raised."""
    named = named or Named()
    extras = extra_columns(data)
    readings = read_tables(loaded, raw_tables, extras)
    check_mapping(loaded.registry.registry.id, readings, data.require)
    load_rules(store, loaded, data)
    load_code_maps(store, loaded, extras)
    load_dictionaries(store, loaded, named.codes)
    column_maps, tallies = map_tables(store, readings, watch)
    _judge(watch, check_tallies, readings, tallies, data.require)
    _judge(watch, check_persons, store, readings)
    load_tallies(store, tallies)
    column_maps |= _map_extras(store, data) | _map_variables(store, data, named.variables)
    store = pass_on() if pass_on else store
    store.make_tables(files_between(FIRST_FILE, LAST_FILE))
    check_groups(store, loaded.registry.registry.id, named.codes)
    return HarmoniseOutcome(column_maps, tuple(tallies))


def _map_extras(store: Store, data: Data) -> dict[str, str]:
    """Make what is read of the study's own variables beyond their tables; gives back the texts that read something."""
    texts = {EXTRA_VALUE: write_extra_values(data), EXTRA_COMPLETENESS: write_extra_completeness(data)}
    for name, text in texts.items():
        store.make_table_from(name, text)
    asked = {EXTRA_VALUE: any(extra.at_entry for extra in data.extras), EXTRA_COMPLETENESS: bool(data.extras)}
    return {name: text for name, text in texts.items() if asked[name]}


def _map_variables(store: Store, data: Data, variables: Sequence[str]) -> dict[str, str]:
    """Make what covariates read beyond the harmonised tables; gives back the text where it reads something."""
    text = write_variable_values(variables, data)
    store.make_table_from(VARIABLE_READ, text)
    return {VARIABLE_READ: text} if variables else {}


def read_tables(
    loaded: LoadedRegistry, raw_tables: Sequence[RawTable], extras: Mapping[str, Sequence[Column]] | None = None
) -> dict[str, TableReading]:
    """How each core table is read, person first: the others leave out the rows of those who refused."""
    raw = {table.table: table for table in raw_tables}
    maps = loaded.registry.source.tables
    more = extras or {}
    return {name: table_reading(name, maps.get(name), raw.get(name), more.get(name, ())) for name in CORE}


def _judge(watch: Watch | None, check: Callable[..., None], *arguments: object) -> None:
    try:
        check(*arguments)
    except HarmoniseError as error:
        if watch is None:
            raise
        watch.faults.extend(error.faults)


def map_tables(
    store: Store, readings: dict[str, TableReading], watch: Watch | None = None
) -> tuple[dict[str, str], list[TableTally]]:
    """Make and count each mapped table; its raw table is then no longer needed, and leaves the memory."""
    column_maps: dict[str, str] = {}
    tallies: list[TableTally] = []
    mixed: list[Fault] = []
    for table, reading in readings.items():
        _judge(watch, check_merge, store, reading)
        column_maps[table] = write_column_map(reading)
        store.make_table_from(f"mapped_{table}", column_maps[table])
        if reading.raw is not None:
            tallies.append(tally_table(store, reading))
            if watch is not None:
                watch.on_table(reading, tallies[-1])
            mixed.extend(mixed_dates(store, reading, tallies[-1]))
            store.drop_table(reading.raw.name)
    if mixed and watch is None:
        raise HarmoniseError(*mixed)
    if watch is not None:
        watch.faults.extend(mixed)
    return column_maps, tallies
