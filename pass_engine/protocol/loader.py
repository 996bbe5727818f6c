"""From a protocol's folder to a checked study with its digest, prose, code lists and scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, ProtocolError
from pass_engine.protocol.checks import check_draft
from pass_engine.protocol.checks.rate_files import check_rate_files
from pass_engine.protocol.digest import protocol_digest
from pass_engine.protocol.draft import read_draft
from pass_engine.protocol.files import listed_substances, read_files
from pass_engine.protocol.scenarios import changed_scenario, main_scenario, run_changes
from pass_engine.yamltext import read_yaml, shown_name, unopened

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Study
    from pass_engine.protocol.reference import ReferenceRates
    from pass_engine.protocol.scenarios import Scenario
    from pass_engine.protocol.substances import CodedSubstance
    from pass_engine.stats import Standard
    from pass_engine.yamltext import KeyPath, Problem

FAMILY = "PE1"
FILE_NAME = "protocol.yaml"


@dataclass(frozen=True)
class Protocol:
    """A checked protocol: the study, the files beside it by the path written, its digest, and the scenarios to run."""

    folder: Path
    study: Study
    digest: str
    prose: dict[str, str]
    code_lists: dict[str, tuple[Code, ...]]
    scenarios: tuple[Scenario, ...]
    standards: dict[str, Standard] = field(default_factory=dict)
    references: dict[str, ReferenceRates] = field(default_factory=dict)
    substances: dict[str, tuple[CodedSubstance, ...]] = field(default_factory=dict)
    file_name: str = FILE_NAME
    values: dict[str, object] = field(default_factory=dict)
    """What stands in the file, as it was read."""


def load_protocol(path: Path) -> Protocol:
    """Load a protocol from its folder or its ``protocol.yaml``; raises ProtocolError with every fault."""
    try:
        return _load(path)
    except OSError as error:
        raise ProtocolError(unopened(error, path, FAMILY)) from error


def _load(path: Path) -> Protocol:
    file = _find_file(path)
    document, faults = read_yaml(file, FAMILY)
    if document is None:
        raise ProtocolError(*faults)
    listed = listed_substances(file.parent, document.value)
    study, problems, scenarios, changed = _examine_all(document.value, listed)
    files = read_files(file.parent, document.value, changed)
    if study is not None and not problems:
        problems = tuple(check_rate_files(study, scenarios, files))
    trapped = {(f.line, f.column) for f in faults}
    at_fault = {p.path for p in problems}
    missing = (p for p in files.problems if p.path not in at_fault)
    placed = tuple(document.fault(p, FAMILY) for p in (*problems, *missing))
    found = (*faults, *(f for f in placed if (f.line, f.column) not in trapped), *files.faults)
    if found or study is None:
        raise ProtocolError(*_own_file_first(found, document.name))
    digest = protocol_digest(
        document.value, files.prose, files.code_lists, files.standards, files.references, files.substances
    )
    return Protocol(
        folder=file.parent,
        study=study,
        digest=digest,
        prose=files.prose,
        code_lists=files.code_lists,
        scenarios=scenarios,
        standards=files.standards,
        references=files.references,
        substances=files.substances,
        file_name=file.name,
        values=document.value,
    )


def _find_file(path: Path) -> Path:
    if path.is_file():
        return path
    if path.is_dir() and (path / FILE_NAME).is_file():
        return path / FILE_NAME
    if path.is_dir():
        found, problem, mend = (
            "no protocol.yaml",
            "the folder holds no protocol",
            f"write {FILE_NAME} there, or name another folder",
        )
    else:
        found, problem, mend = "nothing", "there is no such folder or file", "check the name"
    raise ProtocolError(Fault(shown_name(path), "", found, problem, mend, "PE101"))


def examine(
    value: dict[str, object], listed: tuple[CodedSubstance, ...] = ()
) -> tuple[Study | None, tuple[Problem, ...]]:
    """The study in these values and what is wrong with it, sensitivity analyses and files aside."""
    study, draft, problems = read_draft(value, listed)
    checked = (*problems, *check_draft(draft))
    return (study if not checked else None), checked


def _examine_all(
    value: dict[str, object], listed: tuple[CodedSubstance, ...]
) -> tuple[Study | None, tuple[Problem, ...], tuple[Scenario, ...], list[tuple[KeyPath, object]]]:
    study, draft, form = read_draft(value, listed)
    problems = [*form, *check_draft(draft)]
    scenarios = [main_scenario(study)] if study is not None else []
    changed: list[tuple[KeyPath, object]] = []
    for path, analysis, study_changed, problem in run_changes(draft, tuple(problems), lambda v: examine(v, listed)):
        if problem is not None:
            problems.append(problem)
        elif study_changed is not None:
            scenarios.append(changed_scenario(analysis, study_changed))
            where = (*path, "change", next(iter(analysis.change)))
            changed.append((where, study_changed.model_dump(by_alias=True)))
    return study, tuple(problems), tuple(scenarios), changed


def _own_file_first(faults: tuple[Fault, ...], name: str) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda f: (not f.where.startswith(name), f.where, f.line)))
