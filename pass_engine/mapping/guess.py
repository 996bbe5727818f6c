"""Guesses from names and values: which core table and column, which format, which core value, and why."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from pass_engine.mapping.further_words import MORE_ANY, MORE_COLUMNS, MORE_TABLES, MORE_VALUES
from pass_engine.mapping.glossary import ANY_TABLE, COLUMNS, TABLES, VALUES, YES_NO
from pass_engine.tables.core import CORE
from pass_engine.tables.core import YES_NO as FLAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pass_engine.source.survey import Surveyed
    from pass_engine.tables.core import Column

SURE: Final = 88
"""A name this like a word of the glossary (0 to 100) is mapped; one below is a question."""
PERHAPS: Final = 72
FORMATS: Final = (
    "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d%b%Y", "%Y-%m-%d %H:%M:%S",
    "%Y-%m", "%m.%Y", "%m-%Y", "%m/%Y", "%Y",
)  # fmt: skip
SHAPES: Final = {
    "%Y-%m-%d": r"\d{4}-\d{1,2}-\d{1,2}", "%d.%m.%Y": r"\d{1,2}\.\d{1,2}\.\d{4}", "%d-%m-%Y": r"\d{1,2}-\d{1,2}-\d{4}",
    "%d/%m/%Y": r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y": r"\d{1,2}/\d{1,2}/\d{4}", "%Y/%m/%d": r"\d{4}/\d{1,2}/\d{1,2}",
    "%Y%m%d": r"(19|20)\d{6}", "%d%b%Y": r"\d{1,2}[A-Za-z]{3}\d{4}",
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "%Y-%m": r"\d{4}-\d{1,2}", "%m.%Y": r"\d{1,2}\.\d{4}",
    "%m-%Y": r"\d{1,2}-\d{4}", "%m/%Y": r"\d{1,2}/\d{4}", "%Y": r"(19|20)\d{2}",
}  # fmt: skip
"""What a text looks like that a format reads."""
NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?")
FEW_VALUES: Final = 30
MOST_DATES: Final = 0.9
TRIED: Final = 3000
"""Distinct values of a column that are tried."""


@dataclass(frozen=True)
class Look:
    """What the values of one column look like. ``formats`` are those that read dates; ``share`` how many they read."""

    present: int
    distinct: int
    formats: tuple[str, ...]
    is_ambiguous: bool
    is_years: bool
    is_number: bool
    has_comma: bool
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Guess:
    """A source column for a core column: how alike the names are, and the word that was like it."""

    source: str
    column: str
    score: int
    word: str


@dataclass(frozen=True)
class TableGuess:
    """A core table for a table of the source, with its columns; a question where the score is low."""

    found: Surveyed
    table: str
    score: float
    columns: tuple[Guess, ...]
    looks: dict[str, Look]


def look_at(values: Sequence[str | None], *, is_date: bool) -> Look:
    """What the values of a column look like."""
    counts = Counter(value for value in values if value is not None)
    tried = list(counts)[:TRIED]
    formats, ambiguous = _formats(tried) if tried else ((), False)
    numbers = [value for value in tried if NUMBER.fullmatch(value)]
    few = len(counts) <= FEW_VALUES
    return Look(
        present=sum(counts.values()),
        distinct=len(counts),
        formats=("%Y-%m-%d",) if is_date and not formats else formats,
        is_ambiguous=ambiguous,
        is_years=bool(tried) and all(re.fullmatch(SHAPES["%Y"], value) for value in tried),
        is_number=len(numbers) == len(tried) > 0,
        has_comma=any("," in value for value in numbers),
        counts=tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) if few else (),
    )


def _formats(tried: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Formats that together read nearly all values, days first; and whether day and month could be the other way."""
    read: dict[str, set[str]] = {}
    for how in FORMATS:
        shape = re.compile(SHAPES[how])
        hits = {value for value in tried if shape.fullmatch(value) and _reads(value, how)}
        if hits:
            read[how] = hits
    ambiguous = False
    days_first, months_first = read.get("%d/%m/%Y", set()), read.get("%m/%d/%Y", set())
    if days_first or months_first:
        ambiguous = days_first == months_first
        read.pop("%m/%d/%Y" if len(days_first) >= len(months_first) else "%d/%m/%Y", None)
    covered = set().union(*read.values()) if read else set()
    if len(covered) < MOST_DATES * len(tried) or set(read) == {"%Y"}:
        return (), False
    return tuple(how for how in FORMATS if how in read), ambiguous


@cache
def _reads(value: str, how: str) -> bool:
    try:
        datetime.strptime(value, how)  # noqa: DTZ007 - a day without a clock
    except ValueError:
        return False
    return True


def plain(name: str) -> str:
    """A name in small letters without accents, words joined by _."""
    letters = name.lower().replace("ø", "o").replace("æ", "ae").replace("ß", "ss").replace("ł", "l").replace("đ", "d")
    bare = "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def likeness(name: str, words: Iterable[str]) -> tuple[int, str]:
    """The likeness (0 to 100) of a name and the word it is most like."""
    from rapidfuzz import fuzz

    best = (0, "")
    for word in words:
        spaced, other = name.replace("_", " "), word.replace("_", " ")
        score = max(fuzz.ratio(name, word), fuzz.token_sort_ratio(spaced, other))
        best = max(best, (int(score), word))
    return best


def guess_table(found: Surveyed) -> TableGuess | None:
    """The core table that a table of the source is most like; None where nothing is like it."""
    looks = {name: look_at(found.values[name], is_date="date" in found.typed[name]) for name in found.names}
    # A database or a sheet has a name of its own; a file has its stem.
    named = plain(found.part or found.file.stem)
    best: TableGuess | None = None
    for table in CORE:
        columns = guess_columns(table, found.names, looks)
        sure = [g for g in columns if g.score >= SURE]
        lacking = [c for c in CORE[table].columns if c.required and c.name not in {g.column for g in sure}]
        score = (
            likeness(named, [*TABLES[table].split(), *MORE_TABLES.get(table, "").split()])[0]
            + 8 * len(sure)
            - 12 * len(lacking)
        )
        if sure and (best is None or score > best.score):
            best = TableGuess(found, table, score, columns, looks)
    return best


def guess_columns(table: str, names: Sequence[str], looks: Mapping[str, Look]) -> tuple[Guess, ...]:
    """For each core column the source column most like it; each is used once, the likest first."""
    guesses = []
    words, more = {**ANY_TABLE, **COLUMNS[table]}, {**MORE_ANY, **MORE_COLUMNS.get(table, {})}
    for column in CORE[table].columns:
        known = [*words.get(column.name, column.name).split(), *more.get(column.name, "").split()]
        for name in names:
            score, word = likeness(plain(name), [*known, column.name])
            if score >= PERHAPS and fits(column, looks[name]):
                guesses.append(Guess(name, column.name, score, word))
    taken: dict[str, Guess] = {}
    for guess in sorted(guesses, key=lambda g: (-g.score, names.index(g.source), g.column)):
        if guess.column not in taken and guess.source not in {g.source for g in taken.values()}:
            taken[guess.column] = guess
    return tuple(taken[c.name] for c in CORE[table].columns if c.name in taken)


def fits(column: Column, look: Look) -> bool:
    """Could these values be of this column? A column without a value could be any."""
    if not look.present:
        return True
    if column.kind == "date":
        return bool(look.formats) or (column.fill == "birth" and look.is_years)
    if column.kind in ("number", "integer"):
        return look.is_number
    return not (column.codes and look.distinct > FEW_VALUES)


def read_alone(column: Column, value: str) -> str | None:
    """The code that a value is without a map: itself, or the number that the mapping reads in it (``2,0`` is 2)."""
    if value in column.codes:
        return value
    numeric = all(code.replace(".", "").isdigit() for code in column.codes)
    number = re.sub(r"[.]0+$", "", value.replace(",", "."))
    return number if numeric and number in column.codes else None


def guess_value(column: Column, value: str) -> str | None:
    """The core value that a source value is most likely to mean; None where the glossary has nothing."""
    if (code := read_alone(column, value)) is not None:
        return code
    words = YES_NO if column.codes == FLAG else VALUES.get(column.name, {})
    named = plain(value)
    for core, known in words.items():
        if core in column.codes and named in known.split():
            return core
    for core, known in MORE_VALUES.get(column.name, {}).items():
        if core in column.codes and named in known.split():
            return core
    by_name = {plain(code): code for code in column.codes}
    return by_name.get(named)
