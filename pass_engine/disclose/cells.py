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
from typing import TYPE_CHECKING, NamedTuple

from pass_engine.disclose.frames import emptied
from pass_engine.disclose.ledger import NOT_A_COUNT
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, WITHHELD, Thresholds, rank_of, small_status
from pass_engine.disclose.weights import EXPECTED, SIR, Use, telling_uses, use_of, withhold_lone_expected
from pass_engine.terms import OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.ledger import Ledger

MAIN = "main"
SENSITIVITY = "sensitivity"
STANDARDISED = "standardised_"
PROPORTION = "incidence_proportion"
BY_REGISTRY = "poisson_rate_ratio"
"""A measure whose pooled row is made from the cells of every registry by itself."""
BEFORE_MAIN = 100
"""A sensitivity analysis is given up before the main one."""
SHALLOW = 11
"""Rank of an overall cell within a registry; finer cells are given up before coarser ones."""
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
    unprinted: dict[Cell, str] = field(default_factory=dict)

    def enter_incidence(self, rows: Iterable[Row]) -> None:
        """Enter the crude measures; a standardised rate has no cell of its own."""
        for row in rows:
            for quantity, value in _quantities(row):
                self._enter(cell_of(row), quantity, value, at_risk=bool(row["person_days"]))

    def enter_published(self, rows: Iterable[Row]) -> None:
        """Enter the numbers that an earlier release showed of cells: its reader has them, and keeps them.

        Cells of this release are those numbers where they are equal; others, such as a pool of other registries, stand
        beside it.
        """
        own = set(self.numbers)
        for row in rows:
            cell = cell_of(row)
            for quantity, value in _quantities(row):
                if value is not None and cell not in own:
                    self._enter(cell, quantity, value)
                index = self.numbers.get(cell, {}).get(quantity)
                if index is not None and value is not None and self.ledger.entries[index].value == value:
                    self.ledger.entries[index].known = True

    def enter_comparison(self, rows: Iterable[Row]) -> None:
        """Enter both arms as the overall cells they are, and the persons in both."""
        for row in (r for r in rows if r["registries"]):
            for arm, cell in arms_of(row).items():
                measure, at_risk = RATIO_MEASURE[row["counting"]], bool(row[f"{arm}_person_days"])
                self._enter(cell, f"events {measure}", row[f"{arm}_events"], at_risk=at_risk)
                self._enter(cell, f"days {measure}", row[f"{arm}_person_days"])
            threshold = self.thresholds.of(row["registry"], row["registries"])
            name = both_of(row)
            self.both[name] = self.ledger.add(
                ("both", name), row["persons_in_both"], threshold, rank=rank_of(row["registry"])
            )

    def enter_counts(self, rows: Iterable[Row], scenarios: Mapping[str, str]) -> None:
        """Look at every cell that was counted, printed or not. ``rows`` are the pooled counts.

        Where one person may dominate a cell, it is withheld. One that is not printed and would be withheld is noted:
        a number made from it would be all that is told of it.
        """
        for row in rows:
            cell = Cell(scenarios.get(row["analysis"], MAIN), *(row[c] for c in Cell._fields[1:]))
            dominated = self.thresholds.is_dominated(row)
            if cell in self.numbers:
                for index in sorted(self.ledger.blocks.get(cell, ())) if dominated else ():
                    self.ledger.force(index)
            elif self._is_small_row(row):
                self.unprinted[cell] = small_status(self.thresholds.of(cell.registry, cell.registries))
            elif dominated:
                self.unprinted[cell] = WITHHELD

    def _is_small_row(self, row: Row) -> bool:
        threshold = self.thresholds.of(row["registry"], row["registries"])
        hides = row["person_days"] > 0 and self.thresholds.hides_zero(row["registry"], row["registries"])
        numbers = [row[c] for c in ("persons", "persons_with_event", "first_events", "events")]
        return any((0 if hides else 1) <= n < threshold for n in numbers)

    def _enter(self, cell: Cell, quantity: str, value: int | None, *, at_risk: bool = False) -> None:
        threshold = self.thresholds.of(cell.registry, cell.registries)
        counted = not quantity.startswith("days")
        rank = rank_of(cell.registry) + SHALLOW - depth(cell.stratum) - (BEFORE_MAIN if cell.scenario != MAIN else 0)
        in_block = quantity != "persons"
        hides_zero = (
            at_risk
            and quantity.startswith(("persons_", "events"))
            and self.thresholds.hides_zero(cell.registry, cell.registries)
        )
        is_small = counted and value is not None and (0 if hides_zero else 1) <= value < threshold
        index = self.ledger.add(
            (quantity, cell),
            value,
            threshold if counted else NOT_A_COUNT,
            rank=rank,
            block=cell if in_block else None,
            drags=cell if in_block or is_small else None,
            hides_zero=hides_zero,
        )
        self.numbers.setdefault(cell, {})[quantity] = index
        if is_small:
            self.small.add(cell)

    def status(self, cell: Cell) -> str:
        """Status of a cell whose numbers are withheld, or the empty text."""
        if cell in self.unprinted:
            return self.unprinted[cell]
        if cell not in self.numbers or not self.ledger.block_withheld(cell):
            return ""
        says = cell in self.small and not any(self.ledger.entries[i].muted for i in self.numbers[cell].values())
        return small_status(self.thresholds.of(cell.registry, cell.registries)) if says else WITHHELD

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
        for cell in (*self.numbers, *self.unprinted):
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
        hidden = [cell for cell in (*self.numbers, *self.unprinted) if cell.stratum != OVERALL and self.status(cell)]
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

        Its pool may leave out a registry that the pool of the cells has: then the registries' own cells count, as they
        do where the registry is among the strata.
        """
        place = (cell.scenario, cell.cohort, cell.outcome, cell.time_at_risk)
        arms = [(MAIN, row[arm], row["outcome"], row["time_at_risk"]) for arm in ARMS]
        if cell.stratum != row["adjusted_for"] or place not in arms:
            return False
        if (cell.registry, cell.registries) == (row["registry"], row["registries"]):
            return True
        whole = cell._replace(registry=POOLED, registries=row["registries"])
        contributed = row["registry"] == POOLED and cell.registry in row["registries"].split(SEPARATOR)
        return contributed and (row["measure"] == BY_REGISTRY or whole not in self.numbers)


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


def _quantities(row: Row) -> Iterator[tuple[str, int | None]]:
    """The numbers of a crude measure's row by what they count; a standardised rate has no cell of its own."""
    if row["registries"] and not row["measure"].startswith(STANDARDISED):
        yield "persons", row["persons"]
        yield f"persons_with_event {row['measure']}", row["persons_with_event"]
        yield f"events {row['measure']}", row["events"]
        yield f"days {row['measure']}", row["person_days"]


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


def depth(stratum: str) -> int:
    """How many stratifiers a margin has."""
    return 0 if stratum == OVERALL else stratum.count("*") + 1
