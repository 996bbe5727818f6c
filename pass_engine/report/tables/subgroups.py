"""Rate ratios in subgroups, ratios of ratios, and tests of interaction (section 10.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line
from pass_engine.report.numbers import format_interval, format_rate
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Comparison
    from pass_engine.report.context import Context
    from pass_engine.report.model import Table
    from pass_engine.report.reading import Row

POPULATION: Final = "persons with at least one day at risk in either cohort"
HOW: Final = (
    "Crude ratios, level by level; each against that of the first level shown. P: test that all levels have one ratio, "
    "not corrected for the number of tests. Registries apart are in the attached results/subgroups.csv."
)
SMALLEST: Final = Decimal("0.001")


def asking(ctx: Context) -> tuple[Comparison, ...]:
    """Comparisons that are shown in subgroups."""
    return tuple(analysis for analysis in ctx.comparisons if analysis.subgroups)


def subgroup_ratios(ctx: Context) -> Table | None:
    """Pooled ratios of every subgroup and their test; none where no comparison asks for subgroups."""
    if not asking(ctx):
        return None
    columns = (
        Column("Subgroup", 1.6, numeric=False),
        Column("Events", 0.8, group="Target"),
        Column("Person-years", 1.0, group="Target"),
        Column("Events", 0.8, group="Comparator"),
        Column("Person-years", 1.0, group="Comparator"),
        Column("Rate ratio", 0.8),
        Column(ctx.ci, 1.3),
        Column("Ratio of ratios", 1.6),
        Column("P", 0.7),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for title, rows in _found(ctx):
        used += rows
        lines += [group(title, len(columns)), *(_line(ctx, row) for row in rows)]
    remarks = dict.fromkeys(r["note"] for r in used if r["note"] and r["status"] == "shown")
    notes = ctx.notes.under(
        used,
        population=POPULATION,
        times=[row["time_at_risk"] for row in used],
        extra=(HOW, *ctx.notes.not_estimable(used), *((f"† {'; '.join(remarks)}.",) if remarks else ())),
    )
    return make(
        "subgroup-ratio", "Rate ratios in subgroups, pooled, and tests of interaction", columns, lines, notes,
        empty="The results hold no comparison in subgroups: no registry released both cohorts.",
    )  # fmt: skip


def _found(ctx: Context) -> Iterator[tuple[str, list[Row]]]:
    for analysis in asking(ctx):
        arms = f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
        for outcome, time in analysis.outcomes.items():
            for stratum in analysis.subgroups:
                place = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "stratum": stratum}
                rows = list(ctx.run.rows("subgroups.csv", registry=POOLED, **place))
                if rows:
                    yield f"{ctx.names.outcome(outcome)}: {arms}, by {ctx.names.stratum(stratum)}", rows


def _line(ctx: Context, row: Row) -> Line:
    if not row["level"]:
        dash = [Cell("")] * 7
        return Line((cells.text("Test of interaction"), *dash, _chance(row)))
    return Line(
        (
            cells.text(ctx.names.level_of(row["stratum"], row["level"])),
            cells.count(row, "target_events"),
            cells.years(row, "target_person_days"),
            cells.count(row, "comparator_events"),
            cells.years(row, "comparator_person_days"),
            *cells.estimate_and_interval(row),
            _of_ratios(row),
            Cell(""),
        )
    )


def _of_ratios(row: Row) -> Cell:
    if row["ratio_of_ratios"]:
        interval = format_interval(row["ratio_of_ratios_low"], row["ratio_of_ratios_high"])
        return Cell(f"{format_rate(row['ratio_of_ratios'])} {interval}", source=row.source)
    return cells.text("1" if row["estimate"] else "–")


def _chance(row: Row) -> Cell:
    """P to three places."""
    if not row["p"]:
        return cells.marked(row, small=False)
    value = Decimal(row["p"])
    return Cell("<0.001" if value < SMALLEST else format_rate(row["p"], 3), source=row.source)
