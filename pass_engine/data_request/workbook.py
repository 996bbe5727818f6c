"""The request as an Excel workbook, with columns in which the registry answers. The same bytes every time."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final

from pass_engine.data_request.content import DOCUMENT, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.data_request.content import Request

ANSWERS: Final = ("collected (yes, no, partly)", "since (year)", "how full (estimate)", "remark of the registry")
WIDTHS: Final = {"about": (26, 100), "variables": (20, 26, 44, 30, 34, 11, 60, 24, 14, 18, 40)}
PLAIN: Final = 24


def to_workbook(request: Request) -> bytes:
    """The workbook: about, variables with room for answers, values, substances, codes."""
    import xlsxwriter

    memory = io.BytesIO()
    # In memory, since parts in files carry the time at which they are written.
    book = xlsxwriter.Workbook(memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    info = request.protocol.study.study
    created = datetime.combine(info.date, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": f"{DOCUMENT}: {info.id}", "subject": request.title, "created": created})
    about = [*request.facts, *(("", rule) for rule in request.rules), *LEVELS]
    _sheet(book, "about", (f"{DOCUMENT}: {info.id}", f"{request.title}. {request.version}"), about)
    variables = [
        (t.name, v.name, v.meaning, v.form, ", ".join(v.values), v.level, "; ".join(v.reasons), *("" for _ in ANSWERS))
        for t in request.tables
        for v in t.variables
    ]
    _sheet(book, "variables", ("table", "variable", "meaning", "form", "values", "level", "why", *ANSWERS), variables)
    values = [(t.name, v.name, value) for t in request.tables for v in t.variables for value in v.values]
    _sheet(book, "values", ("table", "variable", "value"), values)
    _sheet(book, "substances", ("substance", "exposure", "table"), request.substances)
    _sheet(book, "codes", ("code list", "system", "code", "match", "label"), request.codes)
    book.close()
    return memory.getvalue()


def _sheet(book: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate(WIDTHS.get(name, (PLAIN,) * len(head))):
        sheet.set_column(place, place, width)
    for place, text in enumerate(head):
        sheet.write_string(0, place, text, bold)
    number = 0
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text, wrapped)
    sheet.freeze_panes(1, 0)
    if number and name != "about":
        sheet.autofilter(0, 0, number, len(head) - 1)
