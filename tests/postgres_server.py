"""A PostgreSQL server of Debian's packages or of PATH: on a free loopback port, in a temporary folder, then gone.

It refuses to run as root: where the tests do, it runs as the user ``postgres`` that the package makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ON_PATH = shutil.which("initdb")
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) + ([Path(ON_PATH).parent] if ON_PATH else [])
PASSWORD = "a word that no message may hold"  # noqa: S105 - of a server that lives for one test
OWNER = "registry_owner"
START_SECONDS = 60


@dataclass
class Server:
    """A running server. The reader may read and nothing else."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def words(self, user: str = OWNER, *, port: int | None = None) -> str:
        """A connection string."""
        return f"host=127.0.0.1 port={port or self.port} dbname=postgres user={user} password='{PASSWORD}'"

    def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        with psycopg.connect(self.words(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def copy_in(self, table: str, columns: str, rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> None:
        """Make a table of these columns and fill it."""
        with psycopg.connect(self.words(), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {table} ({columns})")  # type: ignore[call-overload]
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[call-overload]
                for row in rows:
                    copy.write_row(row)

    def stop(self) -> None:
        """Go away at once, as a server that crashes."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(START_SECONDS)


@contextmanager
def postgres_server() -> Iterator[Server]:
    """Start a server; skip the test where Debian's packages are not installed."""
    if not BINARIES:
        pytest.skip("no PostgreSQL server is installed (Debian's package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="pass-engine-postgres-"))
    user = _user(folder)
    port = _free_port()
    try:
        password = folder / "password"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        if user:
            shutil.chown(password, user["user"])
        initdb = [BINARIES[0] / "initdb", "--pgdata", folder / "data", "--username", OWNER, "--pwfile", password]
        options = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*initdb, *options], check=True, capture_output=True, cwd=folder, **user)
        process = subprocess.Popen(
            [
                BINARIES[0] / "postgres", "-D", folder / "data", "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "timezone=Europe/Prague",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user,
        )  # fmt: skip
        server = Server(port, folder, process)
        try:
            _wait(server)
            server.run(f"CREATE USER reader PASSWORD '{PASSWORD}'")
            yield server
        finally:
            if process.poll() is None:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> dict[str, Any]:
    """Whom to run as: ourselves, or postgres where we are root."""
    if os.geteuid() != 0:
        return {}
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("the user postgres, as whom a server would run, does not exist")
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            psycopg.connect(server.words(), connect_timeout=2).close()
        except psycopg.OperationalError:
            assert server.process.poll() is None, "the server ended before it began"
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start")
