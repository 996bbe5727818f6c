"""The sound parts of a file, whatever else in it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from pass_engine.yamltext.places import value_at

if TYPE_CHECKING:
    from pass_engine.yamltext.places import KeyPath

T = TypeVar("T")


def sound(kind: Any, root: object, path: KeyPath) -> Any:
    """The value at a path as its model or type, or None where it is at fault."""
    try:
        return TypeAdapter(kind).validate_python(value_at(root, path), by_alias=True, by_name=False)
    except ValueError:
        return None


def sound_fields(kind: type[T], root: object, path: KeyPath) -> dict[str, T]:
    """The sound values of a free mapping, by name."""
    section = value_at(root, path)
    names = section if isinstance(section, dict) else {}
    found = {str(name): sound(kind, root, (*path, str(name))) for name in names}
    return {name: part for name, part in found.items() if part is not None}


def sound_items(kind: Any, root: object, path: KeyPath) -> dict[int, Any]:
    """The sound items of a list, by position."""
    section = value_at(root, path)
    count = len(section) if isinstance(section, tuple) else 0
    found = {number: sound(kind, root, (*path, number)) for number in range(count)}
    return {number: part for number, part in found.items() if part is not None}
