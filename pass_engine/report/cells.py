"""One cell from one result row: the number as it prints, or the mark of why it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.model import LINK_END, LINK_START, LINK_TO, Cell
from pass_engine.report.numbers import (
    NOT_APPLICABLE,
    NOT_ESTIMABLE,
    WITHHELD,
    format_count,
    format_interval,
    format_percent,
    format_rate,
    format_years,
)

if TYPE_CHECKING:
    from pass_engine.report.reading import Row

NO_CELL = Cell(NOT_APPLICABLE, mark=True)
"""Stands where the results hold no row: no person-time, or not asked for."""


def text(value: str) -> Cell:
    """A cell of words."""
    return Cell(value)


SMALL: Final = frozenset({"persons_with_event", "failed", "excluded", "numerator", "errors"})
"""Counts that are the small one whenever their row has the status ``<5`` and they are empty."""


def marked(row: Row, *, small: bool) -> Cell:
    """What stands for an empty number: ``<5`` where it is itself too small, withheld where it would tell, or NE."""
    status = row["status"]
    if status == "not_estimable":
        return Cell(NOT_ESTIMABLE, source=row.source, mark=True)
    return Cell(status if small and status.startswith("<") else WITHHELD, source=row.source, mark=True)


def count(row: Row | None, column: str) -> Cell:
    """A whole number."""
    if row is None:
        return NO_CELL
    value = row[column]
    return Cell(format_count(value), source=row.source) if value else marked(row, small=_is_small(row, column))


def _is_small(row: Row, column: str) -> bool:
    """May an empty count print ``<5``? Only where it must be that small; a sum that would tell is withheld."""
    if row.file == "baseline.csv":
        return True
    if row.file == "incidence.csv" and column == "events":
        return row["measure"] != "eaer" and row["counting"] == "first"
    if row.file == "lock_points.csv":
        return row["counting"] == "first" and column in {"first_events", "events"}
    return column in SMALL or (row.file == "survival.csv" and column == "events")


def years(row: Row | None, column: str = "person_days") -> Cell:
    """Person-years, one decimal."""
    if row is None:
        return NO_CELL
    value = row[column]
    return Cell(format_years(value), source=row.source) if value else marked(row, small=False)


def rate(row: Row | None) -> Cell:
    """A rate with its interval below, and the person-robust one below that; a dagger where the row has a remark."""
    value, interval = value_and_interval(row)
    if row is None or value.mark:
        return value
    below = (interval.text, _robust(row)) if stands_beside(row) else (interval.text,)
    return Cell(value.text, below, row.source)


def stands_beside(row: Row) -> bool:
    """Does the row hold a person-robust interval beside another one?"""
    low = "low" if "low" in row.values else "rate_low"
    return bool(row.values.get("robust_low")) and row["robust_low"] != row[low]


def _robust(row: Row) -> str:
    return f"[{format_interval(row['robust_low'], row['robust_high'])[1:-1]}]{_dagger(row)}"


def _dagger(row: Row) -> str:
    return " †" if row["note"] else ""


def value_and_interval(row: Row | None) -> tuple[Cell, Cell]:
    """A rate and its interval as two cells, so that rates stand under each other; a mark has no interval."""
    return _pair(row, "rate", "rate_low", "rate_high")


def estimate_and_interval(row: Row | None) -> tuple[Cell, Cell]:
    """A ratio or difference and its interval, the person-robust one below where that is another; and the dagger."""
    value, interval = _pair(row, "estimate", "low", "high")
    if row is None or value.mark:
        return value, interval
    if stands_beside(row):
        return value, Cell(interval.text, (_robust(row),), row.source)
    return value, Cell(f"{interval.text}{_dagger(row)}", source=row.source)


def _pair(row: Row | None, value: str, low: str, high: str) -> tuple[Cell, Cell]:
    if row is None:
        return NO_CELL, Cell("")
    if not row[value]:
        return marked(row, small=False), Cell("")
    return Cell(format_rate(row[value]), source=row.source), Cell(
        format_interval(row[low], row[high]), source=row.source
    )


def linked(told: str, row: Row | None) -> str:
    """A number within a sentence, as a link to its row."""
    return f"{LINK_START}{told}{LINK_TO}{row.id}{LINK_END}" if row is not None and row.id and told else told


def in_one(row: Row | None) -> str:
    """A rate, ratio or difference and its interval as they stand in a sentence or figure."""
    contrast = row is not None and row.file == "comparison.csv"
    pair = _pair(row, "estimate", "low", "high") if contrast else value_and_interval(row)
    return " ".join(cell.text for cell in pair if cell.text)


def count_and_percent(row: Row | None) -> Cell:
    """``1,234 (70.0)``, the percentage left out where there is none."""
    cell = count(row, "persons")
    if row is None or cell.mark or not row["percent"]:
        return cell
    return Cell(f"{cell.text} ({format_percent(row['percent'])})", source=row.source)


def mean_and_deviation(row: Row | None, *, years: bool = False) -> Cell:
    """``41.3 (11.0)``; days are printed as years where asked."""
    if row is None:
        return NO_CELL
    if not row["mean"]:
        return marked(row, small=True)
    show = format_years if years else format_one
    deviation = show(row["sd"]) if row["sd"] else NOT_ESTIMABLE
    return Cell(f"{show(row['mean'])} ({deviation})", source=row.source)


def format_one(text: str) -> str:
    """One decimal."""
    return format_rate(text, 1)
