"""A Sail server for tests: the package's own, with what a test asks of it besides."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine import sail

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sail:
    """A server that runs."""

    def __init__(self, server: sail.Sail) -> None:
        self._process = server.process
        self.address = server.address

    def kill(self) -> None:
        """As a cluster that goes away in the middle of its work."""
        self._process.kill()
        self._process.wait(timeout=30)

    @property
    def memory(self) -> int:
        """The most memory it ever held, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


@contextmanager
def sail_server(folder: Path) -> Iterator[Sail]:
    """Start one that keeps its tables under ``folder``; stopped at the end."""
    with sail.sail_server(folder) as server:
        yield Sail(server)


def files_left(folder: Path) -> list[str]:
    """Files of tables that are still there under a server's folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
