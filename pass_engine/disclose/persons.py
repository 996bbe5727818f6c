"""Persons in the attrition, baseline, quality and participation tables.

Attrition: persons before a step are persons after it plus those it took out. Where a step took out too few
to show, that number goes, and the persons between it and the nearest other step that took someone out, with
what that step took out: the two steps are read as one, whose sum is still shown. That is the least that
can go. Where no other step took anyone out, the persons before the step go, up to the registry's total.
The last row of a chain is the cohort, or the analysis set, that other tables show, and goes last of all.

Baseline: the levels of a variable add up to the cohort, so no single one goes alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from pass_engine.disclose.cells import MAIN, Cell
from pass_engine.disclose.frames import emptied
from pass_engine.disclose.links import POOLS
from pass_engine.disclose.thresholds import SEPARATOR, WITHHELD, Thresholds, rank_of, small_status
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.ledger import Ledger

SHARED_STEPS = ("persons", "registry_overlap", "data_fault")
"""Steps before any cohort is formed: the same persons in every cohort's chain."""
APART = ("prior_event_after_entry", "filled_date_straddles")
"""Steps that are reported beside the chain and take nobody out of it."""
ANALYSIS_SET = "at_risk"
RANK_EXCLUDED, RANK_LEFT, RANK_FIRST, RANK_LAST = range(4)
CHAIN = ("scope", "analysis", "cohort", "outcome", "time_at_risk")
STEPS, VARIABLES = "steps of attrition", "levels of a variable and the cohort"
CHECKS = "outcomes of a check and what was tested"
ALL_PERSONS = "persons"
MISSING = "missing"


@dataclass
class Persons:
    """Persons of the tables in a ledger. ``scenarios`` is analysis to scenario."""

    ledger: Ledger
    thresholds: Thresholds
    scenarios: Mapping[str, str]
    left: dict[tuple[str, ...], int] = field(default_factory=dict)
    excluded: dict[tuple[str, ...], int] = field(default_factory=dict)
    cohort_end: dict[tuple[str, str, str, str], tuple[Hashable, int]] = field(default_factory=dict)
    levels: dict[tuple[str, ...], int] = field(default_factory=dict)
    failed: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)

    def enter_attrition(self, rows: Sequence[Row]) -> None:
        """Enter every chain, cohorts first, and tie its steps; then tie the registries to their pool."""
        chains: dict[tuple[str, ...], dict[str, list[Row]]] = {}
        for row in rows:
            chains.setdefault(tuple(row[c] for c in CHAIN), {}).setdefault(row["registry"], []).append(row)
        for key in sorted(chains, key=lambda k: k[0] != "cohort"):
            own = [r for r in chains[key] if r != POOLED]
            for registry, chain in chains[key].items():
                registries = SEPARATOR.join(own) if registry == POOLED else registry
                self._enter_chain(registry, registries, sorted(chain, key=lambda r: r["position"]))
            if POOLED in chains[key]:
                self._tie_chains({r: sorted(c, key=lambda r: r["position"]) for r, c in chains[key].items()})

    def _enter_chain(self, registry: str, registries: str, chain: Sequence[Row]) -> None:
        steps = [row for row in chain if row["step"] not in APART]
        threshold = self.thresholds.of(registry, registries)
        for row in chain:
            place = tuple(row[c] for c in ("scope", "cohort", "outcome", "time_at_risk"))
            rank = rank_of(registry) + _rank_left(row, steps)
            self.left[step_key(row)] = self.ledger.add(
                self._name(registry, registries, row), row["persons"], threshold, rank=rank
            )
            self.excluded[step_key(row)] = self.ledger.add(
                ("excluded", registry, registries, *place, row["step"], *_apart(row, "excluded")),
                row["excluded"],
                threshold,
                rank=rank_of(registry) + RANK_EXCLUDED,
            )
        self._tie_steps(steps, self._start_of(registry, registries, chain[0]))
        if steps and chain[0]["scope"] == "cohort":
            last = steps[-1]
            end = self._name(registry, registries, last), self.left[step_key(last)]
            self.cohort_end[registry, registries, last["analysis"], last["cohort"]] = end

    def _tie_steps(self, steps: Sequence[Row], start: int | None) -> None:
        """Persons at any point are those at any later point and all who were taken out between."""
        left = [*([] if start is None else [start]), *(self.left[step_key(row)] for row in steps)]
        gone = [self.excluded[step_key(row)] for row in steps][len(steps) - len(left) + 1 :]
        for first, last in combinations(range(len(left)), 2):
            self.ledger.tie([left[first]], [left[last], *gone[first:last]], STEPS, late=last > first + 1)

    def _start_of(self, registry: str, registries: str, first: Row) -> int | None:
        """The cohort an analysis starts from."""
        if first["scope"] == "cohort":
            return None
        scenario = self.scenarios.get(first["analysis"], MAIN)
        for analysis in ("" if scenario == MAIN else scenario, ""):
            found = self.cohort_end.get((registry, registries, analysis, first["cohort"]))
            if found is not None:
                return found[1]
        return None

    def _name(self, registry: str, registries: str, row: Row) -> Hashable:
        """Name of the persons left: an analysis set is the overall cell's persons."""
        if row["step"] in SHARED_STEPS and row["scope"] == "cohort":
            return "left", registry, row["step"]
        place = (row["cohort"], row["outcome"], row["time_at_risk"])
        if row["step"] == ANALYSIS_SET and row["scope"] == "analysis":
            return "persons", Cell(self.scenarios.get(row["analysis"], MAIN), registry, registries, *place)
        return "left", registry, registries, row["scope"], *place, row["step"], *_apart(row, "persons")

    def _tie_chains(self, chains: Mapping[str, Sequence[Row]]) -> None:
        """A registry without a step of the pool kept its persons there."""
        pooled = chains[POOLED]
        order = [row["step"] for row in pooled]
        own = {r: {row["step"]: row for row in c} for r, c in chains.items() if r != POOLED}
        for place, row in enumerate(pooled):
            parts = []
            for steps in own.values():
                there = [s for s in order[: place + 1] if s in steps and (s not in APART or s == row["step"])]
                if there:
                    parts.append(self.left[step_key(steps[there[-1]])])
            self.ledger.tie([self.left[step_key(row)]], parts, POOLS)
            gone = [self.excluded[step_key(steps[row["step"]])] for steps in own.values() if row["step"] in steps]
            self.ledger.tie([self.excluded[step_key(row)]], gone, POOLS)

    def enter_baseline(self, rows: Sequence[Row]) -> None:
        """Enter every level, and tie the levels of a variable to the cohort, and registries to their pool."""
        own: dict[str, list[str]] = {}
        for row in rows:
            if row["registry"] != POOLED and row["registry"] not in own.setdefault(row["cohort"], []):
                own[row["cohort"]].append(row["registry"])
        groups: dict[tuple[str, str, str], list[int]] = {}
        for row in rows:
            registry, cohort, variable = row["registry"], row["cohort"], row["variable"]
            registries = SEPARATOR.join(own.get(cohort, [])) if registry == POOLED else registry
            name, rank = self._level_name(registry, registries, row)
            index = self.ledger.add(
                name, row["persons"], self.thresholds.of(registry, registries), rank=rank_of(registry) + rank
            )
            self.levels[registry, cohort, variable, row["level"]] = index
            groups.setdefault((registry, cohort, variable), []).append(index)
        for (registry, cohort, variable), levels in groups.items():
            size = self.levels.get((registry, cohort, ALL_PERSONS, ""))
            if size is not None and variable != ALL_PERSONS:
                self.ledger.tie([size], levels, VARIABLES)
        for (registry, cohort, *level), index in self.levels.items():
            if registry == POOLED:
                parts = [self.levels.get((r, cohort, *level)) for r in own.get(cohort, [])]
                self.ledger.tie([index], [p for p in parts if p is not None], POOLS)

    def _level_name(self, registry: str, registries: str, row: Row) -> tuple[Hashable, int]:
        """The cohort itself is the last row of its chain; equal numbers of missing values are one number."""
        if row["variable"] == ALL_PERSONS:
            end = self.cohort_end.get((registry, registries, "", row["cohort"]))
            return end[0] if end else ("cohort", registry, row["cohort"]), RANK_LAST
        if row["level"] == MISSING:
            # withheld before, nobody knows whether two variables lack the same persons
            return ("missing", registry, row["cohort"], row["variable"] if row["persons"] is None else ""), 0
        return ("level", registry, row["cohort"], row["variable"], row["level"]), 0

    def enter_quality(self, rows: Sequence[Row]) -> None:
        """Enter every check; outcomes of one check that add up to what was tested are tied."""
        groups: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for row in rows:
            key = _quality_key(row)
            threshold = self.thresholds.of(row["registry"], row["registry"])
            group = tuple(row[c] for c in ("registry", "kind", "table_name", "column_name"))
            tested = self.ledger.add(("tested", *group), row["tested"], threshold, rank=1)
            failed = self.ledger.add(("failed", *key), row["failed"], threshold)
            self.failed[key] = tested, failed
            groups.setdefault((*group, str(row["tested"])), []).append((tested, failed))
        for members in groups.values():
            self.ledger.tie([members[0][0]], [failed for _, failed in members], CHECKS, by_chance=True)

    def enter_participation(self, rows: Sequence[Row]) -> None:
        """A registry's total is the first row of its chains."""
        for row in rows:
            self.totals[row["registry"]] = self.ledger.add(
                ("left", row["registry"], SHARED_STEPS[0]),
                row["persons"],
                self.thresholds.of(row["registry"], row["registry"]),
                rank=RANK_FIRST,
            )

    def shown_attrition(self, rows: Iterable[Row]) -> list[Row]:
        """Attrition rows as they may be shown; the status says why a number of the row is empty."""
        return [
            self._shown(row, {"persons": self.left[step_key(row)], "excluded": self.excluded[step_key(row)]})
            for row in rows
        ]

    def shown_baseline(self, rows: Iterable[Row]) -> list[Row]:
        """Baseline rows as they may be shown."""
        return [self._shown_level(row) for row in rows]

    def _shown_level(self, row: Row) -> Row:
        index = self.levels[level_key(row)]
        return emptied(row, self._status(index), ("persons", "percent", "mean", "sd"))

    def shown_quality(self, rows: Iterable[Row]) -> list[Row]:
        """Quality rows as they may be shown."""
        shown = []
        for row in rows:
            tested, failed = self.failed[_quality_key(row)]
            hidden = self.ledger.is_withheld(tested)
            columns = ("tested", "failed", "percent") if hidden else ("failed", "percent")
            shown.append(emptied(row, self._status(tested) or self._status(failed), columns))
        return shown

    def shown_participation(self, rows: Iterable[Row]) -> list[Row]:
        """Participation rows as they may be shown."""
        shown = []
        for row in rows:
            index = self.totals[row["registry"]]
            shown.append({**row, "persons": None if self.ledger.is_withheld(index) else row["persons"]})
        return shown

    def _shown(self, row: Row, columns: Mapping[str, int]) -> Row:
        hidden = [c for c, index in columns.items() if self.ledger.is_withheld(index)]
        statuses = [self._status(columns[c]) for c in hidden]
        return emptied(row, min(statuses, default=""), hidden)

    def _status(self, index: int) -> str:
        """Status of a number that is withheld, or the empty text; ``<5`` sorts before ``withheld``."""
        if not self.ledger.is_withheld(index):
            return ""
        entry = self.ledger.entries[index]
        return small_status(entry.threshold) if entry.is_small and not entry.muted else WITHHELD


def _rank_left(row: Row, steps: Sequence[Row]) -> int:
    """Persons equal to the last row's, or to the first's, since no step between took anyone out."""
    if row["persons"] == steps[-1]["persons"]:
        return RANK_LAST
    return RANK_FIRST if row["persons"] == steps[0]["persons"] else RANK_LEFT


def _apart(row: Row, column: str) -> tuple[str, ...]:
    """What tells numbers withheld before apart: each scenario may have another one."""
    return (row["analysis"],) if row[column] is None else ()


def step_key(row: Row) -> tuple[str, ...]:
    """Name of a step of a chain."""
    return tuple(row[c] for c in ("registry", *CHAIN, "step"))


def level_key(row: Row) -> tuple[str, ...]:
    """Name of a level of a baseline variable."""
    return tuple(row[c] for c in ("registry", "cohort", "variable", "level"))


def _quality_key(row: Row) -> tuple[str, ...]:
    return tuple(row[c] for c in ("registry", "kind", "rule_id", "table_name", "column_name", "label"))
