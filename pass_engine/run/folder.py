"""The run folder: made beside the place asked for, and moved there when all is written.

A run that is stopped half-way leaves nothing half-true behind, an earlier run stays until the new one is whole,
and no file that the engine did not write is ever replaced.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine.bundle import digest_file
from pass_engine.errors import BundleError, Fault
from pass_engine.whole import write_whole
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_FORMAT = "pass_engine run 1"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
LOG = "log.jsonl"
RECORD = "rerun_record.json"
"""What verify found; no digest of the run covers it."""
CRATE = "ro-crate-metadata.json"
"""Stands beside a run that lies in an archive."""
SIGNED = "report.signed.pdf"
"""The report with a signature after its bytes; no digest of the run covers it, its bytes are of their day."""
APPROVALS = "approvals"
"""Signatures and decisions of the pooled bundles. No digest of the run covers them: their bytes are of their day."""
PINNED_FOLDERS = ("results", "bundles", "protocol", "sql")
"""Folders of a run whose every file stands in its manifest."""
PARTS = {*PINNED_FOLDERS, APPROVALS, MANIFEST, SUMS, LOG, RECORD, SIGNED, "report.pdf", "report.html", "report.docx"}
"""What stands at the top of a run folder."""
PART = ".part"
NAMES_SHOWN = 5
CANNOT_WRITE = {
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOSPC,
    errno.ENOTDIR, errno.EPERM, errno.EROFS,
}  # fmt: skip
"""What a disk says that is full, broken or not ours; another error of the system is a bug."""


@contextmanager
def run_folder(out: Path) -> Iterator[Path]:
    """A new folder that takes the place of ``out`` only when the block has ended well.

    Raises BundleError when ``out`` holds something else, cannot be written, or another run writes it now.
    """
    try:
        place = out.resolve()
        _check_replaceable(out, place)
        with _claimed(out, _beside(place)) as work:
            _take_back(work, place)
            yield work
            _put_in_place(work, place)
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        raise BundleError(_unwritable(out, error.strerror or "an error of the system")) from error


def is_unfinished(folder: Path) -> bool:
    """Is this the folder of a run that was stopped before it was whole?"""
    name = folder.resolve().name
    return folder.is_dir() and name.startswith(".") and name.endswith(PART)


def _beside(place: Path) -> Path:
    """Where a run is written before it takes its place."""
    return place.with_name(f".{place.name}{PART}")


def write_sums(folder: Path) -> None:
    """``SHA256SUMS``, for ``sha256sum -c``: every file but itself, log, signatures, and the record of a re-run."""
    names = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file()]
    lines = [
        f"{digest_file(folder / name)}  {name}\n"
        for name in names
        if name not in {SUMS, LOG, RECORD, SIGNED} and not name.startswith(f"{APPROVALS}/")
    ]
    write_whole({folder / SUMS: "".join(lines)})


def read_sums(folder: Path) -> dict[str, str]:
    """Name to digest, as ``SHA256SUMS`` of a run has them; empty where it is missing or something else."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}


def _check_replaceable(out: Path, place: Path) -> None:
    """Is ``place`` free, or an earlier run with nothing else in it?"""
    if place.exists() and not place.is_dir():
        raise BundleError(_refused(out, "a file", "a run is a folder", "name a new folder, or an earlier run"))
    if not place.is_dir():
        return
    if place == Path.cwd() or place in Path.cwd().parents or place.is_mount():
        problem = "a run replaces its folder whole, and this one cannot be replaced"
        raise BundleError(_refused(out, "the current folder, or a disk of its own", problem, "name a folder below it"))
    if any(place.iterdir()) and not _is_run(place):
        found, problem = "files that no run of this engine wrote", "a run replaces its folder whole"
        mend = "name an empty or new folder, or an earlier run"
        raise BundleError(_refused(out, found, f"{problem}, and this one holds something else", mend))
    foreign = _foreign_files(place)
    if foreign:
        more = f" and {len(foreign) - NAMES_SHOWN} more" if len(foreign) > NAMES_SHOWN else ""
        problem = "a run replaces its folder whole, and the earlier run there did not write these files"
        mend = "move them elsewhere, or name another folder"
        raise BundleError(_refused(out, f"{', '.join(foreign[:NAMES_SHOWN])}{more}", problem, mend))


def _is_run(folder: Path) -> bool:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("format") == RUN_FORMAT


def _foreign_files(folder: Path) -> list[str]:
    """Files of an earlier run's folder that its list of sums does not name."""
    known = {*read_sums(folder), SUMS, LOG, RECORD, SIGNED}
    files = (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if not p.is_dir())
    return [name for name in files if name not in known and not name.startswith(f"{APPROVALS}/")]


@contextmanager
def _claimed(out: Path, work: Path) -> Iterator[Path]:
    """The folder ``work``, new and ours alone; gone when the block ends, with the folders made to hold it if it fails.

    What a killed run left there is taken away; the lock tells it from one that is still running.
    """
    made = [folder for folder in work.parents if not folder.exists()]
    work.mkdir(parents=True, exist_ok=True)
    handle = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BundleError(_unwritable(out, "another run that writes it now")) from None
    try:
        _refuse_strangers(out, work)
    except BaseException:
        os.close(handle)
        raise
    try:
        for path in work.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield work
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for folder in made:
            _remove_if_empty(folder)
        raise
    finally:
        os.close(handle)


def _refuse_strangers(out: Path, work: Path) -> None:
    """What a killed run left may go; anything else in its place may not."""
    strange = sorted(path.name for path in work.iterdir() if path.name not in PARTS)
    if strange:
        found = f"{work.name}/{strange[0]}"
        problem = f"the run is written in {work.name} first, which holds something else"
        raise BundleError(_refused(out, found, problem, "move it elsewhere, or name another folder"))


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _aside(work: Path) -> Path:
    return work.with_name(f"{work.name}.old")


def _take_back(work: Path, place: Path) -> None:
    """A program that was killed between the two renames left the earlier run aside; it comes back first."""
    if not place.exists() and _is_run(_aside(work)):
        _aside(work).rename(place)


def _put_in_place(work: Path, place: Path) -> None:
    """Two renames: at no time is there less than one whole run, and an earlier one comes back if the second fails."""
    if not place.exists():
        work.rename(place)
        return
    aside = _aside(work)
    shutil.rmtree(aside, ignore_errors=True)
    place.rename(aside)
    try:
        work.rename(place)
    except BaseException:
        if not place.exists():
            aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _refused(out: Path, found: str, problem: str, mend: str) -> Fault:
    return Fault(shown_name(out), "--out", found, problem, mend, "PE601")


def _unwritable(out: Path, found: str) -> Fault:
    problem = "the run folder cannot be written"
    mend = "check the name, the rights and the space on the disk, or name another folder"
    return Fault(shown_name(out), "--out", found[:1].lower() + found[1:], problem, mend, "PE609")
