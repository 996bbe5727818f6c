"""Q-3: whom a registry holds, of how many there are, and how they compare with national statistics."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pass_engine.estimate.rows import level_rank
from pass_engine.report import cells
from pass_engine.report.cells import text
from pass_engine.report.figures.heat_map import year_in_words
from pass_engine.report.glossary import country
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date, format_decimal, format_percent
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.documents.evidence import Evidence
    from pass_engine.documents.national import Statistic
    from pass_engine.documents.said import Scope

UNKNOWN: Final = Cell("not known", mark=True)
FIGURES: Final = {
    "prevalence": "Persons with the disease",
    "national": "Their spread over sex and age",
}
NO_NATIONAL: Final = "Not known: no national statistics were given for this (--national)."
MEASURED: Final = ("prevalence_covered", "age_sex_unlike_national")
"""What registries measured against figures that they state themselves."""


def coverage(scope: Scope) -> Table:
    """Persons ever, active, and of how many; centres of how many."""
    columns = (
        Column("Registry", 3.2, numeric=False),
        Column("Persons ever", 0.9),
        Column("Alive at the cut", 0.9),
        Column("Seen in the last 12 months", 1.1),
        Column("Persons with the disease", 1.1),
        Column("Coverage, %", 1.0),
        Column("Centres reporting", 1.0),
        Column("Centres there are", 1.0),
    )
    lines = [_covered(scope.evidence, registry) for registry in scope.registries]
    note = (
        "Persons ever: those in the data who may be counted. Coverage: persons alive at the cut over persons with the "
        "disease, as the registry states them (benchmarks in registry.yaml). Centres are as the registry states them."
    )
    return make(f"q-03-coverage-{scope.suffix}", "Q-3: coverage", columns, lines, (note, scope.note))


def _covered(evidence: Evidence, registry: str) -> Line:
    (row,) = evidence.rows("participation.csv", registry)
    seen = evidence.indicator(registry, "seen_in_12_months")
    held = evidence.indicator(registry, "prevalence_covered")
    covered = held if held and held["status"] != "not_estimable" else None
    cut = f"data to {format_date(row['data_cut_date'])}" if row["data_cut_date"] else "data cut not known"
    names = [country(code) for code in evidence.facts(registry).get("countries", ())]
    share = Cell(format_percent(covered["value"]), source=covered.source) if covered and covered["value"] else None
    hidden = cells.marked(covered, small=False) if covered else UNKNOWN
    stated = evidence.about(registry, "coverage")
    return Line((
        Cell(row["name"] or registry, (f"{', '.join(names) or 'countries not known'}; {cut}",)),
        cells.count(row, "persons") if row["persons"] else UNKNOWN,
        cells.count(seen, "denominator") if seen else UNKNOWN,
        cells.count(seen, "numerator") if seen else UNKNOWN,
        cells.count(covered, "denominator") if covered else UNKNOWN, share or hidden,
        *(_stated(stated.get(name)) for name in ("centres", "centres_in_all")),
    ))  # fmt: skip


def _stated(value: object) -> Cell:
    return Cell(format_decimal(Decimal(value), 0)) if isinstance(value, int) else UNKNOWN


def entries(scope: Scope) -> Table:
    """Persons by calendar year of entry into the registry: those whom the completeness of their table counts over."""
    found = {registry: _entered(scope.evidence, registry) for registry in scope.registries}
    years = sorted({year for by_year in found.values() for year in by_year}, key=level_rank)
    columns = (
        Column("Year of entry", 1.6, numeric=False),
        *(Column(scope.short(key), 0.9) for key in scope.registries),
    )
    lines = [
        Line((text(_year(year)), *(found[key].get(year, cells.NO_CELL) for key in scope.registries))) for year in years
    ]
    note = "Years outside the study's stand together. A dash: nobody entered, or nothing was released."
    return make(f"q-03-entries-{scope.suffix}", "Q-3: persons by year of entry into the registry", columns, lines,
                (note, scope.note), compact=True,
                empty="Not known: no counts by calendar year were released.")  # fmt: skip


def _entered(evidence: Evidence, registry: str) -> dict[str, Cell]:
    """Any variable of the table serves: all are counted over the same persons."""
    rows = [row for row in evidence.rows("completeness_by_year.csv", registry) if row["table_name"] == "person"]
    first = rows[0]["column_name"] if rows else ""
    return {row["calendar_year"]: cells.count(row, "tested") for row in rows if row["column_name"] == first}


def _year(year: str) -> str:
    return f"before {year[1:]}" if year.startswith("<") else year_in_words(year)


def figures(scope: Scope) -> Table:
    """Where the figures come from that registries state of the disease in their countries."""
    columns = (
        Column("Registry", 1.0, numeric=False),
        Column("Figure", 1.8, numeric=False),
        Column("Source, as the registry states it", 3.9, numeric=False),
    )
    lines = [
        Line((text(scope.short(registry)), text(label), text(_source(scope, registry, key))))
        for registry in scope.registries
        for key, label in FIGURES.items()
        if _source(scope, registry, key)
    ]
    return make(f"q-03-figures-{scope.suffix}", "Q-3: figures of the disease that registries were held against",
                columns, lines, (), empty="Not known: no such figures were stated (benchmarks in registry.yaml).",
                )  # fmt: skip


def _source(scope: Scope, registry: str, figure: str) -> str:
    stated: dict[str, Any] = scope.evidence.facts(registry).get("benchmarks", {}).get(figure, {})
    return str(stated.get("source", ""))


def representativeness(scope: Scope, statistics: Sequence[Statistic]) -> Table:
    """Persons of each cohort at entry beside national statistics."""
    columns = (
        Column("Level", 1.5, numeric=False),
        Column("Registry: cohort", 2.4, numeric=False),
        Column("Registry, %", 0.9),
        Column("National, %", 0.9),
        Column("Difference", 1.0),
        Column("Source", 2.0, numeric=False),
    )
    lines: list[Line] = []
    variable = ""
    for one in (s for s in statistics if s.registry in scope.registries):
        if one.variable != variable:
            variable = one.variable
            lines.append(group(scope.evidence.ctx.names.variable(variable), len(columns)))
        lines += _held(scope, one)
    note = (
        "Persons of each cohort at entry, in percent of the cohort, beside the population that the file gives. The "
        "difference is in percentage points. Persons of a registry who entered no cohort are not described."
    )
    return make(f"q-03-representativeness-{scope.suffix}", "Q-3: representativeness of the cohorts", columns, lines,
                (note, scope.note) if lines else (), empty=NO_NATIONAL)  # fmt: skip


def _held(scope: Scope, one: Statistic) -> Iterator[Line]:
    exposures = scope.evidence.chosen[one.registry].run.protocol.study.exposures
    level = scope.evidence.ctx.names.level_of(one.variable, one.level)
    for row in scope.evidence.rows("baseline.csv", one.registry):
        if (row["variable"], row["level"]) != (one.variable, one.level):
            continue
        cohort = exposures[row["cohort"]].label if row["cohort"] in exposures else row["cohort"]
        shown = bool(row["percent"])
        own = Cell(format_percent(row["percent"]), source=row.source) if shown else cells.marked(row, small=True)
        apart = Cell(_signed(Decimal(row["percent"]) - one.percent), source=row.source) if shown else cells.NO_CELL
        yield Line((
            text(level), text(f"{scope.short(one.registry)}: {cohort}"), own, Cell(format_decimal(one.percent, 1)),
            apart, text(one.source),
        ))  # fmt: skip


def _signed(value: Decimal) -> str:
    shown = format_decimal(value, 1)
    return shown if shown.startswith("−") or shown == "0.0" else f"+{shown}"


def described(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Registry to what can be held against national statistics: ``variable=level``."""
    return {
        registry: frozenset(
            f"{row['variable']}={row['level']}" for row in evidence.rows("baseline.csv", registry) if row["level"]
        )
        for registry in evidence.registries
    }
