"""Outcome data and main incidence, pooled and by registry (sections 10.3 and 10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import format_per
from pass_engine.report.tables.baseline import at_risk
from pass_engine.report.tables.layout import by_registry, chunks, group, make, total_if
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row

AT_RISK = "persons with at least one day at risk, after exclusion of prior events where the outcome asks for it"


def outcome_data(ctx: Context) -> Table:
    """Events and persons with at least one event, by registry."""
    columns = by_registry(ctx, "Cohort", 2.4)
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            rows = [at_risk(ctx, combo, cohort, registry) for registry in ctx.registries]
            used += [row for row in rows if row]
            lines.append(Line((cells.text(ctx.names.cohort(cohort)), *(_events(row) for row in rows))))
    extra = ("Events counted; in brackets below, persons with at least one event.",)
    notes = ctx.notes.under(used, population=AT_RISK, extra=extra, methods=False)
    return make(
        "outcome-data",
        "Events and persons with an event, by registry",
        columns,
        lines if used else [],
        notes,
        empty="The results hold no outcome for any registry.",
    )


def _events(row: Row | None) -> Cell:
    events, persons = cells.count(row, "events"), cells.count(row, "persons_with_event")
    if row is None or events.mark:
        return persons if persons.text.startswith("<") else events
    return Cell(events.text, (f"({persons.text})",), events.source)


def main_incidence(ctx: Context) -> Table:
    """Persons, events, person-years and rates of every outcome and cohort, pooled."""
    held = {row["measure"] for row in ctx.run.results["incidence.csv"]}
    standardised = [m for m in ("standardised_eair",) if m in held]
    recurrent = "eaer" in held
    columns = _main_columns(recurrent=recurrent, standardised=standardised)
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            line, rows = _main_line(ctx, combo, cohort, [*(["eaer"] if recurrent else []), *standardised])
            lines.append(line)
            used += rows
    notes = ctx.notes.under(used, population=AT_RISK, extra=(_main_note(ctx, recurrent=recurrent),), robust=True)
    title = f"Incidence of the outcomes, pooled, per {ctx.per}"
    return make(
        "main-incidence",
        title,
        columns,
        lines if used else [],
        notes,
        empty="The results hold no pooled row for any analysis.",
    )


def _main_note(ctx: Context, *, recurrent: bool) -> str:
    told = f"Rates per {ctx.per}, with the interval in brackets below."
    if recurrent:
        told += " A dash under EAER: only first events count, so that it would equal EAIR."
    return told


def _main_columns(*, recurrent: bool, standardised: Sequence[str]) -> tuple[Column, ...]:
    columns = [
        Column("Cohort", 2.3, numeric=False),
        Column("Persons", 0.9),
        Column("With event", 0.8),
        Column("Events", 0.85),
        Column("Person-years", 1.15, group="To the first event"),
        Column("EAIR", 1.65, group="To the first event"),
    ]
    if recurrent:
        columns += [Column("Person-years", 1.15, group="All events"), Column("EAER", 1.65, group="All events")]
    return (*columns, *(Column("Standardised EAIR", 1.65) for _ in standardised))


def _main_line(ctx: Context, combo: Combo, cohort: str, others: Sequence[str]) -> tuple[Line, list[Row]]:
    eair, everything = ctx.find(combo, cohort, "eair"), at_risk(ctx, combo, cohort, POOLED)
    values = [
        cells.text(ctx.names.cohort(cohort)),
        cells.count(everything, "persons"),
        cells.count(everything, "persons_with_event"),
        cells.count(everything, "events"),
        cells.years(eair),
        cells.rate(eair),
    ]
    rows = [everything, eair]
    for measure in others:
        row = ctx.find(combo, cohort, measure)
        rows.append(row)
        values += [*([cells.years(row)] if measure == "eaer" else []), cells.rate(row)]
    return Line(tuple(values)), [row for row in rows if row]


def other_measures(ctx: Context) -> Table | None:
    """Incidence proportion, EAIR over the total exposure and standardised EAER, where the results hold them; pooled."""
    held = {row["measure"] for row in ctx.run.results["incidence.csv"]}
    wanted = [m for m in ("incidence_proportion", "eair_total_exposure", "standardised_eaer") if m in held]
    if not wanted:
        return None
    columns = _other_columns(ctx, wanted)
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            rows: dict[str, Row | None] = {m: ctx.find(combo, cohort, m) for m in wanted}
            used += [row for row in rows.values() if row]
            lines.append(_other_line(ctx, cohort, rows))
    notes = ctx.notes.under(used, population=AT_RISK)
    return make(
        "other-measures",
        "Other measures of occurrence, pooled",
        columns,
        lines if used else [],
        notes,
        empty="The results hold no row for these measures.",
    )


def _other_columns(ctx: Context, wanted: Sequence[str]) -> list[Column]:
    columns = [Column("Cohort", 2.8, numeric=False), Column("Persons", 1.0), Column("With event", 1.0)]
    if "incidence_proportion" in wanted:
        columns += [Column("%", 0.9, group="Incidence proportion"), Column(ctx.ci, 1.6, group="Incidence proportion")]
    if "eair_total_exposure" in wanted:
        head = "Over the total exposure"
        columns += [
            Column("Person-years", 1.3, group=head),
            Column("EAIR", 0.9, group=head),
            Column(ctx.ci, 1.6, group=head),
        ]
    if "standardised_eaer" in wanted:
        columns += [Column("EAER", 0.95, group="Standardised"), Column(ctx.ci, 1.6, group="Standardised")]
    return columns


def _other_line(ctx: Context, cohort: str, rows: dict[str, Row | None]) -> Line:
    base = next((row for row in rows.values() if row), None)
    values = [
        cells.text(ctx.names.cohort(cohort)),
        cells.count(base, "persons"),
        cells.count(base, "persons_with_event"),
    ]
    for measure, row in rows.items():
        years = [cells.years(row)] if measure == "eair_total_exposure" else []
        values += [*years, *cells.value_and_interval(row)]
    return Line(tuple(values))


def by_registry_tables(ctx: Context, combo: Combo) -> tuple[Table, ...]:
    """Numerator, person-years and rate by registry, two cohorts side by side, pooled last."""
    return tuple(
        _by_registry(ctx, combo, cohorts, n) for n, cohorts in enumerate(chunks(combo.analysis.cohorts), start=1)
    )


def _by_registry(ctx: Context, combo: Combo, cohorts: Sequence[str], number: int) -> Table:
    measure = ctx.main_measure(combo)
    columns = [
        Column("Registry", 1.5, numeric=False),
        *cohort_columns(ctx, cohorts, numerator_of(measure), MEASURES[measure]),
    ]
    lines: list[Line] = []
    used: list[Row] = []
    for registry in ctx.registries:
        rows = [ctx.find(combo, cohort, measure, registry=registry) for cohort in cohorts]
        used += [row for row in rows if row]
        values = [cell for row in rows for cell in side_by_side(row, measure)]
        lines.append(Line((cells.text(ctx.names.registry(registry)), *values), role=total_if(registry == POOLED)))
    notes = ctx.notes.under(used, population=AT_RISK, times=[combo.time])
    per = format_per(combo.analysis.per_person_years)
    title = f"{ctx.shortest_title(combo)}, by registry: {MEASURES[measure]} per {per}"
    return make(
        f"by-registry-{combo.key}-{number}",
        title,
        columns,
        lines if used else [],
        notes,
        empty="No registry holds a row for this outcome.",
    )


def numerator_of(measure: str) -> str:
    """What the rate counts, as the head of a column."""
    return "Events" if measure == "eaer" else "With event"


def cohort_columns(ctx: Context, cohorts: Sequence[str], numerator: str, rate: str) -> list[Column]:
    """Four columns a cohort: the numerator, person-years, the rate and its interval."""
    parts = ((numerator, 1.0), ("Person-years", 1.15), (rate, 1.0), (ctx.ci, 1.5))
    return [Column(label, width, group=ctx.names.cohort(cohort)) for cohort in cohorts for label, width in parts]


def side_by_side(row: Row | None, measure: str) -> tuple[Cell, ...]:
    """The four cells of one cohort; the person-robust interval is in the main table and the results file."""
    numerator = cells.count(row, "persons_with_event")
    if measure == "eaer" and not numerator.text.startswith("<"):
        numerator = cells.count(row, "events")
    return (numerator, cells.years(row), *cells.value_and_interval(row))
