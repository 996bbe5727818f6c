"""Rule 20: covariates at cohort entry, looked up day by day, without SQL.

A value is a number, a text, or None where it is not known. Groups are named here afresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pass_engine.protocol.models import Covariate

Row = dict[str, Any]
Rows = dict[str, list[Row]]
TABLES = {
    "relapses": "relapse",
    "prior_treatments": "treatment",
    "comorbidity": "comorbidity",
    "comedication": "comedication",
}


def whole_years(since: date | None, day_0: int) -> int | None:
    """Completed years; 29 February is kept on the 28th in common years."""
    if since is None or since.toordinal() > day_0:
        return None if since is None else -1
    years = 0
    while True:
        year = since.year + years + 1
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        is_late = since.month == 2 and since.day == 29 and not leap
        if date(year, since.month, 28 if is_late else since.day).toordinal() > day_0:
            return years
        years += 1


def days_of(covariate: Covariate, day_0: int) -> tuple[int, int]:
    """First and last day of the window."""
    if covariate.window is None:
        return 0, day_0
    low, high = (text.strip() for text in covariate.window.strip("[]").split(","))
    return (0 if low == ".." else day_0 + int(low)), day_0 + int(high)


def is_in(day: date | None, first: int, last: int) -> bool:
    """Is a day known, and in the window?"""
    return day is not None and first <= day.toordinal() <= last


@dataclass(frozen=True)
class Seen:
    """One person at one entry. ``is_coded``: is a diagnosis on the code list?"""

    row: Row
    rows: Rows
    day_0: int
    mapped: tuple[str, ...]
    is_coded: Callable[[Row], bool]


def value_of(covariate: Covariate, seen: Seen) -> float | str | None:
    """The value of a covariate of one person."""
    source = covariate.from_
    known: dict[str, float | str | None] = {
        "age": whole_years(seen.row["birth_date"], seen.day_0),
        "sex": str(seen.row["sex"]),
        "calendar_year": date.fromordinal(seen.day_0).year,
        "disease_duration": whole_years(seen.rows["disease"][0]["onset_date"], seen.day_0)
        if seen.rows["disease"]
        else None,
    }
    if source in known:
        return known[source]
    first, last = days_of(covariate, seen.day_0)
    if source == "edss":
        scores = [(v["visit_date"], v["edss"]) for v in seen.rows["visit"] if v["edss"] is not None]
        return max((v for v in scores if is_in(v[0], first, last)), default=(None, None))[1]
    if source in TABLES:
        return counted(covariate, seen, first, last) if TABLES[source] in seen.mapped else None
    return measured(source, seen, first, last)


def measured(source: str, seen: Seen, first: int, last: int) -> float | str | None:
    """The last value in the window; one without a day holds always. Of one day the highest number, the first text."""
    values = [
        (v["value_date"], v["text_value"] if v["number_value"] is None else v["number_value"])
        for v in seen.rows["variable_value"]
        if v["variable"] == source and (v["value_date"] is None or is_in(v["value_date"], first, last))
    ]
    latest = max((day for day, _ in values if day), default=None)
    found = [value for day, value in values if day == latest]
    if not found:
        return None
    return max(found) if isinstance(found[0], float) else min(found)


def counted(covariate: Covariate, seen: Seen, first: int, last: int) -> int:
    """How many there were in the window."""
    rows, is_coded = seen.rows, seen.is_coded
    if covariate.from_ == "relapses":
        return len({r["onset_date"] for r in rows["relapse"] if is_in(r["onset_date"], first, last)})
    if covariate.from_ == "prior_treatments":
        begun = {r["substance"] for r in rows["treatment"] if is_in(r["start_date"], first, last)}
        return len({s for s in begun if covariate.substances is None or s in covariate.substances} - {None})
    if covariate.from_ == "comorbidity":
        return int(any(is_coded(r) and is_in(r["onset_date"], first, last) for r in rows["comorbidity"]))
    taken = [
        r
        for r in rows["comedication"]
        if r["start_date"] is not None
        and any(r["atc"].startswith(code) for code in covariate.atc or ())
        and r["start_date"].toordinal() <= last
        and (r["stop_date"] is None or r["stop_date"].toordinal() >= first)
    ]
    return int(bool(taken))


def level_of(covariate: Covariate, value: float | str | None) -> tuple[str, int]:
    """The level in words, and for a number without groups the number in units (EDSS in half points)."""
    if value in (None, "unknown", -1):
        return "missing", 0
    if isinstance(value, str):
        return text_level(covariate, value), 0
    if covariate.from_ in ("comorbidity", "comedication"):
        return ("yes" if value else "no"), 0
    if covariate.groups is None:
        return "", round(value * (2 if covariate.from_ == "edss" else 1))
    return group_name(covariate, value), 0


def text_level(covariate: Covariate, value: str) -> str:
    """Values named, any other being other; all of a closed list, where none are named."""
    return value if covariate.values is None or value in covariate.values else "other"


def group_name(covariate: Covariate, value: float) -> str:
    """The group of a number, in the words that its tables have."""
    starts = [float(s) for s in covariate.groups or ()]
    below = [s for s in starts if s <= value]
    above = [s for s in starts if s > value]
    source = covariate.from_
    if source == "edss":
        low, high = (below[-1] if below else 0.0), (above[0] - 0.5 if above else 10.0)
        return f"{low:g}" if low == high else f"{low:g}-{high:g}"
    if not below and source in ("relapses", "prior_treatments"):
        return "0" if above[0] == 1 else f"0-{above[0] - 1:g}"
    if not below:
        return f"<{above[0]:g}"
    if not above:
        return f"{below[-1]:g}+"
    if "." in source:
        return f"{below[-1]:g} to <{above[0]:g}"
    return f"{below[-1]:g}" if above[0] - 1 == below[-1] else f"{below[-1]:g}-{above[0] - 1:g}"
