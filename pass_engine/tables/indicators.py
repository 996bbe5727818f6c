"""The quality indicators, declared once as data (``indicators.csv``): what each counts, its limit, and what to do.

The counts are made by the SQL files 8xx, whole numbers only. The one division is ``Indicator.exact``; checks of a
protocol's gates, results, report and documentation are made from this declaration.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Final, Literal, cast

Dimension = Literal["reliability", "extensiveness", "coherence", "timeliness", "relevance"]
Unit = Literal["percent", "per_100", "per_year", "per_100_years", "days"]
Direction = Literal["at_least", "at_most"]

DIMENSIONS: Final[dict[Dimension, str]] = {
    "reliability": "how closely the data reflect what they measure",
    "extensiveness": "how much of what could be known is there: completeness and coverage",
    "coherence": "whether the data agree with each other and with the core data model",
    "timeliness": "how soon the data are there, and how recent they are",
    "relevance": "whether the data have what this study needs",
}
"""Dimensions of the EMA Data Quality Framework (EMA/326985/2023)."""

SCALES: Final[dict[Unit, Fraction]] = {
    "percent": Fraction(100),
    "per_100": Fraction(100),
    "per_year": Fraction("365.25"),
    "per_100_years": Fraction(36525),
    "days": Fraction(1),
}
"""What numerator over denominator is multiplied by; where the denominator is days, a year has 365.25."""

OUTSIDE: Final = ("prevalence_covered", "rows_fewer_than_before", "age_sex_unlike_national")
"""Indicators that need a figure from outside, which a registry may state (``benchmarks``) or not."""

VARIABLE_COMPLETE: Final = "variable_complete"
"""The indicator that needs a variable beside it: for gates alone, since there is one for each variable."""


@dataclass(frozen=True)
class Indicator:
    """One indicator. ``table``: the core table it is about, '' for all; ``rules``: data checks it adds up."""

    id: str
    dimension: Dimension
    label: str
    numerator: str
    denominator: str
    unit: Unit
    direction: Direction
    limit: str
    remedy: str
    table: str
    rules: tuple[tuple[str, str], ...]

    def exact(self, numerator: int, denominator: int) -> Fraction | None:
        """Its value as an exact fraction, in its unit; None where there was nothing to count over."""
        return SCALES[self.unit] * Fraction(numerator, denominator) if denominator else None

    def is_met(self, value: Fraction) -> bool | None:
        """Is the declared limit kept? None where there is none."""
        return keeps(value, self.direction, self.limit) if self.limit else None


def keeps(value: Fraction, direction: str, limit: str) -> bool:
    """Does a value keep a limit, written as a decimal number? The limit itself keeps it."""
    return value >= Fraction(limit) if direction == "at_least" else value <= Fraction(limit)


@cache
def indicators() -> dict[str, Indicator]:
    """Every indicator by its id, in the order of the table."""
    text = (resources.files("pass_engine") / "tables" / "indicators.csv").read_text(encoding="utf-8")
    return {row["id"]: _indicator(row) for row in csv.DictReader(text.splitlines())}


def _indicator(row: dict[str, str]) -> Indicator:
    pairs = (rule.partition(":") for rule in row["rules"].split(";") if rule)
    return Indicator(
        id=row["id"],
        dimension=cast("Dimension", row["dimension"]),
        label=row["label"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        unit=cast("Unit", row["unit"]),
        direction=cast("Direction", row["direction"]),
        limit=row["limit"],
        remedy=row["remedy"],
        table=row["table"],
        rules=tuple((rule, "" if table == "*" else table) for table, _, rule in pairs),
    )


LIMIT_WORDS: Final[dict[str, str]] = {"at_least": "at least", "at_most": "at most"}
UNIT_WORDS: Final[dict[Unit, str]] = {
    "percent": "%",
    "per_100": " per 100",
    "per_year": " a year",
    "per_100_years": " per 100 years",
    "days": " days",
}
"""What stands after a number of the unit."""


def limit_in_words(direction: str, limit: str, unit: Unit) -> str:
    """``at least 95%``."""
    return f"{LIMIT_WORDS[direction]} {limit}{UNIT_WORDS[unit]}"
