"""Date formats: what precision a format gives, and the SQL that reads a text by several formats in turn."""

from __future__ import annotations

import re

from pass_engine.store import quote_text

ISO_DAY = "%Y-%m-%d"
ISO_DATES = (ISO_DAY, "%Y-%m", "%Y")
EARLIEST = "DATE '1850-01-01'"
"""An earlier date is a slip of the pen or a stand-in for "unknown": unreadable."""

DAY = {"%d", "%-d", "%j"}
MONTH = {"%m", "%-m", "%b", "%B"}
YEAR = {"%Y"}
TIME_OF_DAY = {"%H", "%-H", "%I", "%M", "%S", "%f", "%p"}


def format_problem(date_format: str) -> str | None:
    """What is the matter with a format; None where it is right."""
    directives = set(re.findall(r"%-?.", date_format))
    if "%y" in directives:
        return "a year of two digits does not say its century"
    unknown = sorted(directives - DAY - MONTH - YEAR - TIME_OF_DAY)
    if unknown:
        return f"{', '.join(unknown)} is no directive for a date"
    if not directives & YEAR:
        return "the format has no year"
    if directives & DAY and not directives & (MONTH | {"%j"}):
        return "the format has a day without a month"
    return None


def precision_of(date_format: str) -> str:
    """Precision that a text read by this format has."""
    directives = set(re.findall(r"%-?.", date_format))
    if directives & DAY:
        return "day"
    return "month" if directives & MONTH else "year"


def date_sql(text: str, formats: tuple[str, ...]) -> str:
    """The earliest possible day of the first format that reads the text."""
    tries = ", ".join(_try(text, f) for f in formats)
    return f"CAST(coalesce({tries}) AS DATE)"


def precision_sql(text: str, formats: tuple[str, ...]) -> str:
    """The precision of the first format that reads the text."""
    whens = " ".join(f"WHEN {_try(text, f)} IS NOT NULL THEN {quote_text(precision_of(f))}" for f in formats)
    return f"CASE {whens} END"


def _try(text: str, date_format: str) -> str:
    return f"try_strptime({text}, {quote_text(date_format)})"
