"""The dossier of a network and its registries for a qualification opinion: tables Q-0 to Q-15."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from pass_engine.documents import coverage, elements, measured, said
from pass_engine.documents.completeness import by_registry_and_year
from pass_engine.documents.contents import abbreviations, as_draft, finish, short_digest
from pass_engine.documents.reruns import reruns
from pass_engine.documents.said import Scope
from pass_engine.report.cells import text
from pass_engine.report.figures.heat_map import heat_map
from pass_engine.report.markdown import to_html
from pass_engine.report.model import (
    Bullets,
    Column,
    Contents,
    Cover,
    Facts,
    Figure,
    Furniture,
    Line,
    Missing,
    Paragraph,
    Prose,
    Section,
    Table,
)
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.tables.indicators import verification_table
from pass_engine.report.tables.layout import make
from pass_engine.report.tables.quality import quality
from pass_engine.terms import SYNTHETIC_NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pass_engine.documents.evidence import Evidence
    from pass_engine.documents.national import Statistic
    from pass_engine.report.model import Block, Report

DOCUMENT: Final = "Registry dossier"
HEADINGS: Final = (
    "Context of use", "Governance", "Consent and data protection", "Population and coverage", "Core data elements",
    "Completeness", "Follow-up and attrition", "Accuracy: source data verification", "Consistency", "Timeliness",
    "Adverse events: completeness of fields", "Adverse events: reports and benchmark", "Exposure", "Outcomes",
    "Proof of capability", "Open actions",
)  # fmt: skip
"""Q-0 to Q-15."""
HOW_TO_READ: Final = (
    "Tables Q-0 to Q-15 stand for the network, registries side by side, and then for each registry alone.",
    "What is measured comes from the results of runs: of each registry, the newest that examined its data.",
    "What is said comes from the registry itself, in its own words.",
    "What is not known says so. Nothing is filled in for it.",
)
BY_APPLICANT: Final = "To be completed by the applicant"
QUESTIONS: Final = "Questions to the agency, the applicant's position on each, and the context of use claimed."
MISSING_NOTE: Final = (
    "Percent of values that are missing; shaded from 1, 5 and 20%. A stop, an end or a death that has not happened "
    "counts as missing. A dash: not mapped, or not released. Variables that studies read; tables.zip has all of them."
)
FAULT_NOTE: Final = (
    "Rows or persons that break a rule, and below them the percent of those tested. Rules that nothing breaks at any "
    "registry are left out; q-08-whole in tables.zip has all of them."
)
B = TypeVar("B", Table, Figure)
MOST_NAMES: Final = 2
"""Studies named at the foot of a page; of more, their number."""


def make_dossier(evidence: Evidence, statistics: Sequence[Statistic], questions: str = "") -> Report:
    """The whole dossier, numbered. ``questions``: Markdown of the questions to the agency; empty: to be completed."""
    asked = Prose(to_html(questions)) if questions.strip() else Missing(QUESTIONS, BY_APPLICANT)
    scopes = [Scope(evidence, (key,)) for key in evidence.registries]
    network = [Scope(evidence, evidence.registries)] if len(scopes) > 1 else []
    body = (
        Section("3", "How to read this dossier", (Bullets(HOW_TO_READ), runs(evidence), measured.sets())),
        Section("4", "Questions to the agency", (asked,)),
        *(_part(number, scope, statistics) for number, scope in enumerate([*network, *scopes], start=5)),
    )
    sections = (
        Section("1", "Table of contents", (Contents(),)),
        Section("2", "List of abbreviations", (abbreviations(body),)),
        *body,
    )
    report = finish(cover(evidence), as_draft(_furniture(evidence), body), sections, evidence.ctx.run, authors="",
                    description=f"{DOCUMENT}: tables Q-0 to Q-15",
                    keywords="registry, data quality, qualification opinion")  # fmt: skip
    return replace(
        report,
        sections=tuple(_untraced(section) for section in report.sections),
        tables=tuple(_plain(table) for table in report.tables),
    )


def _furniture(evidence: Evidence) -> Furniture:
    infos = [facts.run.protocol.study.study for facts in evidence.runs]
    ids, versions = dict.fromkeys(info.id for info in infos), dict.fromkeys(info.version for info in infos)
    digests = "".join(facts.digest for facts in evidence.runs)
    return Furniture(
        study_id=", ".join(ids) if len(ids) <= MOST_NAMES else f"{len(ids)} studies",
        document=DOCUMENT,
        version=", ".join(versions) if len(versions) <= MOST_NAMES else f"{len(versions)} versions",
        iso_date=max(info.date for info in infos).isoformat(),
        digest=short_digest(hashlib.sha256(digests.encode()).hexdigest()),
        notice=SYNTHETIC_NOTICE if any(facts.run.synthetic for facts in evidence.runs) else "",
        draft=False,
        digest_of="evidence",
    )


def cover(evidence: Evidence) -> Cover:
    """Whom the dossier is about, and what it stands on."""
    names = evidence.ctx.names
    number = len(evidence.registries)
    facts = Facts("Evidence", (
        ("Registries", tuple(names.registry_in_full(key) for key in evidence.registries)),
        ("Runs", tuple(facts.name for facts in evidence.runs)),
        ("Newest data cut", (format_date(evidence.newest.run.protocol.study.data.cut),)),
    ))  # fmt: skip
    title = f"Dossier of {number} registries" if number > 1 else f"Dossier of {facts.rows[0][1][0]}"
    return Cover("Qualification of registries", DOCUMENT, title, "Tables Q-0 to Q-15", facts, Facts("", ()))


def runs(evidence: Evidence) -> Table:
    """The runs, the registries described from each, and those that nothing describes."""
    columns = (
        Column("Run", 1.8, numeric=False),
        Column("Data cut", 1.4, numeric=False),
        Column("Manifest, SHA-256 (first 12)", 1.6, numeric=False),
        Column("Registries described from it", 2.4, numeric=False),
    )
    lines = []
    for facts in evidence.runs:
        own = [evidence.ctx.names.registry(key) for key, chosen in evidence.chosen.items() if chosen is facts]
        cut = format_date(facts.run.protocol.study.data.cut)
        cells = (facts.name, cut, short_digest(facts.digest), ", ".join(own) or "none: a newer run has them")
        lines.append(Line(tuple(text(one) for one in cells)))
    return make("runs", "Runs that this dossier stands on", columns, lines, tuple(_not_told(evidence)))


def _not_told(evidence: Evidence) -> Iterable[str]:
    names = evidence.ctx.names
    if evidence.not_described:
        told = join_words([f"{names.registry(key)} ({status})" for key, status in evidence.not_described.items()])
        yield f"Not described, since no run examined their data: {told}."
    masked = [names.registry(key) for key in evidence.registries if evidence.ctx.run.is_masked(key)]
    if masked:
        yield f"Counts left masked, so that nothing is known of them alone: {join_words(masked)}."


def _part(number: int, scope: Scope, statistics: Sequence[Statistic]) -> Section:
    title = scope.evidence.ctx.names.registry_in_full(scope.registries[0]) if scope.alone else "Network"
    made = contents_of(scope, statistics)
    parts = tuple(
        Section(f"{number}.{place + 1}", f"Q-{place} {heading}", made[place]) for place, heading in enumerate(HEADINGS)
    )
    return Section(str(number), title, (), parts)


def contents_of(scope: Scope, statistics: Sequence[Statistic]) -> tuple[tuple[Block, ...], ...]:
    """Tables and figures of Q-0 to Q-15, in this order."""
    return (
        (measured.fitness(scope), said.claims(scope)),
        (said.said(scope, "q-01", "Q-1: governance", "governance", said.GOVERNANCE),),
        (said.said(scope, "q-02", "Q-2: consent and data protection", "consent", said.CONSENT),),
        (
            coverage.coverage(scope),
            said.said(scope, "q-03-said", "Q-3: population", "coverage", said.COVERAGE),
            coverage.entries(scope),
            _measured(scope, "q-03", "Q-3: registries held against figures of the disease", coverage.MEASURED),
            coverage.figures(scope),
            coverage.representativeness(scope, statistics),
        ),
        (elements.dictionary(scope), _collected(scope, "q-04", "Q-4: the registry's own dictionary", said.DICTIONARY)),
        _completeness(scope),
        (
            measured.follow_up(scope),
            measured.attrition(scope),
            _collected(scope, "q-06", "Q-6: schedule of follow-up", said.FOLLOW_UP),
        ),
        (_verified(scope), _collected(scope, "q-07", "Q-7: how source data are verified", said.VERIFICATION)),
        (_rules(scope), _collected(scope, "q-08", "Q-8: checks by the registry itself", said.CHECKS)),
        (
            _measured(scope, "q-09", "Q-9: lag from event to entry", measured.LAG),
            _collected(scope, "q-09", "Q-9: how often data are extracted", said.LAG),
        ),
        (_measured(scope, "q-10", "Q-10: completeness of adverse event fields", measured.EVENTS),),
        (
            measured.benchmark(scope),
            said.said(scope, "q-11-said", "Q-11: capture of adverse events", "safety", said.SAFETY),
        ),
        (
            _measured(scope, "q-12", "Q-12: completeness, gaps and overlap of exposure", measured.EXPOSURE),
            _collected(scope, "q-12", "Q-12: concordance of exposure with other sources", said.EXPOSURE),
        ),
        (_measured(scope, "q-13", "Q-13: visits and EDSS", measured.OUTCOMES),),
        (reruns(scope),),
        (said.open_actions(scope), measured.remedies(scope)),
    )


def _measured(scope: Scope, key: str, title: str, indicators: Sequence[str]) -> Table:
    return measured.measured(scope, f"{key}-measured", title, indicators)


def _collected(scope: Scope, key: str, title: str, items: Mapping[str, str]) -> Table:
    return said.said(scope, f"{key}-said", title, "collection", items)


def _completeness(scope: Scope) -> tuple[Block, ...]:
    ctx = scope.evidence.ctx
    unknown = Paragraph("By calendar year: not known, since no completeness by calendar year was released.")
    if not scope.alone:
        table = _named(scope, quality(ctx, "completeness"), "q-05-network", "Q-5: missing values by variable, %")
        return (replace(table, notes=(MISSING_NOTE, scope.note)), *(by_registry_and_year(scope) or (unknown,)))
    figure = heat_map(ctx, scope.registries[0])
    if figure is None:
        return (unknown,)
    title = "Q-5: missing values by variable and calendar year, %"
    return (_named(scope, figure, f"q-05-{scope.suffix}", title),)


def _rules(scope: Scope) -> Table:
    if scope.alone:
        return elements.catalogue(scope)
    table = _named(scope, quality(scope.evidence.ctx, "fault"), "q-08-network", "Q-8: rows that break a rule")
    return replace(table, notes=(FAULT_NOTE, scope.note))


def _named(scope: Scope, block: B, key: str, title: str) -> B:
    """A table or figure of the report under a name of the dossier; where its numbers are from is said in its way."""
    return replace(block, key=key, title=title, notes=(*block.notes[:-1], scope.note))


def _verified(scope: Scope) -> Table:
    ctx, key = scope.evidence.ctx, f"q-07-{scope.suffix}"
    rows = tuple(row for registry in scope.registries for row in scope.evidence.rows("verification.csv", registry))
    table = verification_table(type(ctx)(replace(ctx.run, results={**ctx.run.results, "verification.csv": rows})))
    title = "Q-7: errors found by source data verification"
    if table is None:
        return make(key, title, (Column("Variable", 1.0, numeric=False),), (),
                    empty="Not known: no results of source data verification were supplied.")  # fmt: skip
    return _named(scope, table, key, title)


def _untraced(section: Section) -> Section:
    blocks = tuple(_plain(block) if isinstance(block, Table) else block for block in section.blocks)
    return replace(section, blocks=blocks, sections=tuple(_untraced(child) for child in section.sections))


def _plain(table: Table) -> Table:
    """A table whose numbers lead nowhere: there is no annex of results here."""
    lines = (replace(line, cells=tuple(replace(cell, source="") for cell in line.cells)) for line in table.lines)
    return replace(table, lines=tuple(lines))
