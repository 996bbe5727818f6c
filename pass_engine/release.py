"""A protocol release: the protocol as a signed, pinned folder, and the same as one archive.

``release.json``     what is pinned: the protocol's digest, the engine and its SQL, analyses, invited
                     registries, every file
``protocol/``        the protocol with its prose, code lists, weights and reference rates
``attestation.json`` the sponsor's signature, with its ``.dsse`` and ``.sig``

The digest of ``release.json`` is the release's: it covers every file, and a registry's decision names it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle import write_json
from pass_engine.errors import Fault, TrustError
from pass_engine.pin import LOCK_FILE
from pass_engine.protocol import load_protocol
from pass_engine.sign import RELEASE, SUFFIXES, Signature, Statement, read_signed, sha256_of, write_signed
from pass_engine.sqltext import COUNTING, files_between

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol
    from pass_engine.sign import TrustFile
    from pass_engine.sign.keys import PrivateKey

RELEASE_FORMAT = "pass_engine release 1"
RELEASE_FILE = "release.json"
ATTESTATION = "attestation.json"
PROTOCOL_FOLDER = "protocol"
AGAIN = "ask the sponsor for the release again, whole"


@dataclass(frozen=True)
class ReleaseFacts:
    """What names a release: study, version, digests of protocol and release, and kind of each analysis."""

    study: str
    version: str
    protocol_digest: str
    digest: str
    analyses: Mapping[str, str]


@dataclass(frozen=True)
class LoadedRelease:
    """A release that holds: its facts, the protocol in it, what it pins, and its signature."""

    facts: ReleaseFacts
    protocol: Protocol
    pinned: Mapping[str, Any]
    signature: Signature


def write_release(
    protocol: Protocol,
    analyses: Mapping[str, str],
    folder: Path,
    signer: str,
    key: PrivateKey,
    day: dt.date,
    audit_head: Mapping[str, Any],
) -> ReleaseFacts:
    """Write a signed release into a new, empty folder. ``analyses``: id to kind."""
    copy_protocol(protocol, folder / PROTOCOL_FOLDER)
    study = protocol.study.study
    pinned = {
        "format": RELEASE_FORMAT,
        "study": {"id": study.id, "version": study.version, "digest": protocol.digest},
        "engine": _engine(),
        "analyses": dict(analyses),
        "registries": list(protocol.study.data.registries),
        "files": {name: sha256_of(folder / name) for name in _files(folder / PROTOCOL_FOLDER, folder)},
    }
    write_json(folder / RELEASE_FILE, pinned)
    digest = sha256_of(folder / RELEASE_FILE)
    predicate = {"study": study.id, "version": study.version, "protocol": protocol.digest, "audit": dict(audit_head)}
    write_signed(folder / ATTESTATION, Statement(RELEASE, {RELEASE_FILE: digest}, predicate), signer, key, day)
    return ReleaseFacts(study.id, study.version, protocol.digest, digest, dict(analyses))


def read_release(folder: Path, trust: TrustFile) -> LoadedRelease:
    """Read a release and hold it against its signature, its digests and this engine.

    Raises TrustError: PE909 a file missing, changed or foreign, PE910 no release, PE911 pinned to another
    engine; and what :func:`pass_engine.sign.read_signed` raises.
    """
    pinned = _read_pinned(folder)
    signature = read_signed(folder / ATTESTATION, RELEASE, trust)
    digest = sha256_of(folder / RELEASE_FILE)
    faults = _file_faults(folder, pinned["files"])
    if signature.statement.subjects != {RELEASE_FILE: digest}:
        faults.append(_fault("PE909", folder / RELEASE_FILE, "another digest", "this is not the file that was signed"))
    if faults:
        raise TrustError(*faults)
    _check_engine(folder, pinned["engine"])
    protocol = load_protocol(folder / PROTOCOL_FOLDER)
    study = pinned["study"]
    if protocol.digest != study["digest"]:
        found, problem = "another digest", "the protocol is not the one that was pinned"
        raise TrustError(_fault("PE909", folder / PROTOCOL_FOLDER, found, problem))
    facts = ReleaseFacts(study["id"], study["version"], study["digest"], digest, pinned["analyses"])
    return LoadedRelease(facts, protocol, pinned, signature)


def copy_protocol(protocol: Protocol, target: Path) -> None:
    """The protocol and every file beside it that was read, those of sensitivity analyses too."""
    target.mkdir()
    shutil.copyfile(protocol.folder / protocol.file_name, target / "protocol.yaml")
    for name in files_beside(protocol):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(protocol.folder / name, target / name)
    if (protocol.folder / LOCK_FILE).is_file():
        shutil.copyfile(protocol.folder / LOCK_FILE, target / LOCK_FILE)


def files_beside(protocol: Protocol) -> tuple[str, ...]:
    """Names of the files that a protocol reads besides its YAML: prose, code lists, substances, weights and rates."""
    prose = [p for p in protocol.study.study.text.model_dump().values() if p]
    listed = (protocol.code_lists, protocol.substances, protocol.standards, protocol.references)
    return tuple(sorted({*prose, *(name for names in listed for name in names)}))


def _engine() -> dict[str, Any]:
    """The version and the numbered SQL: what decides how persons are counted."""
    return {"version": __version__, "sql": {sql.name: sql.digest for sql in files_between(*COUNTING)}}


def _check_engine(folder: Path, pinned: Mapping[str, Any]) -> None:
    here = _engine()
    if pinned == here:
        return
    names = sorted(pinned["sql"].keys() | here["sql"].keys())
    other = sum(pinned["sql"].get(name) != here["sql"].get(name) for name in names)
    found = f"version {here['version']}, {other} of {len(names)} SQL files differ"
    problem = f"the release is pinned to the engine of version {pinned['version']} and to its SQL"
    mend = "install that version, or ask the sponsor for a release of this one"
    raise TrustError(Fault((folder / RELEASE_FILE).as_posix(), "engine", found, problem, mend, "PE911"))


def _read_pinned(folder: Path) -> dict[str, Any]:
    path = folder / RELEASE_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    wanted = {"study": dict, "engine": dict, "analyses": dict, "registries": list, "files": dict}
    good = isinstance(content, dict) and content.get("format") == RELEASE_FORMAT
    if not good or not all(isinstance(content[k], t) if k in content else False for k, t in wanted.items()):
        found = "another content" if path.is_file() else "no file"
        mend = "name the folder or archive that pass-engine protocol release wrote"
        problem = f"a release of the format {RELEASE_FORMAT!r} is needed"
        raise TrustError(Fault(path.as_posix(), "", found, problem, mend, "PE910"))
    return dict(content)


def _file_faults(folder: Path, files: Mapping[str, str]) -> list[Fault]:
    own = {RELEASE_FILE, *(ATTESTATION + suffix for suffix in SUFFIXES)}
    there = set(_files(folder, folder)) - own
    faults = [_fault("PE909", folder / n, "no file", "the release names it") for n in sorted(files.keys() - there)]
    faults += [
        _fault("PE909", folder / n, "a file", "the release does not know it") for n in sorted(there - files.keys())
    ]
    return faults + [
        _fault("PE909", folder / n, "another digest", "this is not the file that was signed")
        for n in sorted(there & files.keys())
        if sha256_of(folder / n) != files[n]
    ]


def _files(part: Path, base: Path) -> Iterable[str]:
    return [p.relative_to(base).as_posix() for p in sorted(part.rglob("*")) if not p.is_dir()]


def _fault(code: str, where: Path, found: str, problem: str) -> Fault:
    return Fault(where.as_posix(), "", found, problem, AGAIN, code)
