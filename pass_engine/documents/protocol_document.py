"""The protocol of a PASS in the format of EMA/623947/2012: title page, sections 1 to 13, annexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.documents.abstract import abstract
from pass_engine.documents.annex import annexes
from pass_engine.documents.blank import blank_run
from pass_engine.documents.contents import abbreviations, as_draft, finish, short_digest
from pass_engine.documents.front import DOCUMENT, cover, front_sections
from pass_engine.documents.methods import closing_sections, research_methods
from pass_engine.report.context import Context
from pass_engine.report.model import Contents, Furniture, Section
from pass_engine.report.sections.abstract import keywords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol import Protocol
    from pass_engine.report.attachments import AttachedFile
    from pass_engine.report.model import Report


def make_document(protocol: Protocol, attached: Sequence[AttachedFile]) -> Report:
    """The whole protocol document, numbered; ``attached`` are the files that will be inside it."""
    ctx = Context(blank_run(protocol))
    first, *others = front_sections(ctx)
    body = (
        first,
        abstract(ctx),
        *others,
        research_methods(ctx),
        *closing_sections(ctx),
        *annexes(ctx, attached),
    )
    sections = (
        Section("1", "Table of contents", (Contents(),)),
        Section("2", "List of abbreviations", (abbreviations(body),)),
        *body,
    )
    info, page = protocol.study.study, cover(ctx)
    furniture = Furniture(
        study_id=info.id,
        document=DOCUMENT,
        version=info.version,
        iso_date=info.date.isoformat(),
        digest=short_digest(protocol.digest),
        notice="",
        draft=info.status == "draft",
    )
    return finish(
        page,
        as_draft(furniture, page, body),
        sections,
        ctx.run,
        authors="; ".join(a.name for a in info.authors),
        description=f"{page.kind}: {DOCUMENT.lower()} of {info.id}, version {info.version}",
        keywords=", ".join(keywords(ctx)),
    )
