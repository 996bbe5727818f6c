"""Grammar: dates, numbers and lists in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(day: date) -> str:
    """A date as it is read: 1 January 2015."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """A number with its noun: 1 day, 30 days."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def some(number: int, noun: str, nouns: str | None = None) -> str:
    """A number in words up to twelve with its noun: six registries."""
    word = SMALL[number] if number < len(SMALL) else str(number)
    return f"{word} {noun if number == 1 else nouns or noun + 's'}"


def ordinal(number: int) -> str:
    """A rank in words up to twelve: second; 21st beyond."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    teen = number % 100 in range(11, 14)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """A list in words: a, b and c."""
    if len(words) < 2:  # noqa: PLR2004 - one word is no list
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def separated(words: Sequence[str], last: str = "and") -> str:
    """A list of longer parts: a; b; and c."""
    if len(words) < 2:  # noqa: PLR2004 - one part is no list
        return "".join(words)
    return f"{'; '.join(words[:-1])}; {last} {words[-1]}"


def quoted(label: str) -> str:
    """A label in the text."""
    return f"“{label}”"


def lower_first(text: str) -> str:
    """A text that goes on within a sentence; abbreviations stay as they are."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def percent(level: float) -> str:
    """A confidence level: 95%."""
    return f"{level * 100:g}%"
