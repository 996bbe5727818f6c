"""Comparisons weighted by propensity scores: ratios, who has a score, and how alike the weighted cohorts are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.covariate_rules import PREFIX
from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.names import method_in_words
from pass_engine.report.numbers import format_decimal, format_rate, round_half_up
from pass_engine.report.tables.layout import group, make, total_if
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.models import Comparison
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

WEIGHTINGS: Final = {
    "ate": "inverse probability (ate)",
    "att": "odds of the target (att)",
    "overlap": "overlap weights",
    "matching": "matching weights",
    "matched": "matched persons",
}
MATCHED: Final = "matched"
PLACES: Final = 2
NOT_SHOWN: Final = "not shown"
POPULATION: Final = "persons of the two cohorts with a propensity score and at least one day at risk, weighted"
SCORED: Final = "persons of the two cohorts at cohort entry"
LEFT_OUT: Final = (
    "Left out: persons who entered the other cohort first or on the same day; who lack a covariate that may not be "
    "missing; who have a level that few persons of either cohort have. In equipoise: preference score from 0.3 to 0.7. "
    "Effective size: of the weighted cohort, by weighting."
)
DIFFERENCES: Final = (
    "Standardised mean difference, target less comparator, in units of the spread before weighting, all registries "
    "together; each registry's own is in the attached results/balance.csv."
)
LIMITS: Final = (
    "Weighted: what the covariates of the score leave of the difference between the cohorts; what was not recorded is "
    "not adjusted for. Pooled: mean over the registries whose own ratio is shown."
)


def asking(ctx: Context) -> tuple[Comparison, ...]:
    """Comparisons that ask for propensity scores."""
    return tuple(analysis for analysis in ctx.comparisons if analysis.propensity is not None)


def weighted_tables(ctx: Context) -> tuple[Table, ...]:
    """Ratios, scores and balance; none where no comparison asks for propensity scores."""
    return (_ratios(ctx), _scores(ctx), _balance(ctx)) if asking(ctx) else ()


def _ratios(ctx: Context) -> Table:
    columns = (Column("Registry", 1.4, numeric=False), Column("Weighted rate ratio", 1.0), Column(ctx.ci, 1.4))
    lines: list[Line] = []
    used: list[Row] = []
    for analysis in asking(ctx):
        for outcome, time in analysis.outcomes.items():
            for weighting in analysis.propensity.weights if analysis.propensity else ():
                place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "weighting": weighting}
                found = {r["registry"]: r for r in ctx.run.rows("weighted.csv", **place)}
                rows = [found[key] for key in ctx.registries if key in found]
                used += rows
                arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
                head = f"{ctx.names.outcome(outcome)}: {arms}, {WEIGHTINGS[weighting]}"
                lines += [group(head, len(columns)), *(_line(ctx, row) for row in rows)]
    times = [t for a in asking(ctx) for t in a.outcomes.values()]
    extra = (LIMITS, *_methods(used), *remarks(used), *reasons(ctx, used))
    notes = ctx.notes.under(used, population=POPULATION, times=times, extra=extra, methods=False)
    return make(
        "weighted-ratio",
        "Rate ratios weighted by propensity scores, by registry and pooled",
        columns,
        lines if used else [],
        notes,
        empty="The results hold no weighted comparison: no registry released both cohorts.",
    )


def _line(ctx: Context, row: Row) -> Line:
    name = cells.text(ctx.names.registry(row["registry"]))
    role = total_if(row["registry"] == POOLED)
    if row["status"] == "not_shown":
        return Line((name, Cell(NOT_SHOWN, source=row.source, mark=True), Cell("")), role=role)
    return Line((name, *cells.estimate_and_interval(row)), role=role)


def _methods(rows: Sequence[Row]) -> tuple[str, ...]:
    told = dict.fromkeys(method_in_words(row) for row in rows if row["status"] == "shown" and row["method"])
    return (f"Weighted rate ratio; interval: {' or '.join(told)}.",) if told else ()


def remarks(rows: Sequence[Row]) -> tuple[str, ...]:
    """What the rows shown remark on themselves, told once."""
    told = dict.fromkeys(row["note"] for row in rows if row["status"] == "shown" and row["note"])
    return (f"† {'; '.join(told)}.",) if told else ()


def reasons(ctx: Context, rows: Sequence[Row]) -> tuple[str, ...]:
    """Why ratios are not shown, not estimable or withheld, registry by registry, each reason once."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] != "shown" and row["note"] and row["registry"] != POOLED:
            name = ctx.names.registry(row["registry"])
            named = told.setdefault(row["note"].removeprefix("not shown: "), [])
            if name not in named:
                named.append(name)
    return tuple(f"{', '.join(names)}: {reason}." for reason, names in told.items())


def _scores(ctx: Context) -> Table:
    columns = (
        Column("Registry and cohort", 2.4, numeric=False),
        Column("With a score", 0.9),
        Column("Other cohort first", 0.9, group="Left out"),
        Column("Incomplete", 0.9, group="Left out"),
        Column("Rare level", 0.9, group="Left out"),
        Column("In equipoise", 0.9),
        *((Column("Without a match", 0.9),) if _matches(ctx) else ()),
        Column("Effective size", 1.2),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for analysis in asking(ctx):
        for registry in ctx.registries:
            rows = list(ctx.run.rows("propensity.csv", analysis=analysis.id, registry=registry))
            used += rows
            lines += [group(ctx.names.registry(registry), len(columns)), *_arm_lines(ctx, analysis, rows)]
    notes = ctx.notes.under(
        used,
        population=SCORED,
        methods=False,
        extra=(
            LEFT_OUT,
            *dict.fromkeys(f"{ctx.names.registry(r['registry'])}: {r['note']}." for r in used if r["note"]),
        ),
    )
    return make("propensity", "Propensity scores by registry", columns, lines if used else [], notes,
                empty="No registry released a propensity score.")  # fmt: skip


def _matches(ctx: Context) -> bool:
    return any(MATCHED in a.propensity.weights for a in asking(ctx) if a.propensity)


def _arm_lines(ctx: Context, analysis: Comparison, rows: Sequence[Row]) -> list[Line]:
    lines = []
    for cohort in (analysis.of.target, analysis.of.comparator):
        own = {row["weighting"]: row for row in rows if row["cohort"] == cohort}
        plain = own.get("none")
        if plain is None:
            continue
        counts = ("persons", "later_arm", "incomplete", "rare_level", "in_equipoise")
        told = "; ".join(f"{kind} {format_rate(row['effective'], 0)}" for kind, row in own.items() if row["effective"])
        name = cells.text(ctx.names.cohort(cohort))
        match = (cells.count(own[MATCHED], "unmatched") if MATCHED in own else cells.NO_CELL,) if _matches(ctx) else ()
        lines.append(Line((name, *(cells.count(plain, c) for c in counts), *match, Cell(told))))
    return lines


def _balance(ctx: Context) -> Table:
    kinds = list(dict.fromkeys(w for a in asking(ctx) for w in (a.propensity.weights if a.propensity else ())))
    columns = (
        Column("Covariate", 3.0, numeric=False),
        Column("Before", 0.9),
        *(Column(WEIGHTINGS[kind], 1.2, group="After weighting") for kind in kinds),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for analysis in asking(ctx):
        rows = pooled_balance(ctx, analysis)
        for (covariate, level), by_kind in rows.items():
            used += list(by_kind.values())
            first = next(iter(by_kind.values()))
            name = ctx.names.variable(f"{PREFIX}{covariate}")
            head = f"{name}: {ctx.names.level(level)}" if level else name
            values = [_difference(by_kind.get(kind), "smd_after") for kind in kinds]
            lines.append(Line((cells.text(head), _difference(first, "smd_before"), *values)))
    notes = ctx.notes.under(
        used,
        population=SCORED,
        methods=False,
        extra=(DIFFERENCES,),
    )
    return make("balance", "Balance of covariates before and after weighting, pooled", columns, lines if used else [],
                notes, empty="No registry released the balance of its covariates.")  # fmt: skip


def pooled_balance(ctx: Context, analysis: Comparison) -> dict[tuple[str, str], dict[str, Row]]:
    """Covariate and level to the pooled row of each weighting."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in ctx.run.rows("balance.csv", analysis=analysis.id, registry=POOLED):
        found.setdefault((row["covariate"], row["level"]), {})[row["weighting"]] = row
    return found


def _difference(row: Row | None, column: str) -> Cell:
    if row is None or not row[column]:
        return cells.NO_CELL
    value = Decimal(row[column])
    return Cell(format_decimal(value if round_half_up(value, PLACES) else Decimal(0), PLACES), source=row.source)
