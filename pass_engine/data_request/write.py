"""Write the three forms into a folder; each whole before the next takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.data_request.content import make_request
from pass_engine.data_request.document import to_document
from pass_engine.data_request.markdown import to_markdown
from pass_engine.data_request.workbook import to_workbook
from pass_engine.errors import Fault, ReportError
from pass_engine.report.pdf import write_pdf
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.protocol import Protocol

STEM: Final = "data-request"
ENDINGS: Final = (".md", ".xlsx", ".pdf")


def write_request(protocol: Protocol, out: Path) -> tuple[Path, ...]:
    """Write ``data-request.md``, ``.xlsx`` and ``.pdf`` into ``out``; earlier ones are replaced, all three or none.

    Raises ReportError where the folder cannot be written, or a letter of the protocol has no place in the fonts.
    """
    request = make_request(protocol)
    halves = {out / f"{STEM}{ending}": out / f".{STEM}{ending}.part" for ending in ENDINGS}
    text, book, pdf = halves.values()
    try:
        out.mkdir(parents=True, exist_ok=True)
        text.write_text(to_markdown(request), encoding="utf-8", newline="\n")
        book.write_bytes(to_workbook(request))
        write_pdf(to_document(request), (), pdf)
        for target, half in halves.items():
            half.replace(target)
    except OSError as error:
        raise ReportError(_unwritten(out, error)) from error
    finally:
        for half in halves.values():
            if half.parent.is_dir():
                half.unlink(missing_ok=True)
    return tuple(halves)


def _unwritten(out: Path, error: OSError) -> Fault:
    found = (error.strerror or "an error of the system").lower()
    problem = "the data request cannot be written there"
    return Fault(shown_name(out), "--out", found, problem, "name a folder that may be written", "PE805")
