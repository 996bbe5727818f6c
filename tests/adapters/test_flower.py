"""Flower over a real loopback network: TLS, registered node keys, no telemetry, no installs while it runs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.adapters.credentials import write_credentials
from tests.adapters.nodes import ADAPTERS, BUILD, approve_counted, deciding_network, settings_of
from tests.e2e.networked import MEMBERS, done, pool
from tests.e2e.small import MARK

FLOWER = BUILD / "flower" / "bin"
SECONDS = 240
pytestmark = [
    pytest.mark.adapters,
    pytest.mark.skipif(not (FLOWER / "flwr").is_file(), reason="no environment of Flower: make adapters"),
]


def free_ports(number):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def started(words, log, env):
    """A process of this test alone, ended by its id with all it has started."""
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, env=env, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, 15)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


class Net:
    """A SuperLink, and a SuperNode a registry."""

    def __init__(self, network, stack):
        self.network, self.logs = network, network / "logs"
        self.logs.mkdir()
        self.env = {
            **os.environ, "FLWR_TELEMETRY_ENABLED": "0", "FLWR_HOME": str(network / "flwr"), "HOME": str(network.root),
            "PATH": f"{FLOWER}:{os.environ['PATH']}",
        }  # fmt: skip
        secrets = network / "credentials"
        write_credentials(secrets, MEMBERS)
        port, *others = free_ports(1 + len(MEMBERS))
        self.link = f"127.0.0.1:{port}"
        tls = [f"--ssl-ca-certfile={secrets}/ca.crt", f"--ssl-certfile={secrets}/server.crt",
               f"--ssl-keyfile={secrets}/server.key"]  # fmt: skip
        link = [FLOWER / "flower-superlink", *tls, "--enable-supernode-auth",
                "--disable-runtime-dependency-installation", "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
        stack.enter_context(started(link, self.logs / "link", self.env))
        (network / "flwr").mkdir()
        (network / "flwr/config.toml").write_text(
            f'[superlink]\ndefault = "loopback"\n\n[superlink.loopback]\naddress = "{self.link}"\n'
            f'root-certificates = "{secrets}/ca.crt"\n',
            encoding="utf-8",
        )
        self.until(lambda: self.flwr("supernode", "list").returncode == 0, "the SuperLink")
        for name, own in zip(MEMBERS, others, strict=True):
            told = self.flwr("supernode", "register", secrets / f"{name}.pub")
            assert told.returncode == 0, told.stdout + told.stderr
            config = " ".join(f'{key}="{value}"' for key, value in settings_of(network, name).items())
            node = [FLOWER / "flower-supernode", "--root-certificates", secrets / "ca.crt", "--superlink", self.link,
                    "--auth-supernode-private-key", secrets / f"{name}.key", "--node-config", config,
                    "--host", "127.0.0.1", "--port", str(own), *tls]  # fmt: skip
            stack.enter_context(started(node, self.logs / name, self.env))

    def flwr(self, *words):
        return subprocess.run(
            [FLOWER / "flwr", *words], env=self.env, capture_output=True, text=True, check=False, timeout=SECONDS
        )

    def until(self, is_so, what):
        end = time.monotonic() + SECONDS
        while not is_so():
            assert time.monotonic() < end, f"{what} did not come: {self.said()}"
            time.sleep(1)

    def said(self):
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in self.logs.iterdir())

    def ask(self, action):
        """Run the app; what the centre has then."""
        out = self.network / f"centre-{action}-{time.monotonic_ns()}"
        config = {"action": action, "release": self.network / "release.zip", "out": out, "nodes": len(MEMBERS)}
        words = " ".join(f'{k}="{v}"' if not isinstance(v, int) else f"{k}={v}" for k, v in config.items())
        app = self.network / "app"
        shutil.rmtree(app, ignore_errors=True)
        shutil.copytree(ADAPTERS, app, ignore=shutil.ignore_patterns("__pycache__", "vantage6*"))
        told = self.flwr("run", app, "--run-config", words)
        assert told.returncode == 0, told.stdout + told.stderr
        self.until((out / "answers.json").is_file, "an answer")
        return json.loads((out / "answers.json").read_text(encoding="utf-8")), out


def test_one_refuses_and_the_others_answer(tmp_path):
    network = deciding_network(tmp_path)
    with ExitStack() as stack:
        net = Net(network, stack)
        told, out = net.ask("run")
        assert told == {
            "aa": {"status": "counted", "code": ""}, "bb": {"status": "counted", "code": ""},
            "cc": {"status": "refused", "code": "PE914"},
        }, net.said()  # fmt: skip
        assert not list(out.glob("*.zip"))  # nobody has looked yet
        for name in ("aa", "bb"):
            approve_counted(network, name)
        told, out = net.ask("collect")
        assert {name: one["status"] for name, one in told.items()} == {"aa": "sent", "bb": "sent", "cc": "waiting"}
        assert MARK not in net.said()
    bundles = [p.relative_to(network.root).as_posix() for p in sorted(out.glob("*.zip"))]
    done(pool(network, *bundles, decisions=("registries/cc/decisions",)))
    assert {r["registry"]: r["status"] for r in network.rows("participation.csv")} == {
        "aa": "took part", "bb": "took part", "cc": "declined",
    }  # fmt: skip
