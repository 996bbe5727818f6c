"""Partitions of a registry's persons: how many, which one is counted, and the sum over all.

Persons are split by a hash of their pseudonym. Every step of the SQL stays inside one person, and what leaves is counts
and sums of whole numbers, so that the tables of the partitions add up to those of the registry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pass_engine.store import Store

AUTO = 0
"""Asks for as many partitions as the memory calls for."""

MOST = 10_000
"""More partitions than that would be smaller than it takes to count one."""

BYTES_A_PERSON = 5_000
"""What the tables between the harmonised ones and the counts take at most for one person, by docs/performance.md."""

MOST_BYTES = 1_000_000_000
"""More than that is not asked for, however much there is: beyond it the database goes to temporary files."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "incidence_count": ("analysis", "count_no", "stratum", "level"),
    "arm_overlap": ("analysis", "outcome", "time_at_risk", "target", "comparator"),
    "cohort_attrition": ("cohort", "position", "step"),
    "analysis_attrition": ("analysis", "count_no", "position", "step"),
    "baseline": ("cohort", "variable", "level"),
    "covariate_total": ("cohort", "variable", "level"),
    "arm_pattern": ("analysis", "is_target", "is_first", "pattern"),
    "arm_outcome": ("analysis", "outcome", "time_at_risk", "is_target", "pattern"),
    "regression_span": ("analysis", "outcome", "time_at_risk", "is_target", "person_id", "from_day"),
    "life_table": ("analysis", "count_no", "day"),
    "lock_count": ("analysis", "count_no", "lock_point"),
    "supply_tally": ("kind", "rule_id", "table_name", "column_name", "label"),
}
"""Tables that leave the count of a partition, and the columns that name a row. All others are added."""


def partitions_for(persons: int, memory: int | None = None) -> int:
    """Partitions that keep the tables of one within the memory that is free.

    Args:
        persons: persons in the registry.
        memory: free bytes; without it, what the machine says, or 4 GB where it does not say.
    """
    free = free_memory() if memory is None else memory
    persons_at_once = max(min(free // 2, MOST_BYTES) // BYTES_A_PERSON, 1)
    return max(-(-persons // persons_at_once), 1)


def free_memory() -> int:
    """Bytes of memory that a program can have now: what the system keeps of files gives way to it."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    except (OSError, ValueError, StopIteration):  # not every system says
        return 4_000_000_000


def choose_partition(store: Store, partitions: int, partition_no: int) -> None:
    """From now on count the persons of this partition, numbered from 0."""
    columns = {"partitions": "INTEGER", "partition_no": "INTEGER"}
    store.load_rows("partition_rule", columns, [(partitions, partition_no)])


def read_counts(store: Store) -> dict[str, pd.DataFrame]:
    """What the partition that was counted last gives to the sum."""
    return {table: store.frame(table) for table in KEYS}


def add_up(parts: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Tables of the whole registry, sorted by the columns that name a row.

    A sum over nothing but missing numbers is missing.
    """
    return {table: _sum([part[table] for part in parts], list(keys)) for table, keys in KEYS.items()}


def _sum(frames: Sequence[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    import pandas as pd

    stacked = pd.concat(frames, ignore_index=True)
    added = stacked.groupby(keys, dropna=False, sort=True, as_index=False).sum(min_count=1)
    return added.astype(stacked.dtypes.to_dict())[list(stacked.columns)]
