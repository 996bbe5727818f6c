"""Cases of faulty files as data: what is changed in a sound folder, and the whole error that comes of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """Old and new text, whole files in place of those there, and the error."""

    name: str
    text: str
    edit: list[list[str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def read_cases(name: str) -> list[Case]:
    """Cases of one data file."""
    return [Case(**case) for case in yaml.safe_load((HERE / name).read_text(encoding="utf-8"))]


def make_folder(case: Case, sound: str, main: str, into: Path) -> Path:
    """A copy of a sound folder with the case's faults in it. File texts stand for bytes (latin-1)."""
    folder = into / sound
    shutil.copytree(HERE / sound, folder)
    text = (folder / main).read_text(encoding="utf-8")
    for old, new in case.edit:
        assert text.count(old) == 1, f"{case.name}: {old!r} must stand once in the sound file"
        text = text.replace(old, new)
    (folder / main).write_text(text, encoding="utf-8")
    for name, content in case.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode("latin-1"))
    return folder
