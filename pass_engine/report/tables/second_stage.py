"""Ratios of the registries brought together in a second stage; E-values and smallest detectable ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line
from pass_engine.report.names import SECOND_STAGE_MODELS
from pass_engine.report.numbers import format_interval, format_percent, format_rate
from pass_engine.report.tables.comparison import adjusted_for
from pass_engine.report.tables.layout import group, make, total_if
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.context import Context
    from pass_engine.report.model import Table
    from pass_engine.report.reading import Row

HOW: Final = (
    "Each registry's own ratio is taken on the log scale; the pooled ratio is that of all persons together. Random "
    "effects have the interval of Hartung and Knapp with a factor of at least 1; fewer than three registries have a "
    "fixed effect only. I² and τ² say how far ratios differ between registries beyond chance."
)
LIKELIHOOD: Final = (
    "Likelihoods of the registries, given the events of both cohorts together, are added: a registry without an event "
    "in one cohort adds what it knows. They suppose that no person is in both cohorts."
)
E_VALUE: Final = (
    "E-value: the risk ratio that an unmeasured confounder would need with exposure and with outcome, at least, to "
    "explain the ratio, or its limit nearer to 1, away (VanderWeele and Ding 2017); 1 for a limit where the interval "
    "holds 1."
)
DETECTABLE: Final = (
    "Smallest ratio: above 1, found with a power of {power}% at the level of the interval, from the events and "
    "person-years of both cohorts together (Schoenfeld 1983), each event taken as independent."
)
HOW_ADJUSTED: Final = {
    "mantel_haenszel_rate_ratio": "over strata of",
    "poisson_rate_ratio": "by Poisson regression on",
}
POPULATION: Final = "persons with at least one day at risk in either cohort"


def by_contrast(ctx: Context, file: str) -> Iterator[tuple[str, list[Row]]]:
    """Rows of a file by outcome and measure, in the order of the protocol, under what they compare."""
    for analysis in ctx.comparisons:
        arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
        for outcome, time in analysis.outcomes.items():
            for measure in analysis.measures:
                place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "measure": measure}
                rows = list(ctx.run.rows(file, **place))
                if rows:
                    over = (
                        "crude" if measure == "rate_ratio" else f"{HOW_ADJUSTED[measure]} {adjusted_for(ctx, analysis)}"
                    )
                    yield f"{ctx.names.outcome(outcome)}: {arms}, {over}", rows


def second_stage(ctx: Context) -> Table | None:
    """Every way of bringing the ratios together, and the main one without each registry in turn."""
    found = list(by_contrast(ctx, "second_stage.csv"))
    if not found:
        return None
    columns = (
        Column("Brought together by", 2.8, numeric=False),
        Column("Registries", 0.9),
        Column("Ratio", 0.8),
        Column(ctx.ci, 1.4),
        Column("Prediction interval", 1.5),
        Column("I², %", 0.7),
        Column("τ²", 0.7),
    )
    lines: list[Line] = []
    for title, rows in found:
        lines += [group(title, len(columns)), *(_line(ctx, row) for row in rows)]
    used = [row for _, rows in found for row in rows]
    extra = (HOW, *([LIKELIHOOD] if any(r["model"] == "likelihood" for r in used) else []))
    notes = ctx.notes.under(
        used,
        population=POPULATION,
        times=[row["time_at_risk"] for row in used],
        extra=(*extra, *ctx.notes.not_estimable(used)),
        robust=True,
    )
    return make("second-stage", "Ratios of the registries brought together in a second stage", columns, lines, notes)


def _line(ctx: Context, row: Row) -> Line:
    model = SECOND_STAGE_MODELS[row["model"]]
    label = f"{model}, without {ctx.names.registry(row['without'])}" if row["without"] else model
    names = [name for name in row["registries"].split(";") if name]
    prediction = format_interval(row["prediction_low"], row["prediction_high"]) if row["prediction_low"] else "–"
    return Line(
        (
            cells.text(label),
            cells.text(str(len(names)) if names else "–"),
            *cells.estimate_and_interval(row),
            cells.text(prediction),
            cells.text(format_percent(row["i2_percent"]) if row["i2_percent"] else "–"),
            cells.text(format_rate(row["tau2"], 3) if row["tau2"] else "–"),
        ),
        role=total_if(not row["without"] and bool(row["estimate"])),
    )


def unmeasured(ctx: Context) -> Table | None:
    """E-values and smallest detectable ratios, by registry and pooled."""
    found = list(by_contrast(ctx, "unmeasured.csv"))
    if not found:
        return None
    columns = (
        Column("Registry", 1.8, numeric=False),
        Column("E-value of the ratio", 1.2),
        Column("E-value of the limit", 1.2),
        Column("Smallest ratio that could be found", 1.6),
    )
    lines: list[Line] = []
    for title, rows in found:
        lines.append(group(title, len(columns)))
        lines += [
            Line(
                (
                    cells.text(ctx.names.registry(row["registry"])),
                    _number(row, "e_value"),
                    _number(row, "e_value_limit"),
                    _number(row, "detectable_ratio"),
                ),
                role=total_if(row["registry"] == POOLED),
            )
            for row in rows
        ]
    used = [row for _, rows in found for row in rows]
    powers = sorted({f"{float(row['power']) * 100:g}" for row in used if row["power"]})
    notes = ctx.notes.under(
        used,
        population=POPULATION,
        times=[row["time_at_risk"] for row in used],
        extra=(E_VALUE, *(DETECTABLE.format(power=power) for power in powers)),
        methods=False,
    )
    return make("unmeasured", "E-values and smallest detectable ratios", columns, lines, notes)


def _number(row: Row, column: str) -> Cell:
    if row[column]:
        return Cell(format_rate(row[column]), source=row.source)
    return cells.marked(row, small=False) if row["status"] != "shown" else cells.text("–")
