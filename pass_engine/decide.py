"""A registry's decision about one release: who takes part, in which analyses, until when; and whether it covers a day.

A decision is a signed document in the registry's ``decisions/``, numbered by the registry; the one with the
highest number counts. A decision of kind ``local`` is made by whoever runs a study over data that are all
theirs: unsigned, never written, and named as such wherever participation is told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import Fault, TrustError
from pass_engine.sign import DECISION, Statement, read_signed, write_signed
from pass_engine.terms import DECLINED_HERE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import pandas as pd

    from pass_engine.sign import TrustFile
    from pass_engine.sign.keys import PrivateKey

PARTICIPATE, DECLINE, WITHDRAW = "participate", "decline", "withdraw"
LOCAL, SIGNED = "local", "signed"
"""Kinds of decision."""
FOLDER = "decisions"
COUNTS = "counts"
"""The table in which every analysis that is not covered leaves its record, whether it had rows or not."""


@dataclass(frozen=True)
class Decision:
    """One decision. ``analyses`` are those it covers; ``valid_until`` is the last day on which it does.

    ``published_reason`` is empty where the registry does not let its reason be told. ``mask_key`` is the public key of
    a masked registry for the one round under this decision; ``masked_rounds`` are the digests of the rounds of this
    study for which it made a message before it decided, so that others can tell a round that it left without one.
    """

    registry: str
    kind: str
    answer: str
    protocol_digest: str
    release_digest: str = ""
    analyses: tuple[str, ...] = ()
    number: int = 0
    decided_on: dt.date = dt.date.min
    valid_until: dt.date | None = None
    reason: str = ""
    publish_reason: bool = False
    mask_key: str = ""
    masked_rounds: tuple[str, ...] = ()
    digest: str = ""
    where: str = ""
    audit_lines: int = 0
    audit_digest: str = ""

    @property
    def published_reason(self) -> str:
        """The reason as the report may print it."""
        return self.reason if self.publish_reason else ""


def local_decision(registry: str, protocol_digest: str, analyses: Iterable[str]) -> Decision:
    """The decision of whoever holds all the data: everything, unsigned."""
    return Decision(registry, LOCAL, PARTICIPATE, protocol_digest, analyses=tuple(analyses))


def write_decision(path: Path, decision: Decision, key: PrivateKey, audit_head: dict[str, Any]) -> str:
    """Sign a decision and write it with its two signatures; gives back its digest."""
    predicate = {
        "registry": decision.registry,
        "decision": decision.answer,
        "number": decision.number,
        "analyses": list(decision.analyses),
        "valid_until": decision.valid_until.isoformat() if decision.valid_until else None,
        "reason": decision.reason,
        "publish_reason": decision.publish_reason,
        "mask_key": decision.mask_key,
        "masked_rounds": list(decision.masked_rounds),
        "audit": audit_head,
    }
    subjects = {"protocol": decision.protocol_digest, "release.json": decision.release_digest}
    statement = Statement(DECISION, subjects, predicate)
    return write_signed(path, statement, decision.registry, key, decision.decided_on)


def read_decision(path: Path, trust: TrustFile, registry: str | None = None) -> Decision:
    """Read a signed decision of a registry. Raises TrustError: PE916 another content, and what the signature raises."""
    signature = read_signed(path, DECISION, trust, registry)
    said, subjects = signature.statement.predicate, signature.statement.subjects
    try:
        decision = Decision(
            registry=said["registry"],
            kind=SIGNED,
            answer=said["decision"],
            protocol_digest=subjects["protocol"],
            release_digest=subjects["release.json"],
            analyses=tuple(said["analyses"]),
            number=int(said["number"]),
            decided_on=signature.signed_on,
            valid_until=dt.date.fromisoformat(said["valid_until"]) if said["valid_until"] else None,
            reason=said["reason"],
            publish_reason=said["publish_reason"] is True,
            mask_key=str(said["mask_key"]),
            masked_rounds=tuple(said["masked_rounds"]),
            digest=signature.digest,
            where=path.as_posix(),
            audit_lines=int(said["audit"]["lines"]),
            audit_digest=said["audit"]["digest"],
        )
    except (KeyError, TypeError, ValueError):
        decision = None
    if (
        decision is None
        or decision.registry != signature.signer
        or decision.answer not in (PARTICIPATE, DECLINE, WITHDRAW)
    ):
        problem, mend = "this is no decision of the registry that signed it", "make it with pass-engine registry decide"
        raise TrustError(Fault(path.as_posix(), "", "another content", problem, mend, "PE916"))
    return decision


def read_decisions(folder: Path, trust: TrustFile, registry: str | None = None) -> tuple[Decision, ...]:
    """Every decision in a folder, by number; all must hold. Files that are no part of one are faults (PE916)."""
    if not folder.is_dir():
        return ()
    files = sorted(p for p in folder.iterdir() if p.suffix == ".json" and p.is_file())
    parts = {f"{f.name}{suffix}" for f in files for suffix in ("", ".dsse", ".sig")}
    strange = sorted(p.name for p in folder.iterdir() if p.name not in parts)
    if strange:
        problem, mend = "the folder holds decisions and nothing else", "move it elsewhere"
        raise TrustError(*(Fault((folder / n).as_posix(), "", "a file", problem, mend, "PE916") for n in strange))
    return tuple(sorted((read_decision(f, trust, registry) for f in files), key=lambda d: (d.registry, d.number)))


def newest(decisions: Iterable[Decision], registry: str, release_digest: str) -> Decision | None:
    """The decision of a registry that counts for a release."""
    mine = [d for d in decisions if d.registry == registry and d.release_digest == release_digest]
    return max(mine, key=lambda d: d.number, default=None)


def check_covers(
    decision: Decision | None, registry: str, release_digest: str, protocol_digest: str, day: dt.date
) -> Decision:
    """A decision that lets this registry take part in this release on this day, or a TrustError that says why not."""
    mend = "decide with pass-engine registry decide"
    if decision is None:
        problem = f"there is no decision of this registry about the release {release_digest[:12]}…"
        raise TrustError(Fault(registry, FOLDER, "no decision", problem, mend, "PE913"))
    fault = None
    if (decision.registry, decision.release_digest, decision.protocol_digest) != (
        registry,
        release_digest,
        protocol_digest,
    ):
        problem = "the decision is one of another registry or about another release"
        fault = (f"{decision.registry}, {decision.release_digest[:12]}…", problem, "PE913")
    elif decision.answer != PARTICIPATE:
        word = {DECLINE: "declined", WITHDRAW: "withdrew"}[decision.answer]
        fault = (f"{decision.answer}, decision {decision.number}", f"the registry {word}", "PE914")
    elif not decision.decided_on <= day <= (decision.valid_until or dt.date.max):
        until = f" to {decision.valid_until}" if decision.valid_until else ""
        problem = f"the decision is valid from {decision.decided_on}{until}"
        fault = (f"the day {day}", problem, "PE915")
    if fault:
        found, problem, code = fault
        raise TrustError(Fault(decision.where or registry, "", found, problem, mend, code))
    return decision


def keep_to(
    tables: dict[str, pd.DataFrame], decision: Decision, analyses: Collection[str]
) -> tuple[dict[str, pd.DataFrame], tuple[dict[str, str], ...]]:
    """Tables without the rows of analyses that the decision does not cover, and a record of each left out."""
    declined = [a for a in analyses if a not in decision.analyses]
    kept, withheld = {}, []
    for name, frame in tables.items():
        if "analysis" not in frame.columns or not declined:
            kept[name] = frame
            continue
        rows = frame["analysis"].isin(declined)
        there = set(frame.loc[rows, "analysis"])
        withheld += [
            {"table": name, "analysis": a, "cohort": "", "reason": DECLINED_HERE}
            for a in declined
            if a in there or name == COUNTS
        ]
        kept[name] = frame[~rows].reset_index(drop=True)
    return kept, tuple(withheld)
