"""Texts: each on one line, and no two exposures, times at risk or outcomes that a reader cannot tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import ONE_LINE, Problem, text_problem, texts_in, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft

LABELLED = {"exposures": "exposure", "times_at_risk": "time at risk", "outcomes": "outcome"}


def check_texts(draft: Draft) -> Iterator[Problem]:
    """Labels, titles and reasons are printed, and some of them leave the registries in tables of one line a row."""
    for path, text in texts_in(draft.value):
        problem = text_problem(text)
        if problem:
            yield Problem(path, Wrong.WRONG_VALUE, problem, ONE_LINE if text.strip() else "write the text")
    for section, what in LABELLED.items():
        yield from _same_labels(draft, section, what)


def _same_labels(draft: Draft, section: str, what: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    named = value_at(draft.value, (section,))
    for name in named if isinstance(named, dict) else ():
        label = value_at(draft.value, (section, name, "label"))
        if not isinstance(label, str):
            continue
        first = seen.setdefault(label.strip().casefold(), name)
        if first != name:
            problem = f"the {what} {first} has the same label: no reader could tell them apart"
            yield Problem((section, name, "label"), Wrong.NAME_TWICE, problem, "give each a label of its own")
