"""The main job, started by whoever holds all the data: a network whose members all sit on one machine.

Order of steps: protocol, then each registry's site steps and its border, then bundles, results and report.
Everything is written to a folder beside the one asked for and moved there at the end, so that a run that is
stopped half-way leaves nothing half-true behind.
"""

from __future__ import annotations

import json
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle import BundleContent, digest_file, write_bundle, write_json
from pass_engine.centre import DID_NOT, FAILED, build_results, participation_rows
from pass_engine.disclose import check_border
from pass_engine.errors import BundleError, Fault, MethodError, PassEngineError, SourceError
from pass_engine.protocol import load_protocol
from pass_engine.registry import find_registries, input_files, load_registry
from pass_engine.site import analysis_kinds, run_site
from pass_engine.sqltext import COUNTING, files_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pass_engine.disclose import Withheld
    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry
    from pass_engine.site import SiteTables

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
LOG = "log.jsonl"
PACKAGES = ("duckdb", "pandas", "numpy", "scipy", "weasyprint", "font-source-sans-pro")
"""Packages whose version can move a number or a byte."""


@dataclass(frozen=True)
class RunOutcome:
    """What a run left: its folder, each invited registry's status, the uninvited, the failures, what was held back."""

    folder: Path
    participation: dict[str, str]
    uninvited: tuple[str, ...]
    failures: dict[str, PassEngineError]
    held_back: dict[str, tuple[Withheld, ...]] = field(default_factory=dict)


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
    with_report: bool = True,
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> RunOutcome:
    """Run a protocol over the registries of a folder and leave a run folder at ``out``.

    A registry that fails is named in the report and does not stop the others. Raises ProtocolError for a
    faulty protocol, SourceError when no invited registry is there, BundleError when ``out`` holds something else.
    """
    protocol = load_protocol(protocol_path)
    invited = protocol.study.data.registries
    _refuse_foreign_folder(out)
    found, failures, uninvited = _load_registries(registries, invited)
    if not found and not failures:
        raise SourceError(
            Fault(
                code="PE210",
                where=str(registries),
                path="data.registries",
                found=", ".join(uninvited) or "no registry",
                problem="none of the registries the protocol invites is here",
                mend=f"give a folder that holds {', '.join(invited)}",
            )
        )
    _check_disjoint(protocol, found)
    with _fresh_folder(out) as work:
        progress = _Progress(on_step, work / LOG)
        contents, column_maps = _run_sites(protocol, found, failures, threads, progress, work)
        progress.step("", "results")
        bundles = tuple(contents.values())
        participation = participation_rows(bundles, protocol, _absent(invited, found, contents, failures))
        build_results(bundles, protocol, work, participation)
        _copy_protocol(protocol, work / "protocol")
        _write_sql(work / "sql", column_maps)
        write_json(work / MANIFEST, _manifest(protocol, found, contents, work))
        if with_report:
            from pass_engine.report import build_report

            progress.step("", "report")
            build_report(work)
        write_sums(work)
    statuses = {row["registry"]: row["status"] for row in participation}
    return RunOutcome(out, statuses, uninvited, failures, {name: c.withheld for name, c in contents.items()})


def _refuse_foreign_folder(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise BundleError(
            Fault(
                code="PE601",
                where=str(out),
                path="--out",
                found="files that no run of this engine wrote",
                problem="a run replaces its folder whole, and this one holds something else",
                mend="name an empty or new folder, or an earlier run",
            )
        )


def _load_registries(
    folder: Path, invited: tuple[str, ...]
) -> tuple[dict[str, LoadedRegistry], dict[str, PassEngineError], tuple[str, ...]]:
    """Registries that are there and invited, those whose file is faulty, and those nobody invited."""
    found: dict[str, LoadedRegistry] = {}
    failures: dict[str, PassEngineError] = {}
    uninvited: list[str] = []
    for path in find_registries(folder):
        try:
            loaded = load_registry(path)
        except SourceError as error:
            (failures.__setitem__(path.name, error) if path.name in invited else uninvited.append(path.name))
            continue
        name = loaded.registry.registry.id
        if name not in invited:
            uninvited.append(name)
        elif name in found:
            raise SourceError(
                Fault(
                    code="PE211",
                    where=str(path),
                    path="registry.id",
                    found=name,
                    problem=f"{found[name].folder} has the same id",
                    mend="give each registry an id of its own",
                )
            )
        else:
            found[name] = loaded
    return found, failures, tuple(sorted(uninvited))


def _check_disjoint(protocol: Protocol, found: dict[str, LoadedRegistry]) -> None:
    """Two registries that cover one country need a declared rule, or a person could be counted twice."""
    ruled = [({*rule.registries}, set(rule.countries)) for rule in protocol.study.data.registry_overlap]
    given_up = {
        name: {c for rule in protocol.study.data.registry_overlap if rule.from_ == name for c in rule.countries}
        for name in found
    }
    faults = []
    names = [n for n in protocol.study.data.registries if n in found]
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            shared = _countries(found[one]) & _countries(found[other])
            open_ = shared - given_up[one] - given_up[other]
            if open_ and not any(pair == {one, other} and open_ <= countries for pair, countries in ruled):
                faults.append(
                    Fault(
                        code="PE401",
                        where=f"{one}, {other}",
                        path="data.registry_overlap",
                        found=", ".join(sorted(open_)),
                        problem="both registries cover these countries and no rule keeps their persons apart",
                        mend="declare in the protocol which registry gives these persons up",
                    )
                )
    if faults:
        raise MethodError(*faults)


def _countries(registry: LoadedRegistry) -> set[str]:
    return set(registry.registry.registry.countries)


@contextmanager
def _fresh_folder(out: Path) -> Iterator[Path]:
    """A new folder beside ``out`` that takes its place only when all is written."""
    work = out.with_name(f".{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    if out.exists():
        shutil.rmtree(out)
    work.rename(out)


def _run_sites(
    protocol: Protocol,
    found: dict[str, LoadedRegistry],
    failures: dict[str, PassEngineError],
    threads: int,
    progress: _Progress,
    work: Path,
) -> tuple[dict[str, BundleContent], dict[str, dict[str, str]]]:
    """Site steps and border of each registry, in the order of the protocol; failures are kept, not raised."""
    contents: dict[str, BundleContent] = {}
    column_maps: dict[str, dict[str, str]] = {}
    for name in protocol.study.data.registries:
        if name not in found:
            continue
        try:
            site = run_site(found[name], protocol, threads=threads, on_step=lambda s, n=name: progress.step(n, s))  # type: ignore[misc]
            contents[name] = _cross_border(protocol, found[name], site)
        except PassEngineError as error:
            failures[name] = error
            continue
        column_maps[name] = site.column_maps
        write_bundle(work / "bundles" / name, contents[name])
    return contents, column_maps


def _cross_border(protocol: Protocol, registry: LoadedRegistry, site: SiteTables) -> BundleContent:
    """What of a registry's aggregates its own policy lets leave."""
    policy = registry.registry.policy
    tables, withheld = check_border(site.tables, policy, analysis_kinds(protocol))
    info = registry.registry.registry
    study = protocol.study.study
    return BundleContent(
        registry={
            **info.model_dump(mode="json"),
            "policy": policy.model_dump(mode="json"),
        },
        protocol={"id": study.id, "version": study.version, "digest": protocol.digest},
        tables=tables,
        withheld=withheld,
    )


def _absent(
    invited: tuple[str, ...],
    found: dict[str, LoadedRegistry],
    contents: dict[str, BundleContent],
    failures: dict[str, PassEngineError],
) -> dict[str, tuple[str, str, str]]:
    """Name, status and reason of each invited registry that left no bundle."""
    absent = {}
    for name in invited:
        printed = found[name].registry.registry.name if name in found else name
        if name in failures:
            fault = failures[name].faults[0]
            absent[name] = (printed, FAILED, f"{fault.code}: {fault.problem}")
        elif name not in contents:
            absent[name] = (printed, DID_NOT, "no data were supplied")
    return absent


def _copy_protocol(protocol: Protocol, target: Path) -> None:
    """The protocol and every file beside it that was read, those of sensitivity analyses too."""
    study = protocol.study
    prose = [p for p in study.study.text.model_dump().values() if p]
    tables = {*protocol.code_lists, *protocol.standards, *protocol.references}
    for name in ("protocol.yaml", *sorted({*prose, *tables})):
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


def _manifest(
    protocol: Protocol, found: dict[str, LoadedRegistry], contents: dict[str, BundleContent], work: Path
) -> dict[str, Any]:
    """What went in, what was run and what came out, by digest. No clock, no path, no name of a machine."""
    study = protocol.study.study
    return {
        "format": "pass_engine run 1",
        "protocol": {"id": study.id, "version": study.version, "digest": protocol.digest},
        "versions": {"pass_engine": __version__, **{name: metadata.version(name) for name in PACKAGES}},
        "sql": {sql.name: sql.digest for sql in files_between(*COUNTING)},
        "inputs": {name: _inputs(found[name]) for name in sorted(contents)},
        "files": {
            str(path.relative_to(work).as_posix()): digest_file(path)
            for folder in ("results", "bundles", "protocol", "sql")
            for path in sorted((work / folder).rglob("*"))
            if path.is_file()
        },
    }


def _inputs(registry: LoadedRegistry) -> dict[str, str]:
    """Digest of a registry's mapping, and of every file it names."""
    return {
        "registry.yaml": registry.digest,
        **{name: digest_file(path) for name, path in input_files(registry).items()},
    }


def write_sums(folder: Path) -> None:
    """``SHA256SUMS`` over every file of a run but itself and the log; ``sha256sum -c`` reads it."""
    lines = [
        f"{digest_file(path)}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {SUMS, LOG}
    ]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
