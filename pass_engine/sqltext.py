"""The numbered SQL files: found, read, parsed by their headers, and digested.

A file is one SELECT under a header of comment lines ``-- Purpose:``, ``-- Reads:``, ``-- Writes:``,
``-- Grain:``, ``-- Binds:``, ``-- Days:``. A header line that begins with ``--   `` continues the one above.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADERS = ("Purpose", "Reads", "Writes", "Grain", "Binds", "Days")

COUNTING = (100, 899)
"""Numbers of the files that a run executes; from 900 on they serve a registry's own look at its cases."""


@dataclass(frozen=True)
class SqlFile:
    """One step: the table it writes from the tables it reads, its bound names, its text and digest."""

    number: int
    name: str
    purpose: str
    reads: tuple[str, ...]
    writes: str
    grain: str
    binds: tuple[str, ...]
    days: str
    text: str
    digest: str


def parse_sql(name: str, text: str) -> SqlFile:
    """Parse one file. Raises ValueError when a header line is missing: a fault of the package, not of a user."""
    headers: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        body = line[2:]
        if body.startswith("   ") and last:
            headers[last] += " " + body.strip()
            continue
        key, found, value = body.strip().partition(":")
        if found and key in HEADERS:
            last = key
            headers[last] = value.strip()
    missing = [h for h in HEADERS if h not in headers]
    if missing:
        raise ValueError(f"{name}: no header line {', '.join(missing)}")
    return SqlFile(
        number=int(name.split("_", 1)[0]),
        name=name,
        purpose=headers["Purpose"],
        reads=_names(headers["Reads"]),
        writes=headers["Writes"],
        grain=headers["Grain"],
        binds=_names(headers["Binds"]),
        days=headers["Days"],
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(n.strip() for n in text.split(",") if n.strip() not in {"", "none"})


@cache
def load_catalogue() -> tuple[SqlFile, ...]:
    """Every SQL file of the package, in reading order."""
    folder = resources.files("pass_engine") / "sql"
    files = [f for f in folder.iterdir() if f.name.endswith(".sql")]
    return tuple(parse_sql(f.name, f.read_text(encoding="utf-8")) for f in sorted(files, key=lambda f: f.name))


def chain_to(tables: Iterable[str]) -> tuple[SqlFile, ...]:
    """Files that write these tables, and those that write what they read, back to the data; in reading order."""
    writers = {f.writes: f for f in load_catalogue()}
    wanted, found = list(tables), set[str]()
    while wanted:
        table = wanted.pop()
        if table in writers and table not in found:
            found.add(table)
            wanted += writers[table].reads
    return tuple(f for f in load_catalogue() if f.writes in found)


def files_between(first: int, last: int) -> tuple[SqlFile, ...]:
    """Files whose number lies in the closed range, in reading order."""
    return tuple(f for f in load_catalogue() if first <= f.number <= last)
