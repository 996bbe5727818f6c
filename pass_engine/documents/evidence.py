"""What a dossier stands on: several runs, and of each registry the newest one in which its data were examined."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pass_engine.documents.runs import MANIFEST, open_run
from pass_engine.report.context import Context
from pass_engine.report.reading import COLUMNS, Run
from pass_engine.terms import EXCLUDED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pass_engine.report.reading import Row

RECORD: Final = "rerun_record.json"
RECORD_FORMAT: Final = "pass_engine rerun record 1"
EXAMINED: Final = {TOOK_PART, EXCLUDED}
OF_REGISTRIES: Final = (
    "participation.csv", "attrition.csv", "baseline.csv", "quality.csv", "indicators.csv", "completeness_by_year.csv",
    "verification.csv", "quality_gates.csv",
)  # fmt: skip
"""Results of a run that say something of single registries."""
NO_RERUN: Final = "No re-run on record"
OTHER_RECORD: Final = "The record there is of another run"
UNREADABLE: Final = "The record there cannot be read"


@dataclass(frozen=True)
class RunFacts:
    """One run: its content, the digest of its manifest, and the record of a re-run or why there is none."""

    run: Run
    digest: str
    record: dict[str, Any] | None
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

    def _rows(self, name: str) -> Iterable[Row]:
        for key, facts in self.chosen.items():
            yield from (row for row in facts.run.results[name] if row["registry"] == key)

    def rows(self, name: str, registry: str) -> tuple[Row, ...]:
        """Rows of a registry in a results file of its own run."""
        return tuple(row for row in self.ctx.run.results[name] if row["registry"] == registry)

    def indicator(self, registry: str, key: str) -> Row | None:
        """The row of one indicator."""
        return self._indicators.get((registry, key))

    @cached_property
    def _indicators(self) -> dict[tuple[str, str], Row]:
        return {(r["registry"], r["indicator"]): r for r in self.ctx.run.results["indicators.csv"]}

    def about(self, registry: str, group: str) -> dict[str, Any]:
        """What a registry says of itself on one subject; empty where it says nothing."""
        found: dict[str, Any] = self.ctx.run.registries.get(registry, {}).get("about", {}).get(group, {})
        return found

    def listed(self, registry: str, group: str) -> list[dict[str, Any]]:
        """What a registry lists of itself."""
        found: list[dict[str, Any]] = self.ctx.run.registries.get(registry, {}).get("about", {}).get(group, [])
        return found


def read_evidence(folders: Iterable[Path]) -> Evidence:
    """Read runs. The same run named twice counts once; the order in which they are named changes nothing."""
    found = {facts.digest: facts for facts in (_facts(folder) for folder in folders)}
    return Evidence(tuple(sorted(found.values(), key=lambda facts: facts.order)))


def _facts(folder: Path) -> RunFacts:
    run = open_run(folder)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    record, without = _record(folder, digest)
    return RunFacts(run, digest, record, without)


def _record(folder: Path, digest: str) -> tuple[dict[str, Any] | None, str]:
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, NO_RERUN
    except (OSError, ValueError):
        return None, UNREADABLE
    if not isinstance(content, dict) or content.get("format") != RECORD_FORMAT:
        return None, UNREADABLE
    return (content, "") if content.get("run") == digest else (None, OTHER_RECORD)
