"""Folders and archives of the network: new folders to write into, and releases and bundles that came as one file."""

from __future__ import annotations

import io
import zipfile
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, TrustError
from pass_engine.whole import scratch_folder, whole_folder, write_whole
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARCHIVE = ".zip"
LARGEST = 2**30
"""Bytes an archive may unpack to: a bundle of a large study has a few million."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time every file of an archive has, so that equal content is equal bytes."""


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A new folder, made whole or not at all. Raises TrustError where something is there or it cannot be made."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        found = "files in the folder" if out.is_dir() else "a file"
        problem, mend = "what is written here goes into a new folder", "name another one"
        raise TrustError(Fault(shown_name(out), "--out", found, problem, mend, "PE918"))
    try:
        with whole_folder(out) as work:
            yield work
    except OSError as error:
        problem, mend = "the folder cannot be written", "check the name, the rights and the space on the disk"
        raise TrustError(Fault(shown_name(out), "--out", _reason(error), problem, mend, "PE918")) from error


def pack(folder: Path) -> Path:
    """Write a folder's archive beside it, and give back its place. Raises TrustError (PE918)."""
    archive = folder.with_name(folder.name + ARCHIVE)
    try:
        write_archive(folder, archive)
    except OSError as error:
        problem, mend = "the archive cannot be written; the folder is whole", "make room, or send the folder as it is"
        raise TrustError(Fault(shown_name(archive), "", _reason(error), problem, mend, "PE918")) from error
    return archive


def _reason(error: OSError) -> str:
    return (error.strerror or "an error of the system").lower()


def write_archive(folder: Path, archive: Path) -> None:
    """All files of a folder as one zip, stored, in the order of their names: equal folders are equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EARLIEST)
            info.external_attr = 0o644 << 16
            out.writestr(info, path.read_bytes())
    write_whole({archive: buffer.getvalue()})


@contextmanager
def opened(place: Path) -> Iterator[Path]:
    """A folder as it is, or an archive unpacked for as long as the block lasts. Raises TrustError for an unsafe one."""
    if place.is_dir() or place.suffix != ARCHIVE:
        yield place
        return
    with scratch_folder() as folder:
        target = folder / place.stem
        target.mkdir()
        _unpack(place, target)
        yield target


def _unpack(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as content:
            infos = content.infolist()
            names = [info.filename for info in infos]
            if len(set(names)) != len(names) or not all(_is_plain(info) for info in infos):
                raise TrustError(_unsafe(archive, "a name that leads elsewhere, or stands twice"))
            if sum(info.file_size for info in infos) > LARGEST:
                raise TrustError(_unsafe(archive, "more than 1 GiB"))
            for info in infos:
                file = target / info.filename
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.read(info))
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise TrustError(_unsafe(archive, "no file" if missing else "no archive, or a damaged one")) from error


def _is_plain(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    odd = path.is_absolute() or ".." in path.parts or "\\" in info.filename or info.is_dir()
    return not odd and (info.external_attr >> 16) & 0o170000 in (0, 0o100000)


def _unsafe(archive: Path, found: str) -> Fault:
    problem, mend = "the archive cannot be opened safely", "ask for it again, or for the folder"
    return Fault(shown_name(archive), "", found, problem, mend, "PE919")
