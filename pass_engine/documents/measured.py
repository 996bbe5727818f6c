"""Dossier tables of indicators: what a use needs, follow-up, timeliness, adverse events, exposure, outcomes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.documents.said import STUDY_TYPES, VERDICTS, claimed
from pass_engine.report import cells
from pass_engine.report.cells import text
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_decimal
from pass_engine.report.tables.indicators import SHADE_NOT_MET, limit_of, value_text
from pass_engine.report.tables.layout import group, make
from pass_engine.tables.indicators import OUTSIDE, indicators
from pass_engine.terms import GATE_NOT_MET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pass_engine.documents.said import Scope
    from pass_engine.report.reading import Row

SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "Persons": ("birth_date_known", "sex_known"),
    "Starts of treatment": ("treatment_start_known", "treatment_start_to_day", "open_treatment_unseen"),
    "Courses of treatment": ("stop_reason_known", "treatment_stop_before_start", "treatment_overlaps_itself"),
    "Adverse events": (
        "event_onset_known", "event_onset_to_day", "event_seriousness_known", "serious_with_criterion",
        "event_unmapped", "event_reports_per_100_years", "event_entered_in_180_days",
    ),
    "Disability": ("visits_per_year", "edss_known", "edss_twice_in_two_years"),
    "Deaths": ("death_cause_known", "fatal_without_death", "fatal_and_death_agree"),
    "Pregnancies": (),
    "Follow-up": ("observed_a_year", "lost_to_follow_up"),
}  # fmt: skip
"""Sets of variables, and the indicators that measure each; no indicator is about pregnancies."""
FITNESS: Final[Mapping[str, tuple[str, ...]]] = {
    "drug_utilisation": ("Persons", "Starts of treatment", "Courses of treatment"),
    "safety": ("Persons", "Starts of treatment", "Adverse events", "Follow-up"),
    "effectiveness": ("Persons", "Starts of treatment", "Disability", "Follow-up"),
    "mortality": ("Persons", "Deaths", "Follow-up"),
    "pregnancy": ("Persons", "Starts of treatment", "Pregnancies", "Follow-up"),
}
"""Type of study to the sets of variables that it needs."""
FOLLOW_UP: Final = (
    "follow_up_lower_quartile", "follow_up_median", "follow_up_upper_quartile", "observed_a_year", "visits_per_year",
    "lost_to_follow_up", "seen_in_12_months", "seen_in_24_months",
)  # fmt: skip
LAG: Final = (
    "event_entry_lag", "entry_lag_lower_quartile", "entry_lag_median", "entry_lag_upper_quartile", "entry_lag_p90",
    "event_entered_in_30_days", "event_entered_in_180_days", "event_entered_before_onset",
)  # fmt: skip
EVENTS: Final = (
    "event_onset_known", "event_onset_to_day", "event_seriousness_known", "serious_with_criterion",
    "serious_contradiction", "event_outcome_known", "event_causality_known", "event_end_known", "event_unmapped",
    "fatal_without_death", "fatal_and_death_agree",
)  # fmt: skip
EXPOSURE: Final = (
    "treatment_start_known", "treatment_start_to_day", "stop_reason_known", "treatment_stop_before_start",
    "treatment_overlaps_itself", "treatment_short_gap", "treatment_after_death", "open_treatment_unseen",
    "study_start_to_day",
)  # fmt: skip
OUTCOMES: Final = ("visits_per_year", "edss_known", "edss_twice_in_two_years", "edss_before_study_start")
NONE: Final = Cell("not measured", mark=True)


def fitness(scope: Scope) -> Table:
    """Q-0: by type of study and set of variables, how many indicators keep their limit, and what is claimed."""
    columns = (Column("Variables needed", 2.2, numeric=False),
               *(Column(scope.short(key), 1.0, numeric=False) for key in scope.registries))  # fmt: skip
    lines: list[Line] = []
    for kind, needed in FITNESS.items():
        lines.append(group(STUDY_TYPES[kind], len(columns)))
        lines += [Line((text(name), *(_kept(scope, key, SETS[name]) for key in scope.registries))) for name in needed]
        lines.append(Line((text("Claimed to be fit?"), *(_claim(scope, key, kind) for key in scope.registries))))
    note = (
        "Indicators that keep the engine's default limit, of those that are shown; section 3 lists "
        "them. Claimed: the registry's own view. Whether a registry is fit for a study is for those to decide who know "
        "the question."
    )
    return make(f"q-00-measured-{scope.suffix}", "Q-0: contexts of use: indicators kept, and what is claimed", columns,
                lines, (note, scope.note))  # fmt: skip


def sets() -> Table:
    """The indicators of each set of variables."""
    columns = (Column("Set of variables", 1.5, numeric=False), Column("Indicators", 4.7, numeric=False))
    declared = indicators()
    lines = [
        Line((text(name), text("; ".join(declared[key].label for key in keys) or "None: no indicator is about them")))
        for name, keys in SETS.items()
    ]
    return make("sets", "Sets of variables in Q-0, and the indicators that measure them", columns, lines)


def _kept(scope: Scope, registry: str, keys: Iterable[str]) -> Cell:
    found = (scope.evidence.indicator(registry, key) for key in keys)
    rows = [row for row in found if row is not None and row["verdict"]]
    kept = sum(row["verdict"] != GATE_NOT_MET for row in rows)
    return Cell(f"{kept} of {len(rows)}", shade=0 if kept == len(rows) else SHADE_NOT_MET) if rows else NONE


def _claim(scope: Scope, registry: str, kind: str) -> Cell:
    claims = dict.fromkeys(VERDICTS[claim["verdict"]].lower() for claim in claimed(scope, registry, kind))
    return text(", ".join(claims)) if claims else Cell("not known", mark=True)


def _heads(scope: Scope) -> tuple[Column, ...]:
    return tuple(Column(scope.short(key), 0.9) for key in scope.registries)


def measured(scope: Scope, key: str, title: str, keys: Sequence[str]) -> Table:
    """Indicators: registries side by side, or of one registry with what was counted over what."""
    declared = indicators()
    columns: tuple[Column, ...]
    if scope.alone:
        columns = (
            Column("Indicator", 3.0, numeric=False),
            Column("Limit", 1.1, numeric=False),
            Column("Counted", 0.9),
            Column("Of", 1.0),
            Column("Value", 0.9),
            Column("Limit kept?", 1.4, numeric=False),
        )
        lines = [_one(scope.evidence.indicator(scope.registries[0], name), name) for name in keys]
    else:
        columns = (
            Column("Indicator", 3.0, numeric=False),
            Column("Limit", 1.1, numeric=False),
            *_heads(scope),
        )
        lines = [
            Line((
                text(declared[name].label), text(limit_of(declared[name])),
                *(_value(scope.evidence.indicator(registry, name), name) for registry in scope.registries),
            ))
            for name in keys
        ]  # fmt: skip
    note = (
        "Limits are the engine's defaults; shaded values do not keep them. A dash: not measured. NE: nothing to test."
    )
    return make(f"{key}-{scope.suffix}", title, columns, lines, (note, scope.note))


def _one(row: Row | None, name: str) -> Line:
    declared = indicators()[name]
    known = (text(declared.label), text(limit_of(declared)))
    if row is None or _is_not_stated(row):
        told = text("not measured" if row is None else "not stated")
        return Line((*known, cells.NO_CELL, cells.NO_CELL, _value(row, name), told))
    counted = cells.NO_CELL if declared.unit == "days" else cells.count(row, "numerator")
    untold = "nothing to test" if row["status"] == "not_estimable" else "withheld"
    return Line((*known, counted, _over(row), _value(row, name), text(row["verdict"] or untold)))


def _is_not_stated(row: Row) -> bool:
    """Does the indicator need a figure from outside that the registry does not state?"""
    return row["status"] == "not_estimable" and row["indicator"] in OUTSIDE


def _over(row: Row) -> Cell:
    """What is counted over; days as years."""
    if not row["denominator"] or indicators()[row["indicator"]].unit not in {"per_year", "per_100_years"}:
        return cells.count(row, "denominator")
    years = cells.years(row, "denominator")
    return replace(years, text=f"{years.text} years")


def _value(row: Row | None, name: str) -> Cell:
    if row is None:
        return cells.NO_CELL
    if not row["value"]:
        return Cell("not stated", mark=True) if _is_not_stated(row) else cells.marked(row, small=True)
    shade = SHADE_NOT_MET if row["verdict"] == GATE_NOT_MET else 0
    return Cell(value_text(indicators()[name], row), source=row.source, shade=shade)


def follow_up(scope: Scope) -> Table:
    """Q-6: person-years under observation, and indicators of follow-up."""
    table = measured(scope, "q-06-measured", "Q-6: follow-up and loss to follow-up", FOLLOW_UP)
    rows = [scope.evidence.indicator(registry, "visits_per_year") for registry in scope.registries]
    years = [cells.years(row, "denominator") for row in rows]
    name, nothing = text("Person-years under observation"), cells.NO_CELL
    line = Line((name, nothing, nothing, nothing, *years, text("no limit")) if scope.alone else (name, nothing, *years))
    return replace(table, lines=(line, *table.lines))


def attrition(scope: Scope) -> Table:
    """Q-6: persons of each cohort left after each criterion, run by run."""
    columns = (Column("Step", 3.2, numeric=False), *_heads(scope))
    lines: list[Line] = []
    for facts in scope.evidence.runs:
        own = [key for key in scope.registries if scope.evidence.chosen[key] is facts]
        for cohort, exposure in facts.run.protocol.study.exposures.items() if own else ():
            lines.append(group(f"{exposure.label} ({facts.name})", len(columns)))
            lines += _steps(scope, own, cohort)
    return make(f"q-06-attrition-{scope.suffix}", "Q-6: persons left after each criterion", columns, lines,
                (scope.note,) if lines else (), compact=True,
                empty="Not known: no counts of persons by criterion were released.")  # fmt: skip


def _steps(scope: Scope, registries: Sequence[str], cohort: str) -> Iterator[Line]:
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for registry in registries:
        for row in scope.evidence.rows("attrition.csv", registry):
            if row["scope"] == "cohort" and row["cohort"] == cohort:
                found.setdefault((row["step"], row["label"]), {})[registry] = cells.count(row, "persons")
    for (_, label), by_registry in found.items():
        yield Line((text(label), *(by_registry.get(key, cells.NO_CELL) for key in scope.registries)))


def benchmark(scope: Scope) -> Table:
    """Q-11: reports of adverse events per 100 person-years, beside what a publication gives."""
    columns = (
        Column("Registry", 1.4, numeric=False),
        Column("Reports", 0.9),
        Column("Person-years", 1.1),
        Column("Per 100 person-years", 1.0),
        Column("Benchmark", 1.0),
        Column("Ratio", 0.8),
        Column("Source of the benchmark", 2.6, numeric=False),
    )
    lines = [_benchmark(scope, registry) for registry in scope.registries]
    note = (
        "Reports with an onset under observation since collection began. A ratio well below 1 may mean that events are "
        "not reported; it may also mean other persons, treatments or definitions."
    )
    title = "Q-11: adverse event reports held against a published rate"
    return make(f"q-11-{scope.suffix}", title, columns, lines, (note, scope.note))


def _benchmark(scope: Scope, registry: str) -> Line:
    row = scope.evidence.indicator(registry, "event_reports_per_100_years")
    stated, unknown = scope.evidence.about(registry, "safety"), Cell("not known", mark=True)
    rate = Decimal(str(stated["benchmark_per_100_years"])) if "benchmark_per_100_years" in stated else None
    ratio = unknown
    if row is not None and row["value"] and rate:
        ratio = Cell(format_decimal(Decimal(row["value"]) / rate, 2), source=row.source)
    return Line((
        text(scope.short(registry)), cells.count(row, "numerator"), cells.years(row, "denominator"),
        _value(row, "event_reports_per_100_years"), Cell(format_decimal(rate, 2)) if rate else unknown, ratio,
        text(str(stated.get("benchmark_source", "not known"))),
    ))  # fmt: skip


def remedies(scope: Scope) -> Table:
    """Q-15: indicators that do not keep their limit, where, and what to do."""
    columns = (
        Column("Indicator", 2.2, numeric=False),
        Column("Limit", 0.9, numeric=False),
        Column("Value" if scope.alone else "Registries that do not keep it", 1.9, numeric=False),
        Column("Remedy", 3.2, numeric=False),
    )
    lines = []
    for name, declared in indicators().items():
        found = {key: _value(scope.evidence.indicator(key, name), name) for key in scope.registries}
        short = {key: value for key, value in found.items() if value.shade}
        told = ", ".join(
            value.text if scope.alone else f"{scope.short(key)} {value.text}" for key, value in short.items()
        )
        if short:
            where = Cell(told, source=",".join(value.source for value in short.values()))
            lines.append(Line((text(declared.label), text(limit_of(declared)), where, text(declared.remedy))))
    examined = any(scope.evidence.rows("indicators.csv", key) for key in scope.registries)
    empty = "Every indicator that is shown keeps its limit." if examined else "Not known: no indicators were released."
    return make(f"q-15-measured-{scope.suffix}", "Q-15: indicators that do not keep their limit, and remedies", columns,
                lines, (scope.note,) if lines else (), compact=True, empty=empty)  # fmt: skip
