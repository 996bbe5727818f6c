"""Counts the quality of a registry's data: completeness, faults, mapping and indicators; and holds the study's gates.

SQL counts whole numbers (180 to 199, and 8xx). Nothing is set right. A gate is decided here, before anything is
counted, since only here are the numbers whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.quality.asked import load_asked, load_benchmarks
from pass_engine.quality.gates import Decision, decide_gates
from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pass_engine.protocol.models import Study
    from pass_engine.registry import Benchmarks, VerifiedField
    from pass_engine.store import Store

__all__ = ["Decision", "count_faults", "count_quality", "decide", "quality_tables"]

CHECKS, INDICATORS = (180, 199), (800, 899)


def count_quality(
    store: Store, study: Study, verified: Sequence[VerifiedField] = (), benchmarks: Benchmarks | None = None
) -> None:
    """Make ``quality_count``, ``indicator_count`` and ``completeness_year`` from the mapped and harmonised tables."""
    load_asked(store, study, verified)
    load_benchmarks(store, benchmarks)
    count_faults(store)
    store.make_tables(files_between(*INDICATORS))


def count_faults(store: Store) -> None:
    """Make ``quality_count`` alone: completeness, faults and mapping, which no study has a say in."""
    store.make_tables(files_between(*CHECKS))


def quality_tables(store: Store) -> dict[str, pd.DataFrame]:
    """The counts as the tables that may leave: quality, indicator, completeness_year and verification."""
    column = ("table_name", "column_name")
    return {
        "quality": store.frame("quality_count", ("kind", "rule_id", *column)),
        "indicator": store.frame("indicator_count", ("indicator",)),
        "completeness_year": store.frame("completeness_year", (*column, "calendar_year")),
        "verification": store.frame("verification", column),
    }


def decide(store: Store, study: Study) -> tuple[Decision, ...]:
    """What each gate of the study says of this registry, from the counts made before."""
    counts = {(name, ""): (n, of) for name, n, of in store.fetch("SELECT * FROM indicator_count")}
    variables = store.fetch("SELECT table_name, column_name, tested - failed, tested FROM completeness")
    complete = {f"{table}.{column}": (n, of) for table, column, n, of in variables}
    return decide_gates(study.quality.gates, counts, complete)
