"""What a dossier stands on: several runs, and of each registry the newest one in which its data were examined."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pass_engine.documents.reruns import read_record
from pass_engine.documents.runs import MANIFEST, open_run
from pass_engine.errors import Fault, ReportError
from pass_engine.report.context import Context
from pass_engine.report.lint import check_results
from pass_engine.report.printable import MEND, PROBLEM, strange_letters
from pass_engine.report.reading import COLUMNS, Run
from pass_engine.terms import EXCLUDED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pass_engine.documents.reruns import Rerun
    from pass_engine.report.reading import Row

EXAMINED: Final = {TOOK_PART, EXCLUDED}
OF_REGISTRIES: Final = (
    "participation.csv", "attrition.csv", "baseline.csv", "quality.csv", "indicators.csv", "completeness_by_year.csv",
    "verification.csv", "quality_gates.csv",
)  # fmt: skip
"""Results of a run that say something of single registries."""


@dataclass(frozen=True)
class RunFacts:
    """One run: its content, the digest of its manifest, and the record of a re-run or why there is none."""

    run: Run
    digest: str
    rerun: Rerun | None
    without: str

    @property
    def name(self) -> str:
        """Study and version."""
        info = self.run.protocol.study.study
        return f"{info.id} {info.version}"

    @property
    def order(self) -> tuple[str, str, str]:
        """Older before newer, whatever order they were named in."""
        return self.run.protocol.study.data.cut.isoformat(), self.name, self.digest


@dataclass(frozen=True)
class Evidence:
    """All runs, oldest first, and the run that each registry is described from."""

    runs: tuple[RunFacts, ...]

    @cached_property
    def chosen(self) -> dict[str, RunFacts]:
        """Registry to the newest run that examined its data, in the order of the newest run, then of older ones."""
        found: dict[str, RunFacts] = {}
        for facts in reversed(self.runs):
            for row in facts.run.results["participation.csv"]:
                if row["status"] in EXAMINED:
                    found.setdefault(row["registry"], facts)
        return found

    @property
    def registries(self) -> tuple[str, ...]:
        """Registries whose data were examined."""
        return tuple(self.chosen)

    @property
    def newest(self) -> RunFacts:
        """The newest run."""
        return self.runs[-1]

    @cached_property
    def ctx(self) -> Context:
        """All registries as if one run had examined them: each with the rows of its own run."""
        results = {name: tuple(self._rows(name)) if name in OF_REGISTRIES else () for name in COLUMNS}
        facts = {key: run.run.registries.get(key, {}) for key, run in self.chosen.items()}
        first = self.newest.run
        return Context(Run(first.folder, first.protocol, results, facts, {}, first.manifest, ()))

    def _rows(self, name: str) -> Iterator[Row]:
        """Rows of each registry's own run; the number of the run goes before the identifier, which others repeat."""
        for key, facts in self.chosen.items():
            run = self.runs.index(facts) + 1
            for row in facts.run.rows(name, registry=key):
                yield replace(row, id=f"{run}:{row.id}" if row.id else "")

    def rows(self, name: str, registry: str) -> tuple[Row, ...]:
        """Rows of a registry in a results file of its own run."""
        return self._of_registry[name].get(registry, ())

    @cached_property
    def _of_registry(self) -> dict[str, dict[str, tuple[Row, ...]]]:
        return {
            name: {key: tuple(self.ctx.run.rows(name, registry=key)) for key in self.chosen} for name in OF_REGISTRIES
        }

    def indicator(self, registry: str, key: str) -> Row | None:
        """The row of one indicator."""
        return self._indicators.get((registry, key))

    @cached_property
    def _indicators(self) -> dict[tuple[str, str], Row]:
        return {(r["registry"], r["indicator"]): r for r in self.ctx.run.results["indicators.csv"]}

    @cached_property
    def not_described(self) -> dict[str, str]:
        """Registries that no run examined, each with what the newest run says of it."""
        found: dict[str, str] = {}
        for facts in reversed(self.runs):
            for row in facts.run.results["participation.csv"]:
                if row["registry"] not in self.chosen:
                    found.setdefault(row["registry"], row["status"])
        return found

    def threshold(self, registry: str) -> int:
        """The smallest count shown of a registry: its own or its study's, whichever is stricter."""
        least = self.chosen[registry].run.protocol.study.publish.min_cell
        return max(least, int(self.facts(registry).get("policy", {}).get("min_cell", 1)))

    def facts(self, registry: str) -> dict[str, Any]:
        """What came with the registry's bundle beside its counts."""
        return self.ctx.run.registries.get(registry, {})

    def about(self, registry: str, group: str) -> dict[str, Any]:
        """What a registry says of itself on one subject; empty where it says nothing."""
        found: dict[str, Any] = self.facts(registry).get("about", {}).get(group, {})
        return found

    def listed(self, registry: str, group: str) -> list[dict[str, Any]]:
        """What a registry lists of itself."""
        found: list[dict[str, Any]] = self.facts(registry).get("about", {}).get(group, [])
        return found


def read_evidence(folders: Iterable[Path]) -> Evidence:
    """Read runs. The same run named twice counts once; the order in which they are named changes nothing.

    Raises ReportError where a run cannot be read, none of them examined a registry, or words cannot be printed.
    """
    found = {facts.digest: facts for facts in (_facts(folder) for folder in folders)}
    evidence = Evidence(tuple(sorted(found.values(), key=lambda facts: facts.order)))
    if not evidence.registries:
        problem, mend = "no run examined the data of a registry", "name runs in which a registry took part"
        raise ReportError(Fault("dossier", "", "no registry", problem, mend, "PE822"))
    faults = [fault for key in evidence.registries for fault in _letter_faults(evidence, key)]
    if faults:
        raise ReportError(*faults)
    return evidence


def _letter_faults(evidence: Evidence, registry: str) -> Iterator[Fault]:
    """Words of a registry that the fonts cannot print."""
    where = f"bundles/{registry}/registry.json"
    for path, text in _texts("about", evidence.facts(registry).get("about", {})):
        if strange := strange_letters(text):
            yield Fault(where, path, strange, PROBLEM, f"{MEND} in registry.yaml, and make the run anew", "PE816")


def _texts(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(f"{path}.{number}", inner)


def _facts(folder: Path) -> RunFacts:
    """Raises ReportError where the folder is no whole run, or its results could not be true or be shown."""
    run = open_run(folder)
    check_results(run)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    rerun, without = read_record(folder, digest)
    return RunFacts(run, digest, rerun, without)
