"""Table shells: the report's own tables before any data are seen, with every number left empty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.report.model import Cell, Column, Line, Section, Table
from pass_engine.report.numbers import NOT_APPLICABLE, NOT_ESTIMABLE, WITHHELD
from pass_engine.report.tables import (
    baseline,
    comparison,
    incidence,
    indicators,
    lock_points,
    participants,
    quality,
    reference,
    registries,
    regression,
    second_stage,
    sensitivity,
    strata,
    subgroups,
    survival,
    weighted,
)
from pass_engine.report.tables.definitions import identity
from pass_engine.report.tables.layout import make
from pass_engine.report.tables.reproducibility import reproducibility
from pass_engine.report.tables.shells import unfilled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.report.context import Context

NOTE: Final = "Shell, laid out before any data were seen."
KEPT: Final = {"participation": 2, "re-run": 1}
"""Columns of words that a shell keeps, where it is not all of them."""
SINCE: Final = "time_since_start"


def shell_sections(ctx: Context, number: str) -> tuple[Section, ...]:
    """The shells under the headings of the report that will hold them, numbered below ``number``."""
    parts: tuple[tuple[str, str, Iterable[Table | None]], ...] = (
        ("10.1", "Participants", _participants(ctx)),
        ("10.2", "Descriptive data", _descriptive(ctx)),
        ("10.3", "Outcome data", (incidence.outcome_data(ctx),)),
        ("10.4", "Main results", _main(ctx)),
        ("10.5", "Other analyses", _other(ctx)),
        ("10.6", "Adverse events/adverse reactions", (lock_points.lock_points(ctx),)),
        ("A2.3", "Data quality", _quality(ctx)),
        ("A2.6", "Manifest of the run", (reproducibility(ctx),)),
    )
    shells = [(place, title, tuple(empty(ctx, table) for table in tables if table)) for place, title, tables in parts]
    filled = [(f"Report, {place} {title}", tables) for place, title, tables in shells if tables]
    filled.append(("Tables that this study does not fill", (_unfilled(ctx, shells),)))
    return tuple(Section(f"{number}.{n}", title, tables) for n, (title, tables) in enumerate(filled, start=1))


def _unfilled(ctx: Context, shells: Iterable[tuple[str, str, tuple[Table, ...]]]) -> Table:
    """Tables that a report is expected to have and this one will print empty, with the reason."""
    columns = (
        Column("Section", 0.8, numeric=False),
        Column("Table", 2.6, numeric=False),
        Column("Why it will be empty", 4.0, numeric=False),
    )
    lines = [
        Line((Cell(place), Cell(one.title), Cell(reason)))
        for place, _, tables in shells
        for one, reason in unfilled(ctx, place, (table.key for table in tables))
    ]
    title = "Tables that a report is expected to have and this study does not fill"
    return make("shells-unfilled", title, columns, lines, identity(ctx), empty="None: the study fills them all.",
                compact=True)  # fmt: skip


def _participants(ctx: Context) -> Iterator[Table | None]:
    yield participants.participation(ctx)
    yield indicators.gate_table(ctx)
    yield from (participants.attrition(ctx, cohort) for cohort in ctx.cohorts)
    yield participants.analysis_sets(ctx)
    yield participants.follow_up(ctx)


def _descriptive(ctx: Context) -> Iterator[Table | None]:
    yield baseline.baseline(ctx)
    yield baseline.person_time(ctx)
    yield quality.quality(ctx, "completeness")


def _main(ctx: Context) -> Iterator[Table | None]:
    yield incidence.main_incidence(ctx)
    yield incidence.other_measures(ctx)
    yield reference.observed_expected(ctx)
    yield from comparison.comparisons(ctx)
    yield from weighted.weighted_tables(ctx)
    yield from regression.regression_tables(ctx)
    if len(ctx.run.contributors) > 1:
        yield from (table for combo in ctx.combos for table in incidence.by_registry_tables(ctx, combo))
        yield registries.heterogeneity(ctx)
        yield registries.leave_one_out(ctx)
        yield second_stage.second_stage(ctx)
    yield second_stage.unmeasured(ctx)
    yield comparison.negative_controls(ctx)
    if SINCE in strata.printed_strata(ctx):
        yield from strata.stratified(ctx, SINCE)
    yield from survival.survival_tables(ctx)


def _other(ctx: Context) -> Iterator[Table | None]:
    yield sensitivity.sensitivity(ctx)
    yield subgroups.subgroup_ratios(ctx)
    for stratum in strata.printed_strata(ctx):
        if stratum != SINCE:
            yield from strata.stratified(ctx, stratum)


def _quality(ctx: Context) -> Iterator[Table]:
    of_each = (Column(ctx.names.registry(key), 1.0) for key in ctx.examined)
    yield _one_line("quality-fault", quality.TITLES["fault"], "Rule", "Each rule that a row breaks, by table", of_each)
    yield indicators.indicator_table(ctx)
    yield indicators.representativeness(ctx)
    checked = (
        Column("Fields checked", 1.1),
        Column("Errors", 0.9),
        Column("Error rate, %", 1.1),
        Column("95% CI", 1.5),
    )
    yield _one_line(
        "verification", "Source data verification", "Variable", "Each variable checked, by registry", checked
    )


def _one_line(key: str, title: str, head: str, line: str, columns: Iterable[Column]) -> Table:
    """A shell whose lines depend on the data: one stands for all of them."""
    every = (Column(head, 3.0, numeric=False), *columns)
    return make(key, title, every, [Line((Cell(line), *[Cell("")] * (len(every) - 1)))])


def empty(ctx: Context, table: Table) -> Table:
    """A table as a shell: words stay, numbers and marks go, and one note stands below."""
    kept = KEPT.get(table.key, len(table.columns))
    return replace(
        table,
        columns=tuple(replace(c, label=c.label.replace(f"N = {WITHHELD}", "N =")) for c in table.columns),
        lines=tuple(_line(line, table.columns, kept) for line in table.lines),
        notes=(f"{NOTE} {ctx.notes.identity()}",),
    )


def _line(line: Line, columns: tuple[Column, ...], kept: int) -> Line:
    if line.role == "group":
        return line
    first, *others = line.cells
    cells = [_cell(cell, columns[n], keep=n < kept) for n, cell in enumerate(others, start=1)]
    return replace(line, cells=(replace(first, source=""), *cells))


def _cell(cell: Cell, column: Column, *, keep: bool) -> Cell:
    is_mark = cell.mark or cell.text in {WITHHELD, NOT_APPLICABLE, NOT_ESTIMABLE}
    return Cell("") if column.numeric or is_mark or not keep else Cell(cell.text)
