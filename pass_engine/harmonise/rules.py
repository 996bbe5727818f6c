"""Rules and dictionaries as small tables that the static SQL joins to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.harmonise.dictionaries import read_terms
from pass_engine.harmonise.maps import MapPlace
from pass_engine.harmonise.meddra import Dictionary, read_dictionary
from pass_engine.registry.facts import fact_tables, registry_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Data
    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store

PARTIAL_DATE_RULE = {"kind": "VARCHAR", "rule": "VARCHAR"}
OBSERVATION_RULE = {"start_from": "VARCHAR", "end_at": "VARCHAR"}
LOCAL_TERM = {"term": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR", "status": "VARCHAR"}
MEDDRA_LLT = ("llt_code", "pt_code", "is_current")
MEDDRA_HIERARCHY = ("pt_code", "hlt_code", "hlgt_code", "soc_code", "is_primary")
MEDDRA_SMQ = ("smq_code", "term_system", "term_code", "is_narrow")
LIST_CODE = {"system": "VARCHAR", "code": "VARCHAR"}


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


def load_dictionaries(store: Store, loaded: LoadedRegistry, codes: Iterable[Code]) -> None:
    """Load the registry's local terms and MedDRA dictionary, empty where it has none; and the study's code lists."""
    source = loaded.registry.source
    terms = source.terms.get("adverse_event")
    meddra = source.dictionaries.get("meddra")
    name = loaded.folder.resolve().name
    term_place = MapPlace(f"{name}/{terms}", "source.terms.adverse_event")
    meddra_place = MapPlace(f"{name}/{meddra}", "source.dictionaries.meddra")
    store.load_rows("local_term", LOCAL_TERM, read_terms(loaded.folder / terms, term_place) if terms else [])
    store.load_rows("list_code", LIST_CODE, sorted({(c.system, c.code_from) for c in codes}))
    dictionary = read_dictionary(loaded.folder / meddra, meddra_place) if meddra else Dictionary()
    _load_many(store, "meddra_llt", MEDDRA_LLT, dictionary.terms)
    _load_many(store, "meddra_hierarchy", MEDDRA_HIERARCHY, dictionary.hierarchy)
    _load_many(store, "meddra_smq", MEDDRA_SMQ, dictionary.queries)


def _load_many(store: Store, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    """A real dictionary has some 90,000 terms: through Arrow, not row by row. The last column is yes or no."""
    import pyarrow as pa

    types = [*(pa.string() for _ in columns[1:]), pa.bool_()]
    arrays = {name: pa.array([row[i] for row in rows], types[i]) for i, name in enumerate(columns)}
    store.load_arrow(table, pa.table(arrays))
