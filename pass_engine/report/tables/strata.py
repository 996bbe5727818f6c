"""Incidence by sex, age and calendar time (section 10.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Column, Line, Table
from pass_engine.report.names import MEASURES, natural_order
from pass_engine.report.tables.incidence import AT_RISK, cohort_columns, side_by_side
from pass_engine.report.tables.layout import chunks, group, make
from pass_engine.terms import POOLED, STRATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row

IN_WORDS: Final = {"age": "age", "sex": "sex", "calendar": "calendar year"}
HEADS: Final = {"age": "Age (years)", "sex": "Sex", "calendar": "Year"}


def printed_strata(ctx: Context) -> tuple[str, ...]:
    """Single strata the results hold, sex first as it is short; combinations are in the attached results only."""
    held = {row["stratum"] for row in ctx.run.results["incidence.csv"]}
    return tuple(s for s in ("sex", *(s for s in STRATA if s != "sex")) if s in held)


def combined_strata(ctx: Context) -> tuple[str, ...]:
    """Combinations of strata the results hold."""
    held = {row["stratum"] for row in ctx.run.results["incidence.csv"]}
    return tuple(sorted(s for s in held if "*" in s))


def stratified(ctx: Context, stratum: str) -> tuple[Table, ...]:
    """One table a stratifier and pair of cohorts: every outcome, level by level, cohorts side by side."""
    sets = dict.fromkeys(combo.analysis.cohorts for combo in ctx.combos)
    pairs = [pair for cohorts in sets for pair in chunks(cohorts)]
    return tuple(_stratified(ctx, stratum, pair, number) for number, pair in enumerate(pairs, start=1))


def _stratified(ctx: Context, stratum: str, cohorts: Sequence[str], number: int) -> Table:
    columns = [Column(HEADS[stratum], 1.3, numeric=False), *cohort_columns(ctx, cohorts, "Events or persons", "Rate")]
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        if not set(cohorts) <= set(combo.analysis.cohorts):
            continue
        measure = ctx.main_measure(combo)
        lines.append(group(f"{ctx.title(combo)} · {MEASURES[measure]}", len(columns)))
        for level in levels(ctx, combo, stratum):
            rows = [ctx.find(combo, c, measure, stratum=stratum, level=level) for c in cohorts]
            used += [row for row in rows if row]
            values = [cell for row in rows for cell in side_by_side(row, measure)]
            lines.append(Line((cells.text(ctx.names.level(level)), *values)))
    extra = (
        "Days and events are split exactly at the boundaries. A dash: no person-time. Registries apart, and all "
        "measures, are in the attached results/incidence.csv."
    )
    notes = ctx.notes.under(used, population=AT_RISK, extra=(extra,))
    title = f"Incidence by {IN_WORDS[stratum]}, pooled, per {ctx.per} person-years"
    return make(
        f"by-{stratum}-{number}",
        title,
        columns,
        lines,
        notes,
        empty=f"No person-time in any level of {IN_WORDS[stratum]}.",
    )


def levels(ctx: Context, combo: Combo, stratum: str) -> tuple[str, ...]:
    """Levels of a stratifier that hold person-time, in their natural order."""
    found = {
        row["level"]
        for row in ctx.run.rows(
            "incidence.csv",
            analysis=combo.analysis.id,
            outcome=combo.outcome,
            time_at_risk=combo.time,
            registry=POOLED,
            stratum=stratum,
        )
    }
    return tuple(sorted(found, key=natural_order))
