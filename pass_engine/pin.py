"""The lock of a protocol: what a study was pinned to before any data were seen.

``protocol.lock`` stands beside ``protocol.yaml`` and is canonical JSON: digests of the protocol as a whole and by
section, of its prose, code lists, substances, weights and reference rates, of dictionaries; the engine with every SQL
file, template and font, the packages installed with it, and its settings. Nothing of a machine or a day is in it, so
that equal content is equal bytes. The lock does not change after the pin: what data a run had stands in the run.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle import digest_file, write_json
from pass_engine.errors import Fault, PinError
from pass_engine.protocol import digests_of
from pass_engine.protocol.worked import case_files
from pass_engine.resources import find_folder
from pass_engine.settings import all_settings
from pass_engine.sqltext import COUNTING, files_between
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol

LOCK_FORMAT = "pass_engine lock 1"
LOCK_FILE = "protocol.lock"
FONTS = "font-source-sans-pro"
DECIDES = ("version", "sql", "settings")
"""Parts of the engine that decide how persons are counted: a run under others is refused."""
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Pinned:
    """What a pin left: the lock's content, and whether it was there already."""

    lock: Mapping[str, Any]
    unchanged: bool


@cache
def engine_parts() -> dict[str, Any]:
    """Version, SQL, settings, templates, fonts and packages of this installation, by digest or version."""
    templates = find_folder("report_templates")
    return {
        "version": __version__,
        "sql": {sql.name: sql.digest for sql in files_between(*COUNTING)},
        "settings": all_settings(),
        "templates": {p.name: digest_file(p) for p in sorted(templates.iterdir()) if p.is_file()},
        "fonts": _fonts(),
        "packages": installed_packages(),
    }


def _fonts() -> dict[str, str]:
    """Digests of the font files the report may embed."""
    distribution = metadata.distribution(FONTS)
    files = [f for f in distribution.files or () if f.name.endswith((".ttf", ".otf"))]
    return {f.name: hashlib.sha256(f.read_binary()).hexdigest() for f in sorted(files, key=lambda f: f.name)}


def installed_packages(root: str = "pass_engine") -> dict[str, str]:
    """Version of every package that the engine needs, and of those they need, as installed; extras aside."""
    found: dict[str, str] = {}
    left = _needs(root)
    while left:
        name = left.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            found[key] = metadata.version(name)
        except metadata.PackageNotFoundError:  # one for another system or an older Python
            continue
        left += _needs(name)
    return dict(sorted(found.items()))


def _needs(package: str) -> list[str]:
    try:
        needed = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []
    names = (re.match(r"[A-Za-z0-9._-]+", text) for text in needed if "extra ==" not in text)
    return [match.group() for match in names if match]


def lock_of(protocol: Protocol, dictionaries: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, Any]:
    """The lock of a protocol on this installation, without a history. ``dictionaries``: name to version and digest."""
    study = protocol.study.study
    return {
        "format": LOCK_FORMAT,
        "study": {"id": study.id, "version": study.version, "digest": protocol.digest},
        **digests_of(protocol),
        "cases": {file.name: digest_file(file) for file in case_files(protocol.folder)},
        "amendments": [a.number for a in study.amendments],
        "dictionaries": {name: dict(facts) for name, facts in sorted((dictionaries or {}).items())},
        "engine": engine_parts(),
        "history": [],
    }


def pin_protocol(
    protocol: Protocol, dictionaries: Mapping[str, Mapping[str, str]] | None = None, *, to_this_engine: bool = False
) -> Pinned:
    """Write ``protocol.lock`` beside a protocol, once; later only for an amended protocol, or another engine.

    Raises PinError: PE711 an edit without an amendment, PE712 another engine without ``to_this_engine``, PE713 a lock
    that cannot be read or written, PE714 other dictionaries or worked cases.
    """
    file = protocol.folder / LOCK_FILE
    new, old = lock_of(protocol, dictionaries), read_lock(file)
    if old is not None:
        if dictionaries is None:
            new["dictionaries"] = old["dictionaries"]
        if {**old, "history": []} == new:
            return Pinned(old, unchanged=True)
        if old["study"]["digest"] != new["study"]["digest"]:
            _check_amended(file, old, new)
        elif not to_this_engine:
            raise PinError(_other_lock(file, old, new))
        new["history"] = [*old["history"], {**old["study"], "lock": digest_file(file)}]
    half = file.with_name(f".{LOCK_FILE}.part")
    try:
        write_json(half, new)
        half.replace(file)
    except OSError as error:
        half.unlink(missing_ok=True)
        found = (error.strerror or "an error of the system").lower()
        raise PinError(
            _fault(file, "", found, "the lock cannot be written", "check rights and space", "PE713")
        ) from error
    return Pinned(new, unchanged=False)


def read_lock(file: Path) -> dict[str, Any] | None:
    """The content of a lock; None where there is none. Raises PinError (PE713) where it is something else."""
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    wanted = {"study": dict, "engine": dict, "parts": dict, "files": dict, "history": list, "amendments": list,
              "dictionaries": dict}  # fmt: skip
    good = isinstance(content, dict) and content.get("format") == LOCK_FORMAT
    if not good or not all(isinstance(content.get(key), kind) for key, kind in wanted.items()):
        problem = f"a lock of the format {LOCK_FORMAT!r} is needed"
        mend = "take it back from a copy; the lock is written by pass-engine pin alone"
        raise PinError(_fault(file, "", "another content", problem, mend, "PE713"))
    return dict(content)


def hold_to_lock(protocol: Protocol) -> tuple[str, ...]:
    """Hold a protocol that is about to run against its lock; nothing to hold where it was never pinned.

    Gives back, in words, what differs and does not decide how persons are counted. Raises PinError: PE710 the protocol
    was edited since, PE712 another engine, SQL or setting.
    """
    file = protocol.folder / LOCK_FILE
    lock = read_lock(file)
    if lock is None:
        return ()
    changed = changed_parts(lock, lock_of(protocol))
    if changed:
        problem = f"the protocol was edited since version {lock['study']['version']} was pinned"
        mend = (
            "undo the edit, or add a line to study.amendments, raise study.version, and pin it again: pass-engine pin"
        )
        raise PinError(_fault(file, "study.digest", ", ".join(changed), problem, mend, "PE710"))
    differing = changes_of_engine(lock["engine"], engine_parts())
    deciding = {part: names for part, names in differing.items() if part in DECIDES}
    if deciding:
        raise PinError(_other_engine(file, deciding))
    if lock.get("cases") != lock_of(protocol)["cases"]:
        differing["worked cases"] = ["a file was changed, added or taken out"]
    return tuple(f"Not as pinned, {part}: {'; '.join(names)}" for part, names in differing.items())


def dictionaries_not_pinned(protocol: Protocol, used: Mapping[str, Mapping[str, Mapping[str, str]]]) -> tuple[str, ...]:
    """Registries that coded with another dictionary than the lock names; ``used``: registry to what its bundle tells.

    Dictionaries are compared by the digest of their files, and named by version. Nothing where the lock names none.
    """
    lock = read_lock(protocol.folder / LOCK_FILE)
    pinned = {facts["digest"]: facts for facts in (lock["dictionaries"] if lock else {}).values()}
    versions = ", ".join(sorted(facts["version"] or "without a version" for facts in pinned.values()))
    return tuple(
        f"Not as pinned, dictionary of {registry}: {name} {facts['version'] or 'without a version'}, pinned {versions}"
        for registry, own in used.items()
        for name, facts in own.items()
        if pinned and facts.get("digest") not in pinned
    )


def changed_parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Sections and files of a protocol that differ between two locks."""
    if old["study"]["digest"] == new["study"]["digest"]:
        return []
    found = [
        name
        for key in ("parts", "files")
        for name in sorted(old[key].keys() | new[key].keys())
        if old[key].get(name) != new[key].get(name)
    ]
    return found or ["the digest alone"]


def changes_of_engine(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """Part of the engine to what differs in it, in words; versions and settings with both values."""
    found: dict[str, list[str]] = {}
    if old.get("version") != new.get("version"):
        found["version"] = [f"{old.get('version')} then, {new.get('version')} now"]
    for part in ("sql", "settings", "templates", "fonts", "packages"):
        then, now = old.get(part) or {}, new.get(part) or {}
        names = [name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name)]
        if names:
            told = [_told(name, then.get(name), now.get(name), part) for name in names[:NAMES_SHOWN]]
            found[part] = told + ([f"and {len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else [])
    return found


def _told(name: str, then: str | None, now: str | None, part: str) -> str:
    if part in ("settings", "packages"):
        return f"{name} {then or 'absent'} then, {now or 'absent'} now"
    return f"{name} {'is new' if then is None else 'is gone' if now is None else 'is another'}"


def _check_amended(file: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """An edit needs a new line in study.amendments and another version."""
    missing = [] if set(new["amendments"]) - set(old["amendments"]) else ["no new line in study.amendments"]
    if new["study"]["version"] == old["study"]["version"]:
        missing.append(f"version {new['study']['version']} as before")
    if missing:
        problem = f"{', '.join(changed_parts(old, new))} changed since the pin, and an edit needs an amendment"
        mend = "add a line to study.amendments that says what changed and why, and raise study.version"
        raise PinError(_fault(file, "study.amendments", " and ".join(missing), problem, mend, "PE711"))


def _other_lock(file: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Fault:
    """Why an unchanged protocol is not pinned anew: another engine, or other dictionaries or worked cases beside it."""
    differing = changes_of_engine(old["engine"], new["engine"])
    if differing:
        return _other_engine(file, differing)
    beside = {"dictionaries": "dictionaries", "cases": "worked cases"}
    found = [word for key, word in beside.items() if old.get(key) != new.get(key)]
    problem = "the protocol is pinned with others, and a lock does not change after the pin"
    mend = "go back to those, or pin the unchanged protocol anew: pass-engine pin PROTOCOL --to-this-engine"
    return _fault(file, ", ".join(found), f"other {' and '.join(found)}", problem, mend, "PE714")


def _other_engine(file: Path, differing: Mapping[str, list[str]]) -> Fault:
    found = "; ".join(f"{part}: {', '.join(names)}" for part, names in differing.items())
    problem = "the protocol is pinned to another engine than the one installed here"
    mend = "install that one, or pin the protocol to this one: pass-engine pin PROTOCOL --to-this-engine"
    return _fault(file, "engine", found, problem, mend, "PE712")


def _fault(file: Path, path: str, found: str, problem: str, mend: str, code: str) -> Fault:
    return Fault(shown_name(file), path, found, problem, mend, code)
