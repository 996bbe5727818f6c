"""Contestant: the engine. Loads the harmonised tables from Parquet and counts; says where the time went if asked.

Run as ``python -m tests.benchmarks.engine JOB``.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pass_engine.partitions import partitions_for
from pass_engine.site import count_scenario
from pass_engine.store import Store, open_store
from tests.benchmarks.registry import TABLES
from tests.benchmarks.study import facts_of, load_study
from tests.property.engine import load_extras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

BATCH_ROWS = 122_880
"""Rows of one of DuckDB's row groups."""

KEY = ("cohort", "outcome", "stratum", "level")


def main() -> None:
    """Count, and write the cells as CSV."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    study, code_lists = load_study(Path(job["study"]), job["outcomes"])
    seen: list[dict[str, Any]] = []
    if job["profile"]:
        import pandas as pd  # noqa: F401 - so that no step of the store pays for it

        seen.append({"step": "interpreter and imports", "rows": 0, "cpu": time.process_time(), "wall": 0.0})
        watch(seen)
    with open_store(threads=job["threads"]) as store:
        fill(store, Path(job["data"]))
        parts = job["partitions"] or partitions_for(store.count_rows("person"))
        counts = count_scenario(store, study, code_lists, facts_of(study), parts=parts)["counts"]
    write_cells(counts, Path(job["result"]))
    if job["profile"]:
        Path(job["profile"]).write_text(json.dumps(seen), encoding="utf-8")


def fill(store: Store, data: Path) -> None:
    """The harmonised tables; no study here has variables of its own."""
    for table in TABLES:
        load_parquet(store, table, data / f"{table}.parquet")
    load_extras(store)


def load_parquet(store: Store, table: str, file: Path) -> None:
    """Load one table in batches, so that no second copy of it is held."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        batches = parquet.iter_batches(BATCH_ROWS, use_threads=False)
        store.load_arrow(table, pa.RecordBatchReader.from_batches(parquet.schema_arrow, batches))


def write_cells(counts: pd.DataFrame, file: Path) -> None:
    """Every cell with every number, sorted by the names of the cells as text."""
    counts.drop(columns=["analysis", "time_at_risk"]).sort_values(list(KEY)).to_csv(
        file, index=False, lineterminator="\n"
    )


def watch(seen: list[dict[str, Any]]) -> None:
    """From now on, note what every call of the store costs, under the name of the SQL file or table."""
    for method in ("load_arrow", "load_rows", "make_table", "frame"):
        setattr(Store, method, _timed(method, getattr(Store, method), seen))


def _timed(method: str, call: Callable[..., Any], seen: list[dict[str, Any]]) -> Callable[..., Any]:
    def timed(store: Store, first: Any, *others: Any, **named: Any) -> Any:
        with _stopwatch() as spent:
            given = call(store, first, *others, **named)
        name = getattr(first, "name", first)
        rows = store.count_rows(getattr(first, "writes", first)) if method != "frame" else len(given)
        seen.append({"step": f"{method} {name}", "rows": rows, **spent})
        return given

    return timed


@contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """CPU seconds of all threads, and wall seconds, once the block is left."""
    spent: dict[str, float] = {}
    cpu, wall = time.process_time(), time.perf_counter()
    yield spent
    spent.update(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


if __name__ == "__main__":
    main()
