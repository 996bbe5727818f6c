"""Where things stand in a file: paths, places, and faults made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.errors import Fault

if TYPE_CHECKING:
    from pathlib import Path

KeyPath = tuple[str | int, ...]
"""Way to a value: keys, and positions in lists counted from 0."""

FOUND_WIDTH = 100


@dataclass(frozen=True)
class Place:
    """Line and column (from 1) of a value, and the stretch of text it fills."""

    line: int
    column: int
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Problem:
    """Something wrong with the value at ``path`` (or with its key), before it is given its place.

    ``number`` is the code without its family: 104 in a protocol and 204 in a registry are both ``04``.
    """

    path: KeyPath
    number: int
    problem: str
    mend: str
    at_key: bool = False
    found: str | None = None


@dataclass(frozen=True)
class YamlText:
    """A file of YAML: its plain values, and where each of them stands.

    Lists are tuples. ``keys`` and ``values`` give the place of the key and of the value of every path.
    """

    name: str
    text: str
    value: dict[str, object]
    keys: dict[KeyPath, Place] = field(repr=False)
    values: dict[KeyPath, Place] = field(repr=False)

    def place(self, path: KeyPath, *, at_key: bool = False) -> Place:
        """Place of the value (or key) at this path, or of the nearest thing around it."""
        for end in range(len(path), 0, -1):
            here = path[:end]
            places = self.keys if at_key or end < len(path) else self.values
            found = places.get(here) or self.keys.get(here) or self.values.get(here)
            if found:
                return found
        return Place(1, 1)

    def written(self, path: KeyPath) -> str:
        """What stands at this path, key and value as written, on one line."""
        value = self.values.get(path)
        if value is None:
            return "nothing"
        shown = " ".join(self.text[value.first : value.last].split())
        key = self.keys.get(path)
        if key is not None:
            shown = f"{self.text[key.first : key.last]}: {shown}".rstrip()
        return shown if len(shown) <= FOUND_WIDTH else shown[: FOUND_WIDTH - 2].rstrip() + " …"

    def fault(self, problem: Problem, family: str) -> Fault:
        """The problem with its place, as a fault of a family (``PE1`` for a protocol)."""
        place = self.place(problem.path, at_key=problem.at_key)
        return Fault(
            where=f"{self.name}:{place.line}:{place.column}",
            path=dotted(problem.path, self.value),
            found=self.written(problem.path) if problem.found is None else problem.found,
            problem=problem.problem,
            mend=problem.mend,
            code=f"{family}{problem.number:02d}",
            line=place.line,
            column=place.column,
        )


def dotted(path: KeyPath, root: object) -> str:
    """A path as people write it: an item of a list by its ``id``, or counted from 1 where it has none."""
    parts: list[str] = []
    here: object = root
    for step in path:
        item = step_into(here, step)
        named = isinstance(step, int) and isinstance(item, dict) and isinstance(item.get("id"), str)
        if isinstance(step, int):
            parts.append(str(item["id"]) if named and isinstance(item, dict) else str(step + 1))
        else:
            parts.append(step)
        here = item
    return ".".join(parts)


def step_into(here: object, step: str | int) -> object:
    """The value one step further, or None where there is none."""
    if isinstance(here, dict) and isinstance(step, str):
        return here.get(step)
    if isinstance(here, tuple) and isinstance(step, int) and 0 <= step < len(here):
        return here[step]
    return None


def value_at(root: object, path: KeyPath) -> object:
    """The value at a path, or None where there is none."""
    for step in path:
        root = step_into(root, step)
    return root


def unopened(error: OSError, path: Path, family: str) -> Fault:
    """The fault of a file or folder that is there and that the system does not let us read."""
    where = shown_name(type(path)(error.filename)) if isinstance(error.filename, str) else shown_name(path)
    found, problem = (error.strerror or "an error of the system").lower(), "the file cannot be opened"
    return Fault(where, "", found, problem, "check the name and the rights", f"{family}01")


def shown_name(path: Path) -> str:
    """A file's name in messages: as the user gave it, with forward slashes."""
    return path.as_posix()
