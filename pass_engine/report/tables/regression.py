"""Regression models: ratios crude and adjusted side by side, and who is in the models."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.regression_rules import CRUDE, regressions_of
from pass_engine.protocol.sentences.regression import MODELS
from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.names import SECOND_STAGE_MODELS, method_in_words
from pass_engine.report.numbers import format_decimal, join_words
from pass_engine.report.tables.layout import group, make, total_if
from pass_engine.report.tables.weighted import NOT_SHOWN, reasons, remarks
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.models import Comparison, Regressions
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

TITLES: Final = {"cox": "Hazard ratios (Cox regression)"}
PLACES: Final = 3
POPULATION: Final = "members of either cohort with at least one day at risk who are in the models"
SAME: Final = (
    "Crude and adjusted models of an outcome have the same persons; events and person-years are those of all persons "
    "of the cohorts, as in the crude comparison."
)
HAZARDS: Final = (
    "P: test of proportional hazards of the most adjusted model (Grambsch and Therneau); where it is small, the ratio "
    "changes with time, and the one number is a mean over it."
)
LEFT_OUT: Final = (
    "Left out: persons who entered the other cohort first or on the same day; who lack a covariate that may not be "
    "missing; who have a level that few persons have."
)


def asking(ctx: Context) -> tuple[tuple[Comparison, Regressions], ...]:
    """Comparisons that ask for models."""
    return tuple(regressions_of(ctx.study))


def regression_tables(ctx: Context) -> tuple[Table, ...]:
    """A table a comparison and model, then who is in them; none where no comparison asks for models."""
    made = [_ratios(ctx, analysis, asked, model) for analysis, asked in asking(ctx) for model in asked.fit]
    return (*made, _members(ctx)) if made else ()


def sets_of(asked: Regressions) -> tuple[str, ...]:
    """Crude, then the sets of covariates as the protocol orders them."""
    return (CRUDE, *asked.adjust)


def rows_of(ctx: Context, place: dict[str, str]) -> tuple[Row, ...]:
    """Rows of one outcome, model and adjustment: the registries that took part, then the pooled ones."""
    rows = list(ctx.run.rows("regression.csv", **place))
    own = [row for key in ctx.registries for row in rows if row["registry"] == key != POOLED]
    pooled = [row for row in rows if row["registry"] == POOLED]
    return (*own, *(pooled if len(ctx.run.contributors) > 1 else ()))


def label_of(ctx: Context, row: Row) -> str:
    """The registry, or how the ratios were brought together."""
    return SECOND_STAGE_MODELS[row["pooling"]] if row["pooling"] else ctx.names.registry(row["registry"])


def _ratios(ctx: Context, analysis: Comparison, asked: Regressions, model: str) -> Table:
    sets = sets_of(asked)
    columns = (
        Column("Registry", 1.6, numeric=False),
        Column("Target", 1.1, group="Events / person-years"),
        Column("Comparator", 1.1, group="Events / person-years"),
        *(Column("Crude" if name == CRUDE else f"Adjusted: {name}", 1.3, group="Ratio") for name in sets),
        *([Column("P", 0.7)] if model == "cox" else []),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for outcome, time in analysis.outcomes.items():
        place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time}
        counts = {r["registry"]: r for r in ctx.run.rows("comparison.csv", **place)}
        found = [rows_of(ctx, {**place, "model": model, "adjustment": name}) for name in sets]
        used += [row for rows in found for row in rows]
        lines.append(group(ctx.names.outcome(outcome), len(columns)))
        side_by_side = list(zip(*found, strict=True))
        lines += [_line(ctx, rows, counts.get(rows[0]["registry"]), tested=model == "cox") for rows in side_by_side]
    arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
    notes = ctx.notes.under(
        used,
        population=POPULATION,
        times=analysis.outcomes.values(),
        extra=(
            f"{MODELS[model][:1].upper()}{MODELS[model][1:]}; {_intervals(used)}.",
            *_adjusted(ctx, asked),
            SAME,
            *([HAZARDS] if model == "cox" else []),
            *remarks(used),
            *reasons(ctx, used),
        ),
        methods=False,
        robust=True,
    )
    title = f"{TITLES[model]}: {arms}"
    empty = "The results hold no model: no registry released both cohorts."
    return make(f"{model}-{analysis.id}".replace("_", "-"), title, columns, lines if used else [], notes, empty=empty)


def _line(ctx: Context, rows: Sequence[Row], counts: Row | None, *, tested: bool) -> Line:
    first = rows[0]
    arms = ("target", "comparator") if not first["pooling"] else ()
    sizes = [_size(counts, arm) for arm in arms] or [Cell(""), Cell("")]
    hazards = [_p(rows[-1])] if tested else []
    return Line(
        (cells.text(label_of(ctx, first)), *sizes, *map(_ratio, rows), *hazards), role=total_if(bool(first["pooling"]))
    )


def _size(row: Row | None, arm: str) -> Cell:
    if row is None:
        return cells.NO_CELL
    events, years = cells.count(row, f"{arm}_events"), cells.years(row, f"{arm}_person_days")
    return events if events.mark else Cell(f"{events.text} / {years.text}", source=row.source)


def _ratio(row: Row) -> Cell:
    if row["status"] == "not_shown":
        return Cell(NOT_SHOWN, source=row.source, mark=True)
    value, interval = cells.estimate_and_interval(row)
    return Cell(value.text, (interval.text, *interval.below), row.source, value.mark)


def _p(row: Row) -> Cell:
    if not row["hazards_p"]:
        return cells.NO_CELL
    return Cell(format_decimal(Decimal(row["hazards_p"]), PLACES), source=row.source)


def _intervals(rows: Sequence[Row]) -> str:
    told = dict.fromkeys(method_in_words(row) for row in rows if row["method"])
    return f"interval: {' or '.join(told)}" if told else "no interval"


def _adjusted(ctx: Context, asked: Regressions) -> Iterator[str]:
    for name, covariates in asked.adjust.items():
        labels = join_words([ctx.study.covariates[c].label for c in covariates])
        yield f"{name}: adjusted for {labels}, at cohort entry."


def _members(ctx: Context) -> Table:
    columns = (
        Column("Registry and cohort", 2.6, numeric=False),
        Column("In the models", 1.0),
        Column("Other cohort first", 1.0, group="Left out"),
        Column("Incomplete", 1.0, group="Left out"),
        Column("Rare level", 1.0, group="Left out"),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for analysis, _ in asking(ctx):
        for outcome, time in analysis.outcomes.items():
            place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time}
            rows = list(ctx.run.rows("regression_members.csv", **place))
            used += rows
            lines += [group(ctx.names.outcome(outcome), len(columns)), *(_member_line(ctx, row) for row in rows)]
    notes = ctx.notes.under(
        used, population="persons with at least one day at risk", methods=False, extra=(LEFT_OUT,),
        times=[row["time_at_risk"] for row in used],
    )  # fmt: skip
    return make("regression-members", "Persons in the regression models", columns, lines if used else [], notes,
                empty="No registry released who is in its models.")  # fmt: skip


def _member_line(ctx: Context, row: Row) -> Line:
    name = f"{ctx.names.registry(row['registry'])}: {ctx.names.cohort(row['cohort'])}"
    counts = ("persons", "later_arm", "incomplete", "rare_level")
    return Line((cells.text(name), *(cells.count(row, c) for c in counts)))
