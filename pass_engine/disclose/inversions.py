"""Numbers of one row that turn back into a withheld one: a rate with its days or its interval, a percentage."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from pass_engine.disclose.thresholds import EARLIER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.disclose.frames import Row

CRUDE = ("eair", "eair_total_exposure", "eaer")


class Inversion(NamedTuple):
    """A column that others of its row give back, in rows of these measures (of all, where none is named)."""

    table: str
    hidden: str
    telling: tuple[str, ...]
    measures: tuple[str, ...] = ()


INVERSIONS = (
    Inversion("incidence", "events", ("rate", "person_days"), CRUDE),
    Inversion("incidence", "events", ("rate", "rate_low"), CRUDE),
    Inversion("incidence", "events", ("rate", "rate_high"), CRUDE),
    Inversion("incidence", "person_days", ("rate", "events"), CRUDE),
    Inversion("incidence", "persons_with_event", ("rate", "persons"), ("incidence_proportion",)),
    Inversion("incidence", "persons", ("rate", "persons_with_event"), ("incidence_proportion",)),
    Inversion("incidence", "persons_with_event", ("rate", "rate_low"), ("incidence_proportion",)),
    Inversion("incidence", "events", ("rate", "expected"), ("sir",)),
    Inversion("incidence", "events", ("rate", "rate_high"), ("sir",)),
    Inversion("incidence", "expected", ("rate", "events"), ("sir",)),
    Inversion("comparison", "target_events", ("estimate",), ("rate_ratio", "rate_difference")),
    Inversion("comparison", "comparator_events", ("estimate",), ("rate_ratio", "rate_difference")),
    Inversion("baseline", "persons", ("percent",)),
    Inversion("quality", "failed", ("percent",)),
    Inversion("completeness_by_year", "failed", ("percent",)),
    Inversion("verification", "errors", ("percent",)),
    Inversion("indicators", "numerator", ("value",)),
    Inversion("survival", "events", ("estimate",)),
)
"""An interval with its rate gives the count back: only one count has limits in that proportion."""


def inversions(tables: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str, str]]:
    """Table, row and column of each withheld number that its own row gives back, and the columns that do."""
    for rule in INVERSIONS:
        for number, row in enumerate(tables.get(rule.table, ()), start=1):
            if rule.measures and row.get("measure") not in rule.measures:
                continue
            withheld = _is_missing(row, rule.hidden) and str(row.get("status", "")).startswith((*EARLIER, "shown"))
            if withheld and not any(_is_missing(row, column) for column in rule.telling):
                yield rule.table, f"row {number} {rule.hidden}", " and ".join(rule.telling)


def _is_missing(row: Row, column: str) -> bool:
    value = row.get(column)
    return value is None or (isinstance(value, float) and isnan(value))
