"""Sensitivity analyses held against the main one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import format_decimal
from pass_engine.report.tables.incidence import AT_RISK, side_by_side
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.models import Sensitivity
    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row


def sensitivity(ctx: Context) -> Table | None:
    """Each sensitivity analysis beside the main one: main first, with the change of the rate."""
    if not ctx.sensitivities:
        return None
    columns = (
        Column("Analysis", 2.8, numeric=False),
        Column("Persons", 1.0),
        Column("Events or persons", 1.0),
        Column("Person-years", 1.2),
        Column("Rate", 0.9),
        Column(ctx.ci, 1.5),
        Column("Change, %", 0.9),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        variants = [s for s in ctx.sensitivities if s.of == combo.analysis.id]
        for cohort in combo.analysis.cohorts if variants else ():
            found = _variant_rows(ctx, combo, cohort, variants)
            if len(found) < 2 or all(_same(row, found[0][1]) for _, row in found):  # noqa: PLR2004  main and a variant
                continue
            title = f"{ctx.title(combo)} · {ctx.names.cohort(cohort)} · {MEASURES[ctx.main_measure(combo)]}"
            lines.append(group(title, len(columns)))
            used += [row for _, row in found]
            lines += [_variant_line(label, row, found[0][1]) for label, row in found]
    extra = (
        f"Rates per {ctx.per}; the change is that of the rate against the main analysis. Outcomes and "
        "cohorts whose numbers the change leaves as they are, are left out."
    )
    notes = ctx.notes.under(used, population=AT_RISK, extra=(extra,))
    return make(
        "sensitivity",
        "Sensitivity analyses, pooled",
        columns,
        lines if used else [],
        notes,
        empty="No sensitivity analysis changes a number of the main analysis.",
    )


def _variant_rows(ctx: Context, combo: Combo, cohort: str, variants: Sequence[Sensitivity]) -> list[tuple[str, Row]]:
    measure = ctx.main_measure(combo)
    labels = {combo.analysis.id: "Main analysis", **{s.id: s.why for s in variants}}
    keys = {a: (a, POOLED, cohort, combo.outcome, combo.time, OVERALL, "", measure) for a in labels}
    return [(labels[a], ctx.index[key]) for a, key in keys.items() if key in ctx.index]


def _same(row: Row, main: Row) -> bool:
    """Shown, and the same in all its numbers."""
    return row["status"] == "shown" and all(row[c] == main[c] for c in ("persons", "events", "person_days", "rate"))


def _variant_line(label: str, row: Row, main: Row) -> Line:
    rate = side_by_side(row, row["measure"])
    return Line(
        (cells.text(label), cells.count(row, "persons"), *rate, NO_CHANGE if row is main else _change(row, main))
    )


NO_CHANGE: Final = Cell("–", mark=True)


def _change(row: Row, main: Row) -> Cell:
    if not row["rate"] or not main["rate"] or not Decimal(main["rate"]):
        return NO_CHANGE
    text = format_decimal((Decimal(row["rate"]) / Decimal(main["rate"]) - 1) * 100, 1)
    return Cell(text if text.startswith("−") or text == "0.0" else f"+{text}", source=f"{row.source},{main.source}")
