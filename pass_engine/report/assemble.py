"""Put the report together: sections in the order of the format, tables and figures numbered by their section."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pass_engine.report.context import Context
from pass_engine.report.glossary import abbreviations_in
from pass_engine.report.model import (
    LINK_END,
    LINK_START,
    LINK_TO,
    Block,
    Facts,
    Figure,
    Furniture,
    Missing,
    Paragraph,
    Report,
    Section,
    Table,
)
from pass_engine.report.notes import DIGEST_LENGTH, engine_version
from pass_engine.report.sections.abstract import abstract, keywords
from pass_engine.report.sections.annex import annexes
from pass_engine.report.sections.closing import closing_sections
from pass_engine.report.sections.front import DOCUMENT, cover, front_sections
from pass_engine.report.sections.methods import methods
from pass_engine.report.sections.results import results
from pass_engine.report.tables.definitions import LATER
from pass_engine.terms import SYNTHETIC_NOTICE, TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.model import Cover
    from pass_engine.report.reading import Run

REFERENCE: Final = re.compile(r"\[\[([\w./-]+)\]\]")


def assemble(run: Run) -> Report:
    """The whole report of a run."""
    ctx = Context(run)
    sections = (
        abstract(ctx),
        *front_sections(ctx),
        methods(ctx),
        results(ctx),
        *closing_sections(ctx),
        *annexes(ctx),
    )
    sections = (sections[0], _abbreviations(sections), *sections[1:])
    numbered, labels = number_sections(sections)
    finished = tuple(refer_section(section, labels) for section in numbered)
    blocks = [block for section in finished for block in blocks_of(section)]
    page = cover(ctx)
    info = ctx.study.study
    return Report(
        cover=page,
        furniture=_furniture(run, page, blocks),
        sections=finished,
        tables=tuple(b for b in blocks if isinstance(b, Table)),
        figures=tuple(b for b in blocks if isinstance(b, Figure)),
        authors="; ".join(a.name for a in info.authors),
        description=f"{page.kind}: {DOCUMENT.lower()} of {info.id}, version {info.version}",
        keywords=", ".join(keywords(ctx)),
        engine=engine_version(run),
    )


def _furniture(run: Run, page: Cover, blocks: list[Block]) -> Furniture:
    info = run.protocol.study.study
    incomplete = any(isinstance(b, Missing) for b in blocks) or bool(
        {TO_BE_COMPLETED, LATER} & set(texts_of((page, blocks)))
    )
    return Furniture(
        study_id=info.id,
        document=DOCUMENT,
        version=info.version,
        iso_date=info.date.isoformat(),
        digest=run.protocol.digest[:DIGEST_LENGTH],
        notice=SYNTHETIC_NOTICE if run.synthetic else "",
        draft=info.status == "draft" or incomplete,
    )


def _abbreviations(sections: tuple[Section, ...]) -> Section:
    used = abbreviations_in(texts_of(sections))
    facts = Facts("", tuple((short, (meaning,)) for short, meaning in used), narrow=True)
    return Section("2", "List of abbreviations", (facts,))


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a part of the report."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from texts_of(part)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in {"key", "source", "kind"}:
                yield from texts_of(getattr(value, field.name))


def blocks_of(section: Section) -> Iterator[Block]:
    """Blocks of a section and of those below it, in reading order."""
    yield from section.blocks
    for child in section.sections:
        yield from blocks_of(child)


def number_sections(sections: tuple[Section, ...]) -> tuple[tuple[Section, ...], dict[str, str]]:
    """Number tables and figures by section: 10.1-1, 10.1-2; and collect what text calls them."""
    labels: dict[str, str] = {}

    def visit(section: Section) -> Section:
        count = {Table: 0, Figure: 0}
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, (Table, Figure)):
                count[type(block)] += 1
                prefix = section.number.replace("Annex ", "A")
                numbered = replace(block, number=f"{prefix}-{count[type(block)]}")
                labels[block.key] = f"{LINK_START}{numbered.label}{LINK_TO}{numbered.anchor}{LINK_END}"
                blocks.append(numbered)
            else:
                blocks.append(block)
        return replace(section, blocks=tuple(blocks), sections=tuple(visit(s) for s in section.sections))

    return tuple(visit(section) for section in sections), labels


def refer_section(section: Section, labels: dict[str, str]) -> Section:
    """Put a marked label and anchor in place of every ``[[key]]``; brackets that name no table are somebody's text."""

    def put(text: str) -> str:
        return REFERENCE.sub(lambda match: labels.get(match[1], match[0]), text)

    blocks = tuple(replace(b, text=put(b.text)) if isinstance(b, Paragraph) else b for b in section.blocks)
    return replace(section, blocks=blocks, sections=tuple(refer_section(s, labels) for s in section.sections))
