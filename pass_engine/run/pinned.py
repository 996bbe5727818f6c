"""What holds a run together: the manifest of its files, and the check that they are still those it names."""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle import digest_file
from pass_engine.errors import Fault, PinError, ReportError
from pass_engine.pin import LOCK_FILE, engine_parts
from pass_engine.run.folder import MANIFEST, PINNED_FOLDERS, RUN_FORMAT, SUMS, is_unfinished, read_sums, write_sums
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pass_engine.bundle import BundleContent
    from pass_engine.protocol import Protocol

PACKAGES = ("duckdb", "pandas", "numpy", "scipy", "weasyprint", "font-source-sans-pro")
"""Packages whose version can move a number or a byte."""
AGAIN = "take it back from a copy, or make the run anew with pass-engine run"


def manifest_of(
    protocol: Protocol, contents: Mapping[str, BundleContent], work: Path, earlier: int = 0
) -> dict[str, Any]:
    """What went in, what was run and what came out, by digest. No clock, no path, no name of a machine.

    ``contents``: bundles by registry. They tell the digests of its files and tables, and the version and language of
    each dictionary its events were coded with, empty where the dictionary does not say.
    ``earlier``: runs beside which this one withholds.
    """
    study, engine = protocol.study.study, engine_parts()
    lock = work / "protocol" / LOCK_FILE
    told = {name: contents[name] for name in sorted(contents)}
    return {
        "format": RUN_FORMAT,
        "protocol": {"id": study.id, "version": study.version, "digest": protocol.digest},
        "lock": digest_file(lock) if lock.is_file() else "",
        "versions": {"pass_engine": __version__, **{name: metadata.version(name) for name in PACKAGES}},
        "sql": engine["sql"],
        "earlier_runs": earlier,
        "engine": {part: engine[part] for part in ("settings", "templates", "fonts", "packages")},
        "inputs": {name: content.inputs for name, content in told.items()},
        "tables": {name: content.fingerprints for name, content in told.items()},
        "dictionaries": {name: content.registry.get("dictionaries", {}) for name, content in told.items()},
        "files": {name: digest_file(work / name) for name in _pinned_files(work)},
    }


def check_run(folder: Path) -> None:
    """Is this a run folder whose files are those the run wrote?

    Raises ReportError where it is none, PinError with every file that is missing, changed or foreign.
    """
    named: dict[str, str] = read_manifest(folder)["files"]
    there = set(_pinned_files(folder))
    changed = [name for name in sorted(named.keys() & there) if digest_file(folder / name) != named[name]]
    sums = read_sums(folder)
    faults = [
        *_faults(folder, named.keys() - there, "PE702", "no such file", "the run's manifest names it", AGAIN),
        *_faults(folder, changed, "PE701", "another digest", "the file is not the one the run wrote", AGAIN),
        *_faults(folder, there - named.keys(), "PE703", "a file", "the run's manifest does not know it", "take it out"),
    ]
    if sums.get(MANIFEST) != digest_file(folder / MANIFEST):
        found = "another digest" if MANIFEST in sums else f"no line for it in {SUMS}"
        faults += _faults(folder, [MANIFEST], "PE704", found, f"{SUMS} does not vouch for the manifest", AGAIN)
    if faults:
        raise PinError(*faults)


def files_changed(folder: Path) -> tuple[str, ...]:
    """Files of a run that are missing, changed or foreign by its manifest."""
    try:
        check_run(folder)
    except PinError as error:
        return tuple(fault.where.removeprefix(f"{shown_name(folder)}/") for fault in error.faults)
    return ()


def print_again(folder: Path, kind: str = "") -> Path:
    """Make the report of a run anew, from its folder alone, and give back its place.

    ``kind``: final, interim, progress or abstract; else the one that the protocol names first.
    """
    from pass_engine.report import build_report

    check_run(folder)
    try:
        made = build_report(folder, kind)
        write_sums(folder)
    except OSError as error:
        found, problem = (error.strerror or "an error of the system").lower(), "the report cannot be written"
        mend = "check the rights and the space on the disk"
        raise ReportError(Fault(shown_name(folder / "report.pdf"), "", found, problem, mend, "PE804")) from error
    return made


def _pinned_files(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for part in PINNED_FOLDERS
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    ]


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises ReportError where there is none, or one of another format."""
    if not (folder / MANIFEST).is_file():
        found = f"no {MANIFEST}" if folder.is_dir() else "a file" if folder.exists() else "nothing"
        mend = "name the folder that pass-engine run wrote (its --out)"
        if is_unfinished(folder):
            mend = "the run was stopped before it was whole: start it again, pass-engine run"
        raise ReportError(Fault(shown_name(folder), "", found, "there is no run folder here", mend, "PE801"))
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError:
        content = None
    known = content if isinstance(content, dict) and content.get("format") == RUN_FORMAT else {}
    if not isinstance(known.get("files"), dict):
        where, problem = shown_name(folder / MANIFEST), f"a manifest of the format {RUN_FORMAT!r} is needed"
        raise ReportError(Fault(where, "format", "another content", problem, AGAIN, "PE803"))
    return dict(known)


def _faults(folder: Path, names: Iterable[str], code: str, found: str, problem: str, mend: str) -> list[Fault]:
    return [Fault(shown_name(folder / name), "", found, problem, mend, code) for name in sorted(names)]
