"""A large registry counted by several processes, a part of its persons at a time.

The harmonised tables lie in a file; each process takes the rows of one part from it into a small database of its own,
and leaves the part's counts in a folder. So memory is that of the parts that are counted at one time, however many
persons there are, and a run that was stopped goes on after the last part that was finished. Counts of parts are added.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pass_engine import partitions, processes
from pass_engine.budget import MEGABYTE, check_disk, watch_disk
from pass_engine.errors import Fault, MethodError
from pass_engine.sqltext import files_between
from pass_engine.store import Store, open_store
from pass_engine.whole import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from pass_engine.budget import Budget
    from pass_engine.store_recorder import Recorder

    Counts = dict[str, pd.DataFrame]
    Counter = Callable[[Store, Any, Any, Any], Counts]

COUNTED = (200, 899)
SECONDS_BETWEEN_LOOKS = 1.0
"""At the disk, while parts are counted."""
STORE, STATE, KEY = "harmonised.duckdb", "parts", "key.json"


@dataclass(frozen=True)
class Asked:
    """Name and study of each scenario; code lists with what descends from them; facts of the registry."""

    scenarios: tuple[tuple[str, Any], ...]
    code_lists: Mapping[str, Any]
    facts: Any


@dataclass(frozen=True)
class Part:
    """One part of one registry, for a process."""

    store: Path
    folder: Path
    tables: tuple[str, ...]
    parts: int
    number: int
    memory: int
    asked: Asked


@contextmanager
def open_for(
    budget: Budget, registry: str, threads: int, recorder: Recorder | None = None
) -> Iterator[tuple[Store, Path | None]]:
    """The store that a registry is mapped in: in memory, or in a file of the folder that is given with it.

    What is recorded is done in one process.
    """
    limit = _megabytes(budget.memory_of_first)
    if recorder is not None or not budget.uses_file:
        with open_store(threads=threads, memory_limit=limit, recorder=recorder) as store:
            yield store, None
        return
    with work_folder(budget, registry) as folder:
        check_disk(budget, folder, registry)
        with open_store(threads=threads, memory_limit=limit, file=folder / STORE, spill_to=folder) as store:
            yield store, folder


@contextmanager
def work_folder(budget: Budget, registry: str) -> Iterator[Path]:
    """A folder for the files of one registry; with ``work`` what is in it stays when the block ends with an error."""
    if budget.work is None:
        with scratch_folder() as folder:
            yield folder
        return
    folder_of_registry = budget.work / registry
    folder_of_registry.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder_of_registry / STORE).unlink(missing_ok=True)
    yield folder_of_registry
    shutil.rmtree(folder_of_registry)


def _megabytes(count: int) -> str:
    return f"{count // MEGABYTE}MB"


def tables_counted() -> tuple[str, ...]:
    """Tables that counting reads and that no rule and no step of it makes."""
    files = files_between(*COUNTED)
    return tuple(sorted({name for sql in files for name in sql.reads} - {sql.writes for sql in files}))


def count_in_processes(
    store: Store,
    asked: Asked,
    budget: Budget,
    folder: Path,
    counter: Counter,
    on_step: Callable[[str], None],
) -> dict[str, Counts]:
    """Counts of every scenario, added over all parts.

    Args:
        store: holds the harmonised tables in ``folder``; its file is closed here.
        asked: scenarios and what they are counted by.
        budget: processes and memory.
        folder: for the store's file and the counts of parts.
        counter: a function of a module that counts a scenario on a store of one part's harmonised tables.
        on_step: told of each part that is finished.

    Raises:
        MethodError: a process was ended by the system, or memory or disk did not suffice.
    """
    there = set(store.table_names())
    held = tuple(name for name in tables_counted() if name in there)
    key = _key([store.fingerprint(name) for name in held], asked)
    state, parts = _state(folder, key, budget.parts, budget.parts_for(store.count_rows("person")))
    store.close_file()
    waiting = [
        Part(folder / STORE, state, held, parts, n, budget.memory_of_one, asked)
        for n in range(parts)
        if not (state / str(n)).is_dir()
    ]
    on_step(f"parts: {parts - len(waiting)} of {parts}")
    watch = partial(watch_disk, budget, folder, asked.facts.id)
    for done in _worked(waiting, budget.processes, counter, watch):
        on_step(f"parts: {parts - len(waiting) + done} of {parts}")
    return {name: _added(state, parts, index) for index, (name, _) in enumerate(asked.scenarios)}


def _key(tables: list[str], asked: Asked) -> str:
    """A digest of everything that the counts of a part follow from, but the number of parts."""
    import duckdb

    rules = [f"{name} {study!r}" for name, study in asked.scenarios]
    files = [sql.digest for sql in files_between(*COUNTED)]
    told = [duckdb.__version__, *tables, *rules, *files, repr(sorted(asked.code_lists.items())), repr(asked.facts)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _state(folder: Path, key: str, asked_for: int, by_memory: int) -> tuple[Path, int]:
    """The folder of the parts that are finished, emptied where they are of other data, rules or parts; and the parts.

    Where no number of parts is asked for, that of the run which was stopped is kept.
    """
    state, file = folder / STATE, folder / KEY
    earlier = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    earlier = earlier if isinstance(earlier, dict) else {}
    is_same = earlier.get("key") == key and asked_for in (0, earlier.get("parts"))
    parts = earlier["parts"] if is_same else asked_for or by_memory
    if not is_same:
        shutil.rmtree(state, ignore_errors=True)
        file.write_text(json.dumps({"key": key, "parts": parts}), encoding="utf-8", newline="\n")
    state.mkdir(exist_ok=True)
    return state, parts


def _worked(waiting: Sequence[Part], at_once: int, counter: Counter, watch: Callable[[], None]) -> Iterator[int]:
    """Count the parts; gives how many are finished each time that some are. ``watch`` is asked again and again."""
    watch()
    if at_once == 1:
        for number, part in enumerate(waiting, 1):
            _count_part(part, counter)
            watch()
            yield number
        return
    pool = ProcessPoolExecutor(
        at_once, mp_context=processes.beside(), initializer=processes.begin, initargs=(processes.environment(),)
    )
    try:
        left = {pool.submit(_count_part, part, counter) for part in waiting}
        while left:
            done, left = wait(left, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            watch()
            if done:
                yield len(waiting) - len(left)
    except BrokenProcessPool:
        found = "a process that the system has ended"
        problem = "counting a part took more memory than there is"
        mend = "give less with --memory or --processes, or more parts with --partitions"
        raise MethodError(Fault("a part of the registry", "", found, problem, mend, "PE406")) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        processes.end_all()


def _count_part(part: Part, counter: Counter) -> None:
    """Count one part for every scenario and leave its counts; they are there as a whole or not at all."""
    made = part.folder / f".{part.number}"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    with open_store(threads=1, memory_limit=_megabytes(part.memory), spill_to=part.folder) as store:
        store.take_part(part.store, part.tables, part.parts, part.number)
        store.lock()
        for index, (_, study) in enumerate(part.asked.scenarios):
            for table, frame in counter(store, study, part.asked.code_lists, part.asked.facts).items():
                _write(frame, made / f"{index}.{table}.parquet")
    made.rename(part.folder / str(part.number))


def _write(frame: pd.DataFrame, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file)


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.read_table(file).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _added(state: Path, parts: int, index: int) -> Counts:
    """The counts of one scenario: parts are added one after the other, so that two are in memory at a time."""
    whole: Counts | None = None
    for number in range(parts):
        part = {table: _read(state / str(number) / f"{index}.{table}.parquet") for table in partitions.KEYS}
        whole = partitions.add_up([part] if whole is None else [whole, part])
    return whole or {}
