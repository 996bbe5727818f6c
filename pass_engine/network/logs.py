"""The audit log of a node, and what it is held against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pass_engine.audit import FILE_NAME, Head, append_entry, head_of, read_entries, verify_log
from pass_engine.errors import Fault, TrustError
from pass_engine.network import clock
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pass_engine.decide import Decision


def log_of(registry_folder: Path) -> Path:
    """The audit log of a registry stands beside its registry.yaml."""
    return registry_folder / FILE_NAME


def note(log: Path, act: str, **facts: Any) -> Head:
    """Add an act to a node's log."""
    return append_entry(log, clock.now(), act, facts)


def head_json(log: Path) -> dict[str, Any]:
    """The end of a log, for the document that is about to be signed."""
    return head_of(log).as_json()


def verify_audit(log: Path, documents: Iterable[Path]) -> Head:
    """Hold a log against its own chain and against the heads in signed documents of this node.

    Raises TrustError where there is no log, where it was edited, and where it no longer reaches a document's head.
    """
    if not log.is_file():
        problem, mend = "there is no audit log here", f"name the {FILE_NAME} of a node"
        raise TrustError(Fault(shown_name(log), "", "no file", problem, mend, "PE922"))
    return verify_log(log, [(shown_name(path), _anchor(path)) for path in documents])


def _anchor(path: Path) -> Head:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))["predicate"]["audit"]
        return Head(int(head["lines"]), str(head["digest"]))
    except (OSError, ValueError, KeyError, TypeError):
        problem, mend = "the document does not say how far the log went", "name a decision or an attestation, its .json"
        raise TrustError(Fault(shown_name(path), "--against", "another content", problem, mend, "PE923")) from None


def check_decisions_logged(log: Path, release_digest: str, decisions: Iterable[Decision]) -> None:
    """Is the last decision that the log knows of a release still there? A decision taken away is found here."""
    logged = [e for e in read_entries(log) if e["act"] == "decision" and e.get("release") == release_digest]
    if logged and logged[-1].get("decision_digest") not in {d.digest for d in decisions}:
        found = f"no decision {logged[-1]['number']}"
        problem = "the audit log has a decision about this release that is not in the folder any more"
        mend = "take it back from a copy, or decide anew"
        raise TrustError(Fault("decisions", "", found, problem, mend, "PE916"))
