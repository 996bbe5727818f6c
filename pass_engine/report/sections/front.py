"""The title page and sections 3 to 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.glossary import country
from pass_engine.report.model import Block, Bullets, Cover, Facts, Heading, Missing, Section
from pass_engine.report.notes import DIGEST_LENGTH
from pass_engine.report.numbers import format_date
from pass_engine.report.sections.parts import paragraphs, prose
from pass_engine.report.tables.definitions import amendments, milestones, registries
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from pass_engine.protocol.models import StudyInfo
    from pass_engine.report.context import Context

KINDS: Final = {"PASS": "Post-authorisation safety study", "PAES": "Post-authorisation efficacy study"}
RANKS: Final = {"primary": "Primary", "secondary": "Secondary", "exploratory": "Exploratory"}


def cover(ctx: Context) -> Cover:
    """The title page: the information table in its fixed order, then the holders."""
    info = ctx.study.study
    digest = ctx.run.protocol.digest[:DIGEST_LENGTH]
    return Cover(
        kind=f"{KINDS[info.type]} ({info.type})",
        document=ctx.kind.document,
        title=info.title,
        scope=ctx.kind.scope,
        subtitle=f"Version {info.version} · {format_date(info.date)} · protocol digest {digest}",
        facts=Facts(f"{info.type} information", _information(ctx)),
        holders=Facts("Marketing authorisation holder(s)", holders_of(info)),
    )


def _information(ctx: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
    info = ctx.study.study
    joint = {None: (), True: ("Yes",), False: ("No",)}[info.joint_pass]
    rows: list[tuple[str, tuple[str, ...]]] = [
        ("Title", (info.title,)),
        (
            f"Version identifier of the {ctx.kind.name}",
            (f"{info.version}{' (draft)' if info.status == 'draft' else ''}",),
        ),
        (f"Date of last version of the {ctx.kind.name}", (format_date(info.date),)),
        ("EU PAS register number", (info.register_number,) if info.register_number else ()),
        ("Active substance", tuple(f"{s.inn} ({s.atc})" if s.atc else s.inn for s in info.substances)),
        ("Medicinal product", info.products),
        ("Product reference", info.product_references),
        ("Procedure number", (info.procedure_number,) if info.procedure_number else ()),
        ("Marketing authorisation holder(s)", tuple(h.name for h in info.holders)),
        (f"Joint {info.type}", joint),
        ("Research question and objectives", tuple(o.question for o in info.objectives)),
        ("Country(-ies) of study", (", ".join(country(c) for c in ctx.countries),) if ctx.countries else ()),
        ("Author", names_of(info)),
    ]
    return tuple((term, values or (TO_BE_COMPLETED,)) for term, values in rows)


def names_of(info: StudyInfo) -> tuple[str, ...]:
    """Main authors with their affiliations."""
    return tuple(f"{a.name}, {a.affiliation}" if a.affiliation else a.name for a in info.authors)


def holders_of(info: StudyInfo) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The table of holders: term and values."""
    names = tuple(f"{h.name}, {h.address}" if h.address else h.name for h in info.holders)
    contacts = tuple(h.contact for h in info.holders if h.contact)
    return (
        ("Marketing authorisation holder(s)", names or (TO_BE_COMPLETED,)),
        ("MAH contact person", contacts or (TO_BE_COMPLETED,)),
    )


def front_sections(ctx: Context) -> tuple[Section, ...]:
    """Sections 3 to 8."""
    return (
        Section("3", "Investigators", _investigators(ctx)),
        Section("4", "Other responsible parties", _responsible(ctx)),
        Section("5", "Milestones", (milestones(ctx),)),
        Section("6", "Rationale and background", (prose(ctx, "rationale"),)),
        Section("7", "Research question and objectives", _objectives(ctx)),
        Section("8", "Amendments and updates", (amendments(ctx),)),
    )


def _investigators(ctx: Context) -> tuple[Block, ...]:
    authors = ctx.study.study.authors
    people: Block = (
        Facts("Main authors", tuple((a.name, (a.affiliation or TO_BE_COMPLETED,)) for a in authors))
        if authors
        else Missing("Names, titles, degrees, addresses and affiliations of the principal and co-investigators")
    )
    several = len(ctx.run.contributors) > 1
    subject = (
        "The registries in [[registries]] are the institutions that hold"
        if several
        else "The registry in [[registries]] is the institution that holds"
    )
    text = paragraphs(f"{subject} the data.")
    return (people, *text, registries(ctx))


def _responsible(ctx: Context) -> tuple[Block, ...]:
    rows = tuple((h.name, tuple(v for v in (h.address, h.contact) if v)) for h in ctx.study.study.holders)
    if any(values for _, values in rows):
        return (Facts("Marketing authorisation holders", tuple((n, v or (TO_BE_COMPLETED,)) for n, v in rows)),)
    return (
        Missing("Staff of the marketing authorisation holder, steering committee, statisticians, coordinating centre"),
    )


def _objectives(ctx: Context) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for kind, rank in RANKS.items():
        items = tuple(o.question for o in ctx.study.study.objectives if o.kind == kind)
        if items:
            blocks += [Heading(f"{rank} objective{'s' if len(items) > 1 else ''}"), Bullets(items)]
    return tuple(blocks) or (Missing(),)
