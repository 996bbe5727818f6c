"""Runs in the environment of vantage6: ``central`` on its mock client. Settings in, answers out, as JSON."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pandas as pd
from vantage6.algorithm.tools.mock_client import MockAlgorithmClient

asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
datasets = [[{"database": pd.DataFrame([settings])}] for settings in asked["settings"]]
client = MockAlgorithmClient(datasets=datasets, module="pass_engine_adapters.vantage6_algorithm")
release = base64.b64encode(Path(asked["release"]).read_bytes()).decode("ascii")
kwargs = {"action": asked["action"], "release": release}
organisations = [client.organization.list()[0]["id"]]
task = client.task.create(input_={"method": "central", "kwargs": kwargs}, organizations=organisations)
answers = client.wait_for_results(task_id=task["id"])
Path(sys.argv[2]).write_text(json.dumps(answers), encoding="utf-8")
