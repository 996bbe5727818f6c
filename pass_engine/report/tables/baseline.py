"""Who the persons are at cohort entry, and the person-time each registry gives (section 10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.estimate.rows import level_rank
from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.names import VARIABLES
from pass_engine.report.numbers import format_share
from pass_engine.report.tables.layout import by_registry, group, make
from pass_engine.report.tables.participants import cohort_size
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row


def baseline(ctx: Context) -> Table:
    """Characteristics of each cohort, pooled, with the registries the persons come from."""
    columns = (
        Column("Characteristic", 3.4, numeric=False),
        *(_head(ctx, cohort) for cohort in ctx.cohorts),
    )
    variables = _variables(ctx)
    lines = _registry_lines(ctx, len(columns))
    used: list[Row] = []
    for variable, levels in variables.items():
        lines.append(group(ctx.names.variable(variable), len(columns)))
        for level in levels:
            found = [_row(ctx, cohort, variable, level) for cohort in ctx.cohorts]
            used += [row for row in found if row]
            lines.append(Line((cells.text(ctx.names.level(level)), *(_value(variable, row) for row in found))))
    extra = (
        (
            "Number (%) of persons, or mean (standard deviation), on the day of cohort entry. Missing values "
            "are shown as such; a dash: none."
        ),
    )
    notes = ctx.notes.under(
        used, population="persons of each cohort at cohort entry, pooled over registries", extra=extra
    )
    return make(
        "baseline",
        "Characteristics at cohort entry, pooled",
        columns,
        lines,
        notes,
        empty="No person entered any cohort, so there is nothing to describe.",
    )


def _head(ctx: Context, cohort: str) -> Column:
    size = cells.count(cohort_size(ctx, cohort), "persons")
    return Column(f"{ctx.names.cohort(cohort)}\nN = {size.text}", 2.0, source=size.source)


ALREADY_TOLD: Final = "persons"
"""A variable that only counts the cohort: its N is in the head of the column."""


def _variables(ctx: Context) -> dict[str, list[str]]:
    variables: dict[str, set[str]] = {}
    for row in ctx.run.rows("baseline.csv", registry=POOLED):
        if row["variable"] != ALREADY_TOLD:
            variables.setdefault(row["variable"], set()).add(row["level"])
    known = [name for name in VARIABLES if name in variables]
    order = [*known, *(name for name in variables if name not in VARIABLES)]
    return {name: sorted(variables[name], key=level_rank) for name in order}


def _row(ctx: Context, cohort: str, variable: str, level: str) -> Row | None:
    found = ctx.run.rows("baseline.csv", registry=POOLED, cohort=cohort, variable=variable, level=level)
    return next(found, None)


def _value(variable: str, row: Row | None) -> Cell:
    if row is not None and row["level"] == "":
        return cells.mean_and_deviation(row, years=variable.endswith("_days"))
    return cells.count_and_percent(row)


def _registry_lines(ctx: Context, width: int) -> list[Line]:
    lines = [group("Registry", width)] if len(ctx.run.contributors) > 1 else []
    for registry in ctx.run.contributors if lines else ():
        values = (_share_of_cohort(ctx, cohort, registry) for cohort in ctx.cohorts)
        lines.append(Line((cells.text(ctx.names.registry(registry)), *values)))
    return lines


def _share_of_cohort(ctx: Context, cohort: str, registry: str) -> Cell:
    part, whole = cohort_size(ctx, cohort, registry), cohort_size(ctx, cohort)
    cell = cells.count(part, "persons")
    if part is None or whole is None or not part["persons"] or not whole["persons"]:
        return cell
    share = format_share(part["persons"], whole["persons"])
    return Cell(f"{cell.text} ({share})" if share else cell.text, source=cell.source)


def person_time(ctx: Context) -> Table:
    """Person-years at risk by registry."""
    columns = by_registry(ctx, "Cohort", 2.4)
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            rows = [at_risk(ctx, combo, cohort, registry) for registry in ctx.registries]
            used += [row for row in rows if row]
            lines.append(Line((cells.text(ctx.names.cohort(cohort)), *(cells.years(row) for row in rows))))
    notes = ctx.notes.under(used, population="persons with at least one day at risk", methods=False)
    return make(
        "person-time",
        "Person-years at risk by registry",
        columns,
        lines if used else [],
        notes,
        empty="No person-time in any registry.",
    )


def at_risk(
    ctx: Context, combo: Combo, cohort: str, registry: str, stratum: str = "overall", level: str = ""
) -> Row | None:
    """The row whose person-days are all days at risk: EAER, else EAIR (the same where only the first event counts)."""
    for measure in ("eaer", "eair", "eair_total_exposure"):
        row = ctx.find(combo, cohort, measure, registry=registry, stratum=stratum, level=level)
        if row:
            return row
    return None
