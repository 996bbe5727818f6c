"""From sections to a whole document: numbers, references, abbreviations, page furniture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pass_engine
from pass_engine.report.assemble import blocks_of, number_sections, refer_section, texts_of
from pass_engine.report.glossary import abbreviations_in
from pass_engine.report.lint import check_report
from pass_engine.report.model import Facts, Figure, Furniture, Missing, Report, Table
from pass_engine.report.notes import DIGEST_LENGTH
from pass_engine.report.tables.definitions import LATER
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from pass_engine.report.model import Cover, Section
    from pass_engine.report.reading import Run


def finish(cover: Cover, furniture: Furniture, sections: tuple[Section, ...], run: Run, **said: Any) -> Report:
    """Number tables and figures, put references in place, and look for what a report of this run would be refused for.

    ``said``: authors, description, keywords, and draft, which holds whatever is still missing.
    """
    numbered, labels = number_sections(sections)
    finished = tuple(refer_section(section, labels) for section in numbered)
    blocks = [block for section in finished for block in blocks_of(section)]
    report = Report(
        cover=cover,
        furniture=furniture,
        sections=finished,
        tables=tuple(b for b in blocks if isinstance(b, Table)),
        figures=tuple(b for b in blocks if isinstance(b, Figure)),
        authors=said["authors"],
        description=said["description"],
        keywords=said["keywords"],
        engine=pass_engine.__version__,
    )
    check_report(report, run)
    return report


def as_draft(furniture: Furniture, *parts: Any) -> Furniture:
    """Furniture marked draft where a part still waits for its people."""
    blocks = [b for part in parts for b in _blocks(part)]
    incomplete = any(isinstance(b, Missing) for b in blocks) or bool({TO_BE_COMPLETED, LATER} & set(texts_of(parts)))
    return replace(furniture, draft=furniture.draft or incomplete)


def _blocks(part: Any) -> list[Any]:
    if isinstance(part, tuple):
        return [b for one in part for b in _blocks(one)]
    return list(blocks_of(part)) if hasattr(part, "blocks") else []


def abbreviations(sections: tuple[Section, ...]) -> Facts:
    """Abbreviations that the sections use."""
    used = abbreviations_in(texts_of(sections))
    return Facts("", tuple((short, (meaning,)) for short, meaning in used), narrow=True)


def short_digest(digest: str) -> str:
    """As much of a digest as is printed where space is short."""
    return digest[:DIGEST_LENGTH]
