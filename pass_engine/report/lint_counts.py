"""What the results refuse besides: parts above their whole, and percentages that no share can have.

PE817 a percentage below 0 or over 100 · PE818 a part above its whole.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.reading import Row, Run

REMAKE: Final = "make the run anew; if it happens again, report it as a fault of pass_engine"
WHOLE: Final = 100
SHARES: Final = {
    "baseline.csv": ("percent",),
    "quality.csv": ("percent",),
    "completeness_by_year.csv": ("percent",),
    "verification.csv": ("percent", "low", "high"),
}
"""Columns of percentages, by file."""
PARTS: Final = {
    "quality.csv": (("failed", "tested"),),
    "completeness_by_year.csv": (("failed", "tested"),),
    "verification.csv": (("errors", "checked"),),
    "survival.csv": (("at_risk", "persons"), ("events", "persons")),
    "lock_points.csv": (("first_events", "events"), ("first_event_days", "person_days")),
    "bounds.csv": (("events_least", "events_most"), ("days_least", "days_most")),
    "leave_one_out.csv": (("persons_with_event", "persons"), ("persons_with_event", "events")),
}
"""Pairs of a part and its whole in one row, by file. Those of incidence.csv have codes of their own."""
PERSONS: Final = "persons"
"""Variable of the baseline table, and step of the attrition table, that counts everyone."""


def count_faults(run: Run) -> Iterator[Fault]:
    """Every percentage and every part of a whole, file by file."""
    for file in run.results:
        for row in run.results[file]:
            yield from _share_faults(row)
            for part, whole in _pairs(row):
                yield from _part_fault(row, part, row[part], row[whole], f"{part} above {whole}")
    yield from _baseline_faults(run)
    yield from _attrition_faults(run)


def row_fault(row: Row, column: str, found: str, problem: str, code: str) -> Fault:
    """A fault of a row of the results."""
    return Fault(f"results/{row.file}:{row.number}", column, found, problem, REMAKE, code, row.number)


def _share_faults(row: Row) -> Iterator[Fault]:
    for column in _share_columns(row):
        if row[column] and not 0 <= Decimal(row[column]) <= WHOLE:
            yield row_fault(row, column, row[column], "a percentage lies between 0 and 100", "PE817")


def _share_columns(row: Row) -> tuple[str, ...]:
    if row.values.get("measure") == "incidence_proportion":
        return ("rate_least", "rate_most") if row.file == "bounds.csv" else ("rate", "rate_low", "rate_high")
    if row.file == "indicators.csv" and row["unit"] == "percent":
        return ("value",)
    return SHARES.get(row.file, ())


def _pairs(row: Row) -> tuple[tuple[str, str], ...]:
    if row.file == "indicators.csv" and row["unit"] == "percent":
        return (("numerator", "denominator"),)
    return PARTS.get(row.file, ())


def _part_fault(row: Row, column: str, part: str, whole: str, problem: str) -> Iterator[Fault]:
    if part and whole and int(part) > int(whole):
        yield row_fault(row, column, f"{part} of {whole}", problem, "PE818")


def _baseline_faults(run: Run) -> Iterator[Fault]:
    """No level of a characteristic holds more persons than the cohort."""
    rows = run.results["baseline.csv"]
    sizes = {(r["registry"], r["cohort"]): r["persons"] for r in rows if r["variable"] == PERSONS}
    for row in rows:
        size = sizes.get((row["registry"], row["cohort"]), "")
        yield from _part_fault(row, "persons", row["persons"], size, "more persons than the cohort has")


def _attrition_faults(run: Run) -> Iterator[Fault]:
    """Nobody comes back: a later step never holds more persons than the one before."""
    chains: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in run.rows("attrition.csv", scope="cohort"):
        chains[row["registry"], row["analysis"], row["cohort"]].append(row)
    for rows in chains.values():
        before = ""
        for row in sorted(rows, key=lambda r: int(r["position"])):
            yield from _part_fault(row, "persons", row["persons"], before, "more persons than the step before")
            before = row["persons"] or before
