"""The centre's side of Flower: sends a release to all nodes, and keeps their statuses and approved bundles.

Files only come out: ``answers.json`` (status and code by registry) and ``REGISTRY.zip``, which ``pass-engine pool``
verifies.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.serverapp import ServerApp

if TYPE_CHECKING:
    from flwr.serverapp import Grid

app = ServerApp()
NAME = re.compile(r"[a-z][a-z0-9_\-]{0,39}")


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Ask every node that is there, once as many are as the run's configuration says."""
    config = context.run_config
    seconds = float(config["seconds"])
    nodes = _wait(grid, int(config["nodes"]), seconds)
    asked = ConfigRecord({"action": str(config["action"]), "release": Path(str(config["release"])).read_bytes()})
    messages = [Message(RecordDict({"asked": asked}), dst_node_id=node, message_type="query") for node in nodes]
    out = Path(str(config["out"]))
    out.mkdir(parents=True, exist_ok=True)
    answers: dict[str, dict[str, str]] = {}
    for number, reply in enumerate(grid.send_and_receive(messages, timeout=seconds), start=1):
        said = {} if reply.has_error() else reply.content["said"]
        name = str(said.get("registry", ""))
        name = name if NAME.fullmatch(name) and name not in answers else f"node-{number}"
        answers[name] = {"status": str(said.get("status", "failed")), "code": str(said.get("code", ""))}
        if said.get("bundle"):
            (out / f"{name}.zip").write_bytes(said["bundle"])
    text = json.dumps(answers, indent=2, sort_keys=True) + "\n"
    (out / "answers.json").write_text(text, encoding="utf-8")


def _wait(grid: Grid, wanted: int, seconds: float) -> list[int]:
    end = time.monotonic() + seconds
    while len(nodes := list(grid.get_node_ids())) < wanted and time.monotonic() < end:
        time.sleep(1)
    return nodes
