"""The audit log of a node: one JSON line an act, each chained to the one before by its SHA-256. Nothing is taken back.

Beside the log stands ``NAME.head`` with the number and digest of its last line, and every signed document
carries both as they were on signing. A changed, moved or removed line breaks the chain; a cut tail differs
from the head or from a signed document that is younger. What cannot be found: lines cut, with the head
rewritten, after the last document that left the node. A head one line behind is that of a program that was killed
between the two, and is no fault: the next act sets it right.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import Fault, TrustError
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from io import FileIO
    from pathlib import Path

FILE_NAME = "audit.jsonl"
NOTHING = "0" * 64
"""What the first line is chained to."""
RESTORE = "find out who changed it, and take it back from a copy"


@dataclass(frozen=True)
class Head:
    """The end of a log: how many lines it has, and the digest of the last."""

    lines: int
    digest: str

    def as_json(self) -> dict[str, Any]:
        """For a signed document."""
        return {"lines": self.lines, "digest": self.digest}


def append_entry(log: Path, moment: dt.datetime, act: str, facts: Mapping[str, Any]) -> Head:
    """Write one act to a log that is whole, and give back its new end. Raises TrustError where the log is not whole.

    ``facts`` hold identifiers, digests and reasons; never a count, and nothing of a person.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab", buffering=0) as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        head = verify_log(log)
        entry = {
            **facts,
            "act": act,
            "at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "line": head.lines + 1,
            "previous": head.digest,
        }
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        head = Head(head.lines + 1, _digest(text))
        _append(out, text.encode(), {_head_file(log): f"{head.lines} {head.digest}\n"})
    return head


def _append(out: FileIO, line: bytes, head: Mapping[Path, str]) -> None:
    """The line and the head that goes with it; the log is as before where the disk does not take both."""
    before = out.seek(0, os.SEEK_END)
    try:
        if out.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - half a line is taken back below
        write_whole(head)
    except OSError:
        out.truncate(before)
        raise


def read_entries(log: Path) -> list[dict[str, Any]]:
    """Every entry of a log, in order; none where there is no log. Raises TrustError where it is not whole."""
    verify_log(log)
    return [json.loads(line) for line in _lines(log)]


def head_of(log: Path) -> Head:
    """The end of a log that is whole."""
    return verify_log(log)


def verify_log(log: Path, anchors: Iterable[tuple[str, Head]] = ()) -> Head:
    """Hold a log against its chain, its head and the heads that documents carry (what each is called, and its head).

    Raises TrustError with every line that does not follow from the one before, and with every head the log
    does not reach.
    """
    faults: list[Fault] = []
    digests = [NOTHING]
    for number, line in enumerate(_lines(log), start=1):
        if not _follows(line, number, digests[-1]):
            problem = "the line does not follow from the one before it"
            faults.append(_fault("PE922", f"{log.as_posix()}:{number}", "another content", problem, number))
        digests.append(_digest(line))
    head = Head(len(digests) - 1, digests[-1])
    stored = _stored_head(log)
    behind = Head(head.lines - 1, digests[-2]) if head.lines else None
    if stored not in (head, behind) and (stored is not None or head.lines > 1) and not faults:
        found = f"a log of {head.lines} lines"
        faults.append(_fault("PE923", log.as_posix(), found, f"{log.name}.head says another end"))
    for name, anchor in anchors:
        if anchor.lines >= len(digests) or digests[anchor.lines] != anchor.digest:
            problem = f"{name} was signed when line {anchor.lines} of the log was another, or was there"
            faults.append(_fault("PE923", log.as_posix(), f"a log of {head.lines} lines", problem))
    if faults:
        raise TrustError(*faults)
    return head


def _follows(line: str, number: int, previous: str) -> bool:
    try:
        entry = json.loads(line)
        again = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return bool(f"{again}\n" == line and entry["line"] == number and entry["previous"] == previous)
    except (ValueError, KeyError, TypeError):
        return False


def _lines(log: Path) -> list[str]:
    """Lines of the log with their ends."""
    if not log.is_file():
        return []
    text = log.read_bytes().decode("utf-8", "replace")
    return [f"{line}\n" for line in text.split("\n")[:-1]] + (
        [] if text.endswith("\n") or not text else [text.rsplit("\n", 1)[-1]]
    )


def _stored_head(log: Path) -> Head | None:
    file = _head_file(log)
    if not file.is_file():
        return None
    words = file.read_text(encoding="utf-8", errors="replace").split()
    if len(words) != 2 or not words[0].isdecimal():  # noqa: PLR2004 - number and digest
        return Head(0, "")
    return Head(int(words[0]), words[1])


def _head_file(log: Path) -> Path:
    return log.with_name(f"{log.name}.head")


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _fault(code: str, where: str, found: str, problem: str, line: int = 0) -> Fault:
    return Fault(where, "", found, problem, RESTORE, code, line)
