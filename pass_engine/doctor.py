"""What of this machine the engine needs is here, what is not, and what to do about it: ``pass-engine doctor``."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pass_engine.errors import PassEngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "pass_engine"
LEAST_PYTHON = (3, 11)
NOT_CLEAN = 3
"""Exit code of a check that ran to its end and found something to mend."""
WANTED = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?\s*(>=(?P<least>[0-9.]+))?[^;]*(;.*extra == ['\"](?P<extra>\w+)['\"])?"
)
RegistryOption = Annotated[Path | None, typer.Option(help="Also ask the cluster of this registry, where it has one.")]


@dataclass(frozen=True)
class Found:
    """One thing looked for: its version, or None where it is missing; and what to do then."""

    what: str
    version: str | None
    mend: str = ""
    is_needed: bool = True


def look(registry: Path | None = None) -> list[Found]:
    """Everything there is to look for, in the order in which it is told."""
    found = [*_python(), *_packages(), *_engines(), *_libraries(), *_machine()]
    return [*found, *_cluster(registry)] if registry is not None else found


def _python() -> Iterator[Found]:
    is_enough = sys.version_info[:2] >= LEAST_PYTHON
    yield Found("Python", platform.python_version() if is_enough else None, "install Python 3.11 or newer")


def _packages() -> Iterator[Found]:
    """What the engine's own metadata ask for, extras last."""
    wanted = [WANTED.match(line) for line in metadata.requires(NAME) or []]
    for match in sorted((m for m in wanted if m), key=lambda m: (m["extra"] or "", m["name"].lower())):
        extra = match["extra"]
        name = match["name"] + (f" (extra {extra})" if extra else "")
        mend = f"pip install '{NAME}[{extra}]'" if extra else f"pip install --upgrade {NAME}"
        version = _version(match["name"])
        if version is not None and _numbers(version) < _numbers(match["least"] or "0"):
            yield Found(f"{name}, found {version}, needed {match['least']}", None, mend, not extra)
        else:
            yield Found(name, version, mend, not extra)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _engines() -> Iterator[Found]:
    """The embedded engine does a sum; a cluster's client is there or not."""
    from pass_engine.store import open_store

    with open_store() as store:
        (row,) = store.fetch("SELECT version(), 1 + 1")
    yield Found("engine duckdb", str(row[0]) if row[1] == 1 + 1 else None, f"pip install --force-reinstall {NAME}")
    client = _version("pyspark-client") or _version("pyspark")
    both = client if _version("sqlglot") else None
    mend = f"pip install '{NAME}[spark]', where a registry counts on a cluster"
    yield Found("engine spark (client)", both, mend, is_needed=False)


def _libraries() -> Iterator[Found]:
    from pass_engine.report import check_library

    try:
        check_library()
    except PassEngineError as error:
        yield Found("Pango, for the report", None, error.faults[0].mend)
    else:
        yield Found("Pango, for the report", "there")


def _machine() -> Iterator[Found]:
    from pass_engine.partitions import free_memory

    yield Found("cores", str(len(os.sched_getaffinity(0))))
    yield Found("free memory", f"{free_memory() // 1_000_000} MB")
    place = tempfile.gettempdir()
    yield Found("free room for temporary files", f"{shutil.disk_usage(place).free // 1_000_000} MB")


def _cluster(registry: Path) -> Iterator[Found]:
    from pass_engine.engines import cluster_of
    from pass_engine.registry import load_registry

    loaded = load_registry(registry)
    what = f"cluster of {loaded.registry.registry.id}"
    if loaded.registry.site.engine == "duckdb":
        yield Found(what, "none: it counts with engine: duckdb")
        return
    try:
        with cluster_of(loaded) as store:
            (row,) = store.fetch("SELECT 1 + 1 AS two")
    except PassEngineError as error:
        yield Found(what, None, f"{error.faults[0].problem}; {error.faults[0].mend}")
    else:
        yield Found(what, "answers" if row[0] == 1 + 1 else None)


def told(found: list[Found]) -> Iterator[str]:
    """A line each: what is there with its version, what is missing with its mend."""
    for one in found:
        if one.version is not None:
            yield f"ok       {one.what}: {one.version}"
        else:
            yield f"{'MISSING ' if one.is_needed else 'not here'} {one.what}\n         mend: {one.mend}"


def add_doctor(app: typer.Typer) -> None:
    """Put the command into an application."""

    @app.command()
    def doctor(registry: RegistryOption = None) -> None:
        """Say what the engine needs of this machine, what of it is here, and what to do about the rest."""
        found = look(registry)
        for line in told(found):
            typer.echo(line)
        if any(one.version is None and one.is_needed for one in found):
            raise typer.Exit(NOT_CLEAN)
