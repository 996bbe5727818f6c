"""The centre's part: everything that arrived is verified, then pooled by the same functions as a run on one machine."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.audit import read_entries
from pass_engine.bundle import MANIFEST, bundle_files, digest_file, read_bundle, write_bundle
from pass_engine.decide import PARTICIPATE, check_covers, newest, read_decision, read_decisions
from pass_engine.errors import Fault, TrustError
from pass_engine.estimate import read_results
from pass_engine.network.answers import APPROVAL, ATTESTATION, DECISION
from pass_engine.network.logs import note
from pass_engine.network.places import opened
from pass_engine.release import copy_protocol, read_release
from pass_engine.rounds import MESSAGE, ROUND, check_sets, check_whole, read_round, sum_round
from pass_engine.run.folder import APPROVALS, run_folder
from pass_engine.run.pooling import BUNDLES, Progress, pool_run
from pass_engine.sign import BUNDLE, load_trust, read_signed
from pass_engine.terms import MASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pass_engine.bundle import BundleContent
    from pass_engine.decide import Decision
    from pass_engine.release import LoadedRelease
    from pass_engine.sign import TrustFile


@dataclass(frozen=True)
class Arrived:
    """A bundle whose signatures hold: where it lies now, whose it is, its decision, its number and its digest."""

    folder: Path
    content: BundleContent
    registry: str
    decision: Decision
    number: int
    digest: str


@dataclass(frozen=True)
class PooledRelease:
    """What a pool left: each invited registry's status, and what the registries held back."""

    statuses: dict[str, str]
    contents: dict[str, BundleContent]


@dataclass(frozen=True)
class Centre:
    """The centre's own files: the network's trust file, its audit log, and runs it published before.

    What would tell of few persons beside those is withheld.
    """

    trust_file: Path
    log: Path
    published: tuple[Path, ...] = ()


def pool_release(
    release_path: Path,
    bundle_paths: Sequence[Path],
    out: Path,
    centre: Centre,
    *,
    decision_paths: Sequence[Path] = (),
    with_report: bool = True,
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> PooledRelease:
    """Verify a release and the bundles that answer it, and make the run folder ``out`` (an earlier one is replaced).

    ``decision_paths``: decisions without a bundle (declined, withdrawn), as files or folders of them. Raises
    TrustError or BundleError with what does not hold; then nothing is pooled.
    """
    trust, before = load_trust(centre.trust_file), [read_results(path) for path in centre.published]
    with ExitStack() as stack:
        release = read_release(stack.enter_context(opened(release_path)), trust)
        if with_report:
            _check_printable(release)
        arrived = [_verify(stack.enter_context(opened(path)), path, release, trust) for path in bundle_paths]
        decisions = _decisions(release, arrived, decision_paths, trust)
        _check_once(arrived, bundle_paths)
        _check_not_older(arrived, centre.log, release.facts.digest)
        summed = sum_arrived(arrived, release)
        work = stack.enter_context(run_folder(out))
        progress = Progress.in_folder(on_step, work)
        copy_protocol(release.protocol, work / "protocol")
        for one in arrived:
            _copy(one, work)
        if summed is not None:
            write_bundle(work / BUNDLES / MASKED, summed)
        pooled = pool_run(work, release.protocol, decisions, {}, progress, with_report=with_report, earlier=before)
    numbers = {one.registry: {"number": one.number, "bundle": one.digest} for one in arrived}
    note(centre.log, "pool", release=release.facts.digest, protocol=release.facts.protocol_digest, bundles=numbers)
    return PooledRelease(pooled.statuses, pooled.contents)


def _check_printable(release: LoadedRelease) -> None:
    from pass_engine.report import check_letters, check_library

    check_library()
    check_letters(release.protocol)


def _verify(folder: Path, path: Path, release: LoadedRelease, trust: TrustFile) -> Arrived:
    """One bundle: its files, its registry's signature, and the decision that covers the day it was signed."""
    facts = release.facts
    content = read_bundle(folder, facts.protocol_digest, beside=APPROVAL)
    registry, digest = content.registry_id, digest_file(folder / MANIFEST)
    if registry not in release.pinned["registries"]:
        problem, mend = "the release does not invite this registry", "take its bundle out"
        raise TrustError(Fault(path.as_posix(), "registry.id", registry, problem, mend, "PE912"))
    signature = read_signed(folder / ATTESTATION, BUNDLE, trust, registry)
    decision = read_decision(folder / DECISION, trust, registry)
    said = signature.statement.predicate
    wanted = {
        "registry": registry, "release": facts.digest, "protocol": facts.protocol_digest, "decision": decision.digest,
    }  # fmt: skip
    other = [key for key, value in wanted.items() if said.get(key) != value]
    way = content.registry["policy"]["release"]
    names = (MANIFEST, *((MESSAGE, ROUND) if way == MASKED else ()))
    subjects = {name: digest_file(folder / name) for name in names if (folder / name).is_file()}
    if other or signature.statement.subjects != subjects or not isinstance(said.get("number"), int):
        problem = "the registry's signature is for another bundle, release or decision"
        mend = "ask the registry for the bundle again, approved as it stands"
        raise TrustError(Fault(path.as_posix(), ", ".join(other), "another content", problem, mend, "PE925"))
    if len(subjects) < len(names) or (way != MASKED and any((folder / name).is_file() for name in (MESSAGE, ROUND))):
        problem, mend = "a masked registry sends a message of a round, and no other one does", "ask the registry for it"
        raise TrustError(Fault(path.as_posix(), "policy.release", way, problem, mend, "PE930"))
    check_covers(decision, registry, facts.digest, facts.protocol_digest, signature.signed_on)
    _check_analyses(content, decision, path)
    return Arrived(folder, content, registry, decision, said["number"], digest)


def _check_analyses(content: BundleContent, decision: Decision, path: Path) -> None:
    """Nothing of an analysis that the decision does not cover is used, even if a bundle holds it."""
    there = {a for frame in content.tables.values() if "analysis" in frame.columns for a in frame["analysis"] if a}
    extra = sorted(there - set(decision.analyses))
    if extra:
        problem, mend = (
            "the bundle has counts that the registry's decision does not cover",
            "ask the registry for another",
        )
        raise TrustError(Fault(path.as_posix(), "analysis", ", ".join(extra), problem, mend, "PE917"))


def sum_arrived(arrived: Sequence[Arrived], release: LoadedRelease) -> BundleContent | None:
    """The sum over the masked registries among those that arrived; None where there is none.

    Raises TrustError where they are not all the members of one round, each under the decision that is in the round.
    """
    sent = {one.registry: one for one in arrived if one.content.registry["policy"]["release"] == MASKED}
    if not sent:
        return None
    rounds = {(one.folder / ROUND).read_text(encoding="utf-8") for one in sent.values()}
    if len(rounds) > 1:
        problem, mend = "these bundles were masked for different rounds", "give those of one round"
        raise TrustError(Fault(", ".join(sent), ROUND, f"{len(rounds)} rounds", problem, mend, "PE926"))
    asked = read_round(rounds.pop(), f"{next(iter(sent))}: {ROUND}")
    check_whole(asked, sent)
    check_sets(asked, (), f"{next(iter(sent))}: {ROUND}")
    for name, one in sent.items():
        member = asked.members.get(name)
        if member is None or (member.decision, member.key) != (one.decision.digest, one.decision.mask_key):
            problem, mend = "the round does not hold the decision of this bundle", "ask the registry for it again"
            raise TrustError(Fault(name, ROUND, f"decision {one.decision.number}", problem, mend, "PE926"))
    messages = {name: json.loads((one.folder / MESSAGE).read_text(encoding="utf-8")) for name, one in sent.items()}
    contents = {name: one.content for name, one in sent.items()}
    return sum_round(asked, messages, contents, release.protocol, release.facts.analyses)


def _decisions(
    release: LoadedRelease, arrived: Sequence[Arrived], paths: Iterable[Path], trust: TrustFile
) -> dict[str, Decision]:
    """What each registry decided last, as far as the centre knows. A bundle under an earlier one is refused."""
    told = [
        d for path in paths for d in (read_decisions(path, trust) if path.is_dir() else [read_decision(path, trust)])
    ]
    digest = release.facts.digest
    known = [*told, *(one.decision for one in arrived)]
    last = {name: d for name in release.pinned["registries"] if (d := newest(known, name, digest)) is not None}
    for one in arrived:
        decision = last[one.registry]
        if decision.digest != one.decision.digest:
            found, anew = f"{decision.answer}, decision {decision.number}", decision.answer == PARTICIPATE
            problem = f"the registry {'decided anew' if anew else 'took its decision back'} after this bundle"
            mend = "ask it for a bundle under that decision" if anew else "leave its bundle out"
            raise TrustError(Fault(one.registry, "", found, problem, mend, "PE914"))
    return last


def _check_once(arrived: Sequence[Arrived], paths: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for one, path in zip(arrived, paths, strict=True):
        if one.registry in seen:
            problem, mend = f"{seen[one.registry].as_posix()} is one of the same registry", "give the later one alone"
            raise TrustError(Fault(path.as_posix(), "registry.id", one.registry, problem, mend, "PE921"))
        seen[one.registry] = path


def _check_not_older(arrived: Sequence[Arrived], log: Path, release_digest: str) -> None:
    """A bundle that was pooled once may come again; one that is older than it, or another of its number, may not."""
    for entry in (e for e in read_entries(log) if e["act"] == "pool" and e["release"] == release_digest):
        for one in arrived:
            before = entry["bundles"].get(one.registry)
            if before is None or (one.number, one.digest) == (before["number"], before["bundle"]):
                continue
            if one.number <= before["number"]:
                found, mend = f"bundle {one.number}", "take the registry's latest bundle"
                problem = f"bundle {before['number']} of this registry was pooled before"
                raise TrustError(Fault(one.registry, "", found, problem, mend, "PE924"))


def _copy(one: Arrived, work: Path) -> None:
    """The bundle's own files to ``bundles/``, its approval to ``approvals/``, where no digest of the run covers it."""
    approval = sorted(name for name in APPROVAL if (one.folder / name).is_file())
    for base, names in ((BUNDLES, bundle_files(one.folder)), (APPROVALS, approval)):
        for name in names:
            target = work / base / one.registry / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.folder / name, target)
