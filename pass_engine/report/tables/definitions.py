"""Tables made from the protocol: milestones, amendments, registries, criteria, definitions and code lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences import say
from pass_engine.report.cells import text
from pass_engine.report.model import Column, Line, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.protocol.models import Milestone
    from pass_engine.report.context import Context

MILESTONES: Final = {
    "start_of_data_collection": "Start of data collection",
    "end_of_data_collection": "End of data collection",
    "registration": "Registration in the HMA-EMA catalogue",
    "progress_report": "Progress report",
    "interim_report": "Interim report",
    "final_report": "Final report of study results",
}
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
        Column("Milestone", 2.2, numeric=False), Column("Planned date", 1.4, numeric=False),
        Column("Actual date", 1.4, numeric=False), Column("Comments", 2.0, numeric=False),
    )  # fmt: skip
    given = ctx.study.study.milestones
    named = {m.event for m in given}
    lines = [_milestone(m) for event in MILESTONES for m in given if m.event == event]
    missing = [words(MILESTONES[e], TO_BE_COMPLETED, TO_BE_COMPLETED, "–") for e in MUST_HAVE if e not in named]
    return make("milestones", "Milestones", columns, [*lines, *missing], identity(ctx))


def _milestone(milestone: Milestone) -> Line:
    dates = [format_date(day) if day else TO_BE_COMPLETED for day in (milestone.planned, milestone.actual)]
    return words(MILESTONES[milestone.event], *dates, milestone.comment or "–")


def amendments(ctx: Context) -> Table:
    """Amendments to the protocol."""
    columns = (
        Column("No.", 0.5, numeric=False), Column("Date", 1.4, numeric=False), Column("Section", 0.8, numeric=False),
        Column("Amendment or update", 2.6, numeric=False), Column("Reason", 2.2, numeric=False),
    )  # fmt: skip
    lines = [words(str(a.number), format_date(a.date), a.section, a.change, a.reason) for a in ctx.study.study.amendments]
    return make("amendments", "Amendments and updates to the protocol", columns, lines, identity(ctx),
                empty="The protocol records no amendment.")  # fmt: skip


def registries(ctx: Context) -> Table:
    """What each registry that took part says of itself."""
    columns = (
        Column("Registry", 2.4, numeric=False), Column("Short name", 0.9, numeric=False), Column("Countries", 1.2, numeric=False),
        Column("Data to", 1.5, numeric=False), Column("Adverse events from", 1.5, numeric=False),
        Column("Deaths known from", 1.9, numeric=False),
    )  # fmt: skip
    lines = []
    for key in ctx.run.contributors:
        facts = ctx.run.registries.get(key, {})
        starts = facts.get("collection_start", {})
        lines.append(words(
            str(facts.get("name", key)), ctx.names.registry(key), ", ".join(facts.get("countries", ())),
            _day(facts.get("data_cut_date")), _day(starts.get("adverse_event")), DEATHS.get(str(facts.get("deaths")), "–"),
        ))  # fmt: skip
    return make("registries", "Registries that took part", columns, lines, identity(ctx), empty="No registry took part.")


def _day(value: object) -> str:
    return format_date(str(value)) if value else "–"


def criteria(ctx: Context) -> Table:
    """Entry criteria, in the order in which they are applied."""
    columns = (Column("No.", 0.4, numeric=False), Column("Criterion", 3.6, numeric=False), Column("Reason", 2.4, numeric=False))
    lines = [
        words(str(number), " ".join(say(ctx.study, "criterion", c.id)), c.why)
        for number, c in enumerate(ctx.study.population.criteria, start=1)
    ]
    return make("criteria", "Entry criteria, in the order in which they are applied", columns, lines, identity(ctx),
                empty="The protocol sets no criterion beyond the exposure.")  # fmt: skip


def definitions(ctx: Context, topic: str, title: str, named: Iterable[tuple[str, str]]) -> Table:
    """Names and their definitions: exposures, times at risk or outcomes."""
    columns = (Column("Name", 1.6, numeric=False), Column("Definition", 4.6, numeric=False))
    lines = [words(label, " ".join(say(ctx.study, topic, key))) for key, label in named]
    return make(f"definitions-{topic}", title, columns, lines, identity(ctx), empty="The protocol names none.")


def code_list(ctx: Context, path: str) -> Table:
    """One code list in full."""
    columns = (
        Column("System", 1.1, numeric=False), Column("Code", 1.3, numeric=False), Column("Label", 3.6, numeric=False),
        Column("Match", 1.3, numeric=False),
    )  # fmt: skip
    matches = {"exact": "this code", "descendants": "this code and all below it", "range": "all codes of the range"}
    lines = [
        words(c.system, c.code_from if c.code_from == c.code_to else f"{c.code_from}–{c.code_to}", c.label, matches[c.match])
        for c in ctx.run.protocol.code_lists[path]
    ]
    used = [o.label for o in ctx.study.outcomes.values() if o.codes == path]
    title = f"Code list {path.rsplit('/', 1)[-1]}: {join_words(used)}"
    return make(f"codes-{path}", title, columns, lines, identity(ctx), empty="The code list is empty.", compact=True)


def weights(ctx: Context) -> Table | None:
    """Standard weights as used, for every standardised analysis."""
    rows = ctx.run.results["standard_weights.csv"]
    if not rows:
        return None
    columns = (Column("Level", 3.0, numeric=False), Column("Weight", 1.2))
    lines: list[Line] = []
    analysis = ""
    for row in rows:
        if row["analysis"] != analysis:
            analysis = row["analysis"]
            lines.append(group(f"Analysis {analysis}: {row['standard']}", len(columns)))
        lines.append(_weight(ctx, row["level"], row["weight"], row.source))
    return make("weights", "Weights of the standard population, rescaled to the bands of the study", columns, lines,
                identity(ctx), compact=True)  # fmt: skip


def _weight(ctx: Context, level: str, weight: str, source: str) -> Line:
    from decimal import Decimal

    from pass_engine.report.model import Cell
    from pass_engine.report.numbers import format_decimal

    return Line((text(ctx.names.level(level)), Cell(format_decimal(Decimal(weight), 4), source=source)))


def dictionary(ctx: Context) -> Table:
    """Columns of the results files."""
    columns = (Column("Column", 1.6, numeric=False), Column("Meaning", 5.0, numeric=False))
    lines: list[Line] = []
    file = ""
    for row in ctx.run.results["data_dictionary.csv"]:
        if row["file"] and row["file"] != file:
            file = row["file"]
            lines.append(group(f"results/{file}", len(columns)))
        if row["column"]:
            lines.append(words(row["column"], row["meaning"]))
    return make("dictionary", "Data dictionary of the attached results", columns, lines, identity(ctx),
                empty="The run wrote no data dictionary.", compact=True)  # fmt: skip


def catalogue(ctx: Context) -> Table:
    """The SQL that ran, step by step, with its digest."""
    columns = (Column("File", 2.0, numeric=False), Column("Purpose, and what it reads and writes", 4.0, numeric=False),
               Column("SHA-256, first 16", 1.4, numeric=False))  # fmt: skip
    lines = [
        words(f.name.removesuffix(".sql"), f"{f.purpose} Reads {join_words(f.reads) or 'nothing'}; writes {f.writes}.", f.digest[:16])
        for f in ctx.run.sql
    ]
    return make("sql", "SQL that ran, in reading order", columns, lines, identity(ctx),
                empty="The run folder holds no SQL.", compact=True)  # fmt: skip
