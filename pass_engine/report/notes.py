"""What stands under a table: where its numbers come from and how they were made, said by the result rows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pass_engine
from pass_engine.report.cells import stands_beside
from pass_engine.report.names import measure_in_words, method_in_words
from pass_engine.report.numbers import format_date, format_level, join_words
from pass_engine.terms import GATE, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.report.names import Names
    from pass_engine.report.reading import Row, Run

OUT = "excluded by a quality gate"
DIGEST_LENGTH = 12
"""Characters of the protocol's digest that are printed where space is short."""


@dataclass(frozen=True)
class Notes:
    """Makes the notes of one run's tables and figures."""

    run: Run
    names: Names

    def under(
        self,
        rows: Sequence[Row],
        *,
        population: str,
        times: Iterable[str] = (),
        extra: Iterable[str] = (),
        methods: bool = True,
        robust: bool = False,
    ) -> tuple[str, ...]:
        """All notes of a table made from these rows: extra ones first, then the fixed block.

        ``robust``: the table prints person-robust intervals and daggers.
        """
        block = [
            f"Data cut {format_date(self.run.protocol.study.data.cut)}.",
            self.contributors(rows),
            f"Analysis set: {population}.",
            self.times_at_risk(times),
            self.methods(rows) if methods else "",
            *((self.robust(rows), self.remarks(rows)) if robust else ()),
            self.suppression(),
            f"Source: {sources(rows)}." if rows else "",
            self.identity(),
        ]
        return (*extra, " ".join(part for part in block if part))

    def of_one(self, rows: Sequence[Row]) -> str:
        """The note under what belongs to single registries: where its numbers come from, and the disclosure rule."""
        return f"{self.suppression()} Source: {sources(rows)}. {self.identity()}"

    def contributors(self, rows: Sequence[Row]) -> str:
        """Who contributed to these rows, and who is missing and why."""
        named = {key for row in rows if "registries" in row.values for key in row["registries"].split(";") if key}
        analyses = {row.values.get("analysis", "") for row in rows}
        gated = {key: self._gated(key, analyses) for key in self.run.contributors}
        taking_part = [
            key
            for key in self.run.contributors
            if (key in named or not named) and not (analyses and analyses <= gated[key])
        ]
        missing = [
            f"{self.names.registry(r['registry'])} ({r['status']})"
            for r in self.run.results["participation.csv"]
            if r["status"] != TOOK_PART
        ]
        missing += [
            f"{self.names.registry(key)} ({OUT if gated[key] else 'no data for this analysis'})"
            for key in self.run.contributors
            if key not in taking_part
        ]
        told = f"Contributing: {', '.join(self.names.registry(k) for k in taking_part) or 'none'}."
        partly = [
            f" {self.names.registry(key)} is {OUT} from {join_words(sorted(gated[key]))}."
            for key in taking_part
            if gated[key]
        ]
        absent = f" Not contributing: {', '.join(missing)}." if missing else ""
        return f"{told}{absent}{''.join(partly)}"

    def _gated(self, key: str, analyses: set[str]) -> set[str]:
        """Those of the analyses from which a quality gate excluded the registry."""
        records = self.run.withheld.get(key, ())
        return {str(r["analysis"]) for r in records if str(r["reason"]).startswith(GATE)} & analyses

    def times_at_risk(self, keys: Iterable[str]) -> str:
        """The times at risk by their labels."""
        labels = [self.names.time_at_risk(key) for key in dict.fromkeys(keys)]
        return f"Time at risk: {'; '.join(labels)}." if labels else ""

    def methods(self, rows: Sequence[Row]) -> str:
        """Each measure with the interval method its own rows name."""
        told: dict[str, list[str]] = {}
        for row in rows:
            if "method" in row.values and row["method"] and row["status"] == "shown":
                methods = told.setdefault(row["measure"], [])
                if method_in_words(row) not in methods:
                    methods.append(method_in_words(row))
        parts = [f"{measure_in_words(m)}; interval: {' or '.join(words)}" for m, words in told.items()]
        return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts)

    def robust(self, rows: Sequence[Row]) -> str:
        """What stands in square brackets."""
        levels = {r["interval_level"] for r in rows if stands_beside(r)}
        return f"In square brackets: person-robust interval, {format_level(min(levels))}." if levels else ""

    def remarks(self, rows: Sequence[Row]) -> str:
        """What the result rows remark on themselves, told once."""
        contrasts = ("comparison.csv", "second_stage.csv", "subgroups.csv")
        marked = (r for r in rows if r.file in contrasts or r.values.get("robust_low"))
        told = dict.fromkeys(r["note"] for r in marked if r["status"] == "shown" and r["note"])
        return f"† {'; '.join(told)}." if told else ""

    def not_estimable(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Why rows are not estimable, in their own words, told once; nothing where all are."""
        told = dict.fromkeys(r["note"] for r in rows if r["status"] == "not_estimable" and r["note"])
        return (f"Not estimable (NE): {'; '.join(told)}.",) if told else ()

    def thresholds(self) -> dict[str, int]:
        """The smallest count shown of each registry that took part: its own or the study's, whichever is stricter."""
        least = self.run.protocol.study.publish.min_cell
        own = {key: self.run.registries.get(key, {}).get("policy", {}) for key in self.run.contributors}
        return {key: max(least, int(policy.get("min_cell", 1))) for key, policy in own.items()}

    def suppression(self) -> str:
        """The disclosure rule in one sentence."""
        by_registry = self.thresholds()
        strictest = max(by_registry.values(), default=self.run.protocol.study.publish.min_cell)
        least = min(by_registry.values(), default=strictest)
        if strictest <= 1:
            return "No count is withheld."
        strict = [self.names.registry(key) for key, k in by_registry.items() if k > least]
        also = f" (k = {strictest} for {join_words([*strict, 'pooled numbers'])})" if strict else ""
        return f"Counts from 1 to k − 1 are shown as <k, with k = {least}{also}; what would give them back is withheld."

    def identity(self) -> str:
        """Protocol and engine."""
        study = self.run.protocol.study.study
        digest = self.run.protocol.digest[:DIGEST_LENGTH]
        return f"Protocol {study.id} {study.version} ({digest}), pass_engine {engine_version(self.run)}."


def engine_version(run: Run) -> str:
    """The version that made the run, from its manifest."""
    versions = run.manifest.get("versions", {})
    return str(versions.get("pass_engine", pass_engine.__version__))


def sources(rows: Sequence[Row]) -> str:
    """``results/incidence.csv rows 2–31 and 40``, file by file, the runs of neighbouring rows joined."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.file, []).append(row.number)
    return "; ".join(f"results/{file} {_ranges(sorted(set(found)))}" for file, found in numbers.items())


MOST_RANGES = 4
"""More runs of rows than this are told by the first and the last."""


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    if len(runs) > MOST_RANGES:
        return f"{len(numbers)} rows between {numbers[0]} and {numbers[-1]}"
    words = [str(a) if a == b else f"{a}–{b}" for a, b in runs]
    return f"{'row' if len(numbers) == 1 else 'rows'} {join_words(words)}"
