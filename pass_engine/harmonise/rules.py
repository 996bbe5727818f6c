"""Rules and dictionaries as small tables that the static SQL joins to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.harmonise.dictionaries import read_llt, read_terms
from pass_engine.harmonise.maps import MapPlace
from pass_engine.registry.facts import fact_tables, registry_facts

if TYPE_CHECKING:
    from pass_engine.protocol.models import Data
    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store

PARTIAL_DATE_RULE = {"kind": "VARCHAR", "rule": "VARCHAR"}
OBSERVATION_RULE = {"start_from": "VARCHAR", "end_at": "VARCHAR"}
LOCAL_TERM = {"term": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR", "status": "VARCHAR"}
MEDDRA_LLT = {"llt_code": "VARCHAR", "pt_code": "VARCHAR"}


def load_rules(store: Store, loaded: LoadedRegistry, data: Data) -> None:
    """Load what the protocol and registry.yaml say about dates and the registry."""
    partial = data.partial_dates
    rules = [("birth", partial.birth), ("start", partial.start), ("stop", partial.stop), ("event", partial.event)]
    store.load_rows("partial_date_rule", PARTIAL_DATE_RULE, rules)
    derived = loaded.registry.source.observation
    how = (derived.from_, derived.to) if derived else ("registry_entry", None)
    store.load_rows("observation_rule", OBSERVATION_RULE, [how])
    for name, (columns, rows) in fact_tables(registry_facts(loaded, data.cut)).items():
        store.load_rows(name, columns, rows)


def load_dictionaries(store: Store, loaded: LoadedRegistry) -> None:
    """Load the registry's local terms and its MedDRA dictionary; empty tables where it has none."""
    source = loaded.registry.source
    terms = source.terms.get("adverse_event")
    meddra = source.dictionaries.get("meddra")
    name = loaded.folder.resolve().name
    term_place = MapPlace(f"{name}/{terms}", "source.terms.adverse_event")
    llt_place = MapPlace(f"{name}/{meddra}", "source.dictionaries.meddra")
    store.load_rows("local_term", LOCAL_TERM, read_terms(loaded.folder / terms, term_place) if terms else [])
    _load_many(store, read_llt(loaded.folder / meddra, llt_place) if meddra else [])


def _load_many(store: Store, rows: list[tuple[str, str]]) -> None:
    """A real dictionary has some 90,000 terms: through Arrow, not row by row."""
    import pyarrow as pa

    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(MEDDRA_LLT)}
    store.load_arrow("meddra_llt", pa.table(columns))
