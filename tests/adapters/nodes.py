"""A network of three whose nodes an engine reaches: aa and bb take part, cc has declined."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.networked import decide, done, review, three_registries

if TYPE_CHECKING:
    from tests.e2e.small import Network

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = ROOT / "adapters"
BUILD = ROOT / "build" / "adapters"
"""Environments of their own (`make adapters`): the engines pin older versions than the core."""


def deciding_network(folder: Path) -> Network:
    """Keys, trust file and release are there, and each registry has decided, on the day it is."""
    network = three_registries(folder)
    for name in ("aa", "bb"):
        done(decide(network, name, "--participate"))
    done(decide(network, "cc", "--decline", "--reason", "No steward"))
    program = folder / "pass-engine"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from pass_engine.cli import main\nmain()\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return network


def settings_of(network: Network, name: str) -> dict[str, str]:
    """A node's own settings."""
    return {
        "name": name,
        "program": str(network / "pass-engine"),
        "registry": str(network / f"registries/{name}"),
        "trust": str(network / "trust"),
        "folder": str(network / f"node-{name}"),
    }


def approve_counted(network: Network, name: str) -> None:
    """The keeper of a node reviews and signs what was counted there."""
    bundle = next(p for p in (network / f"node-{name}").iterdir() if p.is_dir())
    place = bundle.relative_to(network.root).as_posix()
    done(review(network, name, place))
    options = ("--registry", f"registries/{name}", "--key", f"keys/{name}", "--trust", "trust")
    done(network.command("site", "approve", place, *options))
