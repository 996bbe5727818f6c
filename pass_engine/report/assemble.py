"""Put the report together: sections in the order of the format, tables and figures numbered by their section."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pass_engine.report.context import Context
from pass_engine.report.glossary import abbreviations_in
from pass_engine.report.kinds import FINAL, Kind, sections_of
from pass_engine.report.model import (
    LINK_END,
    LINK_START,
    LINK_TO,
    Block,
    Bullets,
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
from pass_engine.report.sections.front import cover, front_sections
from pass_engine.report.sections.methods import methods
from pass_engine.report.sections.results import results
from pass_engine.report.sections.rows import printed_rows
from pass_engine.report.tables.definitions import LATER
from pass_engine.report.tables.layout import parts
from pass_engine.terms import SYNTHETIC_NOTICE, TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.model import Cover
    from pass_engine.report.reading import Run

ROW_LINK: Final = re.compile(f"{LINK_START}([^{LINK_TO}]*){LINK_TO}R-[^{LINK_END}]*{LINK_END}")
REFERENCE: Final = re.compile(r"\[\[([\w./-]+)\]\]")


def assemble(run: Run, kind: Kind = FINAL) -> Report:
    """The whole report of a run, or what its kind has of it."""
    ctx = Context(run, kind)
    whole = (
        abstract(ctx),
        *front_sections(ctx),
        methods(ctx),
        results(ctx),
        *closing_sections(ctx),
        *annexes(ctx),
    )
    sections = _with_rows(ctx, sections_of(kind, whole))
    numbered, labels = number_sections(sections)
    finished = tuple(refer_section(section, labels) for section in numbered)
    blocks = [block for section in finished for block in blocks_of(section)]
    page = cover(ctx)
    info = ctx.study.study
    return Report(
        cover=page,
        furniture=_furniture(ctx, page, blocks),
        sections=finished,
        tables=tuple(b for b in blocks if isinstance(b, Table)),
        figures=tuple(b for b in blocks if isinstance(b, Figure)),
        authors="; ".join(a.name for a in info.authors),
        description=f"{page.kind}: {kind.name} of {info.id}, version {info.version}",
        keywords=", ".join(keywords(ctx)),
        engine=engine_version(run),
    )


def _furniture(ctx: Context, page: Cover, blocks: list[Block]) -> Furniture:
    run, info = ctx.run, ctx.study.study
    incomplete = any(isinstance(b, Missing) for b in blocks) or bool(
        {TO_BE_COMPLETED, LATER} & set(texts_of((page, blocks)))
    )
    return Furniture(
        study_id=info.id,
        document=ctx.kind.document,
        version=info.version,
        iso_date=info.date.isoformat(),
        digest=run.protocol.digest[:DIGEST_LENGTH],
        notice=SYNTHETIC_NOTICE if run.synthetic else "",
        draft=info.status == "draft" or incomplete,
    )


def _with_rows(ctx: Context, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Abbreviations that occur as section 2, and the rows that are printed as the last part of the last annex."""
    if not sections[-1].is_annex:
        return tuple(_unlinked(section) for section in sections)
    before = 1 if sections[0].number == "1" else 0
    sections = (*sections[:before], _abbreviations(sections), *sections[before:])
    blocks = [block for section in sections for block in blocks_of(section)]
    last = sections[-1]
    rows = printed_rows(ctx, blocks, texts_of(sections))
    return (*sections[:-1], replace(last, sections=(*last.sections, rows)))


def _unlinked(section: Section) -> Section:
    """A section whose numbers lead nowhere: what stands alone has no annex."""

    def plain(block: Block) -> Block:
        if isinstance(block, Paragraph):
            return replace(block, text=ROW_LINK.sub(r"\1", block.text))
        if isinstance(block, Bullets):
            return replace(block, items=tuple(ROW_LINK.sub(r"\1", item) for item in block.items))
        return block

    return replace(section, blocks=tuple(plain(block) for block in section.blocks))


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


def _printed_in_parts(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield from parts(block) if isinstance(block, Table) else (block,)


def number_sections(sections: tuple[Section, ...]) -> tuple[tuple[Section, ...], dict[str, str]]:
    """Number tables and figures by section: 10.1-1, 10.1-2; and collect what text calls them."""
    labels: dict[str, str] = {}

    def visit(section: Section) -> Section:
        count = {Table: 0, Figure: 0}
        blocks: list[Block] = []
        for block in _printed_in_parts(section.blocks):
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
