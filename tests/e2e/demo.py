"""The demo study and its registries, found once for the tests that run it whole."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROTOCOL = ROOT / "protocols" / "bmsd-pass-001"
REGISTRIES = ROOT / "sample_data"
MEMBERS = ("cz", "dk", "fr", "it", "se", "msbase")


def copy_registries(target: Path, names: tuple[str, ...] = MEMBERS) -> Path:
    """A copy of some registries that a test may spoil."""
    for name in names:
        shutil.copytree(REGISTRIES / name, target / name)
    return target
