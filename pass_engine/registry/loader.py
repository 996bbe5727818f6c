"""From a registry's folder to its checked ``registry.yaml``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, SourceError
from pass_engine.registry.benchmarks import NOTHING_STATED, Benchmarks, read_benchmarks
from pass_engine.registry.checks import check_registry
from pass_engine.registry.later import LATER
from pass_engine.registry.models import Registry
from pass_engine.registry.omop import with_built_in
from pass_engine.registry.policy import place_policy
from pass_engine.registry.verification import PATH, VerifiedField, read_verification
from pass_engine.yamltext import (
    canonical_json,
    check_model,
    find_later,
    read_yaml,
    shown_name,
    unopened,
    value_at,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pass_engine.yamltext import Problem

FAMILY = "PE2"
FILE_NAME = "registry.yaml"
SOURCE_PATH = ("source", "path")
CONNECTION = ("source", "connection")
MISSING = 6
"""Number of a missing field, in every YAML file: then there is nothing to hide."""


@dataclass(frozen=True)
class LoadedRegistry:
    """A registry where its data lie: its folder, its checked file, and the digest of that file's values.

    ``verified``: what was held against source documents. ``lacking``: tables of its OMOP common data model that are not
    there, once someone has looked. ``policy_file``: the file of its policy, where that has one of its own.
    """

    folder: Path
    registry: Registry
    digest: str
    verified: tuple[VerifiedField, ...] = ()
    lacking: tuple[str, ...] = ()
    policy_file: str | None = None
    benchmarks: Benchmarks = NOTHING_STATED


def find_registries(path: Path, named: Iterable[str] = ()) -> tuple[Path, ...]:
    """Folders of registries: ``path`` itself if it holds a ``registry.yaml``, else those below it, sorted.

    A folder that bears one of the names counts as well where it holds none: someone put it there.
    """
    try:
        return _find(path, named)
    except OSError as error:
        raise SourceError(unopened(error, path, FAMILY)) from error


def _find(path: Path, named: Iterable[str]) -> tuple[Path, ...]:
    if not path.is_dir():
        there = "a file" if path.is_file() else "nothing"
        raise SourceError(Fault(shown_name(path), "", there, "there is no such folder", "check the name", "PE201"))
    if (path / FILE_NAME).is_file():
        return (path,)
    found = {file.parent for file in path.glob(f"*/{FILE_NAME}")}
    if not found:
        raise SourceError(
            Fault(
                shown_name(path),
                "",
                f"no {FILE_NAME}, here or one folder down",
                "there is no registry here",
                "name the folder of a registry, or the one that holds their folders",
                "PE201",
            )
        )
    return tuple(sorted(found | {path / name for name in named if (path / name).is_dir()}))


def read_id(folder: Path) -> str | None:
    """The id in a registry's file, whatever else is wrong with it; None where it cannot be told."""
    document, _ = read_yaml(folder / FILE_NAME, FAMILY)
    written = value_at(document.value, ("registry", "id")) if document is not None else None
    return written if isinstance(written, str) and written else None


def load_registry(folder: Path) -> LoadedRegistry:
    """Load a registry from its folder; raises SourceError with every fault of its file."""
    try:
        return _load(folder)
    except OSError as error:
        raise SourceError(unopened(error, folder, FAMILY)) from error


def _load(folder: Path) -> LoadedRegistry:
    file = folder / FILE_NAME
    if not file.is_file():
        found = f"no {FILE_NAME}" if folder.is_dir() else "nothing"
        problem = f"a registry is a folder with a {FILE_NAME}"
        raise SourceError(
            Fault(
                shown_name(folder), "", found, problem, "write one, or name another folder (docs/registry.md)", "PE201"
            )
        )
    document, faults = read_yaml(file, FAMILY)
    if document is None:
        raise SourceError(*faults)
    policy = place_policy(document, folder, FAMILY)
    faults = (*faults, *policy.faults)
    registry, problems = _examine(policy.value)
    checked = check_registry(policy.value, folder)
    trapped = {f.where for f in faults}
    told = (*policy.problems, *(p for p in (*problems, *checked.problems) if policy.tells(p)))
    placed = (policy.fault(_without_secret(p, policy.value), FAMILY) for p in told)
    verified, unusable = _verified(folder, document.value, checked.digests)
    benchmarks, wrong = read_benchmarks(folder, document.value, checked.digests, shown_name(folder))
    found_faults = (*faults, *wrong, *(f for f in placed if f.where not in trapped), *unusable)
    if found_faults or registry is None:
        raise SourceError(*found_faults)
    # a policy has the same digest wherever it stands
    content = canonical_json({"registry": policy.value, "files": checked.digests})
    digest = hashlib.sha256(content.encode()).hexdigest()
    return with_built_in(
        LoadedRegistry(folder, registry, digest, verified, policy_file=policy.file, benchmarks=benchmarks)
    )


def _without_secret(problem: Problem, value: object) -> Problem:
    """A password may stand under ``connection``, or in an address written as the path: it is not repeated."""
    is_address = problem.path == SOURCE_PATH and "://" in str(value_at(value, SOURCE_PATH))
    if not (is_address or problem.path[: len(CONNECTION)] == CONNECTION) or problem.number == MISSING:
        return problem
    return replace(problem, found=f"{problem.path[-1]}: (not shown)")


def _verified(folder: Path, value: object, found: Iterable[str]) -> tuple[tuple[VerifiedField, ...], tuple[Fault, ...]]:
    """What was verified at the source, and what is wrong with the file, where one is named and there."""
    name = value_at(value, (PATH,))
    if not isinstance(name, str) or name not in found:
        return (), ()
    return read_verification(folder / name, f"{shown_name(folder)}/{name}")


def _examine(value: dict[str, object]) -> tuple[Registry | None, tuple[Problem, ...]]:
    later = tuple(find_later(value, LATER))
    fields = frozenset(p.path for p in later if p.at_key)
    registry, problems = check_model(Registry, without(value, fields))
    rest = tuple(p for p in problems if not any(p.path[: len(q.path)] == q.path for q in later))
    return registry, (*later, *rest)
