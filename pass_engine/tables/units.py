"""Units of measure that a number can be brought from and to, with exact decimal factors.

Source of the factors: the International System of Units (BIPM, SI Brochure, 9th edition 2019, chapters 3 and 4):
prefixes, litre, minute, hour and day. A week has 7 days. An inch has 2.54 cm (exact since 1959), a pound 0.45359237 kg.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

FACTOR_DECIMALS: Final = 9
FACTOR_LIMIT: Final = 10_000_000
"""A factor has at most so many decimals, and lies below this limit: then a product of two decimals is exact."""

KINDS: Final[dict[str, dict[str, str]]] = {
    "mass": {"kg": "1000", "g": "1", "mg": "0.001", "ug": "0.000001", "ng": "0.000000001", "lb": "453.59237"},
    "volume": {"L": "1", "dL": "0.1", "mL": "0.001", "uL": "0.000001"},
    "length": {"m": "1", "cm": "0.01", "mm": "0.001", "in": "0.0254"},
    "time": {"weeks": "604800", "days": "86400", "h": "3600", "min": "60", "s": "1", "ms": "0.001"},
    "amount": {"mol": "1", "mmol": "0.001", "umol": "0.000001", "nmol": "0.000000001"},
}
"""Kind of quantity to its units, each in the kind's own unit."""


def known_units() -> tuple[str, ...]:
    """Every unit there is, in the order of the tables."""
    return tuple(unit for units in KINDS.values() for unit in units)


def factor_between(source: str, target: str) -> Decimal | None:
    """What a number in ``source`` is multiplied by to be in ``target``; None where that is no exact short decimal."""
    for units in KINDS.values():
        if source in units and target in units:
            factor = Decimal(units[source]) / Decimal(units[target])
            is_exact = factor * Decimal(units[target]) == Decimal(units[source])
            return factor if is_exact and fits(factor) else None
    return None


def fits(number: Decimal) -> bool:
    """Is it a decimal of at most ``FACTOR_DECIMALS`` places below the limit?"""
    return abs(number) < FACTOR_LIMIT and number == round(number, FACTOR_DECIMALS)
