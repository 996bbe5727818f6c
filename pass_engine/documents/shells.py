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
    second_stage,
    sensitivity,
    strata,
    subgroups,
    survival,
)
from pass_engine.report.tables.layout import make

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.report.context import Context

NOTE: Final = "Shell, laid out before any data were seen."
KEPT: Final = {"participation": 2}
"""Columns of words that a shell keeps, where it is not all of them."""
SINCE: Final = "time_since_start"


def shell_sections(ctx: Context, number: str) -> tuple[Section, ...]:
    """The shells under the headings of the report that will hold them, numbered below ``number``."""
    parts: tuple[tuple[str, Iterable[Table | None]], ...] = (
        ("10.1 Participants", _participants(ctx)),
        ("10.2 Descriptive data", _descriptive(ctx)),
        ("10.3 Outcome data", (incidence.outcome_data(ctx),)),
        ("10.4 Main results", _main(ctx)),
        ("10.5 Other analyses", _other(ctx)),
        ("10.6 Adverse events/adverse reactions", (lock_points.lock_points(ctx),)),
        ("Annex 2: data quality", _quality(ctx)),
        ("Record of re-runs", (_rerun(),)),
    )
    shells = [(title, tuple(empty(ctx, table) for table in tables if table)) for title, tables in parts]
    return tuple(
        Section(f"{number}.{place}", f"Report, {title}" if title[:2].isdigit() else title, tables)
        for place, (title, tables) in enumerate((part for part in shells if part[1]), start=1)
    )


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
    yield indicators.indicator_table(ctx)
    columns = (
        Column("Variable", 3.0, numeric=False),
        Column("Fields checked", 1.1),
        Column("Errors", 0.9),
        Column("Error rate, %", 1.1),
        Column("95% CI", 1.5),
    )
    lines = [Line((Cell("Each variable checked, by registry"), *[Cell("")] * (len(columns) - 1)))]
    yield make("verification", "Source data verification", columns, lines)


def _rerun() -> Table:
    columns = (Column("What is held together", 3.0, numeric=False), Column("First run", 2.0), Column("Re-run", 2.0))
    asked = (
        "Protocol, digest",
        "Engine and SQL, digest",
        "Input of each registry, digest",
        "Results, digest of each file",
        "Day of the re-run",
        "Identical?",
    )
    lines = [Line((Cell(name), Cell(""), Cell(""))) for name in asked]
    return make("re-run", "Reproducibility", columns, lines)


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
