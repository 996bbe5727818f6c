"""A registry's policy: written in ``registry.yaml`` or in a file beside it, by the engine's names or DataSHIELD's.

DataSHIELD's names are those of dsBase ``listDisclosureSettingsDS``: who runs a DataSHIELD node has them at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pass_engine.registry.numbers import Wrong
from pass_engine.registry.places import Folder
from pass_engine.yamltext import Problem, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.yamltext import YamlText

POLICY = "policy"
ALIASES = {
    "nfilter.tab": "min_cell",
    "nfilter.subset": "min_persons",
    "nfilter.glm": "max_parameters_per_event",
    "nfilter.levels.max": "max_levels",
}
"""DataSHIELD's name to the engine's."""


@dataclass(frozen=True)
class PlacedPolicy:
    """A registry's values with its policy in them by the engine's names, and where each of them was written.

    ``file``: the policy's own file, None where it stands in ``registry.yaml`` or cannot be read.
    ``written``: the engine's name to DataSHIELD's, where that one was written.
    """

    document: YamlText
    value: dict[str, object]
    own: YamlText | None = None
    file: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_lost: bool = False

    def fault(self, problem: Problem, family: str) -> Fault:
        """The problem with its place in the file, and under the name, in which it was written."""
        path = problem.path
        if path[:1] != (POLICY,):
            return self.document.fault(problem, family)
        if len(path) > 1:
            path = (POLICY, self.written.get(str(path[1]), path[1]), *path[2:])
        if self.own is None:
            return self.document.fault(replace(problem, path=path), family)
        return self.own.fault(replace(problem, path=path[1:]), family)

    def tells(self, problem: Problem) -> bool:
        """Is the problem one of its own, and not just that the policy's file could not be read?"""
        return not (self.is_lost and problem.path[:1] == (POLICY,))


def place_policy(document: YamlText, folder: Path, family: str) -> PlacedPolicy:
    """Read the policy's own file, if one is named, and turn DataSHIELD's names into the engine's."""
    written = document.value.get(POLICY)
    if not isinstance(written, str):
        return _named(PlacedPolicy(document, document.value))
    lost = PlacedPolicy(document, document.value, is_lost=True)
    missing = tuple(Folder(folder).find((POLICY,), written))
    if missing:
        return replace(lost, problems=missing)
    own, faults = read_yaml(folder / written, family)
    if own is None:
        return replace(lost, faults=faults)
    value = {**document.value, POLICY: own.value}
    return _named(PlacedPolicy(document, value, own, written, faults=faults))


def _named(policy: PlacedPolicy) -> PlacedPolicy:
    given = policy.value.get(POLICY)
    if not isinstance(given, dict):
        return policy
    used = {name: alias for alias, name in ALIASES.items() if alias in given}
    twice = tuple(
        Problem(
            (POLICY, alias),
            Wrong.ONE_OF_TWO,
            f"{alias} is DataSHIELD's name of {name}, which stands here too",
            "keep one of them",
            at_key=True,
        )
        for name, alias in used.items()
        if name in given
    )
    renamed = {ALIASES.get(str(key), key): value for key, value in given.items() if ALIASES.get(str(key)) not in given}
    written = {name: alias for name, alias in used.items() if name not in given}
    return replace(policy, value={**policy.value, POLICY: renamed}, written=written, problems=twice)
