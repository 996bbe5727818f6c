"""A language's fields as text: for the terminal, and as a Markdown page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pass_engine.yamltext.describe import Field, all_fields, find_fields
from pass_engine.yamltext.model_faults import suggest

if TYPE_CHECKING:
    from pydantic import BaseModel

WIDTH = 100


class UnknownFieldError(LookupError):
    """There is no field of this path; ``mend`` says what there is."""

    def __init__(self, path: str, mend: str) -> None:
        """Keep the path asked for, and a suggestion."""
        super().__init__(path)
        self.path, self.mend = path, mend


def field_text(model: type[BaseModel], written: str) -> str:
    """What one field means, what it may hold, its default, and the fields below it."""
    found = find_fields(model, written)
    if not found:
        paths = [f.path for f in all_fields(model)]
        last = written.rsplit(".", 1)[-1]
        same = list(dict.fromkeys(p for p in paths if p.rsplit(".", 1)[-1] == last))
        raise UnknownFieldError(written, f"did you mean {same[0]}?" if same else suggest(written, paths))
    return "\n\n".join(_one(model, field, alone=len(found) == 1) for field in found)


def _one(model: type[BaseModel], field: Field, *, alone: bool) -> str:
    head = field.path if alone else f"{field.path} ({_kind_name(field)})"
    told = [head, *_wrapped("meaning", field.meaning), *_wrapped("holds", field.kind.replace("`", ""))]
    told += _wrapped("default", "none: it must be given" if field.required else field.default)
    below = [f for f in all_fields(model) if f.path.startswith(f"{field.path}.") and f.owner in field.models]
    if below:
        told.append("  fields")
        width = max(len(f.path) for f in below) - len(field.path) + 1
        told += [f"    {f.path[len(field.path) + 1 :]:<{width}}{f.meaning}" for f in below]
    return "\n".join(told)


def _kind_name(field: Field) -> str:
    return field.owner.__name__.lower()


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"  {name:<9}", subsequent_indent=" " * 11, break_on_hyphens=False
    ) or [f"  {name}"]


def markdown_tables(model: type[BaseModel]) -> str:
    """One table a part of the language, in reading order."""
    parts: dict[tuple[str, type[BaseModel]], list[Field]] = {}
    for field in all_fields(model):
        parts.setdefault((field.path.rpartition(".")[0], field.owner), []).append(field)
    return "\n".join(_table(path, owner, fields, parts) for (path, owner), fields in parts.items())


def _table(
    path: str, owner: type[BaseModel], fields: list[Field], parts: dict[tuple[str, type[BaseModel]], list[Field]]
) -> str:
    shared = sum(1 for other, _ in parts if other == path) > 1
    title = f"`{path}`" if path else "The file"
    if shared:
        title += f", kind `{owner.__name__.lower()}`" if "kind" in owner.model_fields else f": {owner.__name__}"
    about = (owner.__doc__ or "").strip().splitlines()[0].replace("``", "`")
    rows = [f"| `{f.path.rpartition('.')[2]}` | {_cell(f.kind)} | {_given(f)} | {_cell(f.meaning)} |" for f in fields]
    return "\n".join([f"## {title}\n\n{about}\n\n| field | holds | default | meaning |\n|---|---|---|---|", *rows, ""])


def _given(field: Field) -> str:
    return "required" if field.required else _cell(field.default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
