"""The files a registry's mapping reads, for the fingerprints of a run's manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.registry.models import ColumnMap
from pass_engine.tables.cdm import CDM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.registry.loader import LoadedRegistry
    from pass_engine.registry.models import Source


def input_files(registry: LoadedRegistry) -> dict[str, Path]:
    """Every file that the mapping names and that is there: its name in ``registry.yaml`` to its place."""
    source = registry.registry.source
    named = sorted({*_names(source), *(_cdm_files(registry.folder, source.path) if source.kind == "omop" else ())})
    return {name: registry.folder / name for name in named if (registry.folder / name).is_file()}


def _names(source: Source) -> Iterator[str]:
    base = (source.path or "").rstrip("/")
    if source.kind in ("sqlite", "duckdb"):
        yield base
    for table in source.tables.values():
        if table.file:
            yield f"{base}/{table.file}"
        yield from (c.map_file for c in table.columns.values() if isinstance(c, ColumnMap) and c.map_file)
    yield from source.terms.values()
    for folder in source.dictionaries.values():
        yield from (f"{folder.rstrip('/')}/{name}" for name in ("llt.asc", "pt.asc"))


def _cdm_files(folder: Path, path: str | None) -> Iterator[str]:
    """The database file of an OMOP common data model, or the files of its folder that are read."""
    base = (path or "").rstrip("/")
    if path and (folder / base).is_file():
        yield base
    for file in (folder / base).iterdir() if path and (folder / base).is_dir() else ():
        if file.stem.lower() in CDM:
            yield f"{base}/{file.name}"
