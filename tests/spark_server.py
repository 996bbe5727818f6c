"""Apache Spark in local mode with its Connect server, from an environment of its own under build/ (``make spark``)."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.house.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYTHON = ROOT / "build" / "spark" / "venv" / "bin" / "python"
SERVE = """
import sys
from pyspark.sql import SparkSession
port, warehouse = sys.argv[1:]
options = {
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": port,
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.warehouse.dir": warehouse,
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "2",
}
builder = SparkSession.builder.master("local[2]")
for name, value in options.items():
    builder = builder.config(name, value)
session = builder.getOrCreate()
print("ready", flush=True)
sys.stdin.read()
session.stop()
"""


@contextmanager
def spark_server(folder: Path) -> Iterator[str]:
    """Start one that keeps its tables under ``folder``; gives its address; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "spark.log"
    with (
        log.open("w", encoding="utf-8") as told,
        subprocess.Popen(
            [PYTHON, "-c", SERVE, str(port), str(folder / "warehouse")],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", log.read_text(encoding="utf-8")
            yield f"sc://127.0.0.1:{port}"
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
