"""Counts of the indicators, of completeness by year and of source data verification, as they may be shown.

Of an indicator both the cases and the others are protected, since their sum, the denominator, is shown. Missing
values by year add up to the missing values of the variable, which the table of data checks shows; an indicator
that is one data check is the same number; verified columns add up to the indicator of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pass_engine.disclose.frames import emptied
from pass_engine.disclose.ledger import NOT_A_COUNT
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, WITHHELD, small_status
from pass_engine.tables.indicators import indicators

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.ledger import Ledger
    from pass_engine.disclose.thresholds import Thresholds

SHARES, YEARS = "an indicator and its denominator", "years and all years"
"""Kinds of relation."""
VERIFIED: Final = "verification_errors"
OF_VARIABLES: Final = "required_variables"
"""Counts variables, not persons or what belongs to persons: never small."""
Key = tuple[str, ...]


@dataclass
class QualityCounts:
    """The counts in a ledger. ``checks``: what data checks entered, by the columns of ``Persons.failed``."""

    ledger: Ledger
    thresholds: Thresholds
    checks: dict[Key, tuple[int, int]]
    shares: dict[Key, tuple[int, int, int]] = field(default_factory=dict)
    years: dict[Key, tuple[int, int]] = field(default_factory=dict)
    by_rule: dict[Key, list[tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find checks by registry, rule, table and column, for ties."""
        for (registry, _, rule, table, column, *_), numbers in self.checks.items():
            self.by_rule.setdefault((registry, rule, table), []).append(numbers)
            self.by_rule[registry, rule, table, column] = [numbers]

    def enter_indicators(self, rows: Sequence[Row]) -> None:
        """Enter cases, the others and their sum; where the unit is days, the days are no count."""
        for row in rows:
            declared = indicators()[row["indicator"]]
            key = (row["registry"], row["indicator"])
            parts = self._enter(key, row, ("numerator", "denominator"), declared.unit)
            checks = [n for rule in declared.rules for n in self.by_rule.get((row["registry"], *rule), ())]
            if len(declared.rules) == 1 and len(checks) == 1:
                self.ledger.tie([parts[0]], [checks[0][1]], SHARES)

    def enter_verification(self, rows: Sequence[Row]) -> None:
        """Enter errors, fields without one, and fields checked; tie them to the indicator of all."""
        of_all: dict[str, list[tuple[int, int, int]]] = {}
        for row in rows:
            key = (row["registry"], VERIFIED, row["table_name"], row["column_name"])
            of_all.setdefault(row["registry"], []).append(self._enter(key, row, ("errors", "checked"), "percent"))
        for registry, parts in of_all.items():
            total = self.shares.get((registry, VERIFIED))
            for place in (0, 2) if total else ():
                self.ledger.tie([total[place]] if total else [], [part[place] for part in parts], SHARES)

    def _enter(self, key: Key, row: Row, columns: tuple[str, str], unit: str) -> tuple[int, int, int]:
        cases, whole = row[columns[0]], row[columns[1]]
        threshold = self.thresholds.of(row["registry"], row["registry"]) if key[1] != OF_VARIABLES else NOT_A_COUNT
        counted = threshold if unit != "days" else NOT_A_COUNT
        over = threshold if unit in {"percent", "days"} else NOT_A_COUNT
        rest = whole - cases if unit == "percent" and cases is not None and whole is not None else 0
        parts = (
            self.ledger.add(("cases", *key), cases or 0, counted),
            self.ledger.add(("others", *key), rest, threshold),
            self.ledger.add(("of", *key), whole, over, rank=1),
        )
        if unit == "percent":
            self.ledger.tie([parts[2]], parts[:2], SHARES)
        self.shares[key] = parts
        return parts

    def enter_years(self, rows: Sequence[Row]) -> None:
        """Enter rows and missing values of each year, and tie them to those of all years."""
        columns: dict[Key, list[tuple[int, int]]] = {}
        for row in rows:
            registry, table, column, year = (row[c] for c in ("registry", "table_name", "column_name", "calendar_year"))
            threshold = self.thresholds.of(registry, registry)
            tested = self.ledger.add(("tested", registry, table, year), row["tested"], threshold, rank=1)
            failed = self.ledger.add(("missing", registry, table, column, year), row["failed"], threshold)
            self.years[registry, table, column, year] = tested, failed
            columns.setdefault((registry, "missing", table, column), []).append((tested, failed))
        for key, years in columns.items():
            for total_tested, total_failed in self.by_rule.get(key, ()):
                self.ledger.tie([total_tested], [tested for tested, _ in years], YEARS)
                self.ledger.tie([total_failed], [failed for _, failed in years], YEARS)

    def shown_indicators(self, rows: Iterable[Row]) -> list[Row]:
        """Indicator rows as they may be shown."""
        return [
            self._shown(row, self.shares[row["registry"], row["indicator"]], ("numerator", "denominator"), VALUES)
            for row in rows
        ]

    def shown_verification(self, rows: Iterable[Row]) -> list[Row]:
        """Rows of source data verification as they may be shown."""
        keys = ((r["registry"], VERIFIED, r["table_name"], r["column_name"]) for r in rows)
        return [
            self._shown(row, self.shares[key], ("errors", "checked"), RATES)
            for row, key in zip(rows, keys, strict=True)
        ]

    def _shown(self, row: Row, parts: tuple[int, int, int], columns: tuple[str, str], rest: tuple[str, ...]) -> Row:
        if row["status"] == NOT_ESTIMABLE:
            return dict(row)
        cases, others, whole = (self._status(part) for part in parts)
        if not (cases or others or whole):
            return dict(row)
        hidden = {**dict.fromkeys(rest), **({"verdict": ""} if "verdict" in row else {})}
        status = cases or (WITHHELD if others else whole)
        shown = emptied(row, status, (columns[0], *([columns[1]] if whole else [])))
        return {**shown, **hidden}

    def shown_years(self, rows: Iterable[Row]) -> list[Row]:
        """Rows of completeness by year as they may be shown."""
        shown = []
        for row in rows:
            key = tuple(row[c] for c in ("registry", "table_name", "column_name", "calendar_year"))
            tested, failed = self.years[key]
            hidden = self.ledger.is_withheld(tested)
            columns = ("tested", "failed", "percent") if hidden else ("failed", "percent")
            shown.append(emptied(row, self._status(tested) or self._status(failed), columns))
        return shown

    def _status(self, index: int) -> str:
        if not self.ledger.is_withheld(index):
            return ""
        entry = self.ledger.entries[index]
        return small_status(entry.threshold) if entry.is_small and not entry.muted else WITHHELD


VALUES: Final = ("value",)
RATES: Final = ("percent", "low", "high", "interval_level")
