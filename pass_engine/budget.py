"""What a run may use of the machine: processes, memory, room on the disk. No number depends on it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pass_engine import partitions
from pass_engine.errors import Fault, MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEGABYTE = 1_000_000
OF_A_PROCESS = 200 * MEGABYTE
"""What an interpreter with its libraries takes before it has a row."""
LEAST_MEMORY = 100 * MEGABYTE
LEAST_DISK = 100 * MEGABYTE
BLOCK = 512
"""Bytes of a block in which the system counts what a file takes."""
LARGE = 200 * MEGABYTE
"""From so many bytes of files on a registry is counted by several processes, if nothing else is asked."""
ENOUGH = 20 * MEGABYTE
"""From so many bytes of files of all registries on they are counted side by side, if nothing else is asked."""
MOST_MEMORY = partitions.MOST_BYTES + 2 * OF_A_PROCESS
"""More than that is not taken without being asked for."""


@dataclass(frozen=True)
class Budget:
    """What a run may use of the machine.

    ``parts``: 0 for as many as the memory calls for. ``processes``: 0 for one a core where there is enough to count,
    else one. ``memory``: bytes for all processes together, their interpreters included, 0
    for half of what is free, at most 1.4 GB. ``disk``: bytes that must be free for files of a large registry, and that
    they may take; 0 for whatever is free. ``work``: folder for such files, kept when a run is stopped; without it a
    temporary one.
    """

    parts: int = 1
    processes: int = 1
    memory: int = 0
    disk: int = 0
    work: Path | None = None

    def for_input(self, size: int) -> Budget:
        """The same with a number of processes for a registry of so many bytes of files."""
        if self.processes:
            return self
        return replace(self, processes=cores() if size >= LARGE else 1)

    def for_each(self, sizes: Sequence[int]) -> tuple[int, Budget]:
        """How many of the registries with so many bytes of files are counted side by side, and what each may use."""
        wanted = min(self.processes or (cores() if sum(sizes) >= ENOUGH else 1), len(sizes))
        at_once = max(min(wanted, (self.whole - OF_A_PROCESS) // (OF_A_PROCESS + LEAST_MEMORY)), 1)
        share = (self.whole - OF_A_PROCESS) // at_once if at_once > 1 else self.whole
        return at_once, replace(self, processes=1, memory=share)

    @property
    def uses_file(self) -> bool:
        """Do the harmonised tables lie in a file?"""
        return self.processes > 1 or self.work is not None

    @property
    def whole(self) -> int:
        """Bytes for all processes together."""
        return self.memory or min(partitions.free_memory() // 2, MOST_MEMORY)

    @property
    def memory_of_first(self) -> int:
        """Bytes for the tables of this process while it is alone."""
        return max(min(self.whole - OF_A_PROCESS, self.memory or partitions.MOST_BYTES), LEAST_MEMORY)

    @property
    def memory_of_one(self) -> int:
        """Bytes for the tables of one of the processes that count side by side, this one waiting for them."""
        if self.processes <= 1:
            return self.memory_of_first
        return max((self.whole - OF_A_PROCESS) // self.processes - OF_A_PROCESS, LEAST_MEMORY)

    def parts_for(self, persons: int) -> int:
        """Parts in which so many persons are counted."""
        return self.parts or partitions.partitions_for(persons, 2 * self.memory_of_one)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def check_disk(budget: Budget, folder: Path, registry: str) -> None:
    """Is there as much room as the budget says, before anything is written? Raises MethodError."""
    free = shutil.disk_usage(folder).free
    wanted = max(budget.disk, LEAST_DISK)
    if free < wanted:
        found = f"{free // MEGABYTE} MB free, {wanted // MEGABYTE} MB asked for"
        problem = "there is less room for the files of this registry than the run may need"
        mend = "make room, name another folder with --work, or ask for less with --disk"
        raise MethodError(Fault(registry, "--disk", found, problem, mend, "PE405"))


def watch_disk(budget: Budget, folder: Path, registry: str) -> None:
    """Do a run's files keep to the budget meanwhile, and is the disk not about to be full? Raises MethodError."""
    used, free = _size(folder), shutil.disk_usage(folder).free
    if free >= LEAST_DISK and (not budget.disk or used <= budget.disk):
        return
    allowed = f", {budget.disk // MEGABYTE} MB allowed" if budget.disk else ""
    found = f"{used // MEGABYTE} MB written{allowed}, {free // MEGABYTE} MB free"
    problem = "the files of this registry need more room than there is; finished parts are kept under --work"
    mend = "make room, allow more with --disk, or count more parts with --partitions; then run again"
    raise MethodError(Fault(registry, "--disk", found, problem, mend, "PE407"))


def _size(folder: Path) -> int:
    """Bytes of the files below a folder. Files come and go meanwhile."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_blocks * BLOCK  # noqa: PTH118 - many, and often
            except FileNotFoundError:
                continue
    return total
