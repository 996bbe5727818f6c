"""Quality indicators, gates and source data verification: registries side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date, format_decimal, format_percent, format_rate
from pass_engine.report.tables.layout import group, make
from pass_engine.tables.indicators import DIMENSIONS, OUTSIDE, UNIT_WORDS, indicators, limit_in_words
from pass_engine.terms import GATE_MET, GATE_NOT_MET, GATE_UNTESTED

if TYPE_CHECKING:
    from decimal import Decimal

    from pass_engine.protocol.models import QualityGate
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row
    from pass_engine.tables.indicators import Indicator

SHADE_NOT_MET: Final = 2
ACTIONS: Final = {
    "flag": "flagged",
    "exclude_analysis": "registry excluded from {analyses}",
    "exclude_registry": "registry excluded",
    "stop": "study stopped",
}
POPULATION: Final = "persons and rows of each registry, before any criterion"


def indicator_table(ctx: Context) -> Table:
    """Every indicator by dimension, its value at each registry; shaded where the default limit is not kept."""
    registries = ctx.examined
    columns = (
        Column("Indicator", 3.2, numeric=False),
        Column("Limit", 1.1, numeric=False),
        *(Column(ctx.names.registry(key), 0.9) for key in registries),
    )
    rows = {(row["registry"], row["indicator"]): row for row in ctx.run.results["indicators.csv"]}
    lines: list[Line] = []
    for dimension, meaning in DIMENSIONS.items():
        lines.append(group(f"{dimension.capitalize()}: {meaning}", len(columns)))
        for declared in (i for i in indicators().values() if i.dimension == dimension and i.limit):
            values = [_value(declared, rows.get((key, declared.id))) for key in registries]
            if any((key, declared.id) in rows for key in registries):
                lines.append(Line((cells.text(declared.label), cells.text(limit_of(declared)), *values)))
    extra = (
        "The limit is the engine's default; shaded values do not keep it. What each indicator counts, and what to do, "
        "is in docs/quality-indicators.md; numerators and denominators are in the attached results/indicators.csv."
    )
    notes = ctx.notes.under(list(rows.values()), population=POPULATION, extra=(extra,))
    title = "Quality indicators by registry"
    return make(
        "quality-indicators", title, columns, lines, notes, empty="No registry released indicators.", compact=True
    )


def limit_of(declared: Indicator) -> str:
    """``≥ 95%``."""
    sign = "≥" if declared.direction == "at_least" else "≤"
    return f"{sign} {declared.limit}{UNIT_WORDS[declared.unit]}"


def _value(declared: Indicator, row: Row | None) -> Cell:
    if row is None:
        return cells.NO_CELL
    if row["status"] == "not_estimable" and declared.id in OUTSIDE:
        return Cell("not stated", source=row.source)
    if not row["value"]:
        return cells.marked(row, small=True)
    shade = SHADE_NOT_MET if row["verdict"] == GATE_NOT_MET else 0
    return Cell(value_text(declared, row), source=row.source, shade=shade)


def value_text(declared: Indicator, row: Row) -> str:
    """The value as it prints: percentages and days with one decimal, rates with two."""
    return (
        format_percent(row["value"]) if declared.unit in {"percent", "per_100", "days"} else format_rate(row["value"])
    )


def gate_table(ctx: Context) -> Table | None:
    """Every gate of the protocol with what it says of each registry; None where the protocol has none."""
    gates = ctx.study.quality.gates
    if not gates:
        return None
    registries = ctx.examined
    columns = (
        Column("Gate", 2.6, numeric=False),
        Column("Limit", 1.1, numeric=False),
        Column("Where not kept", 1.7, numeric=False),
        *(Column(ctx.names.registry(key), 0.9, numeric=False) for key in registries),
    )
    rows = {(row["registry"], row["position"]): row for row in ctx.run.results["quality_gates.csv"]}
    lines = []
    for number, gate in enumerate(gates, start=1):
        verdicts = (_verdict(rows.get((key, str(number)))) for key in registries)
        name = Cell(f"{number}. {gate_name(ctx, gate)}", (gate.why,))
        lines.append(Line((name, cells.text(_gate_limit(gate)), cells.text(consequence(gate)), *verdicts)))
    extra = (
        "Decided at each registry on its whole numbers, before anything was counted; a verdict tells on which side of "
        "the limit the registry lies, even where the value itself is withheld. Nothing to test: the registry has no "
        "row that the indicator is about, and the gate does nothing."
    )
    notes = ctx.notes.under(list(rows.values()), population=POPULATION, extra=(extra,))
    return make("quality-gates", "Quality gates of the protocol", columns, lines, notes, empty="", compact=True)


def gate_name(ctx: Context, gate: QualityGate) -> str:
    """What a gate looks at: an indicator, or the completeness of a variable."""
    if gate.variable is None:
        return indicators()[gate.indicator].label
    table, _, column = gate.variable.partition(".")
    return f"Completeness of {ctx.names.variable(column).lower()} ({ctx.names.variable(table).lower()})"


def _gate_limit(gate: QualityGate) -> str:
    direction = "at_least" if gate.at_least is not None else "at_most"
    limit = gate.at_least if gate.at_least is not None else gate.at_most
    return limit_in_words(direction, f"{limit:.10g}", indicators()[gate.indicator].unit)


def consequence(gate: QualityGate) -> str:
    """What follows where a gate is not kept."""
    return ACTIONS[gate.action].format(analyses=", ".join(gate.analyses or ()))


def _verdict(row: Row | None) -> Cell:
    if row is None:
        return cells.NO_CELL
    acted = row["verdict"] == GATE_NOT_MET
    below = () if row["verdict"] in {GATE_MET, GATE_UNTESTED} or row["action"] == "flag" else ("excluded",)
    return Cell(row["verdict"], below, row.source, shade=SHADE_NOT_MET if acted else 0)


def verification_table(ctx: Context) -> Table | None:
    """Error rates found by source data verification; None where no registry supplied any."""
    rows = ctx.run.results["verification.csv"]
    if not rows:
        return None
    columns = (
        Column("Variable", 3.0, numeric=False),
        Column("Fields checked", 1.1),
        Column("Errors", 0.9),
        Column("Error rate, %", 1.1),
        Column("95% CI", 1.5),
    )
    lines: list[Line] = []
    for registry in dict.fromkeys(row["registry"] for row in rows):
        lines.append(group(ctx.names.registry_in_full(registry), len(columns)))
        lines += [_verified(ctx, row) for row in rows if row["registry"] == registry]
    extra = (
        "Fields held against source documents by the registry, which chose them; an error is a field that differs from "
        "its document. Interval: Clopper–Pearson."
    )
    return make("verification", "Source data verification", columns, lines, (extra, ctx.notes.of_one(rows)))


def _verified(ctx: Context, row: Row) -> Line:
    name = f"{ctx.names.variable(row['table_name'])}: {ctx.names.variable(row['column_name']).lower()}"
    checked, errors = cells.count(row, "checked"), cells.count(row, "errors")
    if not row["percent"]:
        return Line(
            (
                cells.text(name),
                checked,
                errors,
                Cell(errors.text if errors.mark else "–", source=row.source, mark=True),
                Cell(""),
            )
        )
    interval = f"{format_percent(row['low'])}–{format_percent(row['high'])}"
    rate = Cell(format_percent(row["percent"]), source=row.source)
    return Line((cells.text(name), checked, errors, rate, Cell(interval, source=row.source)))


REPRESENTED: Final = (
    ("Persons alive at the data cut", "prevalence_covered", "numerator"),
    ("Persons with the disease", "prevalence_covered", "denominator"),
    ("Persons here per 100 of those there are", "prevalence_covered", ""),
    ("Age and sex unlike the national figures, %", "age_sex_unlike_national", ""),
)
"""Line, the indicator it is of, and the count of it; without one its value."""
FIGURES: Final = {"prevalence": "persons with the disease", "national": "age and sex of the nation"}


def representativeness(ctx: Context) -> Table:
    """Whom each registry holds, beside figures from outside that it states with their sources."""
    rows = {(row["registry"], row["indicator"]): row for row in ctx.run.results["indicators.csv"]}
    columns = (Column("Figure", 3.2, numeric=False), *(Column(ctx.names.registry(key), 0.9) for key in ctx.examined))
    lines = [
        Line((cells.text(head), *(_represented(rows.get((key, name)), name, count) for key in ctx.examined)))
        for head, name, count in REPRESENTED
    ]
    sources = " ".join(
        f"{ctx.names.registry(key)}, {words}: {stated[figure]['source'].rstrip('.')}."
        for key in ctx.examined
        for stated in (ctx.run.registries.get(key, {}).get("benchmarks", {}),)
        for figure, words in FIGURES.items()
        if figure in stated
    )
    whose = (
        "Figures from outside are those that a registry states (benchmarks in registry.yaml), and are the same for "
        "every study. All persons of a registry are described, whether they entered a cohort or not."
    )
    extra = (whose, f"Sources: {sources}" if sources else "No registry states a figure from outside.")
    used = [row for (_, name), row in rows.items() if name in {name for _, name, _ in REPRESENTED}]
    notes = ctx.notes.under(used, population=POPULATION, extra=extra)
    title = "Representativeness: registries beside figures from outside"
    empty = "No registry released indicators."
    return make("representativeness", title, columns, lines if used else [], notes, empty=empty)


def _represented(row: Row | None, name: str, count: str) -> Cell:
    if row is None or row["status"] == "not_estimable":
        return _value(indicators()[name], row)
    return cells.count(row, count) if count else _value(indicators()[name], row)


def facts_line(ctx: Context, registry: str) -> str:
    """What a registry says of its data: cut, start of collection, deaths, smallest count."""
    facts = ctx.run.registries.get(registry, {})
    start = facts.get("collection_start", {}).get("adverse_event")
    deaths = {"visits": "known from visits", "linked": "linked"}.get(str(facts.get("deaths", "")), "not stated")
    collected = f" · adverse events collected since {format_date(start)}" if start else ""
    cut = format_date(facts["data_cut_date"]) if facts.get("data_cut_date") else "not stated"
    return f"Data to {cut}{collected} · deaths {deaths}"


def rounded(value: Decimal) -> str:
    """A percentage without decimals."""
    return format_decimal(value, 0)
