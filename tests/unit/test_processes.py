"""Processes beside one that is killed end by themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 60
BOSS = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from pass_engine import processes
processes.LOADED.clear()  # what is loaded beforehand is not the point
pool = ProcessPoolExecutor(
    2, mp_context=processes.beside(), initializer=processes.begin, initargs=(processes.environment(),)
)
asked = [pool.submit(time.sleep, 0.2) for _ in range(2)] + [pool.submit(os.getppid)]
print(asked[-1].result(), *pool._processes, flush=True)
time.sleep(600)
"""


def is_there(process: int) -> bool:
    """Does it run still? A zombie that nobody has asked for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_processes_end_when_the_one_that_asked_for_them_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", BOSS], stdout=subprocess.PIPE, text=True) as boss:
        assert boss.stdout
        server, *workers = map(int, boss.stdout.readline().split())
        assert len(workers) == 2
        assert all(map(is_there, [server, *workers]))
        os.kill(boss.pid, signal.SIGKILL)
    until = time.monotonic() + SECONDS
    while any(map(is_there, [server, *workers])) and time.monotonic() < until:
        time.sleep(0.05)
    assert [p for p in (server, *workers) if is_there(p)] == []
