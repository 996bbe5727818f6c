"""The main job, started by whoever holds all the data: a network whose members all sit on one machine.

Order of steps: protocol, then each registry's site steps and its border, then bundles, results and report.
What can be known to be wrong is said before anything is computed.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pass_engine.bundle import BundleContent, read_bundle, write_bundle, write_json
from pass_engine.centre import build_results, participation_rows
from pass_engine.disclose import check_border
from pass_engine.errors import PassEngineError
from pass_engine.partitions import AUTO
from pass_engine.protocol import load_protocol
from pass_engine.quality.gates import StudyStopped
from pass_engine.run.folder import LOG, MANIFEST, run_folder, write_sums
from pass_engine.run.members import Members, check_disjoint, load_members
from pass_engine.run.pinned import manifest_of
from pass_engine.site import analysis_kinds, dictionaries_of, run_site
from pass_engine.sqltext import COUNTING, files_between

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pass_engine.disclose import Withheld
    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry
    from pass_engine.site import SiteTables


@dataclass(frozen=True)
class RunOutcome:
    """What a run left: its folder, each invited registry's status, the uninvited, the failures, what was held back.

    ``nameless``: folders whose registry.yaml is at fault and does not say whose it is. ``unknown_substances``: those
    that the protocol names and no registry that took part knows.
    """

    folder: Path
    participation: dict[str, str]
    uninvited: tuple[str, ...]
    failures: dict[str, PassEngineError]
    nameless: dict[str, PassEngineError]
    held_back: dict[str, tuple[Withheld, ...]] = field(default_factory=dict)
    unknown_substances: tuple[str, ...] = ()


@dataclass
class _Progress:
    """Tells the caller which registry and step is under way, and logs it with its time."""

    report: Callable[[str, str], None]
    log: Path
    started: float = field(default_factory=time.monotonic)

    def step(self, registry: str, step: str) -> None:
        """Note that a step begins. The log alone knows the time; no output that is hashed does."""
        self.report(registry, step)
        line = {"seconds": round(time.monotonic() - self.started, 3), "registry": registry, "step": step}
        with self.log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


def run_study(
    protocol_path: Path,
    registries: Path,
    out: Path,
    *,
    threads: int = 2,
    partitions: int = AUTO,
    with_report: bool = True,
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> RunOutcome:
    """Run a protocol over the registries of a folder and leave a run folder at ``out``.

    Threads and partitions change nothing but time and memory.

    A registry that fails is named in the report and does not stop the others. Raises ProtocolError for a
    faulty protocol, SourceError when no invited registry is there, MethodError when a quality gate stops the study or
    registries cover one country, BundleError when ``out`` holds something else
    or cannot be written, ReportError when the report could not be printed.
    """
    protocol = load_protocol(protocol_path)
    members = load_members(registries, protocol.study.data.registries)
    check_disjoint(protocol, members.found)
    if with_report:
        _check_printable(protocol, members)
    with run_folder(out) as work:
        progress = _Progress(on_step, work / LOG)
        _copy_protocol(protocol, work / "protocol")
        contents, column_maps, absent = _run_sites(protocol, members, (threads, partitions), progress, work)
        progress.step("", "results")
        bundles = tuple(contents.values())
        participation = participation_rows(bundles, protocol, _failed(members))
        build_results(bundles, protocol, work, participation)
        _write_sql(work / "sql", column_maps)
        write_json(work / MANIFEST, manifest_of(protocol, members.found, contents, work))
        if with_report:
            from pass_engine.report import build_report

            progress.step("", "report")
            build_report(work)
        write_sums(work)
    statuses = {row["registry"]: row["status"] for row in participation}
    held_back = {name: content.withheld for name, content in contents.items()}
    nowhere = tuple(sorted(frozenset.intersection(*absent))) if absent else ()
    return RunOutcome(out, statuses, tuple(members.uninvited), members.failures, members.nameless, held_back, nowhere)


def _check_printable(protocol: Protocol, members: Members) -> None:
    """Whatever would stop the report at the end stops the run before it has begun."""
    from pass_engine.report import check_letters, check_library

    check_library()
    check_letters(protocol, (loaded.folder for loaded in members.found.values()))


def _run_sites(
    protocol: Protocol, members: Members, resources: tuple[int, int], progress: _Progress, work: Path
) -> tuple[dict[str, BundleContent], dict[str, dict[str, str]], list[frozenset[str]]]:
    """Site steps and border of each registry, in the order of the protocol; failures are kept, not raised.

    ``resources``: threads and partitions. The last part is what each registry lacks of the substances named.
    """
    absent: list[frozenset[str]] = []
    contents: dict[str, BundleContent] = {}
    column_maps: dict[str, dict[str, str]] = {}
    for name in protocol.study.data.registries:
        if name not in members.found:
            continue
        loaded = members.found[name]
        try:
            step = partial(progress.step, name)
            site = run_site(loaded, protocol, threads=resources[0], parts=resources[1], on_step=step)
            sent = _cross_border(protocol, loaded, site)
        except StudyStopped:
            raise
        except PassEngineError as error:
            members.failures[name] = error
            continue
        column_maps[name] = site.column_maps
        absent.append(site.absent_substances)
        # The centre computes from what was written, as it would from a bundle that came by post.
        write_bundle(work / "bundles" / name, sent)
        contents[name] = read_bundle(work / "bundles" / name, protocol.digest)
    return contents, column_maps, absent


def _cross_border(protocol: Protocol, registry: LoadedRegistry, site: SiteTables) -> BundleContent:
    """What of a registry's aggregates its own policy lets leave."""
    policy = registry.registry.policy
    tables, withheld = check_border(site.tables, policy, analysis_kinds(protocol), site.gated)
    info = registry.registry.registry
    study = protocol.study.study
    return BundleContent(
        registry={
            **info.model_dump(mode="json"),
            "policy": policy.model_dump(mode="json"),
            "dictionaries": dictionaries_of(registry),
        },
        protocol={"id": study.id, "version": study.version, "digest": protocol.digest},
        tables=tables,
        withheld=withheld,
    )


def _failed(members: Members) -> dict[str, tuple[str, str]]:
    """Name of each registry that failed, and why."""
    names = {key: loaded.registry.registry.name for key, loaded in members.found.items()}
    first = {key: error.faults[0] for key, error in members.failures.items()}
    return {key: (names.get(key, key), f"{fault.code}: {fault.problem}") for key, fault in first.items()}


def _copy_protocol(protocol: Protocol, target: Path) -> None:
    """The protocol and every file beside it that was read, those of sensitivity analyses too."""
    prose = [p for p in protocol.study.study.text.model_dump().values() if p]
    target.mkdir()
    shutil.copyfile(protocol.folder / protocol.file_name, target / "protocol.yaml")
    for name in sorted({*prose, *protocol.code_lists, *protocol.standards, *protocol.references}):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(protocol.folder / name, target / name)


def _write_sql(target: Path, column_maps: dict[str, dict[str, str]]) -> None:
    """Every numbered file as it ran, and the generated column maps of each registry."""
    target.mkdir(parents=True)
    for sql in files_between(*COUNTING):
        (target / sql.name).write_text(sql.text, encoding="utf-8", newline="\n")
    for registry, maps in sorted(column_maps.items()):
        folder = target / "column_map" / registry
        folder.mkdir(parents=True)
        for table, text in sorted(maps.items()):
            (folder / f"{table}.sql").write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")
