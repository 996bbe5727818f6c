"""An OMOP common data model, loaded into ``cdm_<table>`` and turned by SQL files 101 to 109 into raw core tables.

Of the vocabulary only what the data name is loaded: a site's own has millions of concepts.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.registry import omop_of, with_built_in
from pass_engine.source import faults
from pass_engine.source.cdm_folder import CdmFolder
from pass_engine.source.databases import open_database
from pass_engine.source.into_store import Loaded, load_text
from pass_engine.source.opened import Opened, Place, Tables
from pass_engine.source.places import check_present, place_of, reason_of
from pass_engine.sqltext import files_between
from pass_engine.tables.cdm import CDM, CdmTable
from pass_engine.tables.raw import RawTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from pass_engine.errors import Fault
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import Omop
    from pass_engine.store import Store

FIRST_FILE, LAST_FILE = 101, 109
OMOP_RULE = {"conditions": "VARCHAR"}
SUBSTANCE_NAME = {"concept_name": "VARCHAR", "substance": "VARCHAR"}
DISEASE_CONCEPT = {"concept_id": "VARCHAR"}
CODE_SYSTEM = {"vocabulary_id": "VARCHAR", "concept_class_id": "VARCHAR", "code_system": "VARCHAR"}
CDM_LACK = {"cdm_table": "VARCHAR", "table_name": "VARCHAR", "column_name": "VARCHAR"}
CODE_SYSTEMS = (
    *((name, None, "ICD-10") for name in ("ICD10", "ICD10CM", "ICD10CN", "ICD10GM", "CIM10", "KCD7")),
    ("MedDRA", "LLT", "MedDRA LLT"),
    ("MedDRA", "PT", "MedDRA PT"),
)
"""Vocabularies of OMOP whose codes a protocol's code lists can hold: ICD-10 and its national editions, MedDRA."""
LACKS = {
    "concept": (("treatment", "substance"), ("person", "cause_of_death")),
    "death": (("person", "death_date"), ("person", "cause_of_death")),
    "visit_occurrence": (("visit", "visit_date"),),
    "observation_period": (("observation_period", "start_date"),),
    "condition_occurrence": (("adverse_event", "code"), ("comorbidity", "code")),
    "drug_era": (("treatment", "start_date"),),
    "drug_exposure": (("treatment", "start_date"),),
    "concept_ancestor": (("treatment", "atc"),),
}
"""Core columns that stay empty where a table is lacking."""
USED_CONCEPTS = (
    ("cdm_drug_era", "drug_concept_id"),
    ("cdm_drug_exposure", "drug_concept_id"),
    ("cdm_condition_occurrence", "condition_concept_id"),
    ("cdm_condition_occurrence", "condition_source_concept_id"),
    ("cdm_death", "cause_source_concept_id"),
)
MODEL = "OMOP common data model"
NOTHING_TYPED = Loaded(0, frozenset(), frozenset())
AS_THEY_ARE = {"cdm_observation_period": "observation_period", "cdm_visit_occurrence": "visit"}
"""Tables that need no SQL of their own before they are mapped."""


def settle(loaded: LoadedRegistry) -> LoadedRegistry:
    """A registry as its source really is: without what its OMOP model lacks. Others are unchanged."""
    if loaded.registry.source.kind != "omop":
        return loaded
    with ExitStack() as stack:
        cdm = _enter_cdm(stack, loaded)
        return with_built_in(loaded, _lacking(loaded, cdm))


def load_omop(store: Store, loaded: LoadedRegistry) -> tuple[RawTable, ...]:
    """Load the model's tables, and make ``raw_<core table>`` of each that the registry maps."""
    with ExitStack() as stack:
        cdm = _enter_cdm(stack, loaded)
        lacking = _lacking(loaded, cdm)
        vocabulary = _vocabulary(stack, loaded, cdm)
        held = _load_tables(store, loaded, cdm, vocabulary, lacking)
    _load_options(store, omop_of(loaded), lacking)
    store.make_tables(files_between(FIRST_FILE, LAST_FILE))
    mapped = with_built_in(loaded, lacking).registry.source.tables
    tables = tuple(_raw_table(store, name, held) for name in mapped)
    for table in CDM.values():
        if table.stored not in AS_THEY_ARE:
            store.drop_table(table.stored)
    return tables


def _enter_cdm(stack: ExitStack, loaded: LoadedRegistry) -> Tables:
    """The model's tables, open until the stack closes; SourceError where there is none of them."""
    source = loaded.registry.source
    base = loaded.folder / (source.path or "")
    place = place_of(loaded, base, "source.path")
    try:
        if source.connection is not None:
            cdm = stack.enter_context(open_database(loaded))
        elif base.is_dir():
            cdm = CdmFolder(loaded, base)
        else:
            check_present(base, base, place, loaded.folder)
            cdm = stack.enter_context(open_database(loaded))
    except OSError as error:
        raise SourceError(faults.unopened_file(place.where, place.path, reason_of(error))) from error
    names = {name.lower() for name in cdm.names()}
    if not names & CDM.keys():
        present = cdm.names() or tuple(f.name for f in base.iterdir() if base.is_dir())
        raise SourceError(faults.no_cdm(cdm.place.where, cdm.place.path, present))
    return cdm


def _vocabulary(stack: ExitStack, loaded: LoadedRegistry, cdm: Tables) -> Tables:
    schema = omop_of(loaded).vocabulary_schema
    return stack.enter_context(open_database(loaded, schema)) if schema else cdm


def _lacking(loaded: LoadedRegistry, cdm: Tables) -> tuple[str, ...]:
    """Tables of the model that are not there, among those that the options ask for."""
    here = {name.lower() for name in cdm.names()}
    if omop_of(loaded).vocabulary_schema:
        with ExitStack() as stack:
            here |= {name.lower() for name in _vocabulary(stack, loaded, cdm).names()}
    return tuple(t.name for t in _asked(omop_of(loaded)) if t.name not in here)


def _asked(omop: Omop) -> tuple[CdmTable, ...]:
    other = "drug_exposure" if omop.drugs == "drug_era" else "drug_era"
    return tuple(table for table in CDM.values() if table.name != other)


def _load_tables(
    store: Store, loaded: LoadedRegistry, cdm: Tables, vocabulary: Tables, lacking: Sequence[str]
) -> dict[str, tuple[str, Loaded]]:
    """Load what is there, the rest as empty tables; by stored name: the table's origin, and what was loaded."""
    asked = _asked(omop_of(loaded))
    held: dict[str, tuple[str, Loaded]] = {}
    found: list[Fault] = []
    for table in CDM.values():
        if table not in asked or table.name in lacking:
            store.load_rows(_stored(table), dict.fromkeys(table.columns, "VARCHAR"), [])
            continue
        try:
            place_in = vocabulary if table.is_vocabulary else cdm
            held[table.stored] = _load_one(store, table, place_in, _wanted_rows(store, table, held))
        except SourceError as error:
            found.extend(error.faults)
            store.load_rows(_stored(table), dict.fromkeys(table.columns, "VARCHAR"), [])
    if found:
        raise SourceError(*dict.fromkeys(found))
    return held


def _load_one(
    store: Store, table: CdmTable, source: Tables, keep: Callable[[pa.RecordBatch], pa.RecordBatch] | None
) -> tuple[str, Loaded]:
    """Load the columns that are read, whatever the case of their names."""
    name = next(n for n in source.names() if n.lower() == table.name)
    place = Place(f"{source.place.where}, table {name}", source.place.path)
    opened = source.open(name, place)
    actual = {n.lower(): n for n in opened.names}
    missing = [column for column in table.columns if column not in actual]
    if missing:
        raise SourceError(
            faults.no_columns(
                place.where, place.path, missing, sorted(actual), is_header=len(missing) < len(table.columns)
            )
        )
    names = tuple(actual[column] for column in table.columns)

    def read(_: tuple[str, ...]) -> Iterator[Sequence[object]]:
        return opened.read(names)

    lower = tuple((column.lower(), kind) for column, kind in opened.kinds)
    loaded = load_text(store, _stored(table), table.columns, Opened(table.columns, read, lower), place, keep)
    return f"{source.origin}:{name}".lstrip(":"), loaded


def _stored(table: CdmTable) -> str:
    straight = AS_THEY_ARE.get(table.stored)
    return f"raw_{straight}" if straight else table.stored


def _wanted_rows(
    store: Store, table: CdmTable, held: dict[str, tuple[str, Loaded]]
) -> Callable[[pa.RecordBatch], pa.RecordBatch] | None:
    """Which rows of the vocabulary the data name: ancestors of their concepts, then names of both."""
    if not table.is_vocabulary:
        return None
    used = " UNION ".join(f"SELECT {column} FROM {name}" for name, column in USED_CONCEPTS)  # noqa: S608 - names above
    if table.name == "concept_ancestor":
        return _keep("descendant_concept_id", store.fetch(used))
    ancestors = "SELECT ancestor_concept_id FROM cdm_concept_ancestor"
    return _keep("concept_id", store.fetch(f"{used} UNION {ancestors}" if "cdm_concept_ancestor" in held else used))


def _keep(column: str, ids: Sequence[tuple[object, ...]]) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array([row[0] for row in ids if row[0] is not None], pa.string())

    def keep(batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch.filter(pc.is_in(batch.column(column), value_set=wanted))

    return keep


def _load_options(store: Store, omop: Omop, lacking: Sequence[str]) -> None:
    store.load_rows("omop_rule", OMOP_RULE, [(omop.conditions,)])
    names = [(name.strip().lower(), substance.strip().lower()) for name, substance in omop.substances.items()]
    store.load_rows("substance_name", SUBSTANCE_NAME, names)
    store.load_rows("disease_concept", DISEASE_CONCEPT, [(str(concept),) for concept in omop.disease])
    store.load_rows("cdm_code_system", CODE_SYSTEM, CODE_SYSTEMS)
    rows = [(table, core, column) for table in lacking for core, column in LACKS.get(table, ())]
    store.load_rows("cdm_lack", CDM_LACK, rows)


def _raw_table(store: Store, name: str, held: dict[str, tuple[str, Loaded]]) -> RawTable:
    """What is known of a raw table; the source's types are those of the tables it is made from."""
    origin, loaded = next((held[s] for s, core in AS_THEY_ARE.items() if core == name), (MODEL, NOTHING_TYPED))
    columns = tuple(store.columns(f"raw_{name}"))
    rows = store.count_rows(f"raw_{name}")
    return RawTable(name, origin, columns, loaded.typed_dates, loaded.typed_numbers, rows)
