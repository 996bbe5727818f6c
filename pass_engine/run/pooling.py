"""From the bundles in a run folder to its results, manifest and report: the centre's half of every run."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.bundle import BundleContent, digest_file, read_bundle, write_json
from pass_engine.centre import build_results, participation_rows
from pass_engine.estimate import write_index
from pass_engine.run.folder import LOG, MANIFEST, write_sums
from pass_engine.run.members import check_disjoint
from pass_engine.run.pinned import manifest_of
from pass_engine.sqltext import COUNTING, files_between
from pass_engine.terms import MASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pass_engine.decide import Decision
    from pass_engine.estimate import Results
    from pass_engine.protocol import Protocol

BUNDLES = "bundles"


@dataclass
class Progress:
    """Tells the caller which registry and step is under way, and logs it with its time."""

    report: Callable[[str, str], None]
    log: Path
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def in_folder(cls, report: Callable[[str, str], None], work: Path) -> Progress:
        """For a run folder that is being made."""
        return cls(report, work / LOG)

    def step(self, registry: str, step: str) -> None:
        """Note that a step begins. The log alone knows the time; no output that is hashed does."""
        self.report(registry, step)
        self.write(self.seconds, registry, step)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    def write(self, seconds: float, registry: str, step: str) -> None:
        """Log a step with the second at which it began."""
        line = {"seconds": round(seconds, 3), "registry": registry, "step": step}
        with self.log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class Pooled:
    """What was pooled: the bundles by registry, and each invited registry's status."""

    contents: dict[str, BundleContent]
    statuses: dict[str, str]


def pool_run(
    work: Path,
    protocol: Protocol,
    decisions: Mapping[str, Decision],
    failed: Mapping[str, tuple[str, str]],
    progress: Progress,
    *,
    with_report: bool = True,
    earlier: Sequence[Results] = (),
) -> Pooled:
    """Everything after the border, from ``bundles/`` and ``protocol/`` of a run folder that is being made.

    Beside the registries' own bundles there may be one of the sum over the masked ones (``bundles/masked``).
    ``decisions``: what each registry decided that decided anything; ``failed``: registry to its name and why it has no
    bundle; ``earlier``: results published before. Raises BundleError where a bundle does not hold, MethodError where
    two registries may hold the same persons.
    """
    order = protocol.study.data.registries
    contents = {
        name: read_bundle(work / BUNDLES / name, protocol.digest)
        for name in (*order, MASKED)
        if (work / BUNDLES / name).is_dir()
    }
    check_disjoint(protocol, {name: content.registry["countries"] for name, content in contents.items()})
    progress.step("", "results")
    bundles = tuple(contents.values())
    participation = participation_rows(bundles, protocol, failed, decisions)
    results = build_results(bundles, protocol, work, participation, earlier)
    digests = {name: digest_file(work / BUNDLES / name / MANIFEST) for name in contents}
    write_index(work, results, digests, contents[MASKED].registry["members"] if MASKED in contents else ())
    _write_sql(work / "sql", contents)
    own = {name: content for name, content in contents.items() if name != MASKED}
    write_json(work / MANIFEST, manifest_of(protocol, own, work, len(earlier)))
    if with_report:
        from pass_engine.report import build_report

        progress.step("", "report")
        build_report(work)
    write_sums(work)
    return Pooled(contents, {row["registry"]: row["status"] for row in participation})


def _write_sql(target: Path, contents: Mapping[str, BundleContent]) -> None:
    """Every numbered file, and the generated column maps of each registry."""
    target.mkdir(parents=True, exist_ok=True)
    for sql in files_between(*COUNTING):
        (target / sql.name).write_text(sql.text, encoding="utf-8", newline="\n")
    for registry, content in sorted(contents.items()):
        folder = target / "column_map" / registry
        folder.mkdir(parents=True)
        for table, text in sorted(content.column_maps.items()):
            (folder / f"{table}.sql").write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")
