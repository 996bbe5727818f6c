"""A study's prose: Markdown to HTML that can do nothing. Raw HTML stays text, links and images are not live.

What the parser makes is cleaned once more against a list of tags, so that no fault of one of the two is enough.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SHIFT: Final = 3
"""Headings inside prose stand below the numbered ones, which go down to level 3."""
DEEPEST: Final = 6
TAGS: Final = frozenset(
    {
        *("p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "br", "hr", "h4", "h5", "h6"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
"""All that prose may hold. No attribute but the first number of a list."""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return (
        MarkdownIt("commonmark", {"html": False, "linkify": False})
        .enable("table")
        .disable(["image", "html_block", "html_inline"])
    )


def to_html(text: str) -> str:
    """HTML of a prose file. Link texts stay, their addresses are printed behind them in brackets."""
    import nh3

    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + SHIFT, DEEPEST)}"
        if token.children:
            token.children = _inert(token.children)
    return nh3.clean(parser.renderer.render(tokens, parser.options, {}), tags=set(TAGS), attributes={"ol": {"start"}})


def _inert(tokens: list[Token]) -> list[Token]:
    from markdown_it.token import Token

    kept: list[Token] = []
    address, said = "", 0
    for token in tokens:
        if token.type == "link_open":
            address, said = str(token.attrGet("href") or ""), len(kept)
        elif token.type == "link_close":
            shown = "".join(t.content for t in kept[said:])
            if address and address != shown:
                kept.append(Token("text", "", 0, content=f" ({address})"))
        else:
            kept.append(token)
    return kept


def first_paragraph(text: str) -> str:
    """The first paragraph of a prose file as plain text, for the abstract."""
    tokens = _parser().parse(text)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.children:
            return "".join(t.content if t.type != "softbreak" else " " for t in token.children)
    return ""
