"""Files given to a dossier: national statistics by registry, variable and level (CSV), and words (Markdown)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.report.printable import MEND, PROBLEM, strange_letters
from pass_engine.yamltext import shown_name, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

COLUMNS: Final = ("registry", "variable", "level", "percent", "source")
WHOLE: Final = Decimal(100)


@dataclass(frozen=True)
class Statistic:
    """One percentage of the population that a registry is held against, and where it comes from."""

    registry: str
    variable: str
    level: str
    percent: Decimal
    source: str


def read_national(path: Path, known: Mapping[str, Collection[str]]) -> tuple[Statistic, ...]:
    """Read the file. ``known``: registry to its ``variable=level`` names. Raises ReportError with every fault."""
    where = shown_name(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = [row for row in csv.reader(handle, strict=True) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        found = (getattr(error, "strerror", None) or "another format").lower()
        raise ReportError(
            _fault(where, "", found, "the file cannot be read", "name a CSV file in UTF-8, with commas")
        ) from error
    head = tuple(name.strip() for name in lines[0]) if lines else ()
    if head != COLUMNS:
        problem = f"the columns are {', '.join(COLUMNS)}"
        raise ReportError(
            _fault(f"{where}:1", "", ", ".join(head) or "nothing", problem, "name them in the first line")
        )
    faults: list[Fault] = []
    found_rows: dict[tuple[str, str, str], Statistic] = {}
    for number, line in enumerate(lines[1:], start=2):
        values = [value.strip() for value in line]
        problems = list(_problems(values, known, found_rows))
        faults += [_fault(f"{where}:{number}", path_, found, problem, mend, number)
                   for path_, found, problem, mend in problems]  # fmt: skip
        if not problems:
            registry, variable, level, percent, source = values
            found_rows[registry, variable, level] = Statistic(registry, variable, level, Decimal(percent), source)
    if faults:
        raise ReportError(*faults)
    return tuple(found_rows.values())


def _problems(
    values: list[str], known: Mapping[str, Collection[str]], earlier: Collection[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    if len(values) != len(COLUMNS):
        yield "", f"{len(values)} fields", f"a row has {len(COLUMNS)} fields", "write one value a column"
        return
    registry, variable, level, percent, source = values
    if registry not in known:
        yield "registry", registry, "no run examined a registry of this name", suggest(registry, sorted(known))
    elif f"{variable}={level}" not in known[registry]:
        named = [name.partition("=")[2] for name in known[registry] if name.startswith(f"{variable}=")]
        if named:
            yield "level", level, f"the runs have no such level of {variable}", suggest(level, sorted(named))
        else:
            variables = {name.partition("=")[0] for name in known[registry]}
            yield "variable", variable, "the runs do not describe this variable", suggest(variable, sorted(variables))
    if not _is_percent(percent):
        problem, mend = "a percentage is a number from 0 to 100", "write it with digits and a decimal point"
        yield "percent", percent or "nothing", problem, mend
    if not source:
        yield "source", "nothing", "a number without a source proves nothing", "say where it comes from, and its year"
    if (registry, variable, level) in earlier:
        yield "level", level, "this level of this registry stands there before", "keep one of them"


def _is_percent(text: str) -> bool:
    try:
        return Decimal(0) <= Decimal(text) <= WHOLE
    except InvalidOperation:
        return False


def read_text(path: Path) -> str:
    """A Markdown file. Raises ReportError where it is none, says nothing, or the fonts lack a letter of it."""
    where = shown_name(path)
    try:
        words = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        found = (getattr(error, "strerror", None) or "another format").lower()
        raise ReportError(
            _fault(where, "", found, "the file cannot be read", "name a Markdown file in UTF-8")
        ) from error
    if not words.strip():
        raise ReportError(_fault(where, "", "nothing", "the file says nothing", "write into it, or leave it out"))
    lines = ((number, strange_letters(line)) for number, line in enumerate(words.split("\n"), start=1))
    faults = [Fault(f"{where}:{n}", "", strange, PROBLEM, MEND, "PE816", n) for n, strange in lines if strange]
    if faults:
        raise ReportError(*faults)
    return words


def _fault(where: str, path: str, found: str, problem: str, mend: str, line: int = 0) -> Fault:
    return Fault(where, path, found, problem, mend, "PE821", line)
