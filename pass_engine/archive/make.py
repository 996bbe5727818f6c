"""Packs a run: ``run/`` as it is, ``engine/`` that made it, a description for machines, one for people, and sums.

One folder and the same as one zip. Nothing of a day or a machine is added, so that equal runs are equal archives.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pass_engine.archive.crate import write_crate
from pass_engine.archive.readme import readme_of
from pass_engine.archive.wheel import write_wheel
from pass_engine.bundle import digest_file
from pass_engine.errors import Fault, PinError
from pass_engine.network.places import ARCHIVE, new_folder, write_archive
from pass_engine.pin import DECIDES, changes_of_engine, engine_parts
from pass_engine.protocol import load_protocol
from pass_engine.run.folder import LOG, SUMS, read_sums
from pass_engine.run.pinned import check_run, read_manifest
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN, ENGINE, README = "run", "engine", "README.md"
PACKAGES = "packages.txt"
LOCK = "requirements.lock"


@dataclass(frozen=True)
class Archived:
    """What was packed: the folder, the zip, and the number of files."""

    folder: Path
    zip: Path
    files: int


def make_archive(run: Path, out: Path) -> Archived:
    """Pack a run into the new folder ``out`` and into ``out``.zip.

    Raises PinError where the run is not whole (PE701 to PE704) or another engine made it (PE730), ReportError where
    there is no run, TrustError (PE918) where ``out`` holds something or cannot be written.
    """
    manifest = read_manifest(run)
    check_run(run)
    _check_sums(run)
    _check_engine(run, manifest)
    archive = out.with_name(out.name + ARCHIVE)
    if archive.exists():
        problem, mend = "an archive is written once", "name another folder"
        raise PinError(Fault(shown_name(archive), "--out", "a file", problem, mend, "PE731"))
    with new_folder(out) as work:
        shutil.copytree(run, work / RUN, ignore=shutil.ignore_patterns(LOG, ".*"))
        _write_engine(work / ENGINE, manifest)
        protocol = load_protocol(work / RUN / "protocol")
        text = readme_of(protocol, manifest, work / RUN)
        (work / README).write_text(text, encoding="utf-8", newline="\n")
        write_crate(work, protocol, manifest)
        files = _write_sums(work)
    try:
        write_archive(out, archive)
    except OSError as error:
        archive.unlink(missing_ok=True)
        found = (error.strerror or "an error of the system").lower()
        problem, mend = "the zip cannot be written; the folder is whole", "make room, and pack the folder by hand"
        raise PinError(Fault(shown_name(archive), "--out", found, problem, mend, "PE731")) from error
    return Archived(out, archive, files)


def _check_sums(run: Path) -> None:
    """The report stands in the sums alone."""
    wrong = [n for n, d in read_sums(run).items() if not (run / n).is_file() or digest_file(run / n) != d]
    if wrong:
        problem, mend = "the file is not the one the run wrote", "print it again with pass-engine report"
        raise PinError(*(Fault(shown_name(run / n), "", "another digest", problem, mend, "PE701") for n in wrong))


def _check_engine(run: Path, manifest: Mapping[str, Any]) -> None:
    versions = manifest.get("versions") or {}
    then = {"version": versions.get("pass_engine"), "sql": manifest["sql"], **(manifest.get("engine") or {})}
    differing = {part: told for part, told in changes_of_engine(then, engine_parts()).items() if part in DECIDES}
    if differing:
        found = "; ".join(f"{part}: {', '.join(told)}" for part, told in differing.items())
        problem = "the engine that is installed here is not the one that made the run, and would be packed with it"
        mend = "archive the run with the engine that made it, or make the run anew"
        raise PinError(Fault(shown_name(run), "engine", found, problem, mend, "PE730"))


def _write_engine(folder: Path, manifest: Mapping[str, Any]) -> None:
    """The wheel, the versions of every package at the time of the run, and the lock with hashes where it is here."""
    folder.mkdir()
    write_wheel(folder)
    packages = (manifest.get("engine") or {}).get("packages") or engine_parts()["packages"]
    lines = "".join(f"{name}=={version}\n" for name, version in sorted(packages.items()))
    (folder / PACKAGES).write_text(lines, encoding="utf-8", newline="\n")
    lock = Path(__file__).resolve().parents[2] / LOCK
    if lock.is_file():  # a checkout has it
        shutil.copyfile(lock, folder / LOCK)


def _write_sums(work: Path) -> int:
    names = [p.relative_to(work).as_posix() for p in sorted(work.rglob("*")) if p.is_file()]
    text = "".join(f"{digest_file(work / name)}  {name}\n" for name in names)
    (work / SUMS).write_text(text, encoding="utf-8", newline="\n")
    return len(names) + 1
