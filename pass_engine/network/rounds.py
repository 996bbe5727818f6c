"""Rounds of masked registries in a network: opened from decisions, answered by each member, or ended.

A round is a folder: ``round.json`` and ``decisions/``, with the signed decision of each member, and of whoever left an
earlier round. Every member holds it against the trust file, its own log and the sets of earlier rounds.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pass_engine.audit import read_entries
from pass_engine.bundle import digest_file, write_json
from pass_engine.decide import FOLDER, PARTICIPATE, check_covers, newest, read_decision, read_decisions
from pass_engine.errors import Fault, TrustError
from pass_engine.network import clock
from pass_engine.network.logs import note
from pass_engine.network.mask_keys import delete_mask_key, take_mask_key
from pass_engine.network.places import new_folder, opened, pack
from pass_engine.release import read_release
from pass_engine.rounds import KINDS, MESSAGE, ROUND, Member, Round, check_sets, mask_content, read_round
from pass_engine.sign import SUFFIXES, load_trust
from pass_engine.terms import MASKED
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pass_engine.bundle import BundleContent
    from pass_engine.decide import Decision
    from pass_engine.protocol import Protocol
    from pass_engine.sign import TrustFile

Entry = dict[str, Any]


def open_round(release_path: Path, decision_paths: Sequence[Path], out: Path, *, trust_file: Path, log: Path) -> Round:
    """Open a round over all registries that decided to take part masked, as a new folder; note it in the centre's log.

    ``decision_paths``: decisions, or folders of them, of every registry that was in an earlier round too. Raises
    TrustError where a decision does not hold, and where the sets would tell of fewer than three registries (PE927).
    """
    trust = load_trust(trust_file)
    with opened(release_path) as folder:
        release = read_release(folder, trust)
    told = [d for p in decision_paths for d in (read_decisions(p, trust) if p.is_dir() else [read_decision(p, trust)])]
    facts = release.facts
    last = {n: d for n in release.pinned["registries"] if (d := newest(told, n, facts.digest)) is not None}
    members = {n: d for n, d in last.items() if d.answer == PARTICIPATE and d.mask_key}
    for name, decision in members.items():
        check_covers(decision, name, facts.digest, facts.protocol_digest, clock.today())
    common = [
        a for a, kind in facts.analyses.items() if kind in KINDS and all(a in d.analyses for d in members.values())
    ]
    earlier = [e for e in _noted(log, "round", facts.study) if not _is_left(e, told)]
    asked = Round(
        facts.study,
        facts.digest,
        facts.protocol_digest,
        tuple(sorted(common)),
        {n: Member(d.number, d.digest, d.mask_key) for n, d in members.items()},
        tuple(sorted({tuple(sorted(e["members"])) for e in earlier})),
    )
    check_sets(asked, (), shown_name(release_path))
    leavers = [d for e in _noted(log, "round", facts.study) if (d := _leaver(e, told)) is not None]
    with new_folder(out) as work:
        (work / ROUND).write_text(asked.text(), encoding="utf-8", newline="")
        for decision in dict.fromkeys((*members.values(), *leavers)):
            _copy_decision(decision, work / FOLDER)
    pack(out)
    _note_round(log, "round", asked)
    return asked


@dataclass(frozen=True)
class RoundPlace:
    """Where a member finds the round, its own folder with its mask keys, and its log."""

    round_path: Path
    registry_folder: Path
    log: Path


def answer_round(
    content: BundleContent, protocol: Protocol, decision: Decision, place: RoundPlace, trust: TrustFile
) -> tuple[BundleContent, dict[str, Any], Round]:
    """A member's bundle without numbers, its message, and the round. The set is noted before masks are made.

    Raises TrustError where the round is not one of this decision and release, or its sets tell too much.
    """
    round_path, log = place.round_path, place.log
    with opened(round_path) as folder:
        path = folder / ROUND
        if not path.is_file():
            problem, mend = "there is no round here", "name the folder or archive of pass-engine round open"
            raise TrustError(Fault(shown_name(round_path), "--round", "no round.json", problem, mend, "PE926"))
        asked = read_round(path.read_text(encoding="utf-8"), shown_name(round_path))
        there = read_decisions(folder / FOLDER, trust)
    study = protocol.study.study.id
    _check_members(asked, there, decision, study, shown_name(round_path))
    own = [e for e in _noted(log, "mask", study) if not _is_left(e, there)]
    check_sets(asked, [tuple(e["members"]) for e in own], shown_name(round_path))
    key = take_mask_key(place.registry_folder, decision)
    masked_content, message = mask_content(content, protocol, asked, key)
    _note_round(log, "mask", asked)
    delete_mask_key(place.registry_folder, decision)
    return masked_content, message, asked


def write_answer(folder: Path, message: Mapping[str, Any], asked: Round) -> None:
    """The message and its round, beside the bundle's own files."""
    write_json(folder / MESSAGE, message)
    (folder / ROUND).write_text(asked.text(), encoding="utf-8", newline="")


def end_round(places: Iterable[Path], log: Path) -> list[str]:
    """Destroy the messages of a round that was left by a member: in folders and archives. Gives back whose they were.

    Nothing was read from them, and without them nothing ever can be.
    """
    ended = []
    for place in places:
        with opened(place) as folder:
            path = folder / ROUND
            if not path.is_file() or not (folder / MESSAGE).is_file():
                problem, mend = "this holds no message of a round", "name what members of the round sent"
                raise TrustError(Fault(shown_name(place), "", "no masked.json", problem, mend, "PE926"))
            digest = digest_file(path)
        if place.is_dir():
            (place / MESSAGE).unlink()
        else:
            place.unlink()
        ended.append(digest)
    for digest in dict.fromkeys(ended):
        note(log, "round ended", round=digest, messages=ended.count(digest))
    return ended


def check_way(content: BundleContent, where: Path, *, in_round: bool) -> None:
    """Do the counts leave the way that the registry's policy says? Raises TrustError (PE930)."""
    way = content.registry["policy"]["release"]
    if (way == MASKED) == in_round:
        return
    if in_round:
        problem, mend = f"a round is for masked registries, and this one releases {way}", "leave --round out"
    else:
        problem = "the counts of this registry leave masked, in a round, and not as they are"
        mend = "give --round with the round that holds its decision, and --release"
    raise TrustError(Fault(where.as_posix(), "policy.release", str(way), problem, mend, "PE930"))


def _check_members(asked: Round, there: Sequence[Decision], own: Decision, study: str, where: str) -> None:
    """Is the round about this release, and is each member in it by its own signed decision, with its own key?"""
    by_digest = {d.digest: d for d in there}
    faults = []
    for name, member in asked.members.items():
        decision = by_digest.get(member.decision)
        if decision is None or (decision.registry, decision.number, decision.mask_key) != (
            name, member.number, member.key,
        ):  # fmt: skip
            problem, mend = (
                "the round does not hold this member's decision",
                "ask the centre for the round again, whole",
            )
            faults.append(Fault(where, f"members.{name}", "no such decision", problem, mend, "PE926"))
            continue
        check_covers(decision, name, asked.release, asked.protocol, clock.today())
        if set(asked.analyses) - set(decision.analyses):
            problem, mend = "a member's decision does not cover all analyses of the round", "have the round opened anew"
            faults.append(Fault(where, f"members.{name}", "fewer analyses", problem, mend, "PE926"))
    mine = asked.members.get(own.registry)
    if mine is None or mine.decision != own.digest or asked.study != study or asked.release != own.release_digest:
        found = "another release" if mine is not None else f"members {', '.join(sorted(asked.members))}"
        problem = f"the round is not one of this release with decision {own.number} of {own.registry}"
        faults.append(Fault(where, "members", found, problem, "have the round opened with that decision", "PE926"))
    if faults:
        raise TrustError(*faults)


def _noted(log: Path, act: str, study: str) -> Iterator[Entry]:
    return (e for e in read_entries(log) if e["act"] == act and e["study"] == study)


def _note_round(log: Path, act: str, asked: Round) -> None:
    members = {name: member.number for name, member in sorted(asked.members.items())}
    note(log, act, study=asked.study, release=asked.release, round=asked.digest, members=members)


def _is_left(entry: Entry, decisions: Iterable[Decision]) -> bool:
    return _leaver(entry, decisions) is not None


def _leaver(entry: Entry, decisions: Iterable[Decision]) -> Decision | None:
    """A later decision by which a member of a round says that it sent no message: nothing of the round can be read."""
    return next(
        (
            d
            for d in decisions
            if d.release_digest == entry["release"]
            and d.number > entry["members"].get(d.registry, d.number)
            and entry["round"] not in d.masked_rounds
        ),
        None,
    )


def _copy_decision(decision: Decision, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        name = f"{decision.registry}-{decision.number:04d}.json{suffix}"
        shutil.copyfile(Path(decision.where + suffix), folder / name)
