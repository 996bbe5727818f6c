"""Annexes of a protocol: stand-alone documents, the ENCePP checklist, and additional information."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pass_engine.documents.encepp import REVISION, TITLES, answer_checklist
from pass_engine.documents.harper import harper_tables
from pass_engine.documents.shells import shell_sections
from pass_engine.protocol.sentences import say
from pass_engine.report.cells import text
from pass_engine.report.model import Bullets, Cell, Column, Facts, Line, Section, Table
from pass_engine.report.numbers import format_date
from pass_engine.report.sections.front import names_of
from pass_engine.report.sections.parts import paragraphs
from pass_engine.report.tables.definitions import catalogue, code_list, identity, rules
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.documents.encepp import Answer
    from pass_engine.report.attachments import AttachedFile
    from pass_engine.report.context import Context
    from pass_engine.report.model import Block

TICK: Final = "X"
VERDICTS: Final = ("Yes", "No", "N/A")


def annexes(ctx: Context, attached: Sequence[AttachedFile]) -> tuple[Section, ...]:
    """The three annexes; ``attached`` are the files inside the PDF."""
    return (
        Section("Annex 1", "List of stand-alone documents", (*_intro(), documents(ctx, attached))),
        Section("Annex 2", "ENCePP checklist for study protocols", checklist(ctx)),
        Section("Annex 3", "Additional information", (), _additional(ctx)),
    )


def _intro() -> tuple[Block, ...]:
    return paragraphs(
        "The documents in [[documents]] are attached to this file; a PDF reader lists them under attachments. A digest "
        "tells whether a copy is the same, byte for byte."
    )


def documents(ctx: Context, attached: Sequence[AttachedFile]) -> Table:
    """Attached files with their digests."""
    columns = (
        Column("No.", 0.4, numeric=False),
        Column("Document reference", 1.9, numeric=False),
        Column("Date", 1.3, numeric=False),
        Column("Title, and SHA-256 of the file", 4.6, numeric=False),
    )
    day = format_date(ctx.study.study.date)
    lines = [
        Line((text(str(number)), text(file.name), text(day), Cell(file.title, (file.digest,))))
        for number, file in enumerate(attached, start=1)
    ]
    title = "Stand-alone documents attached to this protocol"
    none = "No document is attached."
    return make("documents", title, columns, lines, identity(ctx), empty=none, compact=True)


def checklist(ctx: Context) -> tuple[Block, ...]:
    """The checklist with the study above it and the signature below."""
    info = ctx.study.study
    answers = answer_checklist(ctx.run.protocol)
    head = Facts(REVISION, (
        ("Study title", (info.title,)),
        ("EU PAS register number", (info.register_number or TO_BE_COMPLETED,)),
        ("Study reference number", (info.id,)),
    ))  # fmt: skip
    foot = Facts("Signed", (
        ("Name of the main author of the protocol", names_of(info)[:1] or (TO_BE_COMPLETED,)),
        ("Date", (TO_BE_COMPLETED,)),
        ("Signature", (TO_BE_COMPLETED,)),
    ))  # fmt: skip
    told = (
        "Every question is answered from the fields of the protocol named beside it: Yes where one is filled, No where "
        "it is empty, N/A where this kind of study leaves nothing to answer. Whether what is written there suffices is "
        "for a reader to judge. Questions are in the words of this document, under the numbers of the checklist."
    )
    return (head, *paragraphs(told), encepp_table(ctx, answers), foot)


def encepp_table(ctx: Context, answers: Sequence[Answer]) -> Table:
    """All questions by section."""
    columns = (
        Column("No.", 0.6, numeric=False),
        Column("Does the protocol give", 3.3, numeric=False),
        *(Column(verdict, 0.45, numeric=False) for verdict in VERDICTS),
        Column("Section", 0.75, numeric=False),
        Column("Answered from", 2.6, numeric=False),
    )
    lines: list[Line] = []
    for chapter, title in TITLES.items():
        lines.append(group(f"Section {chapter}: {title}", len(columns)))
        lines += [_answer(answer) for answer in answers if answer.chapter == chapter]
    return make("encepp", "ENCePP checklist, answered from the protocol", columns, lines, identity(ctx), compact=True)


def _answer(answer: Answer) -> Line:
    ticks = (text(TICK if answer.verdict == verdict else "") for verdict in VERDICTS)
    question = answer.question
    return Line((text(question.number), text(question.text), *ticks, text(answer.section), text(question.paths)))


def _additional(ctx: Context) -> tuple[Section, ...]:
    lists = tuple(code_list(ctx, path) for path in ctx.run.protocol.code_lists)
    harper = "The tables of the HARPER template, filled from the protocol; what it does not say is said to be missing."
    shells = (
        "The tables of the report to come, laid out from the protocol alone. They are made by the program that makes "
        "the report's, and so have its columns and lines; a table of the report leaves out lines without person-time. "
        "It says below it the data cut, the registries that contributed, the analysis set, the time at risk, the "
        "measure and its interval, the rule on small counts, the protocol with its digest, and the engine's version."
    )
    programs = replace(catalogue(ctx), title="SQL of the study, in reading order")
    return (
        Section("A3.1", "Code lists", lists or paragraphs("No outcome of this study uses a code list.")),
        Section("A3.2", "HARPER tables", (*paragraphs(harper), *harper_tables(ctx))),
        Section("A3.3", "Table shells", paragraphs(shells), shell_sections(ctx, "A3.3")),
        Section("A3.4", "Rules on days and person-time", (Bullets(say(ctx.study, "days")), rules(ctx))),
        Section("A3.5", "Programs", (programs,)),
    )
