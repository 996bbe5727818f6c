"""The request as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.data_request.content import DOCUMENT, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.data_request.content import AskedTable, Request, Variable


def to_markdown(request: Request) -> str:
    """The whole text."""
    return "\n".join(_lines(request)) + "\n"


def _lines(request: Request) -> Iterator[str]:
    yield f"# {DOCUMENT}: {_safe(request.title)}\n"
    yield f"{request.version}\n"
    yield from _grid(("", ""), request.facts)
    yield "\n## How to read it\n"
    yield from (f"- {_safe(rule)}" for rule in request.rules)
    yield ""
    yield from (f"- **{level}**: {meaning}" for level, meaning in LEVELS)
    yield "\n## Variables\n"
    for table in request.tables:
        yield from _table(table)
    if request.substances:
        yield "## Substances\n\nNames as the study writes them under `substance`.\n"
        yield from _grid(("substance", "exposure", "table"), request.substances)
        yield ""
    if request.code_lists:
        yield "## Code lists\n\nThe codes themselves stand in the workbook and in the protocol's folder.\n"
        yield from _grid(("code list", "system", "rows"), ((p, s, str(n)) for p, s, n in request.code_lists))
        yield ""
    if request.not_asked:
        names = ", ".join(request.not_asked)
        yield f"## Not asked for\n\nTables of the core model that this study does not read: {names}."


def _table(table: AskedTable) -> Iterator[str]:
    yield f"### {table.name}\n\n{table.grain[0].upper()}{table.grain[1:]}.\n"
    rows = ((f"`{v.name}`", v.meaning, _form(v), v.level, "; ".join(v.reasons)) for v in table.variables)
    yield from _grid(("variable", "meaning", "form", "level", "why"), rows)
    yield ""


def _form(variable: Variable) -> str:
    if not variable.values:
        return variable.form
    return f"{variable.form}: {', '.join(variable.values)}"


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_safe(cell) for cell in row)} |"


def _safe(text: str) -> str:
    """A text that Markdown shows as it is written, on one line."""
    for character in ("\\", "|", "*", "_", "<", "["):
        if not text.startswith("`"):
            text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
