"""Dossier tables of what is measured at registries: indicators, rules, dictionary, representativeness, re-runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.report import cells
from pass_engine.report.cells import text
from pass_engine.report.figures.heat_map import WORDS
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_decimal, format_percent
from pass_engine.report.tables.indicators import SHADE_NOT_MET, limit_of, value_text
from pass_engine.report.tables.layout import group, make
from pass_engine.tables.core import CORE
from pass_engine.tables.indicators import indicators
from pass_engine.terms import GATE_NOT_MET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pass_engine.documents.evidence import Evidence, RunFacts
    from pass_engine.documents.national import Statistic
    from pass_engine.documents.said import Scope
    from pass_engine.report.reading import Row

FITNESS: Final = {
    "Drug utilisation": (
        "treatment_start_known", "treatment_start_to_day", "stop_reason_known", "treatment_stop_before_start",
        "treatment_overlaps_itself", "open_treatment_unseen",
    ),
    "Safety": (
        "treatment_start_known", "event_onset_known", "event_onset_to_day", "event_seriousness_known",
        "serious_with_criterion", "event_unmapped", "event_entry_lag", "lost_to_follow_up",
    ),
    "Effectiveness": (
        "treatment_start_known", "visits_per_year", "edss_known", "edss_twice_in_two_years", "lost_to_follow_up",
    ),
    "Mortality": ("birth_date_known", "sex_known", "death_cause_known", "fatal_without_death", "lost_to_follow_up"),
}  # fmt: skip
"""Type of study to the indicators of the variables it needs."""
FOLLOW_UP: Final = ("observed_a_year", "lost_to_follow_up", "seen_in_12_months")
LAG: Final = (
    "event_entry_lag", "event_entered_in_30_days", "event_entered_in_180_days", "event_entered_before_onset",
)  # fmt: skip
EVENTS: Final = (
    "event_onset_known", "event_onset_to_day", "event_seriousness_known", "serious_with_criterion",
    "serious_contradiction", "event_outcome_known", "event_causality_known", "event_end_known", "event_unmapped",
    "fatal_without_death",
)  # fmt: skip
EXPOSURE: Final = (
    "treatment_start_known", "treatment_start_to_day", "stop_reason_known", "treatment_stop_before_start",
    "treatment_overlaps_itself", "treatment_after_death", "open_treatment_unseen", "study_start_to_day",
)  # fmt: skip
OUTCOMES: Final = ("visits_per_year", "edss_known", "edss_twice_in_two_years", "edss_before_study_start")
PARTIAL: Final = Decimal(20)
"""Percent missing from which a variable is only partly there."""
WHOLE: Final = Decimal(100)


def fitness(scope: Scope) -> Table:
    """Q-0: of the indicators that a type of study needs, how many keep their limit."""
    columns = (Column("Type of study", 2.2, numeric=False), *_heads(scope))
    lines = [
        Line((text(kind), *(_kept(scope.evidence, registry, keys) for registry in scope.registries)))
        for kind, keys in FITNESS.items()
    ]
    note = (
        "Indicators that keep the engine's default limit, of those that could be measured; which ones a type of study "
        "takes stands in docs/documents.md. Whether a registry is fit is for those to decide who know the question."
    )
    title = "Q-0: indicators kept, by what a type of study needs"
    return make(f"q-00-measured-{scope.suffix}", title, columns, lines, (note, scope.note))


def _kept(evidence: Evidence, registry: str, keys: Iterable[str]) -> Cell:
    rows = [row for row in (evidence.indicator(registry, key) for key in keys) if row and row["verdict"]]
    kept = sum(row["verdict"] != GATE_NOT_MET for row in rows)
    if not rows:
        return Cell("–", mark=True)
    return Cell(f"{kept} of {len(rows)}", shade=0 if kept == len(rows) else SHADE_NOT_MET)


def _heads(scope: Scope) -> tuple[Column, ...]:
    return tuple(Column(scope.short(key), 0.9) for key in scope.registries)


def measured(scope: Scope, key: str, title: str, keys: Sequence[str]) -> Table:
    """Indicators: registries side by side, or of one registry with what was counted over what."""
    declared = indicators()
    if scope.alone:
        columns = (
            Column("Indicator", 3.0, numeric=False),
            Column("Limit", 1.1, numeric=False),
            Column("Counted", 0.9),
            Column("Of", 1.0),
            Column("Value", 0.9),
            Column("Limit kept?", 0.9, numeric=False),
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
    note = "Limits are the engine's defaults; shaded values do not keep them. A dash: not measured."
    return make(f"{key}-{scope.suffix}", title, columns, lines, (note, scope.note))


def _one(row: Row | None, name: str) -> Line:
    declared = indicators()[name]
    if row is None:
        dash = Cell("–", mark=True)
        return Line((text(declared.label), text(limit_of(declared)), dash, dash, dash, text("not measured")))
    counts = (cells.count(row, column) for column in ("numerator", "denominator"))
    return Line((
        text(declared.label), text(limit_of(declared)), *counts, _value(row, name), text(row["verdict"] or "not shown"),
    ))  # fmt: skip


def _value(row: Row | None, name: str) -> Cell:
    if row is None:
        return Cell("–", mark=True)
    if not row["value"]:
        return cells.marked(row, small=True)
    shade = SHADE_NOT_MET if row["verdict"] == GATE_NOT_MET else 0
    return Cell(value_text(indicators()[name], row), shade=shade)


def follow_up(scope: Scope) -> Table:
    """Q-6: follow-up indicators, and person-years under observation."""
    table = measured(scope, "q-06-measured", "Q-6: follow-up and loss to follow-up", FOLLOW_UP)
    rows = [scope.evidence.indicator(registry, "visits_per_year") for registry in scope.registries]
    years = [cells.years(row, "denominator") for row in rows]
    name = text("Person-years under observation")
    if scope.alone:
        line = Line((name, text("–"), Cell(""), Cell(""), years[0], text("–")))
    else:
        line = Line((name, text("–"), *years))
    return replace(table, lines=(line, *table.lines))


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
        "not reported; it may also mean other persons, treatments or definitions. ?: not known."
    )
    title = "Q-11: adverse event reports held against a published rate"
    return make(f"q-11-{scope.suffix}", title, columns, lines, (note, scope.note))


def _benchmark(scope: Scope, registry: str) -> Line:
    row = scope.evidence.indicator(registry, "event_reports_per_100_years")
    stated = scope.evidence.about(registry, "safety")
    rate = stated.get("benchmark_per_100_years")
    reports = cells.count(row, "numerator") if row else Cell("–", mark=True)
    years = cells.years(row, "denominator") if row else Cell("–", mark=True)
    value = _value(row, "event_reports_per_100_years")
    known = row is not None and row["value"] and rate
    ratio = format_decimal(Decimal(row["value"]) / Decimal(str(rate)), 2) if row is not None and known else "?"
    return Line((
        text(scope.short(registry)), reports, years, value, Cell(format_decimal(Decimal(str(rate)), 2) if rate else "?"),
        Cell(ratio), text(str(stated.get("benchmark_source") or "Not known")),
    ))  # fmt: skip


def dictionary(scope: Scope, *, whole: bool = False) -> Table:
    """Q-4: every variable of the core data model and whether a registry has it; of one, only what it lacks."""
    columns = (
        Column("Variable", 2.2, numeric=False),
        *((Column("Meaning", 2.6, numeric=False),) if scope.alone or whole else ()),
        *(Column(scope.short(key), 0.9, numeric=False) for key in scope.registries),
    )
    found = {
        (registry, row["table_name"], row["column_name"]): row
        for registry in scope.registries
        for row in scope.evidence.rows("quality.csv", registry)
        if row["kind"] == "completeness"
    }
    lines: list[Line] = []
    counted = dict.fromkeys(STATUSES, 0)
    for table in CORE.values():
        lines.append(group(_words(scope, table.name), len(columns)))
        for column in table.columns:
            status = [_status(found.get((registry, table.name, column.name))) for registry in scope.registries]
            for one in status:
                counted[one] += 1
            if whole or (status != [PRESENT] if scope.alone else set(status) != {ABSENT}):
                meaning = (text(column.meaning),) if scope.alone or whole else ()
                name = text(_words(scope, column.name))
                lines.append(Line((name, *meaning, *(_shaded(one) for one in status))))
    told = ", ".join(f"{status} {number}" for status, number in counted.items())
    left = "Variables that are present are left out; " if scope.alone else "Variables that nobody has are left out; "
    notes = (f"{'' if whole else left}{DICTIONARY_NOTE} In all: {told}.", scope.note)
    title = "Q-4: core data elements" + ("" if not scope.alone else ": those that are not wholly there")
    return make(f"q-04-{'whole-' if whole else ''}{scope.suffix}", title, columns, lines, notes, compact=True,
                empty="Every variable of the core data model is present.")  # fmt: skip


PRESENT, SOME, EMPTY, ABSENT, HIDDEN = "present", "partial", "empty", "absent", "withheld"
STATUSES: Final = (PRESENT, SOME, EMPTY, ABSENT, HIDDEN)
DICTIONARY_NOTE: Final = (
    "the data dictionary is docs/core-data-model.md. Present: mapped, less than 20% missing; partial: 20% or more "
    "missing; empty: mapped, without a value; absent: not mapped. Since which year a variable is collected is in Q-5."
)


def _status(row: Row | None) -> str:
    if row is None:
        return ABSENT
    if not row["percent"]:
        return HIDDEN if row["status"] != "not_estimable" else EMPTY
    missing = Decimal(row["percent"])
    return EMPTY if missing == WHOLE else SOME if missing >= PARTIAL else PRESENT


def _shaded(status: str) -> Cell:
    return Cell(status, shade={PRESENT: 0, SOME: 1, EMPTY: 2, ABSENT: 3}.get(status, 0))


def _words(scope: Scope, key: str) -> str:
    return WORDS.get(key) or scope.evidence.ctx.names.variable(key)


def catalogue(scope: Scope, *, whole: bool = False) -> Table:
    """Q-8, one registry: rules with rows tested and rows that break them; those that nothing breaks are counted."""
    columns = (
        Column("Rule", 3.6, numeric=False),
        Column("Identifier", 1.8, numeric=False),
        Column("Tested", 0.9),
        Column("Failed", 0.9),
        Column("%", 0.7),
    )
    lines: list[Line] = []
    kept, table = 0, ""
    rows = [row for registry in scope.registries for row in scope.evidence.rows("quality.csv", registry)]
    for row in (r for r in rows if r["kind"] == "fault"):
        if row["failed"] == "0" and not whole:
            kept += 1
            continue
        if row["table_name"] != table:
            table = row["table_name"]
            lines.append(group(_words(scope, table), len(columns)))
        share = Cell(format_percent(row["percent"])) if row["percent"] else Cell("")
        lines.append(Line((text(row["label"]), text(row["rule_id"]), cells.count(row, "tested"),
                           cells.count(row, "failed"), share)))  # fmt: skip
    note = "" if whole else f"Left out: {kept} rules that no row breaks. "
    notes = (f"{note}What follows is in docs/quality-indicators.md.", scope.note)
    return make(f"q-08-{'whole-' if whole else ''}{scope.suffix}", "Q-8: rules and rows that break them", columns, lines,
                notes, compact=True, empty="No rule is broken by any row.")  # fmt: skip


def representativeness(scope: Scope, statistics: Sequence[Statistic]) -> Table:
    """Q-3: persons of each cohort at entry beside national statistics."""
    columns = (
        Column("Level", 2.0, numeric=False),
        Column("Registry: cohort", 2.6, numeric=False),
        Column("Registry, %", 0.9),
        Column("National, %", 0.9),
        Column("Difference", 0.9),
        Column("Source", 2.2, numeric=False),
    )
    lines: list[Line] = []
    variable = ""
    for one in (s for s in statistics if s.registry in scope.registries):
        if one.variable != variable:
            variable = one.variable
            lines.append(group(scope.evidence.ctx.names.variable(variable), len(columns)))
        lines += _held(scope, one)
    note = (
        "Persons of each cohort at entry, as percent of the cohort, beside the population that the file gives. The "
        "difference is in percentage points. Persons of a registry who entered no cohort are not described."
    )
    return make(f"q-03-representativeness-{scope.suffix}", "Q-3: representativeness", columns, lines,
                (note, scope.note), empty=NO_NATIONAL)  # fmt: skip


NO_NATIONAL: Final = "Not known: no national statistics were given for this (--national)."


def _held(scope: Scope, one: Statistic) -> Iterator[Line]:
    facts = scope.evidence.chosen[one.registry]
    exposures = facts.run.protocol.study.exposures
    level = scope.evidence.ctx.names.level_of(one.variable, one.level)
    for row in scope.evidence.rows("baseline.csv", one.registry):
        if (row["variable"], row["level"]) != (one.variable, one.level):
            continue
        cohort = exposures[row["cohort"]].label if row["cohort"] in exposures else row["cohort"]
        own = Cell(format_percent(row["percent"])) if row["percent"] else cells.marked(row, small=True)
        apart = Cell(_signed(Decimal(row["percent"]) - one.percent)) if row["percent"] else Cell("–", mark=True)
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


def reruns(scope: Scope) -> Table:
    """Q-14: every run with the record of a re-run, or that there is none."""
    columns = (
        Column("Run", 1.9, numeric=False),
        Column("Data cut", 1.2, numeric=False),
        Column("Protocol and manifest, SHA-256 (first 12)", 1.9, numeric=False),
        Column("Registries", 1.5, numeric=False),
        Column("Re-run", 2.0, numeric=False),
        Column("Identical?", 0.9, numeric=False),
    )
    lines = [
        _rerun(scope, facts) for facts in scope.evidence.runs if set(facts.run.contributors) & set(scope.registries)
    ]
    note = (
        "A re-run is recorded by pass-engine verify in the run folder. The manifest's digest stands for the data: it "
        "holds the digest of every input."
    )
    return make(f"q-14-{scope.suffix}", "Q-14: runs, and records of their re-runs", columns, lines, (note,),
                empty="No run counted data of this registry.")  # fmt: skip


def _rerun(scope: Scope, facts: RunFacts) -> Line:
    record, cut = facts.record, facts.run.protocol.study.data.cut.isoformat()
    digests = Cell(facts.run.protocol.digest[:12], (facts.digest[:12],))
    own = ", ".join(scope.short(key) for key in facts.run.contributors)
    if record is None:
        return Line((text(facts.name), text(cut), digests, text(own), text(facts.without), text("Not known")))
    source = record.get("made_from")
    data = source.get("data", ()) if isinstance(source, dict) else ()
    made = f"from data of {', '.join(map(str, data))}" if data else "from the bundles"
    same = record.get("verdict") == "identical"
    found = text("Yes") if same else Cell("No", (f"first: {record.get('first_difference', '')}",))
    return Line((text(facts.name), text(cut), digests, text(own), text(made), found))


def remedies(scope: Scope) -> Table:
    """Q-15: indicators that do not keep their limit, with what to do."""
    columns = (
        Column("Indicator", 2.2, numeric=False),
        Column("Registry", 0.9, numeric=False),
        Column("Value", 0.8),
        Column("Limit", 1.0, numeric=False),
        Column("Remedy", 3.4, numeric=False),
    )
    lines = []
    for name, declared in indicators().items():
        for registry in scope.registries:
            row = scope.evidence.indicator(registry, name)
            if row is not None and row["verdict"] == GATE_NOT_MET:
                lines.append(Line((text(declared.label), text(scope.short(registry)), _value(row, name),
                                   text(limit_of(declared)), text(declared.remedy))))  # fmt: skip
    return make(f"q-15-measured-{scope.suffix}", "Q-15: indicators that do not keep their limit, and remedies", columns,
                lines, (scope.note,), compact=True, empty="Every indicator that is shown keeps its limit.")  # fmt: skip
