"""A run made again from what it holds: from its bundles alone, or from the data of registries that are here."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pass_engine.answer import answer_protocol
from pass_engine.decide import DECLINE, LOCAL, PARTICIPATE, Decision, local_decision
from pass_engine.disclose import records
from pass_engine.errors import Fault, PassEngineError, PinError
from pass_engine.estimate import read_results
from pass_engine.partitions import AUTO
from pass_engine.registry import find_registries, load_registry, read_id
from pass_engine.release import copy_protocol
from pass_engine.run.folder import APPROVALS
from pass_engine.run.pooling import BUNDLES, Progress, pool_run
from pass_engine.site import analysis_kinds
from pass_engine.terms import DECLINED, DID_NOT_TAKE_PART, FAILED, MASKED
from pass_engine.verify.masks import round_again
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry
    from pass_engine.run.masking import LocalRound

DECISION = "decision.json"


@dataclass
class Made:
    """A run made again: its folder, the registries whose data were read, and those that failed now, with why.

    ``summed``: was the sum over the masked registries made again too? It needs the data of all of them.
    """

    folder: Path
    from_data: tuple[str, ...] = ()
    summed: bool = False
    failures: dict[str, PassEngineError] = field(default_factory=dict)


def find_members(data: Path, protocol: Protocol) -> dict[str, LoadedRegistry]:
    """The registries of a folder that the protocol invites, by id, in its order. Raises PinError (PE721) for none."""
    invited = protocol.study.data.registries
    places = {name: path for path in find_registries(data, invited) if (name := read_id(path)) in invited}
    if not places:
        problem, mend = "none of the registries of the run is here", f"give the data of {', '.join(invited)}"
        raise PinError(Fault(shown_name(data), "--data", "no registry", problem, mend, "PE721"))
    return {name: load_registry(places[name]) for name in invited if name in places}


def find_counted(run: Path, data: Path, protocol: Protocol) -> dict[str, LoadedRegistry]:
    """Those of ``find_members`` that the run has counts of: who failed, declined or stayed away has none to compare."""
    found = find_members(data, protocol)
    return {name: registry for name, registry in found.items() if (run / BUNDLES / name).is_dir()}


def make_again(  # noqa: PLR0913 - what a run is made from
    run: Path,
    work: Path,
    protocol: Protocol,
    members: Mapping[str, LoadedRegistry],
    *,
    threads: int = 2,
    with_report: bool = True,
    earlier: Sequence[Path] = (),
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> Made:
    """Make a run again in the empty folder ``work``: ``members`` are counted, the bundles of the others are taken.

    Raises what a run raises where it cannot be made.
    Who declined, stayed away or failed without its data being here is taken over from the run.
    """
    copy_protocol(protocol, work / "protocol")
    if (run / APPROVALS).is_dir():
        shutil.copytree(run / APPROVALS, work / APPROVALS)
    told = {str(row["registry"]): row for row in records(read_results(run)["participation"])}
    decisions = {name: _decision(run, protocol, row) for name, row in told.items() if row["decision"]}
    failed = {n: (str(row["name"]), str(row["reason"])) for n, row in told.items() if row["status"] == FAILED}
    made, progress, masks = Made(work), Progress.in_folder(on_step, work), round_again(run, protocol, told)
    for name in protocol.study.data.registries:
        if name in members and told.get(name, {}).get("status") not in (DECLINED, DID_NOT_TAKE_PART):
            _answer(members[name], protocol, decisions.get(name), made, progress, (threads, masks))
        elif (run / BUNDLES / name).is_dir():
            shutil.copytree(run / BUNDLES / name, work / BUNDLES / name)
    if masks is not None and masks.keys.keys() <= set(made.from_data):
        made.summed = True
        made.failures.update(masks.finish(work / BUNDLES))
    elif masks is not None:
        shutil.copytree(run / BUNDLES / MASKED, work / BUNDLES / MASKED)
    for name, error in made.failures.items():
        fault = error.faults[0]
        failed[name] = (members[name].registry.registry.name, f"{fault.code}: {fault.problem}")
    before = [read_results(path) for path in earlier]
    pool_run(work, protocol, decisions, failed, progress, with_report=with_report, earlier=before)
    return made


def _answer(
    registry: LoadedRegistry,
    protocol: Protocol,
    decision: Decision | None,
    made: Made,
    progress: Progress,
    how: tuple[int, LocalRound | None],
) -> None:
    """``how``: threads of the database, and the round of the masked registries."""
    name, (threads, masks) = registry.registry.registry.id, how
    folder = made.folder / BUNDLES / name
    under = decision or local_decision(name, protocol.digest, analysis_kinds(protocol))
    made.from_data += (name,)
    try:
        answer_protocol(
            registry, protocol, under, folder,
            threads=threads, parts=AUTO, on_step=lambda step: progress.step(name, step),
        )  # fmt: skip
        if masks is not None and name in masks.keys:
            masks.send(folder)
    except PassEngineError as error:
        made.failures[name] = error
        shutil.rmtree(folder, ignore_errors=True)


def _decision(run: Path, protocol: Protocol, row: Mapping[str, Any]) -> Decision:
    """What a registry decided, as far as a run tells; signatures were verified when its bundle was pooled."""
    name, kind = str(row["registry"]), str(row["decision"])
    if row["status"] == DECLINED:
        reason = str(row["reason"])
        return Decision(name, kind, DECLINE, protocol.digest, reason=reason, publish_reason=True)
    analyses = tuple(analysis_kinds(protocol))
    file = run / APPROVALS / name / DECISION
    if kind != LOCAL and file.is_file():
        analyses = tuple(json.loads(file.read_text(encoding="utf-8"))["predicate"]["analyses"])
    return Decision(name, kind, PARTICIPATE, protocol.digest, analyses=analyses)
