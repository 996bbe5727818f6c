"""The archive described for people who have none of this software."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.resources import find_folder
from pass_engine.terms import SYNTHETIC_NOTICE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol


def readme_of(protocol: Protocol, manifest: Mapping[str, Any], run: Path) -> str:
    """README.md of an archive."""
    study = protocol.study.study
    participation = (run / "results" / "participation.csv").read_text(encoding="utf-8")
    text = (find_folder("report_templates") / "archive.md").read_text(encoding="utf-8")
    return text.format(
        title=study.title,
        type=study.type,
        id=study.id,
        version=study.version,
        date=study.date.isoformat(),
        notice=f" {SYNTHETIC_NOTICE}" if ",true" in participation else "",
        no_lock="" if (run / "protocol" / "protocol.lock").is_file() else " (this protocol was not pinned)",
        registries=", ".join(sorted(manifest.get("inputs") or {})) or "none took part",
        python="3.11 or newer",
        wheel=f"pass_engine-{(manifest.get('versions') or {}).get('pass_engine', '')}-py3-none-any.whl",
        digest=protocol.digest,
    )
