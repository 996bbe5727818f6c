"""How numbers are printed. Nothing is computed here but the rounding of what is printed.

Text from a results file goes in, text for the page comes out: rounded half up from the decimal value,
thousands set apart by a comma, a true minus sign. What is not shown prints its mark.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from pass_engine.protocol.sentences.words import in_words, listed
from pass_engine.terms import DAYS_PER_YEAR

NOT_ESTIMABLE: Final = "NE"
WITHHELD: Final = "withheld"
NOT_APPLICABLE: Final = "–"


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round to so many decimal places, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def format_decimal(value: Decimal, places: int) -> str:
    """A number with thousands set apart and a true minus sign."""
    rounded = round_half_up(value, places)
    return f"{rounded:,.{places}f}".replace("-", "−")


def format_count(text: str) -> str:
    """A whole number."""
    return format_decimal(Decimal(text), 0)


def format_per(*multipliers: int) -> str:
    """What rates are per: ``1,000 person-years``, ``person-year``, or several multipliers."""
    if set(multipliers) == {1}:
        return "person-year"
    return f"{' or '.join(f'{n:,}' for n in sorted(set(multipliers)))} person-years"


def format_rate(text: str, places: int = 2) -> str:
    """A rate; a positive one too small for two places keeps two significant digits rather than print as zero."""
    value = Decimal(text)
    if value and not round_half_up(value, places):
        places = 1 - value.adjusted()
    return format_decimal(value, places)


def format_interval(low: str, high: str) -> str:
    """An interval in brackets; a limit that cannot be estimated prints NE."""
    if not low and not high:
        return NOT_ESTIMABLE
    return f"({_limit(low)}–{_limit(high)})"


def _limit(text: str) -> str:
    return format_rate(text) if text else NOT_ESTIMABLE


def person_years(days: str) -> Decimal:
    """Person-years from whole person-days."""
    return Decimal(days) / Decimal(str(DAYS_PER_YEAR))


def format_years(days: str, places: int = 1) -> str:
    """Person-years from whole person-days, one decimal."""
    return format_decimal(person_years(days), places)


def format_percent(text: str) -> str:
    """A percentage, one decimal."""
    return format_decimal(Decimal(text), 1)


def format_share(part: str, whole: str) -> str:
    """Part of a whole as a percentage, one decimal; empty where there is no whole."""
    if not int(whole):
        return ""
    return format_decimal(Decimal(part) * 100 / Decimal(whole), 1)


def format_level(text: str) -> str:
    """A confidence level: 0.95 as 95%."""
    return f"{(Decimal(text) * 100).normalize():f}%"


def format_date(day: date | str) -> str:
    """A date as 1 September 2026."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return in_words(value)


def join_words(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """Words as a list in a sentence: a, b and c."""
    return listed(words, last)
