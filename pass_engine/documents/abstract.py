"""Section 4 of a protocol: the stand-alone abstract, under the sub-headings of its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.documents.methods import SECONDARY_USE
from pass_engine.protocol.sentences import say
from pass_engine.protocol.sentences.words import lower_first
from pass_engine.report.model import Block, Bullets, Heading, Missing, Paragraph, Section
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.sections.front import names_of
from pass_engine.report.sections.parts import paragraphs, summary, together
from pass_engine.report.tables.definitions import MILESTONES
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from pass_engine.report.context import Context


def abstract(ctx: Context) -> Section:
    """All sub-headings in their order."""
    info = ctx.study.study
    questions = tuple(o.question for o in info.objectives)
    authors = "; ".join(names_of(info)) or lower_first(TO_BE_COMPLETED)
    title = f"{info.title}. Version {info.version}, {format_date(info.date)}. Main author: {authors}."
    parts: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("Title", (Paragraph(title),)),
        ("Rationale and background", (summary(ctx, "rationale"),)),
        ("Research question and objectives", (Bullets(questions) if questions else Missing(),)),
        ("Study design", together(say(ctx.study, "design"))),
        ("Population", together(_population(ctx))),
        ("Variables", _variables(ctx)),
        ("Data sources", paragraphs(_sources(ctx))),
        ("Study size", (summary(ctx, "study_size"),)),
        ("Data analysis", (Bullets(say(ctx.study, "measures")),)),
        ("Milestones", (_milestones(ctx),)),
    )
    return Section("4", "Abstract", tuple(block for name, body in parts for block in (Heading(name), *body)))


def _population(ctx: Context) -> tuple[str, ...]:
    period = ctx.study.population.period
    invited = join_words([ctx.names.registry(key) for key in ctx.study.data.registries])
    asked = "; ".join(lower_first(c.why) for c in ctx.study.population.criteria)
    return (
        (
            f"Persons of the registries {invited} who begin an exposure between {format_date(period.start)} and "
            f"{format_date(period.end)}."
        ),
        f"Entry criteria: {asked}." if asked else "There is no further entry criterion.",
    )


def _variables(ctx: Context) -> tuple[Block, ...]:
    outcomes = join_words(list(dict.fromkeys(ctx.names.outcome(c.outcome) for c in ctx.combos)))
    exposures = join_words([e.label for e in ctx.study.exposures.values()])
    return paragraphs(f"Exposures: {exposures}. Outcomes: {outcomes or 'see section 9.1'}.")


def _sources(ctx: Context) -> str:
    first = SECONDARY_USE.partition(". ")[0]
    model = ctx.study.data.model
    return f"{first}. Each registry maps its data to one core data model ({model}), and only counts leave it."


def _milestones(ctx: Context) -> Block:
    given = [m for m in ctx.study.study.milestones if m.planned]
    said = "; ".join(f"{lower_first(MILESTONES[m.event])}: {format_date(m.planned)}" for m in given if m.planned)
    return Paragraph(f"{said[:1].upper()}{said[1:]}.") if said else Missing()
