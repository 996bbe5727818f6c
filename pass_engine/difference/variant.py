"""A protocol with one part of another version in it, as a folder that can be run."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from typing import TYPE_CHECKING, Any

from pass_engine.release import copy_protocol

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.protocol import Protocol


def write_variant(old: Protocol, new: Protocol, part: str, folder: Path) -> None:
    """Write the older protocol into a new folder, with one part of the newer one.

    ``part`` is a section (``analyses``), a named part of one (``outcomes.death``), a file beside the protocol by its
    path, or a prose file by its key.
    """
    copy_protocol(old, folder)
    values: dict[str, Any] = {key: dict(v) if isinstance(v, dict) else v for key, v in old.values.items()}
    section, _, name = part.partition(".")
    others = {*new.code_lists, *new.substances, *new.standards, *new.references}
    if part in others or part in new.prose:
        path = part if part in others else getattr(new.study.study.text, part)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new.folder / path, folder / path)
    elif isinstance(values.get(section), dict) and name:
        theirs = new.values.get(section)
        if isinstance(theirs, dict) and name in theirs:
            values[section][name] = theirs[name]
        else:
            values[section].pop(name, None)
    elif section in new.values:
        values[section] = new.values[section]
    else:
        values.pop(section, None)
    (folder / "protocol.yaml").write_text(_block(values), encoding="utf-8", newline="\n")


def _block(values: dict[str, Any]) -> str:
    return "".join(f"{key}: {_flow(value)}\n" for key, value in values.items())


def _flow(value: Any) -> str:
    """A value in YAML's flow style, as the strict reader takes it: quoted texts, plain days and numbers."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}".rstrip() for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
