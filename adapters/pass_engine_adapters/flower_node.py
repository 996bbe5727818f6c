"""A registry's side of Flower: a query with a release is answered by this node's own ``pass-engine``."""

from __future__ import annotations

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from pass_engine_adapters.site_answer import FAILED, Node, answer

app = ClientApp()


@app.query()
def query(message: Message, context: Context) -> Message:
    """Status, code and bundle; an error of this program would carry its text to the centre, so there is none."""
    try:
        asked = message.content["asked"]
        said = answer(str(asked["action"]), bytes(asked["release"]), Node.of(context.node_config))
        said["registry"] = str(context.node_config["name"])
    except Exception:  # noqa: BLE001 - whatever it is, its text must not leave
        said = {"status": FAILED, "code": "", "bundle": b"", "registry": ""}
    return Message(RecordDict({"said": ConfigRecord(said)}), reply_to=message)
