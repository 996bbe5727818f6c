"""An algorithm of vantage6 4: ``central`` asks every organisation, ``partial`` runs a node's own ``pass-engine``.

A node's settings are its database of type csv: one row with name, program, registry, trust and folder. It never leaves.
Archives travel as base64, since vantage6 carries JSON.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from vantage6.algorithm.tools.decorators import algorithm_client, data

from pass_engine_adapters.site_answer import FAILED, Node, answer

if TYPE_CHECKING:
    import pandas as pd


@algorithm_client
def central(client: Any, action: str, release: str) -> list[dict[str, str]]:
    """One answer an organisation; one that refuses says so, and the others are there all the same."""
    organisations = [organisation["id"] for organisation in client.organization.list()]
    asked = {"method": "partial", "kwargs": {"action": action, "release": release}}
    task = client.task.create(input_=asked, organizations=organisations, name=f"pass-engine {action}")
    return list(client.wait_for_results(task_id=task["id"]))


@data(1)
def partial(settings: pd.DataFrame, action: str, release: str) -> dict[str, str]:
    """``registry``, ``status``, ``code`` and ``bundle`` (base64); no error, whose text would go to the centre."""
    try:
        row = settings.iloc[0].to_dict()
        said = answer(action, base64.b64decode(release, validate=True), Node.of(row))
        name = str(row["name"])
    except Exception:  # noqa: BLE001 - whatever it is, its text must not leave
        said, name = {"status": FAILED, "code": "", "bundle": b""}, ""
    bundle = base64.b64encode(bytes(said["bundle"])).decode("ascii")
    return {"registry": name, "status": str(said["status"]), "code": str(said["code"]), "bundle": bundle}
