"""Cells of the incidence and comparison tables: persons, events and days that stand or fall together.

A cell is a registry (or pool), cohort, outcome, time at risk, stratum and level of one scenario. If its
persons, its persons with an event, or the events of any measure are too few, all of its events and days
go, with every rate and interval of every measure: an interval with its rate gives the count back, and so do a
proportion with the persons, and time at risk with time at risk net of clean windows. Persons stay where they
are not too few themselves. Persons that go for another number's sake go alone, with the proportion that would
give them back: rates do not tell them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from pass_engine.disclose.frames import emptied
from pass_engine.disclose.ledger import NOT_A_COUNT
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, WITHHELD, Thresholds, rank_of, small_status
from pass_engine.disclose.weights import EXPECTED, SIR, Use, telling_uses, use_of, withhold_lone_expected
from pass_engine.terms import OVERALL, POOLED, STRATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.ledger import Ledger

MAIN = "main"
SENSITIVITY = "sensitivity"
STANDARDISED = "standardised_"
PROPORTION = "incidence_proportion"
SHALLOW = 11
"""Rank of an overall cell within a registry; finer cells are given up before coarser ones."""
FIXED_STRATA = frozenset({"sex"})
"""Strata in which a person has one level, so that persons add over it."""
RATE_COLUMNS = (
    "persons_with_event",
    "events",
    "person_days",
    "expected",
    "rate",
    "rate_low",
    "rate_high",
    "robust_low",
    "robust_high",
)
RATIO_COLUMNS = ("estimate", "low", "high", "robust_low", "robust_high")
ARMS = ("target", "comparator")
RATIO_MEASURE = {"first": "eair", "recurrent": "eaer"}


class Cell(NamedTuple):
    """What a count is about."""

    scenario: str
    registry: str
    registries: str
    cohort: str
    outcome: str
    time_at_risk: str
    stratum: str = OVERALL
    level: str = ""


@dataclass
class Cells:
    """Cells in a ledger: which numbers they have, and which of them hold a count too small to show."""

    ledger: Ledger
    thresholds: Thresholds
    numbers: dict[Cell, dict[str, int]] = field(default_factory=dict)
    small: set[Cell] = field(default_factory=set)
    both: dict[tuple[str, ...], int] = field(default_factory=dict)

    def enter_incidence(self, rows: Iterable[Row]) -> None:
        """Enter the crude measures; a standardised rate has no cell of its own."""
        for row in rows:
            if row["registries"] and not row["measure"].startswith(STANDARDISED):
                cell = cell_of(row)
                self._enter(cell, "persons", row["persons"])
                self._enter(cell, f"persons_with_event {row['measure']}", row["persons_with_event"])
                self._enter(cell, f"events {row['measure']}", row["events"])
                self._enter(cell, f"days {row['measure']}", row["person_days"])

    def enter_comparison(self, rows: Iterable[Row]) -> None:
        """Enter both arms as the overall cells they are, and the persons in both."""
        for row in (r for r in rows if r["registries"]):
            for arm, cell in arms_of(row).items():
                measure = RATIO_MEASURE[row["counting"]]
                self._enter(cell, f"events {measure}", row[f"{arm}_events"])
                self._enter(cell, f"days {measure}", row[f"{arm}_person_days"])
            threshold = self.thresholds.of(row["registry"], row["registries"])
            name = both_of(row)
            self.both[name] = self.ledger.add(
                ("both", name), row["persons_in_both"], threshold, rank=rank_of(row["registry"])
            )

    def _enter(self, cell: Cell, quantity: str, value: int | None) -> None:
        threshold = self.thresholds.of(cell.registry, cell.registries)
        counted = not quantity.startswith("days")
        rank = rank_of(cell.registry) + SHALLOW - _depth(cell.stratum)
        in_block = quantity != "persons"
        is_small = counted and value is not None and 1 <= value < threshold
        index = self.ledger.add(
            (quantity, cell),
            value,
            threshold if counted else NOT_A_COUNT,
            rank=rank,
            block=cell if in_block else None,
            drags=cell if in_block or is_small else None,
        )
        self.numbers.setdefault(cell, {})[quantity] = index
        if is_small:
            self.small.add(cell)

    def tie(self) -> None:
        """Tie cells: levels to their margin, registries to their pool, and pools of different registries."""
        for cell in self.small:
            numbers = self.numbers[cell]
            if "persons" in numbers:
                others = [i for quantity, i in numbers.items() if quantity.startswith(("persons_", "events"))]
                self.ledger.say_telling(numbers["persons"], others)
        for cells in _grouped(self.numbers, lambda c: c._replace(stratum=OVERALL, level="")).values():
            self._tie_margins(cells)
        for cells in _grouped(self.numbers, lambda c: c._replace(registry="", registries="")).values():
            self._tie_registries(cells)
        for name, index in self.both.items():
            if name[0] == POOLED:
                parts = [self.both.get((r, r, *name[2:])) for r in name[1].split(SEPARATOR)]
                self.ledger.tie([index], [p for p in parts if p is not None])

    def _tie_margins(self, cells: Sequence[Cell]) -> None:
        by_stratum = _grouped(cells, lambda c: c.stratum)
        for upper, lower in ((a, b) for a in by_stratum for b in by_stratum if _names(a) < _names(b)):
            dropped = _names(lower) - _names(upper)
            implied = any(_names(upper) < _names(between) < _names(lower) for between in by_stratum)
            parts = _grouped(by_stratum[lower], lambda c, upper=upper: _project(c, upper))
            for total in by_stratum[upper]:
                for quantity, index in self.numbers[total].items():
                    if not quantity.startswith("persons") or dropped <= FIXED_STRATA:
                        levels = self._all(parts.get(total.level, []), quantity)
                        self.ledger.tie([index], levels, implied=implied)

    def _tie_registries(self, cells: Sequence[Cell]) -> None:
        own = {c.registry: c for c in cells if c.registry != POOLED}
        pools = [c for c in cells if c.registry == POOLED]
        for pool in pools:
            for quantity, index in self.numbers[pool].items():
                parts = [own[r] for r in pool.registries.split(SEPARATOR) if r in own]
                self.ledger.tie([index], self._all(parts, quantity))
        for one, other in combinations(pools, 2):
            first, second = (set(p.registries.split(SEPARATOR)) for p in (one, other))
            only_first = [own[r] for r in sorted(first - second) if r in own]
            only_second = [own[r] for r in sorted(second - first) if r in own]
            for quantity in sorted(self.numbers[one].keys() & self.numbers[other].keys()):
                self.ledger.tie(
                    [self.numbers[one][quantity], *self._all(only_second, quantity)],
                    [self.numbers[other][quantity], *self._all(only_first, quantity)],
                )

    def _all(self, cells: Iterable[Cell], quantity: str) -> list[int]:
        return [self.numbers[c][quantity] for c in cells if quantity in self.numbers[c]]

    def status(self, cell: Cell) -> str:
        """Status of a cell whose numbers are withheld, or the empty text."""
        if cell not in self.numbers or not self.ledger.block_withheld(cell):
            return ""
        return small_status(self.thresholds.of(cell.registry, cell.registries)) if cell in self.small else WITHHELD

    def shown_incidence(
        self,
        rows: Sequence[Row],
        weights: Mapping[Use, frozenset[str]],
        references: Mapping[Use, frozenset[str]],
    ) -> list[Row]:
        """Incidence rows as they may be shown.

        ``weights`` is the levels that each standardisation weighs, ``references`` those that have a reference rate.
        """
        weighed, expected = Rests(self, weights), Rests(self, references)
        telling = telling_uses(weights, rows, weighed.on_withheld)
        shown = []
        for row in rows:
            made = row["measure"].startswith(STANDARDISED) and row["status"] != NOT_ESTIMABLE
            hidden = made and (use_of(row) in telling or weighed.hides(row))
            shown.append(self._shown_rate(row, WITHHELD if hidden else ""))
            if row["measure"] == SIR and row["status"] != NOT_ESTIMABLE and expected.hides(row):
                shown[-1] = emptied(shown[-1], WITHHELD, EXPECTED)
        return withhold_lone_expected(shown)

    def shown_weights(
        self, rows: Iterable[Row], incidence: Sequence[Row], weights: Mapping[Use, frozenset[str]]
    ) -> list[Row]:
        """Weights as they may be shown."""
        telling = telling_uses(weights, incidence, Rests(self, weights).on_withheld)
        return [emptied(row, WITHHELD if use_of(row) in telling else "", ("weight",)) for row in rows]

    def bare_levels(self) -> dict[Cell, set[str]]:
        """Levels withheld below each overall cell."""
        found: dict[Cell, set[str]] = {}
        for cell in self.numbers:
            if self.status(cell):
                found.setdefault(cell._replace(stratum=OVERALL, level=""), set()).add(cell.level)
        return found

    def _shown_rate(self, row: Row, derived: str) -> Row:
        """A row as it may be shown; ``derived`` is the status it has where its own cell is shown."""
        cell = cell_of(row)
        status = self.status(cell) or derived
        persons = self.numbers.get(cell, {}).get("persons")
        if persons is None or not self.ledger.is_withheld(persons):
            return emptied(row, status, RATE_COLUMNS)
        if not status and row["measure"] == PROPORTION:
            return emptied(row, WITHHELD, ("persons", "rate", "rate_low", "rate_high"))
        return {**emptied(row, status, RATE_COLUMNS), "persons": None}

    def shown_comparison(self, rows: Iterable[Row]) -> list[Row]:
        """Comparison rows as they may be shown."""
        hidden = [cell for cell in self.numbers if cell.stratum != OVERALL and self.status(cell)]
        return [self._shown_ratio(row, hidden) for row in rows]

    def _shown_ratio(self, row: Row, hidden_cells: Sequence[Cell]) -> Row:
        if not row["registries"]:
            return row
        statuses = {arm: self.status(cell) for arm, cell in arms_of(row).items()}
        hidden = [arm for arm, status in statuses.items() if status]
        columns = [f"{arm}_{column}" for arm in hidden for column in ("events", "person_days")]
        status = min((statuses[arm] for arm in hidden), default="")
        made = not status and row["status"] != NOT_ESTIMABLE
        if made and any(self._is_part(cell, row) for cell in hidden_cells):
            status = WITHHELD
        shown = emptied(row, status, (*RATIO_COLUMNS, *columns))
        if self.ledger.is_withheld(self.both[both_of(row)]):
            shown["persons_in_both"] = None
        return shown

    def _is_part(self, cell: Cell, row: Row) -> bool:
        """Is a cell among those that a ratio over strata is made from?

        Its pool may leave out a registry that the pool of the cells has: then the registries' own cells count.
        """
        place = (cell.scenario, cell.cohort, cell.outcome, cell.time_at_risk)
        arms = [(MAIN, row[arm], row["outcome"], row["time_at_risk"]) for arm in ARMS]
        if cell.stratum != row["adjusted_for"] or place not in arms:
            return False
        if (cell.registry, cell.registries) == (row["registry"], row["registries"]):
            return True
        whole = cell._replace(registry=POOLED, registries=row["registries"])
        contributed = row["registry"] == POOLED and cell.registry in row["registries"].split(SEPARATOR)
        return contributed and whole not in self.numbers


class Rests:
    """Which overall rows rest on levels that are withheld."""

    def __init__(self, cells: Cells, weights: Mapping[Use, frozenset[str]]) -> None:
        """Look up once what is withheld."""
        self.bare, self.weights = cells.bare_levels(), weights

    def hides(self, row: Row) -> bool:
        """Does the row rest on a withheld cell? Its weights are those of its outcome, or of the analysis."""
        return self.on_withheld(row, use_of(row) if use_of(row) in self.weights else Use(row["analysis"]))

    def on_withheld(self, row: Row, use: Use) -> bool:
        """Is the overall cell, or a level that has a weight, withheld?"""
        overall = cell_of(row)._replace(stratum=OVERALL, level="")
        return bool(self.bare.get(overall, set()) & (self.weights.get(use, frozenset()) | {overall.level}))


def cell_of(row: Row) -> Cell:
    """The cell an incidence row is about; a standardised rate is about the overall cell."""
    scenario = row["analysis"] if row["role"] == SENSITIVITY else MAIN
    return Cell(scenario, *(row[c] for c in Cell._fields[1:]))


def arms_of(row: Row) -> dict[str, Cell]:
    """The overall cells a comparison row is about."""
    return {
        arm: Cell(MAIN, row["registry"], row["registries"], row[arm], row["outcome"], row["time_at_risk"])
        for arm in ARMS
    }


def both_of(row: Row) -> tuple[str, ...]:
    """Name of the persons in both arms of a comparison row."""
    return tuple(
        row[c] for c in ("registry", "registries", "analysis", "outcome", "time_at_risk", "target", "comparator")
    )


def _names(stratum: str) -> frozenset[str]:
    return frozenset() if stratum == OVERALL else frozenset(stratum.split("*"))


def _depth(stratum: str) -> int:
    return len(_names(stratum))


def _project(cell: Cell, stratum: str) -> str:
    """The level of a cell in a margin of fewer strata."""
    levels = dict(zip(cell.stratum.split("*"), cell.level.split("*"), strict=True))
    return "*".join(levels[name] for name in STRATA if name in _names(stratum))


def _grouped(cells: Iterable[Cell], key: Any) -> dict[Any, list[Cell]]:
    groups: dict[Any, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return groups
