"""Prose of a study, already safe HTML, as paragraphs and tables of a Word document."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from pass_engine.report.word_xml import Look, paragraph, plain_table, run

if TYPE_CHECKING:
    from collections.abc import Iterator

STYLES: Final = {"h4": "Heading4", "h5": "Heading5", "h6": "Heading6", "blockquote": "Quote"}
LISTS: Final = {"ul": "ListBullet", "ol": "ListNumber"}
BLOCKS: Final = frozenset({"p", "li", "pre", *STYLES})


def prose_parts(html: str) -> Iterator[str]:
    """The parts of the body that a prose file becomes, in its order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.finish()
    yield from reader.parts


class _Reader(HTMLParser):
    """Reads what Markdown makes: paragraphs, headings, lists, quotes, code, tables, bold and italic."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.runs: list[str] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  the library's
        if tag in BLOCKS:
            self.finish()
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in {"br", "hr"}:
            self.open.append(tag)
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.finish()
        if tag == "table":
            self.parts.append(plain_table(self.rows))
            self.rows = []
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self.rows and self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        elif data.strip() or self.runs:
            text = data if "pre" in self.open else data.replace("\n", " ")
            self.runs.append(run(text, Look("strong" in self.open, "em" in self.open)))

    def finish(self) -> None:
        """Close the paragraph that is open, in the style of what it stands in."""
        if self.runs:
            style = next((STYLES[t] for t in self.open if t in STYLES), "")
            style = next((LISTS[t] for t in reversed(self.open) if t in LISTS), style)
            self.parts.append(paragraph("".join(self.runs), style))
            self.runs = []
