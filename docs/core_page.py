"""docs/core-data-model.md: every core table and column, from their one declaration."""

from __future__ import annotations

from pass_engine.tables.core import CORE, Column, Table

HEAD = """\
# Core data model, version core/1

<!-- Made by `make docs` from pass_engine/tables/core.py; do not edit. -->

What every registry maps to. A registry maps what it has; a study says what it cannot do without (`data.require`).

- `person_id` is the registry's own pseudonym, unique within it. Persons are never linked across registries.
- A date may be given to the day, the month or the year. It is kept with its precision, and the protocol says which day
  of a month or year is taken.
- Missing is empty. A value that cannot be read, or has no place in a code list, is counted by column and reason.
"""


def core_page() -> str:
    """The whole page: one table a core table."""
    return "\n".join([HEAD, *map(_table, CORE.values())])


def _table(table: Table) -> str:
    head = (
        f"## {table.name}\n\n{table.grain[0].upper()}{table.grain[1:]}.\n\n| column | kind | meaning |\n|---|---|---|"
    )
    return "\n".join([head, *map(_row, table.columns)]) + "\n"


def _row(column: Column) -> str:
    notes = [column.meaning]
    if column.unit:
        notes.append(f"in {column.unit}")
    if column.codes:
        notes.append("one of " + ", ".join(f"`{code}`" for code in column.codes))
    if column.required:
        notes.append("a row without it is not used")
    return f"| `{column.name}` | {column.kind} | {'; '.join(notes)} |"
