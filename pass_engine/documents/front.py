"""Title page of a protocol, and its sections 3 to 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.documents.asked import NO_HYPOTHESIS
from pass_engine.documents.contents import short_digest
from pass_engine.report.glossary import country
from pass_engine.report.model import Block, Bullets, Column, Cover, Facts, Heading, Missing, Section, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.sections.front import KINDS, RANKS, holders_of, names_of
from pass_engine.report.sections.parts import paragraphs, prose
from pass_engine.report.tables.definitions import LATER, MILESTONES, MUST_HAVE, amendments, identity, words
from pass_engine.report.tables.layout import make
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from pass_engine.report.context import Context

DOCUMENT: Final = "Study protocol"
JOINT: Final = {None: (), True: ("Yes",), False: ("No",)}


def cover(ctx: Context) -> Cover:
    """The title page: the information table in the order of the format, then the holders."""
    info = ctx.study.study
    return Cover(
        kind=f"{KINDS[info.type]} ({info.type})",
        document=DOCUMENT,
        title=info.title,
        subtitle=f"Version {info.version} · {format_date(info.date)} · protocol digest "
        f"{short_digest(ctx.run.protocol.digest)}",
        facts=Facts(f"{info.type} information", _information(ctx)),
        holders=Facts("Marketing authorisation holder(s)", holders_of(info)),
    )


def _information(ctx: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
    info = ctx.study.study
    rows: list[tuple[str, tuple[str, ...]]] = [
        ("Title", (info.title,)),
        ("Protocol version identifier", (f"{info.version}{' (draft)' if info.status == 'draft' else ''}",)),
        ("Date of last version of the protocol", (format_date(info.date),)),
        ("EU PAS register number", (info.register_number,) if info.register_number else ()),
        ("Active substance", tuple(f"{s.inn} ({s.atc})" if s.atc else s.inn for s in info.substances)),
        ("Medicinal product", info.products),
        ("Product reference", info.product_references),
        ("Procedure number", (info.procedure_number,) if info.procedure_number else ()),
        ("Marketing authorisation holder(s)", tuple(h.name for h in info.holders)),
        (f"Joint {info.type}", JOINT[info.joint_pass]),
        ("Research question and objectives", tuple(o.question for o in info.objectives)),
        ("Country(-ies) of study", (", ".join(country(c) for c in ctx.countries),) if ctx.countries else ()),
        ("Author", names_of(info)),
    ]
    return tuple((term, values or (TO_BE_COMPLETED,)) for term, values in rows)


def front_sections(ctx: Context) -> tuple[Section, ...]:
    """Section 3, and sections 5 to 8; the abstract stands between."""
    return (
        Section("3", "Responsible parties", _responsible(ctx)),
        Section("5", "Amendments and updates", (amendments(ctx),)),
        Section("6", "Milestones", (milestones(ctx),)),
        Section("7", "Rationale and background", (prose(ctx, "rationale"),)),
        Section("8", "Research question and objectives", objectives(ctx)),
    )


def _responsible(ctx: Context) -> tuple[Block, ...]:
    info = ctx.study.study
    authors = Facts("Main authors", tuple((a.name, (a.affiliation or TO_BE_COMPLETED,)) for a in info.authors))
    holders = Facts("Marketing authorisation holders",
                    tuple((h.name, tuple(v for v in (h.address, h.contact) if v) or (TO_BE_COMPLETED,))
                          for h in info.holders))  # fmt: skip
    people = tuple(facts for facts in (authors, holders) if facts.rows)
    written = prose(ctx, "responsible_parties")
    hint = "Main author, principal investigator, coordinating investigator of each country, and MAH contact person"
    named = join_words([ctx.names.registry(key) for key in info_registries(ctx)])
    told = (
        f"Registries invited: {named}. Each decides for itself whether it takes part; the report tells which did. The "
        "institutions and sites behind each registry are those that it reports from."
    )
    return (*people, Missing(hint) if isinstance(written, Missing) else written, *paragraphs(told))


def info_registries(ctx: Context) -> tuple[str, ...]:
    """Registries invited, in the order of the protocol."""
    return ctx.study.data.registries


def milestones(ctx: Context) -> Table:
    """Milestones with their planned dates."""
    columns = (Column("Milestone", 3.2, numeric=False), Column("Planned date", 2.0, numeric=False))
    given = ctx.study.study.milestones
    named = {m.event for m in given}
    lines = []
    for event, label in MILESTONES.items():
        lines += [words(label, format_date(m.planned) if m.planned else LATER) for m in given if m.event == event]
        if event in MUST_HAVE and event not in named:
            lines.append(words(label, LATER))
    return make("milestones", "Milestones", columns, lines, identity(ctx))


def objectives(ctx: Context) -> tuple[Block, ...]:
    """Objectives by rank, then hypotheses."""
    blocks: list[Block] = []
    every = ctx.study.study.objectives
    for kind, rank in RANKS.items():
        items = tuple(o.question for o in every if o.kind == kind)
        if items:
            blocks += [Heading(f"{rank} objective{'s' if len(items) > 1 else ''}"), Bullets(items)]
    if not blocks:
        return (Missing(),)
    return (*blocks, Heading("Hypotheses"), *_hypotheses(ctx))


def _hypotheses(ctx: Context) -> tuple[Block, ...]:
    said = [o.hypothesis for o in ctx.study.study.objectives if o.hypothesis]
    if not said:
        return (Missing("Hypotheses to be tested, or that there is none a priori"),)
    tested = tuple(h for h in dict.fromkeys(said) if h != NO_HYPOTHESIS)
    if not tested:
        return paragraphs("There is no a priori hypothesis: the study describes and estimates.")
    return (Bullets(tested),)
