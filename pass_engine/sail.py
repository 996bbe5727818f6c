"""A second engine on this machine: a Sail server in a process of its own, on a loopback port, while a block lasts.

Sail speaks Spark Connect and shares no line with DuckDB. Its tables lie in a folder that the owner alone may read and
that is gone at the end; whoever may open a port of this machine could ask the server meanwhile.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, PinError
from pass_engine.whole import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED = ("pysail", "pyspark", "sqlglot")
SERVE = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
server.stop()
"""
"""All that the other process does. Its input ends with the process that started it, however that ends."""


@dataclass(frozen=True)
class Sail:
    """A server that runs: its process, and the address it listens at."""

    process: subprocess.Popen[str]
    address: str


def check_extra(where: str, path: str) -> None:
    """Is there what a second engine needs? Raises PinError (PE725)."""
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        problem = "the second engine is an extra of this one"
        mend = "pip install 'pass_engine[second-engine]', or name a server with --second-engine-at sc://host:port"
        raise PinError(Fault(where, path, f"no package {', '.join(missing)}", problem, mend, "PE725"))


@contextmanager
def sail_server(folder: Path | None = None) -> Iterator[Sail]:
    """Start a server that keeps its tables under ``folder``, or in one of its own; stopped at the end.

    Raises PinError (PE725) where it does not start.
    """
    with scratch_folder() as own:
        place = folder or own
        place.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen(  # noqa: S603 - this interpreter, and a program that stands above
            [sys.executable, "-c", SERVE],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # its words may quote a row
            text=True,
        ) as process:
            try:
                yield Sail(process, f"sc://127.0.0.1:{_port(process)}")
            finally:
                process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line.strip().isdigit():
        found, problem = "no port", "the second engine did not start on this machine"
        mend = "install pysail anew, or name a server with --second-engine-at sc://host:port"
        raise PinError(Fault("pysail", "--second-engine", found, problem, mend, "PE725"))
    return int(line)
