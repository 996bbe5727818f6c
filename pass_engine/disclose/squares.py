"""Sums of squares and products over persons, for person-robust intervals: of which cells they may leave.

Of few persons such a sum is near one person's own number. It leaves for cells with enough persons, and with no event or
enough persons with event. A sum kept back would come back by subtraction where levels add up to their margin, so that
other cells keep theirs back too: a ledger and its audit choose which.

The squares of a margin are those of its levels where nobody has events, or days, in two of them. A person's products
over two levels are never below 0, so that where the products of events with days add up, the squares of events do;
and where the squares of window days do, those of days at risk. So events and days squared are looked at for all five.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING, Final

from pass_engine.disclose.audit import System, Unknown, audit
from pass_engine.disclose.cells import BEFORE_MAIN, MAIN, SHALLOW, Cell, Cells, depth
from pass_engine.disclose.feasible import with_point
from pass_engine.disclose.frames import like, records
from pass_engine.disclose.ledger import NOT_A_COUNT, Ledger
from pass_engine.disclose.links import FIXED_STRATA, tie_levels
from pass_engine.disclose.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.frames import Row
    from pass_engine.registry.models import Policy

SQUARES_TABLE: Final = "squares"
"""What a record of these calls its table: part of ``counts`` and ``arm_overlap``."""
SQUARES: Final = ("sum_e2", "sum_et", "sum_t2", "sum_fw", "sum_w2")
CROSS: Final = ("sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2")
WITH_EVENT: Final = ("persons_with_event", "first_events")
CROSS_WITH_EVENT: Final = ("target_with_event", "comparator_with_event", "both_with_event")
LOOKED_AT: Final = ("sum_e2", "sum_t2")
REASON: Final = "too few persons or persons with an event, or they would tell of such a cell"


def without_squares(
    counts: pd.DataFrame, overlap: pd.DataFrame, policy: Policy, kinds: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, str]]]:
    """``counts`` and ``arm_overlap`` with the sums empty that do not leave, and a record of how many.

    ``kinds``: analysis to its kind; a sensitivity analysis has cells of its own.
    """
    rows, pairs = records(counts), records(overlap)
    kept_back = _kept_back(rows, policy, kinds)
    cells = [cell_in(row, kinds) in kept_back for row in rows]
    both = [not may_leave(row, "persons_in_both", CROSS_WITH_EVENT, policy) for row in pairs]
    shown = (_emptied(counts, rows, cells, SQUARES), _emptied(overlap, pairs, both, CROSS))
    return *shown, [*_records(rows, cells), *_records(pairs, both)]


def squares_told(counts: pd.DataFrame, overlap: pd.DataFrame, policy: Policy, kinds: Mapping[str, str]) -> int:
    """How many sums left that should not have, or are told by those that did, in tables as a centre has them."""
    rows, pairs = records(counts), records(overlap)
    by_cell = {cell_in(row, kinds): row for row in rows}
    few = sum(_has(row, SQUARES) for row in by_cell.values() if not may_leave(row, "persons", WITH_EVENT, policy))
    few += sum(_has(row, CROSS) for row in pairs if not may_leave(row, "persons_in_both", CROSS_WITH_EVENT, policy))
    ledger = _enter(by_cell, Ledger(reading=True)).ledger
    known = {i: e.value for i, e in enumerate(ledger.entries) if e.value is not None}
    unknown = {i: Unknown((0, inf), guarded=True) for i, e in enumerate(ledger.entries) if e.value is None}
    system, _ = with_point(System(known, unknown, ledger.sums, {}))
    return few + sum(bool(system.point[i]) for i in audit(system, {}))


def may_leave(row: Row, persons: str, with_event: Iterable[str], policy: Policy) -> bool:
    """Are there enough persons, and no event or enough persons with one? Where nobody is, there is nothing to hide.

    A number that does not leave itself is taken as too small.
    """
    counted = [row[name] for name in (persons, *with_event)]
    if any(n is None for n in counted):
        return False
    enough = counted[0] >= policy.min_persons and all(n == 0 or n >= policy.min_cell for n in counted[1:])
    return counted[0] == 0 or enough


def cell_in(row: Row, kinds: Mapping[str, str]) -> Cell:
    """The cell of a registry's own row of ``counts``."""
    scenario = row["analysis"] if kinds.get(row["analysis"]) == "sensitivity" else MAIN
    return Cell(scenario, "", "", *(row[c] for c in Cell._fields[3:]))


def _kept_back(rows: Sequence[Row], policy: Policy, kinds: Mapping[str, str]) -> set[Cell]:
    """Cells whose sums do not leave: too few, or for the sake of one that is."""
    by_cell = {cell_in(row, kinds): row for row in rows}
    small = {cell for cell, row in by_cell.items() if not may_leave(row, "persons", WITH_EVENT, policy)}
    if not small:
        return small
    cells = _enter(by_cell, Ledger())
    ledger = cells.ledger
    for cell in small:
        for index in cells.numbers[cell].values():
            ledger.force(index)
    _link_scenarios(cells, by_cell, policy.min_cell)
    ledger.settle()
    return {cell for cell, own in cells.numbers.items() if any(map(ledger.is_withheld, own.values()))}


def _enter(by_cell: Mapping[Cell, Row], ledger: Ledger) -> Cells:
    """The sums in a ledger, with the margins they add up to; a reader knows only of levels of which one has one."""
    cells = Cells(ledger, Thresholds(1, {}))
    for cell, row in by_cell.items():
        rank = SHALLOW - depth(cell.stratum) - (BEFORE_MAIN if cell.scenario != MAIN else 0)
        cells.numbers[cell] = {
            name: ledger.add((name, cell), row[name], NOT_A_COUNT, rank=rank, block=cell, drags=cell)
            for name in LOOKED_AT
        }
    tie_levels(cells, over=FIXED_STRATA if ledger.reading else None)
    return cells


def _link_scenarios(cells: Cells, by_cell: Mapping[Cell, Row], few: int) -> None:
    """A sensitivity analysis's sums go with the main one's, where the cells differ by few persons with event."""
    for cell, row in by_cell.items():
        main = cell._replace(scenario=MAIN)
        if cell == main or main not in by_cell:
            continue
        pairs = [(row[name], by_cell[main][name]) for name in ("persons", *WITH_EVENT)]
        if all(own is not None and other is not None and abs(own - other) < few for own, other in pairs):
            for name in LOOKED_AT:
                cells.ledger.follow(cells.numbers[cell][name], cells.numbers[main][name])


def _has(row: Row, names: Iterable[str]) -> bool:
    return any(row.get(name) is not None for name in names)


def _emptied(frame: pd.DataFrame, rows: Sequence[Row], gone: Sequence[bool], names: Sequence[str]) -> pd.DataFrame:
    if not any(gone):
        return frame
    empty = dict.fromkeys(name for name in names if name in frame.columns)
    return like(frame, [{**row, **empty} if away else row for row, away in zip(rows, gone, strict=True)])


def _records(rows: Sequence[Row], gone: Sequence[bool]) -> list[dict[str, str]]:
    """How many cells of each analysis leave without their sums; which, their empty places in the table say."""
    number = Counter(row["analysis"] for row, away in zip(rows, gone, strict=True) if away)
    return [
        {"table": SQUARES_TABLE, "analysis": analysis, "cohort": "", "cells": str(n), "reason": REASON}
        for analysis, n in sorted(number.items())
    ]
