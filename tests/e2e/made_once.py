"""What is dear to make is made once in a session of tests, by whichever process needs it first; others copy it."""

from __future__ import annotations

import fcntl
import os
import shutil
from typing import TYPE_CHECKING

from tests.e2e.small import Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that ``make`` filled. Processes of one session share the folder above their own."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place = shared / f"made-{name}"
    with (shared / f"made-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits until it is whole
        if not place.is_dir():
            part = shared / f"made-{name}.part"
            shutil.rmtree(part, ignore_errors=True)  # of a test that failed in here
            part.mkdir()
            make(part)
            part.rename(place)
    return place


def copy_of(place: Path, folder: Path) -> Network:
    """A copy of a network, which a test may spoil."""
    shutil.copytree(place, folder / "n")
    return Network(folder / "n")
