"""Annex 1, list of stand-alone documents, and Annex 2, additional information."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pass_engine.protocol.sentences import say
from pass_engine.protocol.worked import load_cases
from pass_engine.report.attachments import collect_attachments
from pass_engine.report.cells import text
from pass_engine.report.figures.timelines import timelines
from pass_engine.report.model import Block, Bullets, Cell, Column, Line, Section, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.sections.parts import paragraphs
from pass_engine.report.sections.quality import quality_section
from pass_engine.report.tables.definitions import catalogue, code_list, dictionary, identity, rules, words
from pass_engine.report.tables.governance import contribution, governance
from pass_engine.report.tables.layout import group, make
from pass_engine.report.tables.reproducibility import reproducibility
from pass_engine.report.tables.shells import with_shells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.protocol.worked import LoadedCase
    from pass_engine.report.context import Context

LOOKED_AT: Final = (
    "All sums of this release are looked at together, by integer programming: levels and their margin, registries and "
    "their pool, steps of attrition, levels of a baseline variable, periods between lock points, and data checks. "
    "Main and sensitivity analyses are held against each other: where they differ by few persons or events, the "
    "sensitivity analysis's number is withheld. Cells that are counted and not printed are checked before a "
    "standardised rate or a ratio over strata made from them is shown. What is shown tells no withheld count exactly, "
    "though marks may, of several counts that are all withheld. Releases published before are looked at where the run "
    "was told of them. Not looked at are days of main beside sensitivity analyses, and one derived number as an "
    "equation of several cells. What is withheld is recorded row by row in results/withheld.csv, without the numbers."
)
CASES: Final = (
    "Made-up persons, and what the authors of the protocol expect of them. The SQL of this study gave the same eras, "
    "entries, days and events before the run; where it had not, the run would have been refused."
)
DIGEST: Final = 16
"""Characters of a digest printed where many stand below each other; all are in the attached manifest."""


def annexes(ctx: Context) -> tuple[Section, ...]:
    """Both annexes."""
    attached = paragraphs(
        "The documents in [[documents]] are attached to this file; a PDF reader lists them under attachments. A digest "
        "tells whether a copy is the same, byte for byte."
    )
    return (
        Section("Annex 1", "List of stand-alone documents", (*attached, documents(ctx))),
        Section("Annex 2", "Additional information", (), tuple(_additional(ctx))),
    )


def documents(ctx: Context) -> Table:
    """Attached files with their digests."""
    columns = (
        Column("No.", 0.4, numeric=False),
        Column("Document reference", 1.6, numeric=False),
        Column("Date", 1.3, numeric=False),
        Column("Title, and SHA-256 of the file", 4.6, numeric=False),
    )
    day = ctx.study.study.date
    lines = [
        Line((text(str(n)), text(f.name), text(format_date(day)), Cell(f.title, (f.digest,))))
        for n, f in enumerate(collect_attachments(ctx.run.folder, day), start=1)
    ]
    title = "Stand-alone documents attached to this report"
    return make("documents", title, columns, lines, identity(ctx), empty="No document is attached.", compact=True)


def _additional(ctx: Context) -> Iterator[Section]:
    lists = tuple(code_list(ctx, path) for path in ctx.run.protocol.code_lists)
    yield Section("A2.1", "Code lists", lists or paragraphs("No outcome of this study uses a code list."))
    cases = load_cases(ctx.run.protocol)
    worked = tuple(block for case in cases for block in _worked(ctx, case))
    told = paragraphs(CASES) if worked else ()
    within = (Section("A2.2.1", "Worked cases of the protocol", (*told, *worked)),) if worked else ()
    yield Section("A2.2", "Rules on days and person-time", (Bullets(say(ctx.study, "days")), rules(ctx)), within)
    yield quality_section(ctx)
    yield Section("A2.4", "Disclosure control", _disclosure(ctx))
    yield Section("A2.5", "Programs", (*_programs(ctx), catalogue(ctx)))
    yield Section("A2.6", "Manifest of the run", with_shells(ctx, "A2.6", (reproducibility(ctx), manifest(ctx))))
    yield Section("A2.7", "Data dictionary", (dictionary(ctx),))


def _worked(ctx: Context, loaded: LoadedCase) -> tuple[Block, ...]:
    """A case drawn, and its numbers worked by hand."""
    told = (" ".join(part.split()) for part in loaded.case.why.split("\n\n"))
    return (timelines(ctx, loaded), *paragraphs(*told))


def _disclosure(ctx: Context) -> tuple[Block, ...]:
    held = tuple(line for key, records in ctx.run.withheld.items() for line in _held_back(ctx, key, records))
    nothing = "" if held else "No registry held back a table."
    first = (
        "[[governance]] shows what each registry decided and asks for, and [[contribution]] who contributed to what."
    )
    told = paragraphs(*say(ctx.study, "disclosure"), ctx.notes.suppression(), LOOKED_AT, nothing)
    return (*told, *([Bullets(held)] if held else []), *paragraphs(first), governance(ctx), contribution(ctx))


def _held_back(ctx: Context, key: str, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line for each cohort, or analysis as a whole, and reason, with the tables it concerns."""
    tables: dict[tuple[str, str], dict[str, None]] = {}
    for record in records:
        cohort, analysis = str(record.get("cohort", "")), str(record.get("analysis", ""))
        whose = f" of cohort {ctx.names.cohort(cohort)}" if cohort else f" of analysis {analysis}" if analysis else ""
        of_whom = tables.setdefault((whose, str(record.get("reason", ""))), {})
        of_whom[str(record.get("table", "")).replace("_", " ")] = None
    for (whose, reason), names in tables.items():
        yield f"{ctx.names.registry(key)} held back {join_words(list(names))}{whose}: {reason}."


def _programs(ctx: Context) -> tuple[Block, ...]:
    maps = len(ctx.run.generated_sql)
    more = f" The {maps} column maps, one for each table of each registry, are attached with them." if maps else ""
    return paragraphs(
        "All decisions about persons and days are made by the SQL files in [[sql]], which are the same at every "
        f"registry and attached as sql.zip.{more}"
    )


def manifest(ctx: Context) -> Table:
    """Versions, inputs and results with their digests."""
    columns = (Column("Entry", 4.0, numeric=False), Column(f"Version, or SHA-256 (first {DIGEST})", 2.0, numeric=False))
    content = ctx.run.manifest
    versions = [words(name, str(v)) for name, v in content.get("versions", {}).items()]
    lines = [group("Versions", 2), *versions]
    for registry, files in content.get("inputs", {}).items():
        lines.append(group(f"Input of {ctx.names.registry_in_full(registry)}", 2))
        # a keyed digest says so before its digits
        lines += [words(name, str(digest).rpartition(":")[2][:DIGEST]) for name, digest in files.items()]
    files = content.get("files", {})
    results = {n: d for n, d in files.items() if n.endswith((".parquet", "/manifest.json"))}
    lines += [
        group("Results as Parquet, and manifests of the bundles", 2),
        *(words(name, str(digest)[:DIGEST]) for name, digest in results.items()),
    ]
    extra = (
        "The results as CSV have their digests in Annex 1. The manifest of a bundle holds the digests of its "
        "files. The attached manifest.json holds all digests in full, those of the protocol and the SQL among them."
    )
    title = "Versions, inputs and outputs of the run"
    return make(
        "manifest", title, columns, lines, (extra, *identity(ctx)), empty="The manifest is empty.", compact=True
    )
