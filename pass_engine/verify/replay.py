"""Counts made once more: every statement as plain SQL, replayed by DuckDB in a process without this package.

``replay.sql`` and the source tables beside it (Parquet) are persons' data: they are made in a folder of their own for
the time of the replay, or where ``keep`` says, readable by their owner alone.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, PinError
from pass_engine.protocol import load_protocol
from pass_engine.run.cells import Cell, differing_cells
from pass_engine.site import run_site
from pass_engine.store_recorder import SCRIPT, Recorder
from pass_engine.verify.again import find_counted
from pass_engine.whole import scratch_folder, whole_folder
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry

PROGRAM = (
    "import duckdb, sys; duckdb.connect().execute(open(sys.argv[1], encoding='utf-8').read()); "
    "sys.exit(any(name.partition('.')[0] == 'pass_engine' for name in sys.modules))"
)
"""All that the other process does: no package but DuckDB, no setting but those of the script."""


@dataclass(frozen=True)
class Replayed:
    """A registry, the tables of counts that were compared, and the cells that differ."""

    registry: str
    tables: int
    statements: int
    cells: tuple[Cell, ...]


def replay_run(run: Path, data: Path | None, keep: Path | None = None) -> tuple[Replayed, ...]:
    """Replay the count of every registry of a run whose data are here. Raises PinError (PE722) without data."""
    if data is None:
        problem, mend = "persons are counted where their data are", "say where: --data DIR"
        raise PinError(Fault(shown_name(run), "--deep", "no data", problem, mend, "PE722"))
    protocol = load_protocol(run / "protocol")
    return tuple(replay(registry, protocol, keep) for registry in find_counted(run, data, protocol).values())


def fault_of_replay(replayed: Replayed) -> Fault:
    """The fault (PE724) of a replay that gave other counts."""
    cell = replayed.cells[0]
    found = f"{len(replayed.cells)} differences, first in {cell.file}: {cell.row} {cell.column}"
    problem = "a plain DuckDB counts otherwise than the engine from the same statements"
    mend = "keep the replay with --keep-replay, and report the fault with the version of the engine"
    return Fault(replayed.registry, SCRIPT, found, problem, mend, "PE724")


def replay(registry: LoadedRegistry, protocol: Protocol, keep: Path | None = None) -> Replayed:
    """Count a registry, replay every statement in a plain DuckDB, and compare each table of counts.

    Raises PinError: PE722 the replay itself failed, PE723 ``keep`` holds something.
    """
    name = registry.registry.registry.id
    with _folder(keep, name) as folder:
        recorder = Recorder(folder)
        run_site(registry, protocol, recorder=recorder)
        recorder.write()
        _run(folder, name)
        tables = [(table, f"{table}.csv") for table in recorder.counted]
        cells = [c for _, file in tables for c in differing_cells(folder / "counted", folder / "replayed", file)]
        return Replayed(name, len(tables), recorder.statements, tuple(cells))


@contextmanager
def _folder(keep: Path | None, name: str) -> Iterator[Path]:
    if keep is None:
        with scratch_folder() as place:
            yield place
        return
    folder = keep / name
    if folder.exists():
        problem, mend = "a replay is written into a new folder", "name another folder"
        raise PinError(Fault(shown_name(folder), "--keep-replay", "a folder or file", problem, mend, "PE723"))
    with whole_folder(folder, mode=0o700) as work:
        yield work


def _run(folder: Path, name: str) -> None:
    """A Python that is kept apart from this one's path (-I) and starts in the folder."""
    done = subprocess.run(  # noqa: S603 - this interpreter, and a program that stands above
        [sys.executable, "-I", "-c", PROGRAM, SCRIPT], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        found, problem = f"exit code {done.returncode}", "replay.sql did not run to its end in a plain DuckDB"
        mend = f"keep it with --keep-replay and run it by hand: duckdb < {SCRIPT}"  # its words may quote a row
        raise PinError(Fault(name, SCRIPT, found, problem, mend, "PE722"))
