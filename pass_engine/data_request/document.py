"""The request as the model that the report's PDF is made from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pass_engine
from pass_engine.data_request.content import DOCUMENT, LEVELS
from pass_engine.report.model import (
    Bullets,
    Cell,
    Column,
    Cover,
    Facts,
    Furniture,
    Line,
    Paragraph,
    Report,
    Section,
    Table,
)
from pass_engine.report.notes import DIGEST_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.data_request.content import AskedTable, Request, Variable
    from pass_engine.report.model import Block

VARIABLES = (
    Column("Variable", 1.5, numeric=False),
    Column("Meaning", 1.7, numeric=False),
    Column("Form", 2.0, numeric=False),
    Column("Level", 0.8, numeric=False),
    Column("Why", 2.6, numeric=False),
)
SUBSTANCES = (
    Column("Substance", 2, numeric=False),
    Column("Exposure", 3, numeric=False),
    Column("Table", 1.4, numeric=False),
)
CODE_LISTS = (Column("Code list", 3, numeric=False), Column("System", 2, numeric=False), Column("Rows", 1))


def to_document(request: Request) -> Report:
    """The whole document, numbered."""
    info = request.protocol.study.study
    sections = tuple(_numbered(section) for section in _sections(request))
    tables = [b for s in sections for part in (s, *s.sections) for b in part.blocks if isinstance(b, Table)]
    return Report(
        cover=Cover(
            kind=info.id,
            document=DOCUMENT,
            title=info.title,
            subtitle=request.version,
            facts=Facts("What the study asks for", tuple((term, (value,)) for term, value in request.facts)),
            holders=Facts("Levels", tuple((level, (meaning,)) for level, meaning in LEVELS)),
        ),
        furniture=Furniture(
            study_id=info.id,
            document=DOCUMENT,
            version=info.version,
            iso_date=info.date.isoformat(),
            digest=request.protocol.digest[:DIGEST_LENGTH],
            notice="",
            draft=info.status == "draft",
        ),
        sections=sections,
        tables=tuple(tables),
        figures=(),
        authors="; ".join(a.name for a in info.authors),
        description=f"{DOCUMENT} of {info.id}, version {info.version}: variables asked of a registry, and why",
        keywords=", ".join(dict.fromkeys(("data request", "registry", *(s.inn for s in info.substances)))),
        engine=pass_engine.__version__,
    )


def _sections(request: Request) -> Iterable[Section]:
    yield Section("1", "How to read it", (Bullets(request.rules),))
    parts = tuple(
        Section(f"2.{number}", table.name, (Paragraph(_sentence(table.grain)), _table(table)))
        for number, table in enumerate(request.tables, 1)
    )
    yield Section("2", "Variables", (), parts)
    substances = Table("substances", "Substances by which an exposure is known", SUBSTANCES, _lines(request.substances),
                       empty="The exposures of this study are not known by substances.")  # fmt: skip
    lists = Table("code-lists", "Code lists of the outcomes", CODE_LISTS,
                  _lines((path, system, str(n)) for path, system, n in request.code_lists),
                  notes=("The codes themselves stand in the workbook, and in the folder of the protocol.",),
                  empty="No outcome of this study is known by codes.")  # fmt: skip
    yield Section("3", "Substances and codes", (substances, lists))
    if request.not_asked:
        text = f"Tables of the core model that this study does not read: {', '.join(request.not_asked)}."
        yield Section("4", "Not asked for", (Paragraph(text),))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _table(table: AskedTable) -> Table:
    lines = ((v.name, v.meaning, _form(v), v.level, "; ".join(v.reasons)) for v in table.variables)
    return Table(table.name, f"Variables of {table.name}", VARIABLES, _lines(lines))


def _form(variable: Variable) -> str:
    return f"{variable.form}: {', '.join(variable.values)}" if variable.values else variable.form


def _lines(rows: Iterable[tuple[str, ...]]) -> tuple[Line, ...]:
    return tuple(Line(tuple(Cell(text) for text in row)) for row in rows)


def _numbered(section: Section) -> Section:
    """Tables numbered within their section: 2.1-1."""
    count = 0
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, Table):
            count += 1
            blocks.append(replace(block, number=f"{section.number}-{count}"))
        else:
            blocks.append(block)
    return replace(section, blocks=tuple(blocks), sections=tuple(_numbered(s) for s in section.sections))
