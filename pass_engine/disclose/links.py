"""The sums that tie cells: levels to their margin, registries to their pool, a sensitivity analysis to the main one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from pass_engine.disclose.cells import MAIN
from pass_engine.disclose.thresholds import SEPARATOR
from pass_engine.terms import OVERALL, POOLED, STRATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pass_engine.disclose.cells import Cell, Cells

LEVELS, POOLS = "levels and their margin", "registries and their pool"
"""Kinds of relation."""
FIXED_STRATA = frozenset({"sex"})
"""Strata in which a person has one level, so that persons add over it."""


def tie_cells(cells: Cells) -> None:
    """Tie levels to their margin, registries to their pool, pools of different registries, and scenarios."""
    for cell in cells.small:
        numbers = cells.numbers[cell]
        if "persons" in numbers:
            others = [i for quantity, i in numbers.items() if quantity.startswith(("persons_", "events"))]
            cells.ledger.say_telling(numbers["persons"], others)
    tie_levels(cells)
    for group in _grouped(cells.numbers, lambda c: c._replace(registry="", registries="")).values():
        _tie_registries(cells, group)
    for group in _grouped(cells.numbers, lambda c: c._replace(registries="", stratum="", level="")).values():
        _tie_part_pools(cells, group)
    _link_scenarios(cells)
    for name, index in cells.both.items():
        if name[0] == POOLED:
            both = [cells.both.get((r, r, *name[2:])) for r in name[1].split(SEPARATOR)]
            cells.ledger.tie([index], [p for p in both if p is not None], POOLS)


def tie_levels(cells: Cells, over: frozenset[str] | None = None) -> None:
    """Tie the levels of every margin to the coarser margins they add up to, over all strata or ``over`` some alone."""
    for group in _grouped(cells.numbers, lambda c: c._replace(stratum=OVERALL, level="")).values():
        _tie_margins(cells, group, over)


def _tie_margins(cells: Cells, group: Sequence[Cell], over: frozenset[str] | None) -> None:
    by_stratum = _grouped(group, lambda c: c.stratum)
    pairs = [(a, b, _names(b) - _names(a)) for a in by_stratum for b in by_stratum if _names(a) < _names(b)]
    for upper, lower, names in pairs:
        if over is not None and not names <= over:
            continue
        implied = over is None and any(_names(upper) < _names(between) < _names(lower) for between in by_stratum)
        parts = _grouped(by_stratum[lower], lambda c, upper=upper: _project(c, upper))
        for total in by_stratum[upper]:
            for quantity, index in cells.numbers[total].items():
                if _adds(quantity, names):
                    levels = _all(cells, parts.get(total.level, []), quantity)
                    cells.ledger.tie([index], levels, LEVELS, implied=implied)


def _adds(quantity: str, over: frozenset[str]) -> bool:
    """Does a quantity add up over these strata? Persons do where each has one level."""
    return not quantity.startswith("persons") or over <= FIXED_STRATA


def _tie_registries(cells: Cells, group: Sequence[Cell]) -> None:
    own = {c.registry: c for c in group if c.registry != POOLED}
    pools = [c for c in group if c.registry == POOLED]
    for pool in pools:
        for quantity, index in cells.numbers[pool].items():
            parts = [own[r] for r in pool.registries.split(SEPARATOR) if r in own]
            cells.ledger.tie([index], _all(cells, parts, quantity), POOLS)
    for one, other in combinations(pools, 2):
        first, second = (set(p.registries.split(SEPARATOR)) for p in (one, other))
        only_first = [own[r] for r in sorted(first - second) if r in own]
        only_second = [own[r] for r in sorted(second - first) if r in own]
        for quantity in sorted(cells.numbers[one].keys() & cells.numbers[other].keys()):
            cells.ledger.tie(
                [cells.numbers[one][quantity], *_all(cells, only_second, quantity)],
                [cells.numbers[other][quantity], *_all(cells, only_first, quantity)],
                POOLS,
            )


def _tie_part_pools(cells: Cells, group: Sequence[Cell]) -> None:
    """Levels pooled without a registry that kept the margin back, and that registry, are the whole pool."""
    if group[0].registry != POOLED:
        return
    for whole in (c for c in group if c.stratum == OVERALL):
        names = set(whole.registries.split(SEPARATOR))
        for (stratum, registries), levels in _grouped(group, lambda c: (c.stratum, c.registries)).items():
            without = names - set(registries.split(SEPARATOR))
            if stratum == OVERALL or not without or not names.issuperset(registries.split(SEPARATOR)):
                continue
            rest = [whole._replace(registry=name, registries=name) for name in sorted(without)]
            for quantity, index in cells.numbers[whole].items():
                others = _all(cells, (c for c in rest if c in cells.numbers), quantity)
                if _adds(quantity, _names(stratum)) and len(others) == len(rest):
                    cells.ledger.tie([index], [*_all(cells, levels, quantity), *others], POOLS)


def _link_scenarios(cells: Cells) -> None:
    """A cell of a sensitivity analysis beside the main one: their difference is a count as well.

    Where they differ by few persons or events, both together would tell of those few: the sensitivity analysis's cell
    is withheld. Where they differ by few or not at all, it is as good as the main one's: it goes with that. No sum
    ties the two, since no reader knows what they differ by.
    """
    ledger = cells.ledger
    for of_main, own in scenario_pairs(cells):
        one, other = ledger.entries[of_main].value, ledger.entries[own].value
        if one is not None and other is not None and abs(one - other) < ledger.entries[own].threshold:
            ledger.follow(own, of_main)
            if one != other:
                ledger.force(own)


def scenario_pairs(cells: Cells) -> Iterator[tuple[int, int]]:
    """Counts of the main analyses, each with the same count of a sensitivity analysis."""
    for group in _grouped(cells.numbers, lambda c: c._replace(scenario="")).values():
        by_scenario = {cell.scenario: cells.numbers[cell] for cell in group}
        main = by_scenario.pop(MAIN, {})
        for own in by_scenario.values():
            for quantity in sorted(q for q in main.keys() & own.keys() if not q.startswith("days")):
                yield main[quantity], own[quantity]


def _all(cells: Cells, group: Iterable[Cell], quantity: str) -> list[int]:
    return [cells.numbers[c][quantity] for c in group if quantity in cells.numbers[c]]


def _names(stratum: str) -> frozenset[str]:
    return frozenset() if stratum == OVERALL else frozenset(stratum.split("*"))


def _project(cell: Cell, stratum: str) -> str:
    """The level of a cell in a margin of fewer strata."""
    levels = dict(zip(cell.stratum.split("*"), cell.level.split("*"), strict=True))
    return "*".join(levels[name] for name in STRATA if name in _names(stratum))


def _grouped(cells: Iterable[Cell], key: Any) -> dict[Any, list[Cell]]:
    groups: dict[Any, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return groups
