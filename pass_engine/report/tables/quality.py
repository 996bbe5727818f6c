"""Completeness, faults found, and how values and codes were mapped, by registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences.words import counted
from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_percent
from pass_engine.report.reading import Row
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.report.context import Context

Rule = tuple[str, str, str, str]
"""Table, column, identifier and label of a rule."""
Found = dict[Rule, dict[str, Row]]

SHADES: Final = (1.0, 5.0, 20.0)
"""Percent missing from which a cell of the completeness table is shaded one, two or three steps."""

READ: Final = {
    "person": ("birth_date", "sex", "country", "registry_entry_date", "death_date", "last_contact_date"),
    "observation_period": ("start_date", "end_date"),
    "disease": ("diagnosis_date", "onset_date"),
    "course": ("start_date", "course"),
    "treatment": ("substance", "start_date", "stop_date"),
    "administration": ("substance", "date"),
    "adverse_event": ("code", "onset_date", "end_date", "serious"),
    "comorbidity": ("code", "onset_date"),
    "visit": ("visit_date", "edss"),
    "relapse": ("onset_date",),
}
"""Variables that this version of the engine reads; others are in the attached results."""

TITLES: Final = {
    "completeness": "Missing values by variable and registry, %",
    "fault": "Faults found in the data, by registry",
    "mapping": "How values and codes were mapped, by registry",
}
EXTRA: Final = {
    "completeness": (
        "Percent of values that are missing; shaded from 1, 5 and 20%. A stop, an end or a death that "
        "has not happened counts as missing. A dash: not mapped or not released by the registry. Variables "
        "this study does not read are in the attached results/quality.csv."
    ),
    "fault": "Rows or persons that break a rule, and below them the percent of those tested.",
    "mapping": "Values concerned, and below them the percent of those read.",
}

NOTHING: Final = {"fault": "no row breaks", "mapping": "no value falls under"}


def quality(ctx: Context, kind: str) -> Table:
    """One kind of quality count, registries side by side. Rules that nothing breaks are counted in a note."""
    registries = ctx.examined
    columns = (
        Column("Variable" if kind == "completeness" else "Rule", 3.4, numeric=False),
        *(Column(ctx.names.registry(key), 1.0) for key in registries),
    )
    found = _rows(ctx, kind)
    printed = {rule: rows for rule, rows in found.items() if _is_printed(rule, rows.values(), kind)}
    lines: list[Line] = []
    table = ""
    for rule, by_registry in printed.items():
        if rule[0] != table:
            table = rule[0]
            lines.append(group(ctx.names.variable(table), len(columns)))
        values = (_cell(kind, by_registry.get(key)) for key in registries)
        lines.append(Line((cells.text(_label(ctx, rule, kind)), *values)))
    rows = [row for by_key in printed.values() for row in by_key.values()]
    notes = ctx.notes.under(rows, population="rows read from each registry", extra=(_extra(kind, found, printed),))
    return make(f"quality-{kind}", TITLES[kind], columns, lines, notes, empty=_why_empty(kind, found), compact=True)


def _rows(ctx: Context, kind: str) -> Found:
    found: Found = {}
    for row in ctx.run.rows("quality.csv", kind=kind):
        rule = (row["table_name"], row["column_name"], row["rule_id"], row["label"])
        found.setdefault(rule, {})[row["registry"]] = row
    order = {table: place for place, table in enumerate(READ)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0][0], len(order))))


def _is_printed(rule: Rule, rows: Iterable[Row], kind: str) -> bool:
    if kind == "completeness":
        return rule[1] in READ.get(rule[0], ())
    return any(row["failed"] != "0" and row["tested"] != "0" for row in rows)


def _extra(kind: str, found: Found, printed: Found) -> str:
    left = len(found) - len(printed)
    if kind == "completeness" or not left:
        return EXTRA[kind]
    return (
        f"{EXTRA[kind]} Left out: {counted(left, 'rule')} that {NOTHING[kind]} at any registry, or that had nothing to "
        "test; the attached results/quality.csv has all of them."
    )


def _why_empty(kind: str, found: Found) -> str:
    if not found:
        return "No registry released counts of this kind."
    if kind == "completeness":
        return "No registry maps a variable that this version reads."
    return f"None of the {len(found)} rules is broken by any row."


def _label(ctx: Context, rule: Rule, kind: str) -> str:
    _, column, _, label = rule
    name = ctx.names.variable(column) if column else ""
    if kind == "completeness":
        return name
    return f"{name}: {label[:1].lower()}{label[1:]}" if kind == "mapping" and name else label


def _cell(kind: str, row: Row | None) -> Cell:
    if row is None:
        return cells.NO_CELL
    failed = cells.count(row, "failed")
    if failed.mark or not row["percent"]:
        return failed
    percent = format_percent(row["percent"])
    if kind == "completeness":
        shade = sum(float(row["percent"]) >= limit for limit in SHADES)
        return Cell(percent, source=row.source, shade=shade)
    return Cell(failed.text, (f"{percent}%",) if failed.text != "0" else (), failed.source)
