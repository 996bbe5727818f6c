"""Observed and expected events at reference rates (section 10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_rate
from pass_engine.report.tables.incidence import AT_RISK
from pass_engine.report.tables.layout import group, make, total_if
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row


def observed_expected(ctx: Context) -> Table | None:
    """First events observed, those expected, and their ratio, by registry and pooled; None without a reference."""
    combos = [combo for combo in ctx.combos if combo.analysis.reference is not None]
    if not combos:
        return None
    columns = (
        Column("Registry", 1.8, numeric=False),
        Column("Person-years", 1.2),
        Column("Observed", 1.0),
        Column("Expected", 1.0),
        Column("Ratio", 0.9),
        Column(ctx.ci, 1.5),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for combo in combos:
        for cohort in combo.analysis.cohorts:
            lines.append(group(f"{ctx.title(combo)} · {ctx.names.cohort(cohort)}", len(columns)))
            for registry in ctx.registries:
                row = ctx.find(combo, cohort, "sir", registry=registry)
                if row is not None:
                    used.append(row)
                    lines.append(_line(ctx, row))
    files = dict.fromkeys(c.analysis.reference.rates for c in combos if c.analysis.reference is not None)
    told = f"Expected at the rates of {' and '.join(files)}; those used are attached as results/reference_rates.csv."
    notes = ctx.notes.under(used, population=AT_RISK, extra=(told, *ctx.notes.not_estimable(used)))
    return make(
        "observed-expected",
        "First events observed and expected, by registry and pooled",
        columns,
        lines,
        notes,
        empty="The results hold no expected number.",
    )


def _line(ctx: Context, row: Row) -> Line:
    values = (
        cells.text(ctx.names.registry(row["registry"])),
        cells.years(row),
        cells.count(row, "events"),
        _expected(row),
        *cells.value_and_interval(row),
    )
    return Line(values, role=total_if(row["registry"] == POOLED))


def _expected(row: Row) -> Cell:
    if not row["expected"]:
        return cells.marked(row, small=False)
    return Cell(format_rate(row["expected"]), source=row.source)
