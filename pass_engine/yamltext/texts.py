"""Texts that people read: one line of them, with something on it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext.places import KeyPath

ONE_LINE = "write it on one line (a long text can be folded with >-)"
"""How to mend a text of several lines."""
BREAKS = {"Cc", "Zl", "Zp"}
"""Kinds of characters that end a line or control a device."""


def text_problem(text: str) -> str | None:
    """What is wrong with a text that stands in a label, a title or a reason; None if nothing is."""
    if any(category(c) in BREAKS for c in text):
        return "it must be text on one line, without control characters"
    return "it must be text, and holds nothing but blanks" if text and not text.strip() else None


def texts_in(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every text among the values of a file, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts_in(part, (*path, str(key)))
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from texts_in(part, (*path, number))
