"""Q-4 and Q-8: the data dictionary with what each registry has of it, and the rules that data were tested by."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences.words import counted
from pass_engine.report import cells
from pass_engine.report.cells import text
from pass_engine.report.figures.heat_map import WORDS, missing_at_most
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_percent
from pass_engine.report.tables.layout import group, make
from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from pass_engine.documents.said import Scope
    from pass_engine.report.reading import Row

PARTIAL: Final = Decimal(20)
"""Percent missing from which a variable is only partly there."""
WHOLE: Final = Decimal(100)
SAME, MAPPED, PRESENT, SOME, EMPTY, ABSENT, HIDDEN = (
    "same", "mapped", "present", "partial", "empty", "absent", "withheld",
)  # fmt: skip
SHADES: Final = {SAME: 0, MAPPED: 0, PRESENT: 0, HIDDEN: 0, SOME: 1, EMPTY: 2, ABSENT: 3}
"""Every status, and how dark it stands."""
MEANINGS: Final = (
    "Same: taken as it stands; mapped: its values were translated, converted or fixed; present: either, from a run "
    "that does not say which; partial: 20% or more missing; empty: there, without a value; absent: not there; "
    "withheld: how many are missing may not be told. The data dictionary is docs/core-data-model.md; since when "
    "a variable is collected is in Q-5."
)


def dictionary(scope: Scope, *, whole: bool = False) -> Table:
    """Every variable of the core data model and whether a registry has it; of one, only what it lacks."""
    with_meaning = scope.alone or whole
    columns = (
        Column("Variable", 2.2, numeric=False),
        *((Column("Meaning", 2.8, numeric=False),) if with_meaning else ()),
        *(Column(scope.short(key), 0.9, numeric=False) for key in scope.registries),
    )
    found = {registry: _statuses(scope, registry) for registry in scope.registries}
    lines: list[Line] = []
    for table in CORE.values():
        lines.append(group(_words(scope, table.name), len(columns)))
        for column in table.columns:
            status = [found[registry][f"{table.name}.{column.name}"] for registry in scope.registries]
            if whole or _is_told(status, alone=scope.alone):
                meaning = (text(column.meaning),) if with_meaning else ()
                lines.append(Line((text(_words(scope, column.name)), *meaning, *(_shaded(one) for one in status))))
    left = "" if whole else "Left out: those that are wholly there. " if scope.alone else "Left out: those nobody has. "
    title = "Q-4: core data elements" + (" that are not wholly there" if scope.alone and not whole else "")
    return make(f"q-04-{'whole-' if whole else ''}{scope.suffix}", title, columns, lines,
                (f"{left}{_told(found)} {MEANINGS}", scope.note), compact=True,
                empty="Every variable of the core data model is wholly there.")  # fmt: skip


def _is_told(status: list[str], *, alone: bool) -> bool:
    return SHADES[status[0]] > 0 if alone else set(status) != {ABSENT}


def _told(found: dict[str, dict[str, str]]) -> str:
    """How many variables of each status, over all registries."""
    number = dict.fromkeys(SHADES, 0)
    for by_variable in found.values():
        for status in by_variable.values():
            number[status] += 1
    return f"In all: {', '.join(f'{status} {n}' for status, n in number.items() if n)}."


def _statuses(scope: Scope, registry: str) -> dict[str, str]:
    rows = {
        f"{row['table_name']}.{row['column_name']}": row
        for row in scope.evidence.rows("quality.csv", registry)
        if row["kind"] == "completeness"
    }
    mapped = scope.evidence.facts(registry).get("mapped_columns")
    names = (f"{table.name}.{column.name}" for table in CORE.values() for column in table.columns)
    return {name: _status(rows.get(name), PRESENT if mapped is None else MAPPED if name in mapped else SAME)
            for name in names}  # fmt: skip


def _status(row: Row | None, there: str) -> str:
    if row is None:
        return ABSENT
    if row["status"] == "not_estimable":
        return EMPTY
    missing = missing_at_most(row)
    if missing is None or (missing >= PARTIAL and not row["percent"]):
        return HIDDEN
    return EMPTY if missing == WHOLE else SOME if missing >= PARTIAL else there


def _shaded(status: str) -> Cell:
    return Cell(status, shade=SHADES[status])


def _words(scope: Scope, key: str) -> str:
    return WORDS.get(key) or scope.evidence.ctx.names.variable(key)


def catalogue(scope: Scope, *, whole: bool = False) -> Table:
    """Rules with rows tested and rows that break them; those that nothing breaks are counted."""
    columns = (
        Column("Rule", 3.6, numeric=False),
        Column("Identifier", 1.8, numeric=False),
        Column("Tested", 0.9),
        Column("Failed", 0.9),
        Column("%", 0.7),
    )
    lines: list[Line] = []
    kept, table = 0, ""
    rows = [row for registry in scope.registries for row in scope.evidence.rows("quality.csv", registry)]
    for row in (r for r in rows if r["kind"] == "fault"):
        if row["failed"] == "0" and not whole:
            kept += 1
            continue
        if row["table_name"] != table:
            table = row["table_name"]
            lines.append(group(_words(scope, table), len(columns)))
        share = Cell(format_percent(row["percent"]), source=row.source) if row["percent"] else Cell("")
        lines.append(Line((text(row["label"]), text(row["rule_id"]), cells.count(row, "tested"),
                           cells.count(row, "failed"), share)))  # fmt: skip
    note = f"Left out: {counted(kept, 'rule')} that no row breaks. " if kept else ""
    told = kept or lines
    empty = "No rule is broken by any row." if told else "Not known: no results of rules were released."
    key, title = f"q-08-{'whole-' if whole else ''}{scope.suffix}", "Q-8: rules and rows that break them"
    return make(key, title, columns, lines,
                (f"{note}What follows is in docs/quality-indicators.md.", scope.note) if told else (),
                compact=True, empty=empty)  # fmt: skip
