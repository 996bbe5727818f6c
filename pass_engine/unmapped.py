"""Work for a coder, inside a registry: terms of adverse events that have no code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine import harmonise, source
from pass_engine.engines import mapping_store

if TYPE_CHECKING:
    import pandas as pd

    from pass_engine.registry import LoadedRegistry

WORK_COLUMNS = ("term", "system", "code", "status", "recorded_as", "reports", "persons")
SUGGESTION_COLUMNS = ("suggestion_1", "suggestion_2", "suggestion_3")


def list_unmapped(registry: LoadedRegistry, *, suggest: bool = False) -> pd.DataFrame:
    """Work for a coder, on the registry's own machine: terms without a code, with the columns of a file of terms first.

    ``status`` stays empty until a person fills it in, and a file with an empty status is refused. No person is named.
    """
    import pandas as pd

    with mapping_store(registry) as store:
        raw = source.load_source(store, registry)
        store.lock()
        found = harmonise.find_unmapped(store, registry, raw)
    like = harmonise.suggest_terms(registry, sorted({row[0] for row in found if row[0]})) if suggest else {}
    rows = []
    for term, recorded_as, reports, persons in found:
        own = [f"{s.code} {s.name} ({s.likeness})" for s in like.get(term, ())]
        places = own + [""] * (len(SUGGESTION_COLUMNS) - len(own)) if suggest else []
        rows.append((term, "", "", "", recorded_as, reports, persons, *places))
    return pd.DataFrame(rows, columns=[*WORK_COLUMNS, *(SUGGESTION_COLUMNS if suggest else ())])
