"""The dossier of a network and its registries for a qualification opinion: tables Q-0 to Q-15."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.documents import measured, said
from pass_engine.documents.contents import finish, short_digest
from pass_engine.documents.said import Scope
from pass_engine.report.cells import text
from pass_engine.report.figures.heat_map import heat_map
from pass_engine.report.model import Bullets, Column, Contents, Cover, Facts, Furniture, Line, Section, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.sections.parts import paragraphs
from pass_engine.report.tables.indicators import verification_table
from pass_engine.report.tables.layout import make
from pass_engine.report.tables.quality import quality
from pass_engine.terms import SYNTHETIC_NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.documents.evidence import Evidence
    from pass_engine.documents.national import Statistic
    from pass_engine.report.model import Block, Report

DOCUMENT: Final = "Registry dossier"
HEADINGS: Final = (
    "Context of use", "Governance", "Consent and data protection", "Population and coverage", "Core data elements",
    "Completeness", "Follow-up", "Accuracy: source data verification", "Consistency", "Timeliness",
    "Adverse events: completeness of fields", "Adverse events: reports and benchmark", "Exposure", "Outcomes",
    "Proof of capability", "Open actions",
)  # fmt: skip
"""Q-0 to Q-15."""
HOW_TO_READ: Final = (
    "Tables Q-0 to Q-15 stand first for the network, registries side by side, then for each registry alone.",
    "Each registry is described from the newest run in which its data were examined.",
    "What is measured comes from a run's results; what is said comes from the registry itself, in its own words.",
    "What is unknown says so. Nothing is filled in for it.",
    "The questions to the agency, and the applicant's position on each, are for the applicant to write.",
)


def make_dossier(evidence: Evidence, statistics: Sequence[Statistic]) -> Report:
    """The whole dossier, numbered."""
    info, newest = evidence.newest.run.protocol.study.study, evidence.newest.run
    names = join_words([evidence.ctx.names.registry_in_full(key) for key in evidence.registries])
    title = f"Dossier of {len(evidence.registries)} {'registry' if len(evidence.registries) == 1 else 'registries'}"
    sections = (
        Section("1", "Table of contents", (Contents(),)),
        Section("2", "How to read this dossier", (Bullets(HOW_TO_READ), runs(evidence))),
        _part("3", "Network", Scope(evidence, evidence.registries), statistics),
        *(
            _part(str(number), evidence.ctx.names.registry_in_full(key), Scope(evidence, (key,)), statistics)
            for number, key in enumerate(evidence.registries, start=4)
        ),
    )
    furniture = Furniture(
        study_id=info.id,
        document=DOCUMENT,
        version=info.version,
        iso_date=max(facts.run.protocol.study.study.date for facts in evidence.runs).isoformat(),
        digest=short_digest(newest.protocol.digest),
        notice=SYNTHETIC_NOTICE if any(facts.run.synthetic for facts in evidence.runs) else "",
        draft=False,
    )
    facts = Facts("Evidence", (
        ("Registries", tuple(evidence.ctx.names.registry_in_full(key) for key in evidence.registries)),
        ("Runs", tuple(facts.name for facts in evidence.runs)),
        ("Newest data cut", (format_date(newest.protocol.study.data.cut),)),
    ))  # fmt: skip
    cover = Cover("Qualification of registries", DOCUMENT, title, names, facts, Facts("", ()))
    return finish(cover, furniture, sections, authors="", description=f"{DOCUMENT}: tables Q-0 to Q-15",
                  keywords="registry, data quality, qualification opinion")  # fmt: skip


def runs(evidence: Evidence) -> Table:
    """The runs, and the registries described from each."""
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
    return make("runs", "Runs that this dossier stands on", columns, lines)


def _part(number: str, title: str, scope: Scope, statistics: Sequence[Statistic]) -> Section:
    parts = tuple(
        Section(f"{number}.{place + 1}", f"Q-{place} {heading}", tuple(_blocks(place, scope, statistics)))
        for place, heading in enumerate(HEADINGS)
    )
    return Section(number, title, (), parts)


def _blocks(place: int, scope: Scope, statistics: Sequence[Statistic]) -> Iterator[Block]:
    """Tables and figures under one heading."""
    if place in QUALITY:
        yield from _quality(place, scope)
    elif place in (0, 3, 4, 11, 14, 15):
        yield from _own(place, scope, statistics)
    else:
        yield from _indicated(place, scope)


QUALITY: Final = frozenset({5, 7, 8})


def _own(place: int, scope: Scope, statistics: Sequence[Statistic]) -> tuple[Block, ...]:
    made = {
        0: lambda: (measured.fitness(scope), said.claims(scope)),
        3: lambda: (
            said.coverage(scope),
            said.said(scope, "q-03-said", "Q-3: population, as registries state it", "coverage", said.COVERAGE),
            measured.representativeness(scope, statistics),
        ),
        4: lambda: (
            measured.dictionary(scope),
            said.said(scope, "q-04-said", "Q-4: the registry's own dictionary", "collection", said.DICTIONARY),
        ),
        11: lambda: (
            measured.benchmark(scope),
            said.said(scope, "q-11-said", "Q-11: capture of adverse events", "safety", said.SAFETY),
        ),
        14: lambda: (measured.reruns(scope),),
        15: lambda: (said.open_actions(scope), measured.remedies(scope)),
    }
    return made[place]()


def _indicated(place: int, scope: Scope) -> Iterator[Block]:
    governance = ("q-01", "Q-1: governance, as registries state it", "governance", said.GOVERNANCE)
    consent = ("q-02", "Q-2: consent and data protection, as registries state it", "consent", said.CONSENT)
    if place in (1, 2):
        yield said.said(scope, *(governance if place == 1 else consent))
    elif place == 6:  # noqa: PLR2004  the number of the table
        yield measured.follow_up(scope)
        yield said.said(scope, "q-06-said", "Q-6: schedule, as registries state it", "collection", said.FOLLOW_UP)
    else:
        key, title, indicators, more = INDICATED[place]
        yield measured.measured(scope, f"{key}-measured", title, indicators)
        if more:
            yield said.said(scope, f"{key}-said", f"{key.upper().replace('-0', '-')}: what registries state",
                            "collection", more)  # fmt: skip


INDICATED: Final = {
    9: ("q-09", "Q-9: lag from event to entry", measured.LAG, said.LAG),
    10: ("q-10", "Q-10: completeness of adverse event fields", measured.EVENTS, None),
    12: ("q-12", "Q-12: completeness and consistency of exposure", measured.EXPOSURE, said.EXPOSURE),
    13: ("q-13", "Q-13: visits and EDSS", measured.OUTCOMES, None),
}


def _quality(place: int, scope: Scope) -> Iterator[Block]:
    ctx = scope.evidence.ctx
    if place == 5:  # noqa: PLR2004  the number of the table
        if not scope.alone:
            yield _named(
                quality(ctx, "completeness"), "q-05-network", "Q-5: missing values by variable and registry, %"
            )
            yield from paragraphs("By calendar year, the same is shown for each registry in its own part.")
            return
        figure = heat_map(ctx, scope.registries[0])
        if figure is None:
            yield from paragraphs("Not known: the registry released no completeness by calendar year.")
        else:
            title = figure.title.partition(":")[0]
            yield replace(figure, key=f"q-05-{scope.suffix}", title=f"Q-5: {title[:1].lower()}{title[1:]}",
                          notes=(*figure.notes[:-1], scope.note))  # fmt: skip
    elif place == 7:  # noqa: PLR2004
        yield _verified(scope)
        yield said.said(scope, "q-07-said", "Q-7: how it is done", "collection", said.VERIFICATION)
    elif scope.alone:
        yield measured.catalogue(scope)
    else:
        yield _named(quality(ctx, "fault"), "q-08-network", "Q-8: rows that break a rule, by registry")
        yield said.said(scope, "q-08-said", "Q-8: checks, as registries state them", "collection", said.CHECKS)


def _named(table: Table, key: str, title: str) -> Table:
    """A table of the report under a name of the dossier; its sources are rows of several runs, and are left out."""
    return replace(table, key=key, title=title, notes=table.notes[:-1])


def _verified(scope: Scope) -> Table:
    ctx, key = scope.evidence.ctx, f"q-07-{scope.suffix}"
    results = {**ctx.run.results, "verification.csv": tuple(
        row for row in ctx.run.results["verification.csv"] if row["registry"] in scope.registries
    )}  # fmt: skip
    table = verification_table(type(ctx)(replace(ctx.run, results=results)))
    title = "Q-7: errors found by source data verification"
    if table is None:
        return make(key, title, (Column("Variable", 1.0, numeric=False),), (), (scope.note,),
                    empty="Not known: no results of source data verification were supplied.")  # fmt: skip
    return replace(table, key=key, title=title, notes=(*table.notes[:-1], scope.note))
