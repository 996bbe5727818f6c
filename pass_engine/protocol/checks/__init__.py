"""Cross checks: what no single field can tell."""

from __future__ import annotations

from collections.abc import Iterator

from pass_engine.protocol.draft import Draft
from pass_engine.yamltext import Problem


def check_draft(draft: Draft) -> Iterator[Problem]:
    """Everything wrong between the sound parts of a protocol."""
    yield from ()
