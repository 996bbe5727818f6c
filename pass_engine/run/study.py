"""The main job, started by whoever holds all the data: a network whose members all sit on one machine.

Order of steps: protocol, then each registry's answer under a decision of kind ``local``, then bundles, results
and report. A network of many machines goes through the same two functions, :func:`pass_engine.answer.answer_protocol`
and :func:`pass_engine.run.pooling.pool_run`. What can be known to be wrong is said before anything is computed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.decide import Decision, local_decision
from pass_engine.engines import write_translated
from pass_engine.errors import PassEngineError, TrustError
from pass_engine.estimate import read_results
from pass_engine.partitions import AUTO
from pass_engine.pin import dictionaries_not_pinned, hold_to_lock
from pass_engine.protocol import load_protocol
from pass_engine.quality.gates import StudyStopped
from pass_engine.release import copy_protocol
from pass_engine.run.folder import run_folder
from pass_engine.run.masking import LocalRound, too_few
from pass_engine.run.members import Members, check_disjoint, load_members
from pass_engine.run.pooling import BUNDLES, Progress, pool_run
from pass_engine.run.side_by_side import Resources, Task, answer_each
from pass_engine.site import analysis_kinds
from pass_engine.worked import check_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pass_engine.budget import Budget
    from pass_engine.disclose import Withheld
    from pass_engine.protocol import Protocol


@dataclass(frozen=True)
class RunOutcome:
    """What a run left: its folder, each invited registry's status, the uninvited, the failures, what was held back.

    ``nameless``: folders whose registry.yaml is at fault and does not say whose it is. ``unknown_substances``: those
    that the protocol names and no registry that took part knows. ``not_as_pinned``: what of this installation
    is not that of the protocol's lock, and decides no count.
    """

    folder: Path
    participation: dict[str, str]
    uninvited: tuple[str, ...]
    failures: dict[str, PassEngineError]
    nameless: dict[str, PassEngineError]
    held_back: dict[str, tuple[Withheld, ...]] = field(default_factory=dict)
    unknown_substances: tuple[str, ...] = ()
    not_as_pinned: tuple[str, ...] = ()


def run_study(  # noqa: PLR0913 - each is an option of the command
    protocol_path: Path,
    registries: Path,
    out: Path,
    *,
    threads: int = 2,
    partitions: int = AUTO,
    budget: Budget | None = None,
    with_report: bool = True,
    earlier: Sequence[Path] = (),
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> RunOutcome:
    """Run a protocol over the registries of a folder and leave a run folder at ``out``.

    Threads, partitions and budget change nothing but time and memory. ``earlier``: runs published before; what would
    tell of few persons beside them is withheld.

    A registry that fails is named in the report and does not stop the others. Raises ProtocolError for a faulty
    protocol or a worked case that the SQL does not meet, PinError for one edited since it was pinned or pinned to
    another engine, SourceError when no invited registry is there, MethodError when a quality gate stops the study or
    registries cover one country, BundleError when ``out`` holds something else or cannot be written, ReportError when
    the report could not be printed.
    """
    before = [read_results(path) for path in earlier]
    protocol = load_protocol(protocol_path)
    not_as_pinned = hold_to_lock(protocol)
    members = load_members(registries, protocol.study.data.registries)
    check_disjoint(protocol, {name: loaded.registry.registry.countries for name, loaded in members.found.items()})
    if with_report:
        _check_printable(protocol, members)
    check_cases(protocol)
    with run_folder(out) as work:
        progress = Progress.in_folder(on_step, work)
        copy_protocol(protocol, work / "protocol")
        resources = Resources(threads, partitions, budget)
        decisions, absent = _answer_all(protocol, members, resources, progress, work, earlier)
        pooled = pool_run(
            work, protocol, decisions, _failed(members), progress, with_report=with_report, earlier=before
        )
    used = {name: content.registry.get("dictionaries", {}) for name, content in pooled.contents.items()}
    not_as_pinned += dictionaries_not_pinned(protocol, used)
    held_back = {name: content.withheld for name, content in pooled.contents.items()}
    nowhere = tuple(sorted(frozenset.intersection(*absent))) if absent else ()
    uninvited = tuple(members.uninvited)
    return RunOutcome(
        out, pooled.statuses, uninvited, members.failures, members.nameless, held_back, nowhere, not_as_pinned
    )


def _check_printable(protocol: Protocol, members: Members) -> None:
    """Whatever would stop the report at the end stops the run before it has begun."""
    from pass_engine.report import check_letters, check_library

    check_library()
    check_letters(protocol, (loaded.folder for loaded in members.found.values()))


def _answer_all(
    protocol: Protocol,
    members: Members,
    resources: Resources,
    progress: Progress,
    work: Path,
    earlier: Sequence[Path],
) -> tuple[dict[str, Decision], list[frozenset[str]]]:
    """Each registry's answer; failures are kept, not raised. Gives the decisions in the order of the protocol.

    ``earlier``: runs published before. The last part is what each registry lacks of the substances named.
    """
    masks = _open_round(protocol, members)
    order = [n for n in protocol.study.data.registries if n in members.found and n not in members.failures]
    decisions = {name: local_decision(name, protocol.digest, analysis_kinds(protocol)) for name in order}
    tasks = [Task(n, members.found[n], decisions[n], work / BUNDLES / n, tuple(earlier)) for n in order]
    absent: list[frozenset[str]] = []
    failed: dict[str, PassEngineError] = {}
    for task, answer in answer_each(tasks, protocol, resources, progress):
        error = answer.error or _masked(masks, task)
        if isinstance(error, StudyStopped):
            raise error
        if error is not None:
            failed[task.name] = error
            shutil.rmtree(task.folder, ignore_errors=True)
        else:
            absent.append(answer.absent)
    members.failures.update({name: failed[name] for name in order if name in failed})
    sites = {name: members.found[name].registry for name in order}
    if any(one.site.engine == "spark" for one in sites.values()):
        maps = {name: work / BUNDLES / name / "column_map" for name, one in sites.items() if one.source.kind == "spark"}
        write_translated(work / "sql" / "spark", maps)
    if masks is not None:
        members.failures.update(masks.finish(work / BUNDLES))
    return decisions, absent


def _masked(masks: LocalRound | None, task: Task) -> PassEngineError | None:
    """Mask what a registry of the round has counted; gives back what went wrong."""
    try:
        if masks is not None and task.name in masks.keys:
            masks.send(task.folder)
    except PassEngineError as error:
        return error
    return None


def _open_round(protocol: Protocol, members: Members) -> LocalRound | None:
    """A round over the masked registries; where none can be made each of them fails, and the others go on."""
    try:
        return LocalRound.over(members.found, protocol.study.data.registries, protocol, analysis_kinds(protocol))
    except TrustError as error:
        members.failures.update(too_few(error, members.found))
        return None


def _failed(members: Members) -> dict[str, tuple[str, str]]:
    """Name of each registry that failed, and why."""
    names = {key: loaded.registry.registry.name for key, loaded in members.found.items()}
    first = {key: error.faults[0] for key, error in members.failures.items()}
    return {key: (names.get(key, key), f"{fault.code}: {fault.problem}") for key, fault in first.items()}
