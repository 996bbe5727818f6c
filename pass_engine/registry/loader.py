"""From a registry's folder to its checked ``registry.yaml``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, SourceError
from pass_engine.registry.checks import check_registry
from pass_engine.registry.later import LATER
from pass_engine.registry.models import Registry
from pass_engine.yamltext import (
    canonical_json,
    check_model,
    find_later,
    read_yaml,
    shown_name,
    without,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.yamltext import (
        Problem,
        YamlText,
    )

FAMILY = "PE2"
FILE_NAME = "registry.yaml"


@dataclass(frozen=True)
class LoadedRegistry:
    """A registry where its data lie: its folder, its checked file, and the digest of that file's values."""

    folder: Path
    registry: Registry
    digest: str


def find_registries(path: Path) -> tuple[Path, ...]:
    """Folders of registries: ``path`` itself if it holds a ``registry.yaml``, else those below it, sorted."""
    if not path.is_dir():
        raise SourceError(Fault(shown_name(path), "", "nothing", "there is no such folder", "check the name", "PE201"))
    if (path / FILE_NAME).is_file():
        return (path,)
    found = tuple(sorted(folder.parent for folder in path.glob(f"*/{FILE_NAME}")))
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
    return found


def load_registry(folder: Path) -> LoadedRegistry:
    """Load a registry from its folder; raises SourceError with every fault of its file."""
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
    registry, problems = _examine(document)
    checked = check_registry(document.value, folder)
    trapped = {(f.line, f.column) for f in faults}
    placed = (document.fault(p, FAMILY) for p in (*problems, *checked.problems))
    found_faults = (*faults, *(f for f in placed if (f.line, f.column) not in trapped))
    if found_faults or registry is None:
        raise SourceError(*found_faults)
    content = canonical_json({"registry": document.value, "files": checked.digests})
    return LoadedRegistry(folder, registry, hashlib.sha256(content.encode()).hexdigest())


def _examine(document: YamlText) -> tuple[Registry | None, tuple[Problem, ...]]:
    later = tuple(find_later(document.value, LATER))
    fields = frozenset(p.path for p in later if p.at_key)
    registry, problems = check_model(Registry, without(document.value, fields))
    rest = tuple(p for p in problems if not any(p.path[: len(q.path)] == q.path for q in later))
    return registry, (*later, *rest)
