"""How registries differ, and what each of them changes: heterogeneity, and overall rates without each in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import format_interval, format_percent, format_rate
from pass_engine.report.tables.incidence import AT_RISK, numerator_of
from pass_engine.report.tables.layout import group, make, total_if

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.model import Table
    from pass_engine.report.reading import Row

HOW = (
    "Rates on the log scale; random effects (REML) with the interval of Hartung and Knapp, of two registries a fixed "
    "effect. The mean over registries gives each registry its own weight; the pooled rate is that of all persons "
    "together. I² and τ² say how far the rates of registries differ beyond chance. Registries without an event, "
    "withheld or masked are not among them."
)
WITHOUT = "Counts of the registries that remain, each the difference of two numbers that are shown."


def heterogeneity(ctx: Context) -> Table | None:
    """Mean over registries, its interval, I², τ² and the prediction interval of each overall main rate."""
    found = list(_main_rows(ctx, "heterogeneity.csv"))
    if not found:
        return None
    columns = (
        Column("Cohort", 2.2, numeric=False),
        Column("Registries", 1.0),
        Column("Mean rate", 1.0),
        Column(ctx.ci, 1.5),
        Column("Prediction interval", 1.6),
        Column("I², %", 0.8),
        Column("τ²", 0.8),
    )
    lines: list[Line] = []
    for title, rows in _by_title(ctx, found).items():
        lines.append(group(title, len(columns)))
        lines += [_spread_line(ctx, row) for row in rows]
    notes = ctx.notes.under([row for _, row in found], population=AT_RISK, extra=(f"Rates per {ctx.per}. {HOW}",))
    return make("heterogeneity", "Heterogeneity of rates between registries", columns, lines, notes)


def _spread_line(ctx: Context, row: Row) -> Line:
    names = [name for name in row["registries"].split(";") if name]
    head = (cells.text(ctx.names.cohort(row["cohort"])), Cell(str(len(names)), source=row.source))
    if not row["rate"]:
        return Line((*head, cells.marked(row, small=False), *[cells.text("–")] * 4))
    spread = (prediction(row), format_percent(row["i2_percent"]), format_rate(row["tau2"], 3) if row["tau2"] else "–")
    return Line((*head, *cells.value_and_interval(row), *(Cell(told, source=row.source) for told in spread)))


def prediction(row: Row) -> str:
    """The interval in which the rate of a further registry is expected; a dash where it is not made."""
    return format_interval(row["prediction_low"], row["prediction_high"]) if row["prediction_low"] else "–"


def leave_one_out(ctx: Context) -> Table | None:
    """Each overall main rate without each registry in turn, below the pooled one."""
    found = list(_main_rows(ctx, "leave_one_out.csv"))
    if not found:
        return None
    columns = (
        Column("Without", 2.2, numeric=False),
        Column("Events or persons", 1.2),
        Column("Person-years", 1.3),
        Column("Rate", 1.0),
        Column(ctx.ci, 1.6),
    )
    groups = [(title, [*rows, pooled]) for title, rows, pooled in _with_pooled(ctx, found)]
    told = [(title, rows) for title, rows in groups if any(row["person_days"] for row in rows)] or groups
    hidden = [title for title, rows in groups if (title, rows) not in told]
    lines: list[Line] = []
    for title, (*rows, pooled) in told:
        lines.append(group(title, len(columns)))
        lines += [_rate_line(ctx.names.registry(row["left_out"]), row, pooled=False) for row in rows]
        lines.append(_rate_line("Nobody: pooled", pooled, pooled=True))
    used = [row for _, rows in told for row in rows]
    away = f" Left out, as every number is withheld: {'; '.join(hidden)}." if hidden else ""
    notes = ctx.notes.under(used, population=AT_RISK, extra=(f"Rates per {ctx.per}. {WITHOUT}{away}",))
    title = "Pooled rates without each registry in turn"
    return make("leave-one-out", title, columns, lines, notes, empty="The results hold no pooled rate.")


def _with_pooled(ctx: Context, found: list[tuple[Combo, Row]]) -> Iterator[tuple[str, list[Row], Row]]:
    """The rows without each registry of every outcome and cohort, under their title, and the pooled one."""
    for combo in ctx.combos:
        for cohort in combo.analysis.cohorts:
            rows = [row for other, row in found if other == combo and row["cohort"] == cohort]
            pooled = ctx.find(combo, cohort, ctx.main_measure(combo)) if rows else None
            if pooled is not None:
                yield f"{ctx.title(combo)} · {ctx.names.cohort(cohort)}", rows, pooled


def _rate_line(label: str, row: Row, *, pooled: bool) -> Line:
    column = "events" if numerator_of(row["measure"]) == "Events" else "persons_with_event"
    values: tuple[Cell, ...] = (cells.count(row, column), cells.years(row), *cells.value_and_interval(row))
    return Line((cells.text(label), *values), role=total_if(pooled))


def _main_rows(ctx: Context, file: str) -> Iterator[tuple[Combo, Row]]:
    """Rows of the main rate of each outcome, in the order of the protocol."""
    for combo in ctx.combos:
        wanted = {"outcome": combo.outcome, "time_at_risk": combo.time, "measure": ctx.main_measure(combo)}
        for row in ctx.run.rows(file, analysis=combo.analysis.id, **wanted):
            yield combo, row


def _by_title(ctx: Context, found: list[tuple[Combo, Row]]) -> dict[str, list[Row]]:
    titles: dict[str, list[Row]] = {}
    for combo, row in found:
        titles.setdefault(f"{ctx.title(combo)} · {MEASURES[row['measure']]}", []).append(row)
    return titles
