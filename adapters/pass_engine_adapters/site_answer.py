"""What a registry's node does for whatever engine carries messages: run a release, or hand over an approved bundle.

Counting, review and approval stay those of ``pass-engine``: a bundle leaves only after a person has reviewed and
signed it with ``site review`` and ``site approve``. An answer is a status and, where something was refused, the code of
the fault; never a text of the program, so that nothing of the data can be in it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN, COLLECT = "run", "collect"
COUNTED, REFUSED, FAILED, WAITING, SENT = "counted", "refused", "failed", "waiting", "sent"
REFUSAL = 18
"""Exit code of pass-engine where a decision, a signature or the policy does not let it go on."""
CODE = re.compile(r"\bPE\d{3}\b")
SHORT = 16


@dataclass(frozen=True)
class Node:
    """A registry's own settings: program, registry.yaml, trust file, and a folder for what comes and goes."""

    program: str
    registry: str
    trust: str
    folder: Path

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Node:
        """From settings by name; raises KeyError where one is missing."""
        return cls(*(str(settings[name]) for name in ("program", "registry", "trust")), Path(str(settings["folder"])))


def answer(action: str, release: bytes, node: Node) -> dict[str, str | bytes]:
    """``status``, ``code`` and ``bundle`` (an archive, or nothing) for a release that came with an action."""
    name = hashlib.sha256(release).hexdigest()[:SHORT]
    out = node.folder / name
    try:
        if action == RUN:
            return _run(release, node, out)
        return _collect(out) if action == COLLECT else _said(FAILED)
    except (OSError, ValueError, subprocess.SubprocessError):
        return _said(FAILED)


def _run(release: bytes, node: Node, out: Path) -> dict[str, str | bytes]:
    if out.is_dir():
        return _said(COUNTED)
    node.folder.mkdir(parents=True, exist_ok=True)
    archive = node.folder / f"{out.name}-release.zip"
    archive.write_bytes(release)
    words = [node.program, "site", "run", archive, "--registry", node.registry, "--trust", node.trust, "--out", out]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - the node's own program
    if done.returncode == 0:
        return _said(COUNTED)
    code = CODE.search(done.stderr)
    return _said(REFUSED if done.returncode == REFUSAL else FAILED, code[0] if code else "")


def _collect(out: Path) -> dict[str, str | bytes]:
    """The archive that ``site approve`` made, of a masked registry the masked one."""
    for archive in (out.with_name(f"{out.name}-masked.zip"), out.with_name(f"{out.name}.zip")):
        if archive.is_file():
            return {**_said(SENT), "bundle": archive.read_bytes()}
    return _said(WAITING)


def _said(status: str, code: str = "") -> dict[str, str | bytes]:
    return {"status": status, "code": code, "bundle": b""}
