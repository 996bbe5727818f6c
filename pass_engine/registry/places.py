"""Files beside a ``registry.yaml``: map files, terms and dictionaries."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pass_engine.registry.numbers import Wrong
from pass_engine.yamltext import Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.yamltext import KeyPath


class Folder:
    """The folder of a registry, and the digests of the mapping files found in it."""

    def __init__(self, folder: Path) -> None:
        """Begin with no file found."""
        self.folder = folder
        self.digests: dict[str, str] = {}

    @staticmethod
    def is_absolute(name: str) -> bool:
        """Does a path begin at the root of a disk rather than here?"""
        return name.startswith(("/", "\\", "~")) or name[1:2] == ":"

    def find(self, path: KeyPath, name: str, *, is_folder: bool = False) -> Iterator[Problem]:
        """Note the digest of a file or folder that is there; a problem where it is not."""
        place = self.folder / name
        if self.is_absolute(name) or not place.resolve().is_relative_to(self.folder.resolve()):
            yield Problem(
                path, Wrong.PATH_OUTSIDE, "it lies outside the folder of registry.yaml", "put it beside registry.yaml"
            )
        elif is_folder and place.is_dir():
            self.digests |= {f"{name}:{f.name}": _digest(f) for f in sorted(place.iterdir()) if f.is_file()}
        elif not is_folder and place.is_file():
            self.digests[name] = _digest(place)
        else:
            what = "folder" if is_folder else "file"
            yield Problem(
                path, Wrong.NO_SUCH_FILE, f"there is no such {what} beside registry.yaml", self._nearby(place)
            )

    def _nearby(self, place: Path) -> str:
        here = [f.name for f in place.parent.iterdir()] if place.parent.is_dir() else []
        near = nearest(place.name, here)
        return (
            f"did you mean {(place.parent / near).relative_to(self.folder).as_posix()}?" if near else "check the name"
        )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
