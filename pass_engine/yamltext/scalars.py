"""Plain scalars of YAML, read strictly: what other readers would turn into something else is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

Scalar = str | int | float | bool | date | None

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]{1,3})?|[eE][-+]?[0-9]{1,3})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SWITCH = re.compile(r"yes|no|on|off|y|n", re.IGNORECASE)
_OTHER_CASE = re.compile(r"true|false|null", re.IGNORECASE)
_LOOSE_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9].*")
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(:[0-9]{1,2})+(\.[0-9_]*)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?")
_OTHER_BASE = re.compile(r"[-+]?0[xXbBoO][0-9a-fA-F_]+")
_LOOSE_NUMBER = re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)


@dataclass(frozen=True)
class Trap:
    """A plain scalar that may not be written so: what is the matter, and how to write it."""

    problem: str
    mend: str


def read_scalar(text: str) -> Scalar | Trap:
    """The value of a plain (unquoted) scalar, or the reason why it is refused."""
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        return _read_date(text)
    return _find_trap(text) or text


def _read_date(text: str) -> date | Trap:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Trap("there is no such day in the calendar", "write a day that exists, as 2024-12-31")


def _find_trap(text: str) -> Trap | None:
    quoted = f'"{text}"'
    for pattern, problem, mend in (
        (
            _SWITCH,
            "some readers of YAML take this for true or false",
            f"write true or false, or {quoted} if it is text",
        ),
        (
            _OTHER_CASE,
            "true, false and null are written in small letters",
            f"write {text.lower()}, or {quoted} if it is text",
        ),
        (_TIME, "a day is wanted, without a time of day", f"write {text[:10]}"),
        (_LOOSE_DATE, "a date is written with two digits for month and day", "write it as 2024-01-31"),
        (_CLOCK, "some readers of YAML take this for a number to the base 60", f"write {quoted}"),
        (
            _OTHER_BASE,
            "some readers of YAML take this for a number to another base",
            f"write a plain number, or {quoted} if it is text",
        ),
        (
            _LEADING_ZERO,
            "some readers of YAML take a leading zero for a number to the base 8",
            f"write the number without it, or {quoted} if it is text",
        ),
        (_NOT_A_NUMBER, "this is not a finite number", f"write a number, or {quoted} if it is text"),
        (
            _LOOSE_NUMBER,
            "a number is written with digits and one point, as 1000 or 0.95",
            f"write it so, or {quoted} if it is text",
        ),
    ):
        if pattern.fullmatch(text):
            return Trap(problem, mend)
    if text in {"<<", "="}:
        return Trap("merge keys and the like are not used here", "write every field where it belongs")
    return None
