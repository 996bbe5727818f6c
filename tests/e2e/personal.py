"""What of a registry's raw rows must not be found outside it: identifiers, dates and words as its files have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pass_engine.registry import load_registry
from pass_engine.source import load_source
from pass_engine.store import open_store
from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from pathlib import Path

SHORTEST = 4
"""Characters: shorter values are codes of yes and no, and would be found in any text."""
WHOLE_NUMBER = re.compile(r"\d+")
WORD = re.compile(r"[^\s\",;'(){}\[\]|]+")


def personal_values(registry: Path) -> set[str]:
    """Every distinct value of every raw column, but whole numbers of columns that are no identifier."""
    loaded, values = load_registry(registry), set()
    with open_store() as store:
        for raw in load_source(store, loaded):
            mapped = loaded.registry.source.tables[raw.table].columns.get("person_id")
            identifier = mapped if isinstance(mapped, str) else getattr(mapped, "from_", "")
            for column in raw.columns:
                rows = store.fetch(f'SELECT DISTINCT CAST("{column}" AS VARCHAR) FROM {raw.name}')  # noqa: S608
                found = {str(value).strip() for (value,) in rows if value is not None}
                values |= found if column == identifier else {v for v in found if not WHOLE_NUMBER.fullmatch(v)}
    return {v for v in values if len(v) >= SHORTEST}


def public_words(registry: Path, protocol: Path) -> str:
    """What protocol, mapping and core data model say: a value that stands there tells nothing of a person."""
    files = [registry / "registry.yaml", *(p for p in protocol.rglob("*") if p.is_file())]
    core = " ".join(str(column) for table in CORE.values() for column in table.columns)
    return core + "\n".join(file.read_text(encoding="utf-8") for file in files)


def found_in(text: str, values: set[str]) -> set[str]:
    """Values that stand in a text as a cell, a quoted word, or a word."""
    split = {v for v in values if re.search(r"[\s\",;'(){}\[\]|]", v) and v in text}  # would not stay whole below
    cells = {c.strip() for line in text.splitlines() for c in re.split(r"[,\"']", line)}
    return split | ((cells | set(WORD.findall(text))) & values)
