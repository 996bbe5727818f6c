"""Incidence by one stratifier (section 10.5; by time since start in 10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.estimate.rows import level_rank
from pass_engine.report import cells
from pass_engine.report.model import Column, Line, Table
from pass_engine.report.names import MEASURES
from pass_engine.report.tables.incidence import AT_RISK, cohort_columns, side_by_side
from pass_engine.report.tables.layout import chunks, group, make
from pass_engine.terms import DATED_STRATA, POOLED, STRATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row

HEADS: Final = {
    "age": "Age (years)",
    "sex": "Sex",
    "exposure_duration": "Days exposed before",
    "cumulative_doses": "Doses by then",
    "country": "Country",
    "centre": "Centre",
    "course": "Disease course",
    "edss": "EDSS at entry",
    "relapses_12_months": "Relapses in the year before entry",
    "prior_substances": "Substances before entry",
    "entry_year": "Year of entry",
    "line_of_treatment": "Line of treatment at entry",
}
SPLIT: Final = ("age", "calendar", "time_since_start", *DATED_STRATA)
"""Stratifiers whose levels change during follow-up."""
ORIGINS: Final = {"entry": "cohort entry", "first_era": "first start ever", "period": "start of the period"}


def head(ctx: Context, stratum: str) -> str:
    """What the levels of a stratifier are, at the head of their column."""
    strata = ctx.study.strata
    if stratum == "calendar":
        return (strata.calendar.by if strata.calendar else "year").capitalize()
    if stratum == "time_since_start":
        return f"Days since {ORIGINS[strata.time_since_start.origin if strata.time_since_start else 'entry']}"
    return HEADS[stratum]


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
    columns = [
        Column(head(ctx, stratum), 1.3, numeric=False),
        *cohort_columns(ctx, cohorts, "Events or persons", "Rate"),
    ]
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
            lines.append(Line((cells.text(ctx.names.level_of(stratum, level)), *values)))
    split = "Days and events are split exactly at the boundaries." if stratum in SPLIT else "Values at cohort entry."
    extra = (
        f"{split} A dash: no person-time. Registries apart, and all measures, are in the attached "
        "results/incidence.csv."
    )
    notes = ctx.notes.under(used, population=AT_RISK, extra=(extra,))
    title = f"Incidence by {ctx.names.stratum(stratum)}, pooled, per {ctx.per}"
    return make(
        f"by-{stratum}-{number}",
        title,
        columns,
        lines,
        notes,
        empty=f"No person-time in any level of {ctx.names.stratum(stratum)}.",
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
    return tuple(sorted(found, key=level_rank))
