"""Rates of two cohorts held against each other: one table a measure, by registry and pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.names import canonical_order
from pass_engine.protocol.sentences import stratum_in_words
from pass_engine.report import cells
from pass_engine.report.model import Column, Line, Table
from pass_engine.report.numbers import format_per, join_words
from pass_engine.report.tables.layout import group, make, total_if
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.protocol.models import Comparison
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

CONTROLS: Final = (
    "Neither exposure is thought to act on these outcomes, so that a ratio whose interval leaves out 1 points to "
    "confounding or to differences in how events are seen."
)
CRUDE: Final = "Crude: not adjusted for any characteristic of the persons."


@dataclass(frozen=True)
class Kind:
    """How the table of a measure is called, and what is said under it."""

    key: str
    title: str
    head: str
    note: str


KINDS: Final = {
    "rate_ratio": Kind("rate-ratio", "Crude rate ratios", "Rate ratio", CRUDE),
    "rate_difference": Kind(
        "rate-difference",
        "Crude rate differences",
        "Difference",
        f"Rate of the target less that of the comparator. {CRUDE}",
    ),
    "mantel_haenszel_rate_ratio": Kind(
        "stratified-ratio",
        "Rate ratios adjusted by stratification (Mantel–Haenszel)",
        "Rate ratio",
        "Adjusted for the strata named, and for no other characteristic of the persons; events and person-years are "
        "those of all strata together.",
    ),
    "poisson_rate_ratio": Kind(
        "regression-ratio",
        "Rate ratios adjusted by Poisson regression",
        "Rate ratio",
        "Adjusted for the strata named and, where pooled, for the registry, without interactions, and for no other "
        "characteristic of the persons; events and person-years are those of all strata together.",
    ),
}
"""Measure to its table, in the order of the report."""


def comparisons(ctx: Context) -> tuple[Table, ...]:
    """The tables of every measure that a comparison asks for."""
    return tuple(_table(ctx, measure, kind) for measure, kind in KINDS.items() if asking(ctx, measure))


def asking(ctx: Context, measure: str) -> tuple[Comparison, ...]:
    """Comparisons that ask for this measure."""
    return tuple(analysis for analysis in ctx.comparisons if measure in analysis.measures)


def _table(ctx: Context, measure: str, kind: Kind) -> Table:
    columns = (
        Column("Registry", 1.6, numeric=False),
        Column("Events", 0.9, group="Target"),
        Column("Person-years", 1.2, group="Target"),
        Column("Events", 0.9, group="Comparator"),
        Column("Person-years", 1.2, group="Comparator"),
        Column("Persons in both", 1.0),
        Column(kind.head, 0.9),
        Column(ctx.ci, 1.4),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for analysis in asking(ctx, measure):
        for outcome, time in analysis.outcomes.items():
            place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "measure": measure}
            found = {r["registry"]: r for r in ctx.run.rows("comparison.csv", **place)}
            rows = [found[key] for key in ctx.registries if key in found]
            used += rows
            lines += [
                group(f"{ctx.names.outcome(outcome)}: {_whose(ctx, analysis, measure)}", len(columns)),
                *(_line(ctx, row) for row in rows),
            ]
    times = [t for a in asking(ctx, measure) for t in a.outcomes.values()]
    population = "persons with at least one day at risk in either cohort"
    return make(
        kind.key,
        f"{kind.title}, by registry and pooled",
        columns,
        lines if used else [],
        ctx.notes.under(
            used,
            population=population,
            times=times,
            extra=(kind.note, *ctx.notes.not_estimable(used)),
            robust=True,
        ),
        empty="The results hold no comparison: no registry released both cohorts.",
    )


def negative_controls(ctx: Context) -> Table | None:
    """Pooled ratios of the outcomes on which no exposure is thought to act, and whether their intervals hold 1."""
    columns = (
        Column("Negative control outcome", 2.6, numeric=False),
        Column("Ratio", 1.6, numeric=False),
        Column("Estimate", 0.9),
        Column(ctx.ci, 1.4),
        Column("Interval holds 1", 1.2, numeric=False),
    )
    lines: list[Line] = []
    used: list[Row] = []
    reasons: dict[str, str] = {}
    for analysis in ctx.comparisons:
        for outcome, time in analysis.outcomes.items():
            reason = ctx.study.outcomes[outcome].negative_control
            place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "registry": POOLED}
            for row in ctx.run.rows("comparison.csv", **place) if reason else ():
                if row["measure"] != "rate_difference":
                    reasons[ctx.names.outcome(outcome)] = str(reason).rstrip(".")
                    used.append(row)
                    lines.append(_control_line(ctx, analysis, row))
    if not used:
        return None
    why = "; ".join(f"{label}: {reason}" for label, reason in reasons.items())
    extra = (f"{CONTROLS} {why}.", *ctx.notes.not_estimable(used))
    population = "persons with at least one day at risk in either cohort"
    times = [row["time_at_risk"] for row in used]
    notes = ctx.notes.under(used, population=population, times=times, extra=extra, robust=True)
    return make("negative-controls", "Negative control outcomes", columns, lines, notes)


def _control_line(ctx: Context, analysis: Comparison, row: Row) -> Line:
    holds = ""
    if row["low"] and row["high"]:
        holds = "yes" if float(row["low"]) <= 1 <= float(row["high"]) else "no"
    return Line(
        (
            cells.text(ctx.names.outcome(row["outcome"])),
            cells.text("crude" if row["measure"] in CRUDE_MEASURES else f"adjusted for {adjusted_for(ctx, analysis)}"),
            *cells.estimate_and_interval(row),
            cells.text(holds),
        )
    )


def _whose(ctx: Context, analysis: Comparison, measure: str) -> str:
    """The arms of a contrast, with its unit or its strata."""
    arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
    if measure == "rate_difference":
        return f"{arms}, per {format_per(analysis.per_person_years or 1)}"
    if measure in CRUDE_MEASURES:
        return arms
    how = "adjusted for" if measure == "poisson_rate_ratio" else "over strata of"
    return f"{arms}, {how} {adjusted_for(ctx, analysis)}"


CRUDE_MEASURES: Final = frozenset({"rate_ratio", "rate_difference"})


def adjusted_for(ctx: Context, analysis: Comparison) -> str:
    """The strata of a ratio over strata, in words."""
    return join_words([stratum_in_words(ctx.study, s) for s in canonical_order(analysis.adjust)])


def _line(ctx: Context, row: Row) -> Line:
    values = (
        cells.text(ctx.names.registry(row["registry"])),
        cells.count(row, "target_events"),
        cells.years(row, "target_person_days"),
        cells.count(row, "comparator_events"),
        cells.years(row, "comparator_person_days"),
        cells.count(row, "persons_in_both"),
        *cells.estimate_and_interval(row),
    )
    return Line(values, role=total_if(row["registry"] == POOLED))
