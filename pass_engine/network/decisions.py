"""A registry decides about a release, signs its decision, and keeps it in ``decisions/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.decide import FOLDER, PARTICIPATE, SIGNED, Decision, read_decisions, write_decision
from pass_engine.errors import Fault, TrustError
from pass_engine.mask import make_mask_key
from pass_engine.network import clock
from pass_engine.network.logs import head_json, log_of, note
from pass_engine.network.mask_keys import is_masked, keep_mask_key, masked_rounds
from pass_engine.network.places import opened
from pass_engine.registry import load_registry
from pass_engine.release import read_release
from pass_engine.sign import load_key, load_trust

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry
    from pass_engine.release import ReleaseFacts


@dataclass(frozen=True)
class Asked:
    """What a registry's keeper answers: an answer, and what goes with it. No analyses: all that its policy allows."""

    answer: str
    analyses: tuple[str, ...] = ()
    valid_until: dt.date | None = None
    reason: str = ""
    publish_reason: bool = False


def decide_participation(
    release_path: Path, registry_path: Path, asked: Asked, *, trust_file: Path, key_file: Path, passphrase: str
) -> Path:
    """Write a signed decision of the registry about a release; gives back its place.

    Raises TrustError where the release does not hold, does not invite the registry or has no such analysis,
    and where the registry's own policy does not let an analysis leave.
    """
    trust, key = load_trust(trust_file), load_key(key_file, passphrase)
    registry = registry_in(registry_path)
    with opened(release_path) as folder:
        release = read_release(folder, trust)
    name, facts = registry.registry.registry.id, release.facts
    check_invited(registry, release.pinned["registries"], release_path)
    analyses = _analyses(registry, facts, asked) if asked.answer == PARTICIPATE else ()
    place = registry.folder / FOLDER
    earlier = read_decisions(place, trust, name)
    log = log_of(registry.folder)
    mask_key = make_mask_key() if asked.answer == PARTICIPATE and is_masked(registry) else None
    decision = Decision(
        registry=name,
        kind=SIGNED,
        answer=asked.answer,
        protocol_digest=facts.protocol_digest,
        release_digest=facts.digest,
        analyses=analyses,
        number=max((d.number for d in earlier), default=0) + 1,
        decided_on=clock.today(),
        valid_until=asked.valid_until,
        reason=asked.reason,
        publish_reason=asked.publish_reason,
        mask_key=mask_key.public if mask_key else "",
        masked_rounds=masked_rounds(log, facts.study),
    )
    head = head_json(log)
    place.mkdir(exist_ok=True)
    path = place / f"{decision.number:04d}-{facts.study}-{asked.answer}.json"
    digest = write_decision(path, decision, key, head)
    # The signature must hold by the network's trust file before anyone relies on it.
    try:
        read_decisions(place, trust, name)
    except TrustError:
        for suffix in ("", ".dsse", ".sig"):
            path.with_name(path.name + suffix).unlink()
        raise
    keep_mask_key(registry.folder, facts.digest, digest, mask_key)
    note(log, "decision", registry=name, release=facts.digest, protocol=facts.protocol_digest, decision=asked.answer,
         number=decision.number, decision_digest=digest, analyses=list(analyses))  # fmt: skip
    return path


def registry_in(path: Path) -> LoadedRegistry:
    """The registry of a folder, or of its registry.yaml."""
    return load_registry(path.parent if path.name == "registry.yaml" else path)


def check_invited(registry: LoadedRegistry, invited: list[str], release: Path) -> None:
    """A registry that the protocol does not invite has nothing to decide or to send."""
    name = registry.registry.registry.id
    if name not in invited:
        problem, mend = "the release does not invite this registry", f"it invites {', '.join(invited)}"
        raise TrustError(Fault(release.as_posix(), "data.registries", name, problem, mend, "PE912"))


def _analyses(registry: LoadedRegistry, facts: ReleaseFacts, asked: Asked) -> tuple[str, ...]:
    """The analyses a decision covers; each must be in the release and be of a kind the registry's policy lets leave."""
    allowed = {a for a, kind in facts.analyses.items() if kind in registry.registry.policy.allow}
    if not asked.analyses:
        return tuple(a for a in facts.analyses if a in allowed)
    where, faults = registry.registry.registry.id, []
    for analysis in asked.analyses:
        if analysis not in facts.analyses:
            problem, mend = "the release has no such analysis", f"name some of {', '.join(facts.analyses)}"
            faults.append(Fault(where, "--analyses", analysis, problem, mend, "PE917"))
        elif analysis not in allowed:
            problem = f"the registry's own policy does not allow {facts.analyses[analysis]}"
            mend = "leave it out, or change policy.allow in registry.yaml first"
            faults.append(Fault(where, "--analyses", analysis, problem, mend, "PE917"))
    if faults:
        raise TrustError(*faults)
    return tuple(a for a in facts.analyses if a in asked.analyses)
