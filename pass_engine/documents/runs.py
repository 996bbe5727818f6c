"""Run folders that documents are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.report.reading import read_run
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.report.reading import Run

MANIFEST: Final = "manifest.json"


def open_run(folder: Path) -> Run:
    """Read a run folder. Raises ReportError where there is none, or it lacks a file."""
    if not (folder / MANIFEST).is_file():
        found = f"no {MANIFEST}" if folder.is_dir() else "a file" if folder.exists() else "nothing"
        mend = "name the folder that pass-engine run wrote (its --out)"
        raise ReportError(Fault(shown_name(folder), "", found, "there is no run folder here", mend, "PE801"))
    return read_run(folder)
