"""Tables made from the protocol: milestones, amendments, registries, criteria, definitions and code lists."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences import say
from pass_engine.protocol.sentences.words import lower_first
from pass_engine.report.cells import NO_CELL, marked, text
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date, format_decimal, join_words
from pass_engine.report.rules import rules_used
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pass_engine.protocol.models import Milestone
    from pass_engine.report.context import Context
    from pass_engine.report.reading import Row

MILESTONES: Final = {
    "start_of_data_collection": "Start of data collection",
    "end_of_data_collection": "End of data collection",
    "registration": "Registration in the HMA-EMA catalogue",
    "progress_report": "Progress report",
    "interim_report": "Interim report",
    "final_report": "Final report of study results",
}
LATER: Final = "To be completed"
"""In narrow columns, for ``TO_BE_COMPLETED``."""
ICD_10_STEM: Final = 3
"""Characters of an ICD-10 code before its dot."""
MATCHES: Final = {
    "exact": "this code",
    "descendants": "and all below it",
    "range": "whole range",
    "any": "all terms under it",
    "primary": "terms on the primary path",
    "narrow": "narrow scope",
    "broad": "both scopes",
}
"""What a row of a code list stands for, by its match."""
FACTS: Final = 6
"""Columns that every registry has; a dictionary it may lack."""
MUST_HAVE: Final = ("start_of_data_collection", "end_of_data_collection", "registration", "final_report")
DEATHS: Final = {"visits": "visits to the registry", "linked": "linkage, independently of visits"}


def words(*values: str) -> Line:
    """A line of words."""
    return Line(tuple(text(value) for value in values))


def identity(ctx: Context) -> tuple[str, ...]:
    """The note of a table that comes from the protocol alone."""
    return (ctx.notes.identity(),)


def milestones(ctx: Context) -> Table:
    """Planned and actual dates."""
    columns = (
        Column("Milestone", 2.2, numeric=False),
        Column("Planned date", 1.4, numeric=False),
        Column("Actual date", 1.4, numeric=False),
        Column("Comments", 2.0, numeric=False),
    )
    given = ctx.study.study.milestones
    named = {m.event for m in given}
    lines: list[Line] = []
    for event, label in MILESTONES.items():
        lines += [_milestone(m) for m in given if m.event == event]
        if event in MUST_HAVE and event not in named:
            lines.append(words(label, LATER, LATER, "–"))
    return make("milestones", "Milestones", columns, lines, identity(ctx))


def _milestone(milestone: Milestone) -> Line:
    dates = [format_date(day) if day else LATER for day in (milestone.planned, milestone.actual)]
    return words(MILESTONES[milestone.event], *dates, milestone.comment or "–")


def amendments(ctx: Context) -> Table:
    """Amendments to the protocol."""
    columns = (
        Column("No.", 0.5, numeric=False),
        Column("Date", 1.4, numeric=False),
        Column("Section", 0.8, numeric=False),
        Column("Amendment or update", 2.6, numeric=False),
        Column("Reason", 2.2, numeric=False),
    )
    lines = [
        words(str(a.number), format_date(a.date), a.section, a.change, a.reason) for a in ctx.study.study.amendments
    ]
    return make(
        "amendments",
        "Amendments and updates to the protocol",
        columns,
        lines,
        identity(ctx),
        empty="The protocol records no amendment.",
    )


def registries(ctx: Context) -> Table:
    """What each registry that took part says of itself."""
    columns: tuple[Column, ...] = (
        Column("Registry", 2.4, numeric=False),
        Column("Short name", 0.9, numeric=False),
        Column("Countries", 1.2, numeric=False),
        Column("Data to", 1.5, numeric=False),
        Column("Adverse events from", 1.5, numeric=False),
        Column("Deaths known from", 1.9, numeric=False),
    )
    if any(ctx.run.registries.get(key, {}).get("dictionaries") for key in ctx.run.contributors):
        columns = (*columns, Column("Dictionary", 1.4, numeric=False))
    lines = []
    for key in ctx.run.contributors:
        facts = ctx.run.registries.get(key, {})
        starts = facts.get("collection_start", {})
        lines.append(
            words(
                str(facts.get("name", key)),
                ctx.names.registry(key),
                ", ".join(facts.get("countries", ())),
                _day(facts.get("data_cut_date")),
                _day(starts.get("adverse_event")),
                DEATHS.get(str(facts.get("deaths")), "–"),
                *((_dictionary(facts.get("dictionaries", {})),) if len(columns) > FACTS else ()),
            )
        )
    return make(
        "registries", "Registries that took part", columns, lines, identity(ctx), empty="No registry took part."
    )


def _dictionary(releases: Mapping[str, Mapping[str, str]]) -> str:
    """Version and language of the registry's MedDRA files, as they say themselves."""
    release = releases.get("meddra")
    if release is None:
        return "–"
    return f"version {release['version']}, {release['language']}" if release["version"] else "version not stated"


def _day(value: object) -> str:
    return format_date(str(value)) if value else "–"


def criteria(ctx: Context) -> Table:
    """Entry criteria, in the order in which they are applied."""
    columns = (
        Column("No.", 0.4, numeric=False),
        Column("Criterion", 3.6, numeric=False),
        Column("Reason", 2.4, numeric=False),
    )
    lines = [
        words(str(number), " ".join(say(ctx.study, "criterion", c.id)), c.why)
        for number, c in enumerate(ctx.study.population.criteria, start=1)
    ]
    return make(
        "criteria",
        "Entry criteria, in the order in which they are applied",
        columns,
        lines,
        identity(ctx),
        empty="The protocol sets no criterion beyond the exposure.",
    )


def definitions(ctx: Context, topic: str, title: str, named: Iterable[tuple[str, str]]) -> Table:
    """Names and their definitions: exposures, times at risk or outcomes."""
    columns = (Column("Name", 1.6, numeric=False), Column("Definition", 4.6, numeric=False))
    lines = [words(label, " ".join(say(ctx.study, topic, key))) for key, label in named]
    return make(f"definitions-{topic}", title, columns, lines, identity(ctx), empty="The protocol names none.")


def code_list(ctx: Context, path: str) -> Table:
    """One code list in full."""
    columns = (
        Column("Code", 1.2, numeric=False),
        Column("Label", 4.6, numeric=False),
        Column("Match", 1.2, numeric=False),
    )
    lines: list[Line] = []
    system = ""
    for c in ctx.run.protocol.code_lists[path]:
        if c.system != system:
            system = c.system
            lines.append(group(system, len(columns)))
        lines.append(
            words(
                "–".join(_code(c.system, part) for part in dict.fromkeys((c.code_from, c.code_to))),
                c.label,
                MATCHES[c.match],
            )
        )
    used = [o.label for o in ctx.study.outcomes.values() if o.codes == path]
    title = f"Code list {path.rsplit('/', 1)[-1]}: {join_words(used)}"
    return make(f"codes-{path}", title, columns, lines, identity(ctx), empty="The code list is empty.", compact=True)


def _code(system: str, code: str) -> str:
    """A code as people write it: ICD-10 with its dot."""
    return f"{code[:ICD_10_STEM]}.{code[ICD_10_STEM:]}" if system == "ICD-10" and code[ICD_10_STEM:] else code


def weights(ctx: Context) -> Table | None:
    """Standard weights of the main analyses: bands down, sexes across where the standardisation is over both."""
    main = {combo.analysis.id for combo in ctx.combos}
    rows = [row for row in ctx.run.results["standard_weights.csv"] if row["analysis"] in main]
    if not rows:
        return None
    across = list(dict.fromkeys(_split(row)[1] for row in rows))
    heads = [ctx.names.level(level) if level else "Weight" for level in across]
    columns = (Column("Level", 4.0, numeric=False), *(Column(head, 1.2) for head in heads))
    lines: list[Line] = []
    uses: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        uses.setdefault((row["analysis"], row["outcome"], row["time_at_risk"]), []).append(row)
    for (analysis, outcome, time), own in uses.items():
        whose = f", {ctx.names.outcome(outcome)} · {lower_first(ctx.names.time_at_risk(time))}" if outcome else ""
        lines.append(group(f"Analysis {analysis}{whose}: {own[0]['standard']}", len(columns)))
        lines += _weight_lines(ctx, own, across)
    title = "Weights of the standard population, rescaled to the bands of the study"
    return make("weights", title, columns, lines, identity(ctx), compact=True)


def _split(row: Row) -> tuple[str, str]:
    down, _, across = row["level"].partition("*")
    return down, across


def _weight_lines(ctx: Context, rows: list[Row], across: list[str]) -> list[Line]:
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        down, level = _split(row)
        cells.setdefault(down, {})[level] = row
    return [
        Line((text(ctx.names.level(down)), *(_weight(found.get(level)) for level in across)))
        for down, found in cells.items()
    ]


def _weight(row: Row | None) -> Cell:
    if row is None:
        return NO_CELL
    return (
        Cell(format_decimal(Decimal(row["weight"]), 4), source=row.source)
        if row["weight"]
        else marked(row, small=False)
    )


def dictionary(ctx: Context) -> Table:
    """Columns of the results files: those that several files have alike once, then what each file has of its own."""
    columns = (Column("Column", 1.6, numeric=False), Column("Meaning", 5.0, numeric=False))
    files: dict[tuple[str, str], list[str]] = {}
    for row in ctx.run.results["data_dictionary.csv"]:
        if row["column"]:
            files.setdefault((row["column"], row["meaning"]), []).append(row["file"])
    alike = [words(*pair) for pair, where in files.items() if len(where) > 1]
    lines = [group("In several files", len(columns)), *alike] if alike else []
    for file in dict.fromkeys(where[0] for where in files.values()):
        lines.append(group(f"results/{file}", len(columns)))
        lines += [words(*pair) for pair, where in files.items() if where == [file]]
    return make(
        "dictionary",
        "Data dictionary of the attached results",
        columns,
        lines,
        ("The attached data_dictionary.csv lists all columns of each file, in their order.", *identity(ctx)),
        empty="The run wrote no data dictionary.",
        compact=True,
    )


def catalogue(ctx: Context) -> Table:
    """The SQL that ran, step by step, with its digest."""
    columns = (
        Column("File", 2.0, numeric=False),
        Column("Purpose, and the table it writes", 4.6, numeric=False),
        Column("SHA-256, first 16", 1.4, numeric=False),
    )
    lines = [words(f.name.removesuffix(".sql"), f"{f.purpose} Writes {f.writes}.", f.digest[:16]) for f in ctx.run.sql]
    return make(
        "sql",
        "SQL that ran, in reading order",
        columns,
        lines,
        identity(ctx),
        empty="The run folder holds no SQL.",
        compact=True,
    )


def rules(ctx: Context) -> Table:
    """The rules of counting that this study uses, each with a case worked by hand."""
    columns = (Column("Rule", 2.4, numeric=False), Column("Worked case", 5.6, numeric=False))
    lines = [words(r.rule, f"{r.why} Counted: {r.expected}.") for r in rules_used(ctx.study)]
    plain = (
        "What a case does not say is plain: one person, observed from 2010-01-01 to 2024-12-31, treated with the "
        "substance alfa of the exposure a; time at risk is the time on treatment; the outcome is infection. Tests of "
        "the engine run every case through the SQL of this annex."
    )
    title = "Rules of counting that this study uses, each with a case worked by hand"
    return make("rules", title, columns, lines, (plain,), empty="The engine carries no rules.", compact=True)
