"""What a command shows while it counts, and how it is told to stop."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

stopped: list[int] = []
"""Signals that told the program to end."""


def go_on() -> None:
    """Stop here where a library kept the interrupt to itself."""
    if stopped:
        raise KeyboardInterrupt


@contextmanager
def progress() -> Iterator[Callable[[str, str], None]]:
    """A line that moves with each registry and step; silent where the output is not a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _registry, _step: go_on()
        return
    with console.status("Starting") as status:

        def show(registry: str, step: str) -> None:
            go_on()
            status.update(f"{registry}: {step}" if registry else step)

        yield show
