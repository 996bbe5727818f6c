"""The audit of a release by what is published alone, as a reader would go about it.

Withheld numbers are unknowns, the sums that tie numbers are known to everyone, and a mark such as ``<5`` tells what it
tells. Beside the sums, each row is looked at for numbers that turn back into a withheld one, the main analyses are
held against the sensitivity analyses, and each number against the same one of an earlier release.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from pass_engine.disclose.audit import System, Unknown, audit
from pass_engine.disclose.cells import Cell, cell_of
from pass_engine.disclose.feasible import with_point
from pass_engine.disclose.inversions import inversions
from pass_engine.disclose.links import FIXED_STRATA, POOLS, scenario_pairs
from pass_engine.disclose.persons import level_key, step_key
from pass_engine.disclose.release import enter_release, small_differences, table_of
from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import pandas as pd

    from pass_engine.disclose.audit import Range
    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.ledger import Ledger
    from pass_engine.disclose.release import Release
    from pass_engine.disclose.thresholds import Thresholds

    Earlier = Sequence[tuple[str, Mapping[str, pd.DataFrame]]]

ALWAYS_SMALL: Final = ("persons_with_event eair", "events eair", "events eair_total_exposure")
"""First events are never more than any other count of a cell: where its row says ``<k``, they are below k."""
ROWS: Final = "numbers of one row that turn back into another"
SCENARIOS: Final = "main and sensitivity analyses"
RELEASES: Final = "this release and an earlier one"
ELSEWHERE: Final = "the same number in two rows"
NOT_COVERED: Final = (
    "points of curves among each other (each is shown only where its steps hold no event or enough)",
    "numerators and denominators of quality indicators and of source data verification",
    "days of the main and of the sensitivity analyses",
    "one standardised rate or ratio over strata as an equation of several cells",
)


@dataclass(frozen=True)
class Leak:
    """A number that the release tells and should not: where it would stand, and what tells it. Never the number.

    ``earlier``: the release that it differs from by few; empty for a withheld number.
    """

    table: str
    place: str
    told_by: str
    earlier: str = ""


@dataclass(frozen=True)
class ReaderAudit:
    """What an audit looked at, and what it found.

    ``covered``: kind of relation to how many were looked at. ``undecided``: withheld numbers in sums that do not hold
    as published, or that are too many to solve.
    """

    withheld: int
    covered: Mapping[str, int]
    undecided: int
    leaks: tuple[Leak, ...]


def audit_release(tables: Mapping[str, pd.DataFrame], rules: Thresholds, earlier: Earlier = ()) -> ReaderAudit:
    """Audit published tables under the rules of study and registries; ``earlier``: releases before, by their names."""
    before = [(name, enter_release(old, rules, reading=True).numbers()) for name, old in earlier]
    alone = enter_release(tables, rules, reading=True)
    unchanged = [old for (_, old), (_, numbers) in zip(earlier, before, strict=True) if not _differs(alone, numbers)]
    release = enter_release(tables, rules, unchanged, reading=True) if unchanged else alone
    ledger = release.ledger
    covered = Counter(kind for number, kind in enumerate(ledger.kinds) if number not in ledger.implied)
    covered[ROWS] = sum(map(len, release.rows.values()))
    told, undecided = _told_by_sums(release, rules)
    leaks = [*told, *(Leak(*found) for found in inversions(release.rows)), *_shown_elsewhere(release)]
    leaks += _scenario_leaks(release, covered)
    for name, numbers in before:
        covered[RELEASES] += len(numbers.keys() & release.numbers().keys())
        leaks += [_leak(release, index, RELEASES, name) for index in small_differences(release, numbers)]
    hidden = sum(entry.value is None for entry in ledger.entries)
    return ReaderAudit(hidden, dict(sorted(covered.items())), undecided, tuple(dict.fromkeys(leaks)))


def _differs(release: Release, numbers: Mapping[Hashable, int]) -> bool:
    """Does a number differ from the same one of an earlier release? If none does, sums across both hold."""
    own = release.numbers()
    return any(own[name] != numbers[name] for name in own.keys() & numbers.keys())


def _told_by_sums(release: Release, rules: Thresholds) -> tuple[list[Leak], int]:
    """Withheld numbers that all sums together tell exactly, and how many could not be decided."""
    ledger, told = release.ledger, _told_by_marks(release)
    entries = list(enumerate(ledger.entries))
    known = {i: e.value for i, e in entries if e.value is not None}
    unknown = {i: Unknown(told.get(i, (0, inf)), guarded=True) for i, e in entries if e.value is None}
    sums = [terms for number, terms in enumerate(ledger.sums) if number not in ledger.implied]
    system, undecided = with_point(System(known, unknown, sums, {}))
    names, told_exactly = ledger.names_by_index(), audit(system, {})
    zeros = {i for i in told_exactly if not system.point[i] and not _hides_zero(names[i], rules)}
    found = [i for i in told_exactly if i not in zeros and not _only_lacks_zeros(ledger, i, zeros)]
    return [_leak(release, i, " and ".join(sorted(ledger.kinds_of(i)))) for i in found], len(undecided)


def _only_lacks_zeros(ledger: Ledger, index: int, zeros: AbstractSet[int]) -> bool:
    """Is a number the pool of numbers that are shown and of zeros? Then it tells nothing that they do not.

    A registry may withhold a cell before it leaves in which some number is 0; the pool then lacks that number.
    """
    pools = (ledger.sums[n] for n in ledger.sums_of.get(index, ()) if ledger.kinds[n] == POOLS)
    return any(
        (index, 1) in terms and all(i == index or i in zeros or ledger.entries[i].value is not None for i, _ in terms)
        for terms in pools
    )


def _hides_zero(name: Hashable, rules: Thresholds) -> bool:
    """May a zero of this name not be shown?"""
    cell = name[1] if isinstance(name, tuple) and len(name) > 1 else None
    if not isinstance(cell, Cell) or name == ("persons", cell):
        return False  # where nobody is at risk there is nothing to hide
    return rules.hides_zero(cell.registry, cell.registries)


def _told_by_marks(release: Release) -> dict[int, Range]:
    """What rows' marks tell of their numbers."""
    entries = release.ledger.entries
    told: dict[int, Range] = {}
    for row in _marked(release, "incidence"):
        numbers, k = release.cells.numbers.get(cell_of(row), {}), _limit(row)
        fixed = row["stratum"] == OVERALL or set(row["stratum"].split("*")) <= FIXED_STRATA
        small = [q for q in numbers if q in ALWAYS_SMALL or (fixed and q.startswith("persons_with_event"))]
        told.update({numbers[q]: (0, k - 1) for q in small if entries[numbers[q]].value is None})
    for row in _marked(release, "baseline"):
        told[release.persons.levels[level_key(row)]] = (1, _limit(row) - 1)
    for row in _marked(release, "attrition"):
        both = (release.persons.left[step_key(row)], release.persons.excluded[step_key(row)])
        hidden = [index for index in both if entries[index].value is None]
        told.update({index: (1, _limit(row) - 1) for index in hidden if len(hidden) == 1})
    return told


def _marked(release: Release, table: str) -> Iterator[Row]:
    return (row for row in release.rows[table] if row["status"].startswith("<"))


def _limit(row: Row) -> int:
    return int(row["status"][1:])


def _scenario_leaks(release: Release, covered: Counter[str]) -> Iterator[Leak]:
    """Counts of sensitivity analyses that are shown beside a main one that differs by few."""
    entries = release.ledger.entries
    for main, own in scenario_pairs(release.cells):
        covered[SCENARIOS] += 1
        one, other = entries[main].value, entries[own].value
        if one is not None and other is not None and 1 <= abs(one - other) < entries[own].threshold:
            yield _leak(release, own, SCENARIOS)


def _shown_elsewhere(release: Release) -> list[Leak]:
    """Numbers that are withheld in one row and shown in another."""
    shown = {name for name, value in release.ledger.names if value is not None}
    hidden = (name for name, value in release.ledger.names if value is None)
    return [Leak(table_of(name), place_of(name), ELSEWHERE) for name in hidden if name in shown]


def _leak(release: Release, index: int, told_by: str, earlier: str = "") -> Leak:
    name = release.ledger.names_by_index()[index]
    return Leak(table_of(name), place_of(name), told_by, earlier)


def place_of(name: Hashable) -> str:
    """A number's place in words: what it counts, and of which rows. It holds no value of the tables' numbers."""
    parts: list[str] = []
    for part in name if isinstance(name, tuple) else (name,):
        parts += [*part] if isinstance(part, Cell | tuple) else [str(part)]
    return " ".join(dict.fromkeys(p for p in parts if p))
