"""RECORD-PE checklist (Langan 2018, with the STROBE and RECORD items it adds to): where a document says what.

Items are in our own words under the numbers of the checklist. Pages are read from the finished PDF.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.documents.asked import Asked
from pass_engine.documents.record_pe_items import ITEMS
from pass_engine.report.assemble import blocks_of
from pass_engine.report.model import Heading, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pass_engine.documents.record_pe_items import Item
    from pass_engine.protocol import Protocol
    from pass_engine.report.model import Report, Section

HEAD: Final = ("item", "list", "what is to be reported", "reported", "section", "page")
ABSENT: Final = "–"


@dataclass(frozen=True)
class Place:
    """Where an item is dealt with."""

    item: Item
    verdict: str
    sections: str
    pages: str


def places_in(document: Report, protocol: Protocol, pages: Mapping[str, int], *, planned: bool) -> tuple[Place, ...]:
    """Every item with the sections that deal with it and their pages.

    Yes where one of its sections holds something, No where all wait for their people or the text it needs is not
    there, N/A where the study leaves nothing to report, or the document is a protocol (``planned``) and the item is
    about results. ``pages``: section number to page.
    """
    sections = {section.number: section for section in _all(document.sections)}
    asked = Asked(protocol)
    return tuple(_place(item, asked, sections, pages, item.protocol if planned else item.report) for item in ITEMS)


def _place(
    item: Item, asked: Asked, sections: Mapping[str, Section], pages: Mapping[str, int], wanted: tuple[str, ...]
) -> Place:
    told = _told(item, asked) if wanted else None
    found = [key for key in wanted if key == TITLE_PAGE or (key in sections and has_content(sections[key]))]
    if told is None or not told or not found:
        return Place(item, "N/A" if told is None else "No", ABSENT, ABSENT)
    numbers = [1 if key == TITLE_PAGE else pages.get(key, 0) for key in found]
    where = ", ".join(str(n) if n else ABSENT for n in dict.fromkeys(numbers))
    return Place(item, "Yes", ", ".join("title page" if k == TITLE_PAGE else k for k in found), where)


CONDITIONS: Final[dict[str, Callable[[Asked], bool | None]]] = {
    "dose": lambda asked: "cumulative_doses" in asked.covariates or "exposure_duration" in asked.covariates or None,
    "comparator": lambda asked: asked.has_comparator or None,
}
"""What an item needs that is no text of the protocol: without it the item does not apply."""


def _told(item: Item, asked: Asked) -> bool | None:
    if item.needs in CONDITIONS:
        return CONDITIONS[item.needs](asked)
    return asked.wrote(item.needs) if item.needs else True


TITLE_PAGE: Final = "title"


def has_content(section: Section) -> bool:
    """Does a section hold anything but headings and marks of what is missing?"""
    return any(not isinstance(block, Missing | Heading) for block in blocks_of(section))


def _all(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all(section.sections)


def pages_of(pdf: Path) -> dict[str, int]:
    """Number of each section, as its bookmark begins with it, to the page that the bookmark leads to, from 1."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    with pdf.open("rb") as handle:
        reader = PdfFileReader(handle)
        places = {page: number for number, page in enumerate(_pages(reader.root["/Pages"]), start=1)}
        outline = reader.root["/Outlines"] if "/Outlines" in reader.root else {}  # noqa: SIM401  get() would not look behind a reference
        found = _bookmarks(outline["/First"]) if "/First" in outline else ()
        return {_number(title): places[target] for title, target in found if target in places}


def _number(title: str) -> str:
    """``9.1`` of ``9.1 Study design``; ``Annex 2`` of ``Annex 2 Additional information``."""
    words = title.split()
    return " ".join(words[:2]) if words[0] == "Annex" else words[0].rstrip(".")


def _pages(node: object) -> Iterator[int]:
    """Object numbers of the pages below a node of the page tree, in order."""
    for kid in node.raw_get("/Kids"):  # type: ignore[attr-defined]
        inner = kid.get_object()
        if "/Kids" in inner:
            yield from _pages(inner)
        else:
            yield kid.reference.idnum


def _bookmarks(first: object) -> Iterator[tuple[str, int]]:
    node = first
    while node is not None:
        yield str(node["/Title"]), node["/Dest"].raw_get(0).reference.idnum  # type: ignore[index]
        if "/First" in node:  # type: ignore[operator]
            yield from _bookmarks(node["/First"])  # type: ignore[index]
        node = node["/Next"] if "/Next" in node else None  # type: ignore[index,operator]  # noqa: SIM401
