"""Who took part, who was left out at which step, and how long persons were followed (section 10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import WITHHELD, format_date, format_decimal, person_years
from pass_engine.report.tables.layout import by_registry, group, make
from pass_engine.terms import MASKED, POOLED, SUPPRESSED, TOOK_PART

if TYPE_CHECKING:
    from decimal import Decimal

    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row

MASKED_NOTE = (
    "Masked: the registry's counts were read only as a sum over all masked registries, of which there are at least "
    "three; what is shown under Masked is that sum."
)
SUPPRESSED_NOTE = (
    "Suppressed: the registry withheld small counts, and what would give them back, before anything left. Pooled "
    "numbers that lack one of them are withheld; bounds on them are stated."
)
POPULATION = "persons in the registries' data, before any criterion"


def participation(ctx: Context) -> Table:
    """Every registry invited: took part, did not, or failed, and why."""
    rows = ctx.run.results["participation.csv"]
    columns = [
        Column("Registry", 2.3, numeric=False),
        Column("Short name", 1.0, numeric=False),
        Column("Status", 1.2, numeric=False),
        Column("Decision", 1.1, numeric=False),
        Column("Released", 1.1, numeric=False),
        Column("Persons", 0.9),
        Column("Data to", 1.55, numeric=False),
        Column("Deaths known from", 1.1, numeric=False),
        Column("Smallest count shown", 1.0),
    ]
    reasons = any(row["reason"] for row in rows)
    if reasons:
        columns.append(Column("Reason", 2.4, numeric=False))
    lines = [Line(_participation_cells(ctx, row)[: len(columns)]) for row in rows]
    modes = {row["release"] for row in rows}
    told = tuple(note for mode, note in ((MASKED, MASKED_NOTE), (SUPPRESSED, SUPPRESSED_NOTE)) if mode in modes)
    notes = ctx.notes.under(rows, population=POPULATION, extra=told)
    title = "Registries invited, and whether they took part"
    return make("participation", title, columns, lines, notes, empty="The protocol invites no registry.")


DECISIONS: Final = {"local": "local, unsigned", "signed": "signed"}
DEATHS: Final = {"visits": "visits", "linked": "linkage"}


def _participation_cells(ctx: Context, row: Row) -> tuple[Cell, ...]:
    return (
        cells.text(row["name"] or row["registry"]),
        cells.text(ctx.names.registry(row["registry"])),
        cells.text(row["status"]),
        cells.text(DECISIONS.get(row["decision"], "–")),
        cells.text(row["release"] or "–"),
        _count_or_dash(row, "persons"),
        _date_or_dash(row["data_cut_date"]),
        cells.text(DEATHS.get(row["deaths"], "–")),
        _count_or_dash(row, "min_cell"),
        cells.text(row["reason"] or "–"),
    )


def _count_or_dash(row: Row, column: str) -> Cell:
    """A registry that took part and prints no number of persons holds too few to say."""
    if row[column] or row["status"] == TOOK_PART:
        return cells.count(row, column)
    return Cell("–", source=row.source)


def _date_or_dash(value: str) -> Cell:
    return cells.text(format_date(value) if value else "–")


NOBODY = "No registry took part, so there is nobody to count."


def attrition_rows(ctx: Context, cohort: str) -> dict[tuple[int, str, str], dict[str, Row]]:
    """Steps of the cohort of the main scenario in order, each with its row per registry."""
    steps: dict[tuple[int, str, str], dict[str, Row]] = {}
    for row in ctx.run.rows("attrition.csv", scope="cohort", analysis="", cohort=cohort):
        steps.setdefault((int(row["position"]), row["step"], row["label"]), {})[row["registry"]] = row
    return dict(sorted(steps.items()))


def attrition(ctx: Context, cohort: str) -> Table:
    """Persons left after each criterion, and persons excluded by it, by registry and pooled."""
    steps = attrition_rows(ctx, cohort)
    lines = [
        Line(
            (cells.text(label), *(_left_and_lost(rows.get(key)) for key in ctx.registries)),
            role="total" if position == len(steps) else "body",
        )
        for position, ((_, _, label), rows) in enumerate(steps.items(), start=1)
    ]
    rows = [row for by_key in steps.values() for row in by_key.values()]
    extra = (
        (
            "Persons left after each step; below, with a minus sign, persons excluded by it. Criteria are "
            "applied in this order."
        ),
    )
    notes = ctx.notes.under(rows, population=f"cohort {ctx.names.cohort(cohort)}", extra=extra)
    return make(
        f"attrition-{cohort}",
        f"Attrition: {ctx.names.cohort(cohort)}",
        by_registry(ctx, "Step"),
        lines,
        notes,
        empty=why_nobody(ctx, cohort),
    )


def why_nobody(ctx: Context, cohort: str) -> str:
    """Why nothing is printed of a cohort: what each registry that took part said when it kept the cohort back."""
    told = [
        f"{ctx.names.registry(key)}: {record['reason']}"
        for key in ctx.run.contributors
        for record in ctx.run.withheld.get(key, ())
        if record["table"] == "attrition" and not record["analysis"] and record["cohort"] in ("", cohort)
    ]
    return f"No registry released this cohort ({'; '.join(told)})." if told else NOBODY


def _left_and_lost(row: Row | None) -> Cell:
    cell = cells.count(row, "persons")
    lost = excluded(row)
    if cell.mark and lost == cell.text:
        return cell
    return Cell(cell.text, (f"−{lost}" if lost[:1].isdigit() else lost,), cell.source, cell.mark) if lost else cell


def excluded(row: Row | None) -> str:
    """Persons a step took out, as printed; empty where nobody. Of two hidden numbers it is not told which is small."""
    if row is None or row["excluded"] == "0":
        return ""
    if not row["excluded"] and not row["persons"]:
        return WITHHELD
    return cells.count(row, "excluded").text


def cohort_size(ctx: Context, cohort: str, registry: str = POOLED) -> Row | None:
    """The row with the persons that entered a cohort: its last attrition step."""
    steps = list(attrition_rows(ctx, cohort).values())
    return steps[-1].get(registry) if steps else None


def analysis_sets(ctx: Context) -> Table:
    """From each cohort to the persons an analysis counts: no day at risk, prior events, at risk; pooled."""
    labels = _analysis_steps(ctx)
    columns = (
        Column("Cohort", 2.6, numeric=False),
        Column("In the cohort", 1.1),
        *(Column(label, 1.5) for label in labels.values()),
    )
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            steps = _analysis_rows(ctx, combo, cohort)
            used += steps.values()
            size = cells.count(cohort_size(ctx, cohort), "persons")
            body = (_left_and_lost(steps.get(step)) for step in labels)
            lines.append(Line((cells.text(ctx.names.cohort(cohort)), size, *body)))
    notes = ctx.notes.under(
        used,
        population="persons of each cohort, pooled over registries",
        extra=("Below, with a minus sign: persons excluded at the step.",),
    )
    return make(
        "analysis-sets",
        "From cohort to analysis set, pooled",
        columns,
        lines if used else [],
        notes,
        empty="No registry released a cohort, so there is no analysis set." if ctx.run.contributors else NOBODY,
    )


def _analysis_rows(ctx: Context, combo: Combo, cohort: str) -> dict[str, Row]:
    found = ctx.run.rows(
        "attrition.csv",
        registry=POOLED,
        scope="analysis",
        analysis=combo.analysis.id,
        cohort=cohort,
        outcome=combo.outcome,
        time_at_risk=combo.time,
    )
    return {row["step"]: row for row in found}


def _analysis_steps(ctx: Context) -> dict[str, str]:
    main = {combo.analysis.id for combo in ctx.combos}
    found = {
        (int(row["position"]), row["step"]): row["label"]
        for row in ctx.run.rows("attrition.csv", scope="analysis", registry=POOLED)
        if row["analysis"] in main
    }
    return {step: found[position, step] for position, step in sorted(found)}


def follow_up(ctx: Context) -> Table:
    """Persons and person-years by outcome, time at risk and cohort; pooled."""
    whole = any(row["measure"] == "eair_total_exposure" for row in ctx.run.results["incidence.csv"])
    columns = [
        Column("Cohort", 3.0, numeric=False),
        Column("Persons", 1.1),
        Column("At risk", 1.3, group="Person-years"),
        Column("To the first event", 1.4, group="Person-years"),
        Column("Mean years at risk a person", 1.4),
    ]
    if whole:
        columns.insert(2, Column("All days of the time at risk", 1.5, group="Person-years"))
    lines: list[Line] = []
    used: list[Row] = []
    for combo in ctx.combos:
        lines.append(group(ctx.title(combo), len(columns)))
        for cohort in combo.analysis.cohorts:
            line, rows = _follow_up_line(ctx, combo, cohort, whole=whole)
            lines.append(line)
            used += rows
    notes = ctx.notes.under(used, population="persons with at least one day at risk", methods=False)
    return make(
        "follow-up",
        "Follow-up, pooled",
        columns,
        lines if used else [],
        notes,
        empty="The results hold no overall row for any analysis.",
    )


def _follow_up_line(ctx: Context, combo: Combo, cohort: str, *, whole: bool) -> tuple[Line, list[Row]]:
    total, events, first = (ctx.find(combo, cohort, m) for m in ("eair_total_exposure", "eaer", "eair"))
    at_risk = events or ctx.find(combo, cohort, "incidence_proportion") or first
    values = (
        cells.text(ctx.names.cohort(cohort)),
        cells.count(at_risk, "persons"),
        *([cells.years(total)] if whole else []),
        cells.years(at_risk),
        cells.years(first),
        _mean_years(at_risk),
    )
    return Line(values), [row for row in (total, at_risk, first) if row]


def _mean_years(row: Row | None) -> Cell:
    if row is None or not row["persons"] or not row["person_days"]:
        return cells.NO_CELL
    if not int(row["persons"]):
        return Cell("NE", source=row.source, mark=True)
    return Cell(format_decimal(_divided(row), 2), source=row.source)


def _divided(row: Row) -> Decimal:
    return person_years(row["person_days"]) / int(row["persons"])
