"""A registry's answer to a release: run it under a decision, let a person review the bundle, and sign it.

A bundle that is on its way has beside its files those of its approval: ``decision.json`` (the decision that
covers it) and
``attestation.json`` (the registry's signature over its manifest), each with ``.dsse`` and ``.sig``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pass_engine.answer import answer_protocol
from pass_engine.audit import read_entries
from pass_engine.bundle import MANIFEST, digest_file, read_bundle, write_bundle
from pass_engine.decide import FOLDER, check_covers, newest, read_decisions
from pass_engine.errors import Fault, TrustError
from pass_engine.network import clock
from pass_engine.network.decisions import check_invited, registry_in
from pass_engine.network.logs import check_decisions_logged, head_json, log_of, note
from pass_engine.network.places import new_folder, opened, pack
from pass_engine.network.released import keep_released, released_before
from pass_engine.network.rounds import RoundPlace, answer_round, check_way, write_answer
from pass_engine.network.show import show_bundle
from pass_engine.partitions import AUTO
from pass_engine.release import read_release
from pass_engine.rounds import MESSAGE, ROUND
from pass_engine.sign import BUNDLE, SUFFIXES, Statement, check_trusted, load_key, load_trust, write_signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pass_engine.budget import Budget
    from pass_engine.decide import Decision
    from pass_engine.registry import LoadedRegistry
    from pass_engine.sign import TrustFile
    from pass_engine.sign.keys import PrivateKey

ATTESTATION, DECISION = "attestation.json", "decision.json"
APPROVAL = frozenset({*(name + suffix for name in (ATTESTATION, DECISION) for suffix in SUFFIXES), MESSAGE, ROUND})
"""Files beside a bundle's own: its approval, and of a masked registry its message and the round it is for."""


@dataclass(frozen=True)
class Node:
    """A registry with its own log and decisions, and the trust file it goes by."""

    registry: LoadedRegistry
    trust: TrustFile

    @classmethod
    def open(cls, registry_path: Path, trust_file: Path) -> Node:
        """The node of a registry's folder."""
        return cls(registry_in(registry_path), load_trust(trust_file))

    @property
    def name(self) -> str:
        """The registry's id."""
        return self.registry.registry.registry.id

    @property
    def log(self) -> Path:
        """Its audit log."""
        return log_of(self.registry.folder)

    def decision_about(self, release_digest: str, protocol_digest: str) -> Decision:
        """The decision that lets it take part today, or a TrustError."""
        decisions = read_decisions(self.registry.folder / FOLDER, self.trust, self.name)
        check_decisions_logged(self.log, release_digest, decisions)
        decision = newest(decisions, self.name, release_digest)
        return check_covers(decision, self.name, release_digest, protocol_digest, clock.today())


def run_release(  # noqa: PLR0913 - what is asked, and what may be used for it
    release_path: Path,
    registry_path: Path,
    out: Path,
    *,
    trust_file: Path,
    threads: int = 2,
    parts: int = AUTO,
    budget: Budget | None = None,
    on_step: Callable[[str], None] = lambda _: None,
) -> Decision:
    """Run a release at a registry under its decision, and write the bundle into the new folder ``out``.

    Threads, parts and budget change nothing but time and memory.
    Raises TrustError where the release or the decision does not hold; what counting raises is noted and goes on.
    """
    node = Node.open(registry_path, trust_file)
    with opened(release_path) as folder, new_folder(out) as work:
        release = read_release(folder, node.trust)
        check_invited(node.registry, release.pinned["registries"], release_path)
        facts = release.facts
        decision = node.decision_about(facts.digest, facts.protocol_digest)
        earlier = released_before(node.registry, node.log, release.protocol.study.study.id)
        answer_protocol(
            node.registry,
            release.protocol,
            decision,
            work,
            threads=threads,
            parts=parts,
            budget=budget,
            earlier=earlier,
            on_step=on_step,
        )
        _copy_decision(decision, work)
        bundle = digest_file(work / MANIFEST)
        note(node.log, "run", registry=node.name, release=facts.digest, protocol=facts.protocol_digest,
             decision_digest=decision.digest, bundle=bundle)  # fmt: skip
    return decision


def review_bundle(bundle_path: Path, registry_path: Path) -> Iterator[str]:
    """Lines that show all of a bundle: every table, and what was withheld and why. The review is noted at the end."""
    registry = registry_in(registry_path)
    content = read_bundle(bundle_path, beside=APPROVAL)
    _check_own(bundle_path, content.registry_id, registry)
    yield from show_bundle(content)
    digest = digest_file(bundle_path / MANIFEST)
    note(log_of(registry.folder), "review", registry=content.registry_id, bundle=digest)


@dataclass(frozen=True)
class Masking:
    """What masks are made with: a round, and the release whose protocol says which cells there are."""

    round_path: Path
    release_path: Path


def approve_bundle(
    bundle_path: Path,
    registry_path: Path,
    *,
    trust_file: Path,
    key_file: Path,
    passphrase: str,
    masking: Masking | None = None,
) -> Path:
    """Sign a reviewed bundle under the decision that still covers it; gives back the archive to send.

    A masked registry's bundle is masked for a round, into the new folder ``BUNDLE-masked``, and that is signed. Raises
    BundleError where the bundle does not hold, TrustError where it was not run or reviewed as it stands, where the
    decision no longer covers it, where the key is not one of the trust file, or where its counts leave another way.
    """
    node, key = Node.open(registry_path, trust_file), load_key(key_file, passphrase)
    content = read_bundle(bundle_path, beside=APPROVAL)
    _check_own(bundle_path, content.registry_id, node.registry)
    digest = digest_file(bundle_path / MANIFEST)
    entries = read_entries(node.log)
    run = next((e for e in reversed(entries) if e["act"] == "run" and e["bundle"] == digest), None)
    reviewed = any(e["act"] == "review" and e["bundle"] == digest for e in entries)
    if run is None or not reviewed:
        raise TrustError(_not_ready(bundle_path, made_here=run is not None))
    decision = node.decision_about(run["release"], content.protocol["digest"])
    if decision.digest != run["decision_digest"]:
        problem, mend = "the registry has decided anew since this bundle was made", "run the release again"
        raise TrustError(Fault(bundle_path.as_posix(), "", f"decision {decision.number}", problem, mend, "PE920"))
    check_trusted(key, node.trust, BUNDLE, node.name, clock.today(), key_file)
    check_way(content, bundle_path, in_round=masking is not None)
    keep_released(content, bundle_path, node.registry, node.log, run["line"])
    if masking is None:
        _sign(node, key, bundle_path, decision, {MANIFEST: digest})
        return pack(bundle_path)
    with opened(masking.release_path) as folder:
        release = read_release(folder, node.trust)
    out = bundle_path.with_name(f"{bundle_path.name}-masked")
    with new_folder(out) as work:
        place = RoundPlace(masking.round_path, node.registry.folder, node.log)
        masked, message, asked = answer_round(content, release.protocol, decision, place, node.trust)
        write_bundle(work, masked)
        write_answer(work, message, asked)
        _sign(node, key, work, decision, {name: digest_file(work / name) for name in (MANIFEST, MESSAGE, ROUND)})
    return pack(out)


def _sign(node: Node, key: PrivateKey, folder: Path, decision: Decision, subjects: dict[str, str]) -> None:
    """The registry's signature over a bundle's manifest, and over its message of a round; and a line in the log."""
    release = decision.release_digest
    number = sum(e["act"] == "approval" and e["release"] == release for e in read_entries(node.log)) + 1
    predicate = {
        "registry": node.name,
        "release": release,
        "protocol": decision.protocol_digest,
        "decision": decision.digest,
        "number": number,
        "audit": head_json(node.log),
    }
    _copy_decision(decision, folder)
    write_signed(folder / ATTESTATION, Statement(BUNDLE, subjects, predicate), node.name, key, clock.today())
    note(node.log, "approval", registry=node.name, release=release, bundle=subjects[MANIFEST], number=number)


def _not_ready(bundle_path: Path, *, made_here: bool) -> Fault:
    what = "reviewed" if made_here else "made here by pass-engine site run"
    problem = f"the audit log does not say that this bundle was {what}, as it stands"
    mend = "look at it with pass-engine site review" if made_here else "run the release again"
    found = "no review" if made_here else "another bundle"
    return Fault((bundle_path / MANIFEST).as_posix(), "", found, problem, mend, "PE920")


def _check_own(bundle_path: Path, found: str, registry: LoadedRegistry) -> None:
    name = registry.registry.registry.id
    if found != name:
        problem, mend = f"this is not a bundle of {name}", "a registry reviews and approves its own bundles only"
        raise TrustError(Fault((bundle_path / "registry.json").as_posix(), "id", found, problem, mend, "PE921"))


def _copy_decision(decision: Decision, folder: Path) -> None:
    for suffix in SUFFIXES:
        shutil.copyfile(Path(decision.where + suffix), folder / (DECISION + suffix))
