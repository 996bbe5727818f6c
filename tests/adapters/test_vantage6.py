"""vantage6 carries a release to three nodes of its mock network, and the approved bundles back."""

from __future__ import annotations

import base64
import json
import os
import subprocess

import pytest

from tests.adapters.nodes import ADAPTERS, BUILD, approve_counted, deciding_network, settings_of
from tests.e2e.networked import MEMBERS, done, pool
from tests.e2e.small import MARK

PYTHON = BUILD / "vantage6" / "bin" / "python"
pytestmark = [
    pytest.mark.adapters,
    pytest.mark.skipif(not PYTHON.is_file(), reason="no environment of vantage6: make adapters"),
]


def ask(network, action):
    asked = {
        "action": action,
        "release": str(network / "release.zip"),
        "settings": [settings_of(network, name) for name in MEMBERS],
    }
    (network / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    script = ADAPTERS.parent / "tests/adapters/vantage6_mock.py"
    told = subprocess.run(
        [PYTHON, script, network / "asked.json", network / "answers.json"],
        env={**os.environ, "PYTHONPATH": str(ADAPTERS)}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert MARK not in told.stdout + told.stderr
    (answers,) = json.loads((network / "answers.json").read_text(encoding="utf-8"))
    return {answer["registry"]: answer for answer in answers}


def test_one_refuses_and_the_others_answer(tmp_path):
    network = deciding_network(tmp_path)
    told = ask(network, "run")
    assert {name: (a["status"], a["code"], a["bundle"]) for name, a in told.items()} == {
        "aa": ("counted", "", ""), "bb": ("counted", "", ""), "cc": ("refused", "PE914", ""),
    }  # fmt: skip
    told = ask(network, "collect")
    assert {a["status"] for a in told.values()} == {"waiting"}  # nobody has looked yet
    for name in ("aa", "bb"):
        approve_counted(network, name)
    told = ask(network, "collect")
    assert {name: a["status"] for name, a in told.items()} == {"aa": "sent", "bb": "sent", "cc": "waiting"}
    for name in ("aa", "bb"):
        (network / f"{name}.zip").write_bytes(base64.b64decode(told[name]["bundle"]))
    done(pool(network, "aa.zip", "bb.zip", decisions=("registries/cc/decisions",)))
    assert {r["registry"]: r["status"] for r in network.rows("participation.csv")} == {
        "aa": "took part", "bb": "took part", "cc": "declined",
    }  # fmt: skip


def test_an_error_carries_nothing_of_the_data(tmp_path):
    """Data that cannot be read, settings that are none: a status and a code, no text."""
    network = deciding_network(tmp_path)
    (network / "registries/aa/data/persons.csv").write_text(f"id,born,gender\n{MARK}001,nonsense,w\n", encoding="utf-8")
    told = ask(network, "run")
    assert set(told["aa"]) == {"registry", "status", "code", "bundle"}
    assert (told["aa"]["status"], told["aa"]["bundle"]) == ("failed", "")
    assert told["aa"]["code"].startswith("PE3")
    assert told["bb"]["status"] == "counted"
    assert MARK not in json.dumps(told)
    assert {a["status"] for a in ask(network, "delete everything").values()} == {"failed"}
