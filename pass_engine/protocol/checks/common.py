"""What several checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.windows import sound_window
from pass_engine.tables.core import CORE
from pass_engine.yamltext import Problem, suggest, value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Extra
    from pass_engine.yamltext import KeyPath


def unknown_name(
    path: KeyPath, name: str, what: str, known: Sequence[str], *, at_key: bool = False
) -> Iterator[Problem]:
    """A problem where a name is not among those known."""
    if name not in known:
        yield Problem(path, Wrong.NO_SUCH_NAME, f"there is no {what} of this name", suggest(name, known), at_key=at_key)


def unknown_variable(path: KeyPath, name: str, extras: Sequence[Extra] = ()) -> Iterator[Problem]:
    """A problem where neither the core data model nor an extra is a variable of this name (``table.column``)."""
    table, _, column = name.partition(".")
    if table not in CORE:
        yield Problem(path, Wrong.NO_SUCH_VARIABLE, f"the core data model has no table {table}", suggest(table, CORE))
        return
    columns = [*(c.name for c in CORE[table].columns), *(e.name for e in extras if e.table == table)]
    if column not in columns:
        problem = f"the core table {table} has no column {column}"
        yield Problem(path, Wrong.NO_SUCH_VARIABLE, problem, suggest(column, columns))


def repeated(path: KeyPath, items: Sequence[object], what: str) -> Iterator[Problem]:
    """A problem for every item of a list that stands there before."""
    for number, item in enumerate(items):
        if item in items[:number]:
            yield Problem(
                (*path, number), Wrong.NAME_TWICE, f"this {what} stands twice in the list", "keep one of them"
            )


def out_of_place(draft: Draft, path: KeyPath, names: Sequence[str], reason: str) -> Iterator[Problem]:
    """A problem for every one of these fields that is written although it would have no effect."""
    for name in names:
        if value_at(draft.value, (*path, name)) is not None:
            yield Problem(
                (*path, name), Wrong.OUT_OF_PLACE, f"{name} has no effect {reason}", f"take {name} away", at_key=True
            )


def required(draft: Draft, path: KeyPath, variable: str, reason: str) -> Iterator[Problem]:
    """A problem where a rule stands on a variable that registries may lack."""
    if draft.data is not None and variable not in draft.data.require:
        yield Problem(
            path, Wrong.NOT_REQUIRED, f"data.require does not name {variable}: {reason}", f"add {variable} to it"
        )


def first_era_seen(draft: Draft, path: KeyPath, cohorts: Collection[str], instead: str) -> Iterator[Problem]:
    """A problem for every washout of limited length, where time is laid out from the first era ever."""
    for criterion in draft.criteria.values():
        window = sound_window(criterion.window, draft.landmark)
        if window is None or window.first is None:
            continue
        if criterion.exclude and criterion.of in {"self", *cohorts}:
            problem = (
                f"criterion {criterion.id} looks back {-window.first} days only, so that a person's first era "
                "may lie long before entry, and time would be laid out from there"
            )
            mend = f'write {instead}, or give {criterion.id} the window "[.., -1]"'
            yield Problem(path, Wrong.FIRST_ERA_UNSEEN, problem, mend)
