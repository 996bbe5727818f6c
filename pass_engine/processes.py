"""Processes beside this one: made cheaply, and gone when this one is gone, however it ends.

They come from a server process that has loaded the heavy libraries once, whose pages they share. Each begins with the
environment of the process that asked for it, and leaves Ctrl-C to that one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext

LOADED = ["pass_engine.answer", "duckdb", "pandas", "pyarrow.parquet"]
"""What counting a registry needs."""


def beside() -> ForkServerContext:
    """How processes are made here."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context


def environment() -> dict[str, str]:
    """What :func:`begin` is given."""
    return dict(os.environ)


def begin(given: dict[str, str]) -> None:
    """The first thing that such a process does. ``given``: the environment it is to have."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(given)


def _end_with_parent() -> None:
    """End when the process that asked for this one has ended, killed or not; the server in between does not tell."""
    asked_by = multiprocessing.parent_process()
    if asked_by is not None:
        asked_by.join()
        os._exit(1)


def end_all() -> None:
    """End every process that was made and still runs."""
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
