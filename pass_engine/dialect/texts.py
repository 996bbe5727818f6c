"""Functions on texts that column maps use, as Spark has them: dates by a format, whole matches, digests.

They are written with functions that Apache Spark and Sail both have, and give what DuckDB's give. What a format of
dates may hold here is :data:`DIRECTIVES`; the checks of ``registry.yaml`` refuse the others beforehand.
"""

from __future__ import annotations

import re

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
SPACES = r"[\t-\r ]"
TWO, UP_TO_24, UP_TO_60 = "[0-9]{1,2}", "(?:[01]?[0-9]|2[0-3])", "[0-5]?[0-9]"
DIRECTIVES = {
    "%d": TWO, "%-d": TWO, "%m": TWO, "%-m": TWO, "%Y": "[0-9]{1,4}",
    "%b": f"(?:{'|'.join(f'(?i:{m[:3]})' for m in MONTHS)})", "%B": f"(?:{'|'.join(f'(?i:{m})' for m in MONTHS)})",
    "%H": UP_TO_24, "%-H": UP_TO_24, "%M": UP_TO_60, "%S": UP_TO_60, "%f": "[0-9]{1,6}",
}  # fmt: skip
"""What each directive reads. A number that another follows at once has all its digits."""
AT_FULL = {"%d": "[0-9]{2}", "%-d": "[0-9]{2}", "%m": "[0-9]{2}", "%-m": "[0-9]{2}", "%Y": "[0-9]{4}"}
AT_FULL |= {"%H": "(?:[01][0-9]|2[0-3])", "%-H": "(?:[01][0-9]|2[0-3])", "%M": "[0-5][0-9]", "%S": "[0-5][0-9]"}
PART = {"%d": "day", "%-d": "day", "%m": "month", "%-m": "month", "%b": "word", "%B": "word", "%Y": "year"}
WORDS = ("%b", "%B")


def read_day(text: str, date_format: str) -> str:
    """The day that a text says by a format, NULL where it says none: ``try_strptime`` of DuckDB, without time of day.

    The pieces are put together as an ISO day, which both engines check against the calendar.
    """
    pattern, places = _pattern(date_format)

    def piece(part: str, width: int) -> str:
        found = f"REGEXP_EXTRACT({text}, {quoted(pattern)}, {places[part]})"
        return f"LPAD(NULLIF({found}, ''), {width}, '0')"

    year = piece("year", 4) if "year" in places else "''"
    month = piece("month", 2) if "month" in places else "'01'"
    if "word" in places:
        word = f"LOWER(REGEXP_EXTRACT({text}, {quoted(pattern)}, {places['word']}))"
        whens = " ".join(f"WHEN '{name[:3]}' THEN '{number:02d}'" for number, name in enumerate(MONTHS, 1))
        month = f"CASE SUBSTRING({word}, 1, 3) {whens} ELSE '00' END"
    day = piece("day", 2) if "day" in places else "'01'"
    return f"TRY_CAST(CONCAT({year}, '-', {month}, '-', {day}) AS DATE)"


def is_whole(text: str, pattern: str) -> str:
    """Is the text, from its beginning to its end, what a pattern says? ``regexp_full_match`` of DuckDB."""
    return f"({text}) RLIKE {quoted(f'^(?:{pattern})$')}"


def digest_number(text: str) -> str:
    """The last eight bytes of an MD5 as a whole number, the lowest byte first: ``md5_number_lower`` of DuckDB.

    In two halves, since 64 bits without a sign are more than Sail reads.
    """
    halves = []
    for last in (31, 23):
        pairs = ", ".join(f"SUBSTRING(MD5({text}), {place}, 2)" for place in range(last, last - 8, -2))
        halves.append(f"CAST(CONV(CONCAT({pairs}), 16, 10) AS DECIMAL(20, 0))")
    return f"({halves[0]} * CAST(4294967296 AS DECIMAL(11, 0)) + {halves[1]})"


def exact_number(text: str, digits: int, decimals: int) -> str:
    """A text as an exact decimal; one with an exponent by way of a float, since Sail 0.7 reads none there."""
    kind = f"DECIMAL({digits}, {decimals})"
    return f"COALESCE(TRY_CAST({text} AS {kind}), TRY_CAST(TRY_CAST({text} AS DOUBLE) AS {kind}))"


def quoted(text: str) -> str:
    """A text as Spark writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _pattern(date_format: str) -> tuple[str, dict[str, int]]:
    """The pattern of a whole text, and which group of it is the day, month (or its word) and year."""
    pieces = re.findall(r"%-?.|\s+|[^%\s]+", date_format)
    written: list[str] = []
    places: dict[str, int] = {}
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else ""
        if piece.isspace():
            written.append(f"{SPACES}+")
        elif not piece.startswith("%"):
            written.append(re.escape(piece))
        else:
            is_full = following.startswith("%") and following not in WORDS and piece in AT_FULL
            read = AT_FULL[piece] if is_full else DIRECTIVES[piece]
            if piece in PART:
                places[PART[piece]] = len(places) + 1
                read = f"({read})"
            written.append(read)
    return f"^{SPACES}*{''.join(written)}{SPACES}*$", places
