"""Windows of days around day 0, as ``[-365, 0]`` or ``[.., -1]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"\[\s*(\.\.|[-+]?[0-9]{1,5})\s*,\s*([-+]?[0-9]{1,5})\s*\]")


@dataclass(frozen=True)
class Window:
    """Closed window; ``first`` is None where any earlier day belongs to it."""

    first: int | None
    last: int


def sound_window(text: str | None, limit: int = 0) -> Window | None:
    """The window, if it can be read, does not look beyond day 0 or the landmark, and does not end before it begins."""
    window = read_window(text or "")
    if window is None or window.last > limit or (window.first is not None and window.first > window.last):
        return None
    return window


def read_window(text: str) -> Window | None:
    """The window a text stands for, or None where it is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    first, last = found.groups()
    return Window(None if first == ".." else int(first), int(last))
