"""Things the language is to hold one day: refused today, in other words than a slip of the pen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.yamltext.places import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext.places import KeyPath

NOT_IN_THIS_VERSION = 9
ANY = "*"


@dataclass(frozen=True)
class Later:
    """A field, or some values of a field, that this version does not have; ``*`` in the path is any step."""

    path: tuple[str, ...]
    what: str
    values: tuple[object, ...] = ()
    mend: str = "take it away"


def find_later(value: object, rules: tuple[Later, ...]) -> Iterator[Problem]:
    """Every use of what this version does not have."""
    for rule in rules:
        for path, here in matches(value, rule.path):
            if not rule.values:
                yield Problem(path, NOT_IN_THIS_VERSION, f"{rule.what}: not in this version", rule.mend, at_key=True)
            elif here in rule.values:
                yield Problem(path, NOT_IN_THIS_VERSION, f"{rule.what}: not in this version", rule.mend)


def without(value: object, paths: frozenset[KeyPath], here: KeyPath = ()) -> object:
    """The values without the fields at these paths."""
    if isinstance(value, dict):
        return {k: without(v, paths, (*here, k)) for k, v in value.items() if (*here, k) not in paths}
    if isinstance(value, tuple):
        return tuple(without(v, paths, (*here, n)) for n, v in enumerate(value))
    return value


def matches(value: object, pattern: tuple[str, ...], here: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every value at a path of this pattern; ``*`` is any step."""
    if not pattern:
        yield here, value
        return
    step, rest = pattern[0], pattern[1:]
    if isinstance(value, dict):
        for key in value if step == ANY else ({step} & value.keys()):
            yield from matches(value[key], rest, (*here, key))
    elif isinstance(value, tuple) and step == ANY:
        for number, item in enumerate(value):
            yield from matches(item, rest, (*here, number))
