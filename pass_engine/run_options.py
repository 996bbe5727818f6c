"""Options of the command line that say what a count may use of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.budget import Budget

MOST_PROCESSES = 256
PARTITIONS = typer.Option(
    metavar="N|auto", help="Parts in which a registry's persons are counted, one after the other."
)
PROCESSES = typer.Option(
    metavar="N|auto",
    help="Processes that count: registries side by side, or the parts of a large one; auto: one a core.",
)
MEMORY = typer.Option(min=0, metavar="MB", help="Memory for all processes together; 0: half of what is free.")
DISK = typer.Option(
    min=0, metavar="MB", help="Room on the disk for a large registry: must be free, and is not exceeded."
)
WORK = typer.Option(
    help="Folder for a large registry's files (persons' data). A run that was stopped goes on from there."
)


def budget_of(processes: str, memory: int, disk: int, work: Path | None) -> Budget:
    """The options as a budget; memory and disk are in MB."""
    from pass_engine.budget import MEGABYTE, Budget

    if processes != "auto" and not (
        processes.isascii() and processes.isdigit() and 1 <= int(processes) <= MOST_PROCESSES
    ):
        raise typer.BadParameter(f"auto, or a number from 1 to {MOST_PROCESSES}", param_hint="--processes")
    count = 0 if processes == "auto" else int(processes)
    return Budget(processes=count, memory=memory * MEGABYTE, disk=disk * MEGABYTE, work=work)


def partitions_of(asked: str) -> int:
    """The option as a number: ``auto``, or a whole number from 1 on."""
    from pass_engine.partitions import AUTO, MOST

    if asked == "auto":
        return AUTO
    if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= MOST:
        return int(asked)
    raise typer.BadParameter(f"auto, or a number from 1 to {MOST}", param_hint="--partitions")
