"""Is an archive still what it was? Looked at offline, from the archive alone."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

from pass_engine.archive.make import ENGINE, README, RUN
from pass_engine.bundle import digest_file
from pass_engine.errors import Fault, PinError
from pass_engine.network.places import opened
from pass_engine.run.folder import CRATE, MANIFEST, SUMS, read_sums
from pass_engine.run.pinned import check_run, read_manifest
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AGAIN = "take the archive back from another copy"


def check_archive(place: Path) -> int:
    """Check an archive, a folder or a zip, and give back its number of files.

    Sums, the run's own manifest, the description for machines and the SQL in the wheel must agree. Raises PinError with
    every fault (PE732 to PE735), TrustError for a zip that cannot be opened safely.
    """
    with opened(place) as folder:
        sums = read_sums(folder)
        if not sums or not (folder / RUN / MANIFEST).is_file():
            found = f"no {SUMS}" if not sums else f"no {RUN}/{MANIFEST}"
            mend = "name the folder or zip that pass-engine archive wrote"
            raise PinError(Fault(shown_name(place), "", found, "this is no archive of a run", mend, "PE732"))
        faults = [*_sums(place, folder, sums), *_crate(place, folder, sums)]
        manifest = read_manifest(folder / RUN)
        faults += _wheel(place, folder, manifest["sql"])
        if faults:
            raise PinError(*faults)
        check_run(folder / RUN)
        return len(sums) + 1


def _sums(place: Path, folder: Path, sums: Mapping[str, str]) -> Iterator[Fault]:
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {SUMS}
    for name in sorted(there | sums.keys()):
        if name not in there:
            yield _fault(place, name, "no such file", f"{SUMS} names it", "PE733")
        elif name not in sums:
            yield _fault(place, name, "a file", f"{SUMS} does not know it", "PE733")
        elif digest_file(folder / name) != sums[name]:
            yield _fault(place, name, "another digest", "the file is not the one that was archived", "PE733")


def _crate(place: Path, folder: Path, sums: Mapping[str, str]) -> Iterator[Fault]:
    """Every file but the description itself is described, with its digest."""
    try:
        graph = json.loads((folder / CRATE).read_text(encoding="utf-8"))["@graph"]
        told = {entry["@id"]: entry["sha256"] for entry in graph if entry["@type"] == "File"}
    except (OSError, ValueError, KeyError, TypeError):
        yield _fault(place, CRATE, "another content", "the description for machines cannot be read", "PE734")
        return
    named = {name: digest for name, digest in sums.items() if name != CRATE}
    wrong = sorted(n for n in told.keys() | named.keys() if told.get(n) != named.get(n))
    if wrong:
        problem = f"{SUMS} and the description for machines do not agree"
        yield _fault(place, CRATE, f"{len(wrong)} files, the first {wrong[0]}", problem, "PE734")


def _wheel(place: Path, folder: Path, sql: Mapping[str, str]) -> Iterator[Fault]:
    """The SQL that ran is the SQL in the wheel."""
    wheel = next(iter(sorted((folder / ENGINE).glob("*.whl"))), None)
    try:
        with zipfile.ZipFile(wheel or folder / README) as content:
            inside = {n.rpartition("/")[2]: n for n in content.namelist() if n.startswith("pass_engine/sql/")}
            wrong = [
                name
                for name, digest in sorted(sql.items())
                if name not in inside or hashlib.sha256(content.read(inside[name])).hexdigest() != digest
            ]
    except (OSError, zipfile.BadZipFile, RuntimeError):
        yield _fault(place, ENGINE, "no wheel that can be opened", "the engine is part of the archive", "PE735")
        return
    if wrong:
        found = f"{len(wrong)} files, the first {wrong[0]}"
        yield _fault(place, ENGINE, found, "the SQL in the wheel is not the SQL of the run", "PE735")


def _fault(place: Path, name: str, found: str, problem: str, code: str) -> Fault:
    return Fault(f"{shown_name(place)}/{name}", "", found, problem, AGAIN, code)
