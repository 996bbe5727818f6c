"""Small pieces that sections are put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.markdown import first_paragraph, to_html
from pass_engine.report.model import Block, Missing, Paragraph, Prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.report.context import Context


def prose(ctx: Context, key: str) -> Block:
    """What the study's people wrote, or the mark that nobody has."""
    text = ctx.run.protocol.prose.get(key, "").strip()
    return Prose(to_html(text)) if text else Missing()


def summary(ctx: Context, key: str) -> Block:
    """The first paragraph of what people wrote, or the mark."""
    text = first_paragraph(ctx.run.protocol.prose.get(key, ""))
    return Paragraph(text) if text else Missing()


def paragraphs(*texts: str) -> tuple[Paragraph, ...]:
    """Each text a paragraph; empty ones left out."""
    return tuple(Paragraph(text) for text in texts if text)


def together(sentences: Iterable[str]) -> tuple[Paragraph, ...]:
    """Sentences as one paragraph."""
    return paragraphs(" ".join(sentences))


def present(*blocks: Block | None) -> tuple[Block, ...]:
    """Those blocks that are there."""
    return tuple(block for block in blocks if block is not None)
