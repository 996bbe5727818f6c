"""A Sail server on a port of its own, for as long as a block lasts: a second engine that speaks Spark Connect."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
server.stop()
"""


class Sail:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.address = f"sc://127.0.0.1:{port}"

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
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield Sail(process, int(process.stdout.readline()))
        finally:
            process.kill()


def files_left(folder: Path) -> list[str]:
    """Files of tables that are still there under a server's folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
