"""The audit of what leaves a registry that suppresses, by its tables alone: as the centre has them.

The same question as in :mod:`pass_engine.disclose.reader`, one step earlier: withheld numbers are unknowns, marks tell
what they tell, and all sums are looked at together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from pass_engine.disclose.audit import System, Unknown, audit
from pass_engine.disclose.border import STATUS
from pass_engine.disclose.cells import MAIN, Cell, counted_cell
from pass_engine.disclose.feasible import with_point
from pass_engine.disclose.links import FIXED_STRATA
from pass_engine.disclose.persons import level_key, step_key
from pass_engine.disclose.reader import place_of
from pass_engine.disclose.suppress import enter_left
from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd

    from pass_engine.disclose.audit import Range
    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.suppress import Left
    from pass_engine.disclose.thresholds import Thresholds


@dataclass(frozen=True)
class LeftAudit:
    """Withheld numbers, relations looked at by kind, numbers not decided, and the places of numbers that are told."""

    withheld: int
    covered: Mapping[str, int]
    undecided: int
    told: tuple[str, ...]


def audit_left(tables: Mapping[str, pd.DataFrame], registry: str, rules: Thresholds) -> LeftAudit:
    """Audit the tables of a bundle as they would leave. A 0 that is told is no disclosure, unless zeros are hidden."""
    left = enter_left(tables, registry, rules, _scenarios(tables["attrition"]), reading=True)
    ledger, marked = left.ledger, dict(_told_by_marks(left))
    known = {i: e.value for i, e in enumerate(ledger.entries) if e.value is not None}
    hidden = [i for i, e in enumerate(ledger.entries) if e.value is None]
    unknown = {i: Unknown(marked.get(i, (0, inf)), guarded=True) for i in hidden}
    sums = [terms for number, terms in enumerate(ledger.sums) if number not in ledger.implied]
    system, undecided = with_point(System(known, unknown, sums, {}))
    names = ledger.names_by_index()
    told = [i for i in audit(system, {}) if system.point[i] or _hides_zero(names[i], rules)]
    covered = Counter(kind for number, kind in enumerate(ledger.kinds) if number not in ledger.implied)
    return LeftAudit(
        len(hidden), dict(sorted(covered.items())), len(undecided), tuple(place_of(names[i]) for i in told)
    )


def _scenarios(attrition: pd.DataFrame) -> dict[str, str]:
    """Analysis to scenario: a sensitivity analysis has chains of its own into the cohorts."""
    own = attrition[attrition["scope"] == "cohort"]["analysis"]
    return {analysis: analysis or MAIN for analysis in dict.fromkeys(own)}


def _hides_zero(name: Hashable, rules: Thresholds) -> bool:
    cell = name[1] if isinstance(name, tuple) and len(name) > 1 else None
    if not isinstance(cell, Cell) or name == ("persons", cell):
        return False  # where nobody is at risk there is nothing to hide
    return rules.hides_zero(cell.registry, cell.registries)


def _told_by_marks(left: Left) -> Iterator[tuple[int, Range]]:
    """What rows' marks tell of their numbers: first events are never more than any other count of a cell."""
    entries = left.ledger.entries
    for row in _marked(left, "counts"):
        numbers = left.cells.numbers[counted_cell(row, left.scenarios)]
        fixed = row["stratum"] == OVERALL or set(row["stratum"].split("*")) <= FIXED_STRATA
        small = ["events eair", *(["persons_with_event eaer"] if fixed else [])]
        yield from ((numbers[q], (0, _limit(row))) for q in small if entries[numbers[q]].value is None)
    for row in _marked(left, "baseline"):
        yield left.persons.levels[level_key(row)], (1, _limit(row))
    for row in _marked(left, "attrition"):
        both = (left.persons.left[step_key(row)], left.persons.excluded[step_key(row)])
        hidden = [index for index in both if entries[index].value is None]
        yield from ((index, (1, _limit(row))) for index in hidden if len(hidden) == 1)


def _marked(left: Left, table: str) -> Iterator[Row]:
    return (row for row in left.rows[table] if row[STATUS].startswith("<"))


def _limit(row: Row) -> int:
    """The most that a number too small to show can be."""
    return int(row[STATUS][1:]) - 1
