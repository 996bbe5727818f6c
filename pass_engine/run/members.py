"""Which registries are there: found, at fault, not invited; and whether they could hold the same persons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, MethodError, PassEngineError, SourceError
from pass_engine.registry import find_registries, load_registry, read_id
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry


@dataclass
class Members:
    """Registries by their id: loaded and invited, at fault, not invited; and folders that do not say who they are."""

    found: dict[str, LoadedRegistry] = field(default_factory=dict)
    failures: dict[str, PassEngineError] = field(default_factory=dict)
    uninvited: list[str] = field(default_factory=list)
    nameless: dict[str, PassEngineError] = field(default_factory=dict)


def load_members(folder: Path, invited: tuple[str, ...]) -> Members:
    """Load every registry of a folder that the protocol invites.

    A registry whose file is at fault is kept with its fault. Raises SourceError when none is there, or two are one.
    """
    members = Members()
    places: dict[str, Path] = {}
    for path in find_registries(folder, invited):
        name = read_id(path) or (path.name if path.name in invited else "")
        if name and name not in invited:
            members.uninvited.append(name)
            continue
        if name in places:
            raise SourceError(_same_id(path, name, places[name]))
        if name:
            places[name] = path
        try:
            members.found[name] = load_registry(path)
        except SourceError as error:
            (members.failures if name else members.nameless)[name or path.name] = error
    if not places:
        raise SourceError(_nobody(folder, invited, members), *_faults_of(members))
    members.uninvited.sort()
    return members


def check_disjoint(protocol: Protocol, countries: Mapping[str, Collection[str]]) -> None:
    """Two registries that cover one country need a declared rule, or a person could be counted twice.

    ``countries``: registry to the countries whose residents it holds. Raises MethodError.
    """
    given_up = {
        name: {c for rule in protocol.study.data.registry_overlap if rule.from_ == name for c in rule.countries}
        for name in countries
    }
    faults = []
    names = [n for n in protocol.study.data.registries if n in countries]
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            shared = set(countries[one]) & set(countries[other])
            open_ = shared - given_up[one] - given_up[other]
            if open_:
                faults.append(
                    Fault(
                        code="PE401",
                        where=f"{one}, {other}",
                        path="data.registry_overlap",
                        found=", ".join(sorted(open_)),
                        problem="both registries cover these countries and no rule keeps their persons apart",
                        mend="declare in the protocol which registry gives these persons up",
                    )
                )
    if faults:
        raise MethodError(*faults)


def _same_id(path: Path, name: str, first: Path) -> Fault:
    problem, mend = f"{shown_name(first)} has the same id", "give each registry an id of its own"
    return Fault(shown_name(path), "registry.id", name, problem, mend, "PE211")


def _nobody(folder: Path, invited: tuple[str, ...], members: Members) -> Fault:
    there = ", ".join((*members.uninvited, *members.nameless)) or "no registry"
    problem = "none of the registries the protocol invites is here"
    mend = f"give a folder that holds {', '.join(invited)}"
    return Fault(shown_name(folder), "data.registries", there, problem, mend, "PE210")


def _faults_of(members: Members) -> tuple[Fault, ...]:
    """Faults of the files that may be those of an invited registry."""
    return tuple(fault for error in members.nameless.values() for fault in error.faults)
