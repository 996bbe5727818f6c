"""The network's trust file: whose key may sign what, from when and until when.

It is written in OpenSSH's own ``allowed_signers`` format (ssh-keygen(1), ALLOWED SIGNERS), so that the engine and
``ssh-keygen -Y verify -f`` read one and the same file::

    cz namespaces="pass_engine-decision,pass_engine-bundle",valid-after="20260101" ssh-ed25519 AAAA…

A key counts from ``valid-after`` to the day before ``valid-before``, held against the day a signature says it was
made. A new key is a new line; a revoked one gets a ``valid-before``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, TrustError
from pass_engine.sign.keys import is_blob
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RELEASE, DECISION, BUNDLE = "pass_engine-release", "pass_engine-decision", "pass_engine-bundle"
"""Namespaces: what a signature is for. A signature of one kind never counts as another."""
ROLES = {"sponsor": (RELEASE,), "registry": (DECISION, BUNDLE)}
"""Who signs what."""
LINE = re.compile(
    r'^(?P<name>[a-z][a-z0-9_\-]*) (?:(?P<options>(?:[^ "]|"[^"]*")+) )?ssh-ed25519 (?P<blob>[A-Za-z0-9+/=]+)'
)
OPTION = re.compile(r'([a-z\-]+)="([^"]*)"(?:,|$)')
KNOWN = {"namespaces", "valid-after", "valid-before"}
NAME = re.compile(r"^[a-z][a-z0-9_\-]*$")


@dataclass(frozen=True)
class Entry:
    """One line: a name, a key, what it may sign, its first day and the day from which it no longer counts."""

    name: str
    key: str
    namespaces: tuple[str, ...]
    valid_after: dt.date | None = None
    valid_before: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Does the key count for a signature made on this day?"""
        begun = self.valid_after is None or day >= self.valid_after
        return begun and (self.valid_before is None or day < self.valid_before)

    def line(self) -> str:
        """The line of the file."""
        options = [f'namespaces="{",".join(self.namespaces)}"']
        options += [f'valid-after="{self.valid_after:%Y%m%d}"'] if self.valid_after else []
        options += [f'valid-before="{self.valid_before:%Y%m%d}"'] if self.valid_before else []
        return f"{self.name} {','.join(options)} {self.key}"


@dataclass(frozen=True)
class TrustFile:
    """The entries of a trust file."""

    path: Path
    entries: tuple[Entry, ...]

    def find(self, key: str, namespace: str) -> tuple[Entry, ...]:
        """Entries of a key (``ssh-ed25519 AAAA…``) that may sign in a namespace."""
        return tuple(e for e in self.entries if e.key == key and namespace in e.namespaces)


def load_trust(path: Path) -> TrustFile:
    """Read a trust file; raises TrustError with every line that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        found = (error.strerror or "an error of the system").lower() if isinstance(error, OSError) else "no text"
        problem, mend = "the trust file cannot be opened", "name it with --trust; pass-engine keys trust makes one"
        raise TrustError(Fault(path.as_posix(), "", found, problem, mend, "PE904")) from error
    entries, faults = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = _read_line(line)
        if entry is None:
            where, problem = f"{path.as_posix()}:{number}", "a line holds a name, its options and an Ed25519 key"
            mend = "write it with pass-engine keys trust"
            faults.append(Fault(where, "", "another content", problem, mend, "PE904", number))
        else:
            entries.append(entry)
    if faults:
        raise TrustError(*faults)
    return TrustFile(path, tuple(entries))


def trust_key(path: Path, name: str, role: str, key: str, since: dt.date) -> Entry:
    """Add a key to a trust file, which is made if it is not there."""
    if not NAME.match(name):
        problem, mend = (
            "a name in the trust file is a registry's id, or one like it",
            "use small letters, digits, - and _",
        )
        raise TrustError(Fault(path.as_posix(), "--as", name, problem, mend, "PE904"))
    there = load_trust(path).entries if path.exists() else ()
    if any(e.key == key for e in there):
        problem, mend = "the trust file has this key already", "make a new key for another name or role"
        raise TrustError(Fault(path.as_posix(), "", f"a line of {name}", problem, mend, "PE904"))
    entry = Entry(name, key, ROLES[role], since)
    _write(path, (*there, entry))
    return entry


def revoke_key(path: Path, key: str, since: dt.date) -> Entry:
    """Let a key no longer count for signatures made on or after a day."""
    there = load_trust(path).entries
    found = next((e for e in there if e.key == key), None)
    if found is None:
        problem, mend = "the trust file does not have this key", "name the .pub file of a key that it has"
        raise TrustError(Fault(path.as_posix(), "", "no line", problem, mend, "PE904"))
    earliest = min(since, found.valid_before or since)
    revoked = replace(found, valid_before=earliest)
    _write(path, [revoked if e is found else e for e in there])
    return revoked


def _write(path: Path, entries: Iterable[Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole({path: "".join(f"{e.line()}\n" for e in entries)})


def _read_line(line: str) -> Entry | None:
    match = LINE.match(line)
    if match is None or not is_blob(match["blob"]):
        return None
    text = match["options"] or ""
    options = dict(OPTION.findall(text))
    if OPTION.sub("", text) or not options.keys() <= KNOWN or "namespaces" not in options:
        return None
    try:
        days = {name: _day(options[name]) for name in ("valid-after", "valid-before") if name in options}
    except ValueError:
        return None
    namespaces = tuple(options["namespaces"].split(","))
    key = f"ssh-ed25519 {match['blob']}"
    return Entry(match["name"], key, namespaces, days.get("valid-after"), days.get("valid-before"))


def _day(text: str) -> dt.date:
    """``20260131``: whole days alone, so that both readers of the file agree."""
    if len(text) != 8 or not text.isdigit():  # noqa: PLR2004 - YYYYMMDD
        raise ValueError(text)
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
