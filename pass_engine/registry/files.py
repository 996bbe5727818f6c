"""The files a registry's mapping reads, for the fingerprints of a run's manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.registry.models import ColumnMap
from pass_engine.tables.cdm import CDM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.registry.loader import LoadedRegistry
    from pass_engine.registry.models import Source, TableMap


def input_files(registry: LoadedRegistry) -> dict[str, Path]:
    """Every file that the mapping names and that is there: its name in ``registry.yaml`` to its place."""
    source, verification = registry.registry.source, registry.registry.source_data_verification
    held = registry.registry.benchmarks
    outside = (held.earlier_rows, held.national.file if held.national else None) if held else ()
    own = {*_names(registry.folder, source), *filter(None, (verification, registry.policy_file, *outside))}
    named = sorted(own | {*(_cdm_files(registry.folder, source.path) if source.kind == "omop" else ())})
    return {name: registry.folder / name for name in named if (registry.folder / name).is_file()}


def input_size(registry: LoadedRegistry) -> int:
    """Bytes of those files; 0 for a database on a server."""
    return sum(file.stat().st_size for file in input_files(registry).values())


def table_files(base: Path, table: TableMap) -> tuple[str, ...]:
    """The files of a table, below ``base``: those named in their order, those of a pattern by name, each once.

    A name without a file and a pattern without one stay as they are written, for whoever looks for them.
    """
    found: list[str] = []
    for name in table.files:
        many = sorted(f.relative_to(base).as_posix() for f in base.glob(name) if f.is_file()) if "*" in name else []
        found.extend(many or [name])
    return tuple(dict.fromkeys(found))


def _names(folder: Path, source: Source) -> Iterator[str]:
    base = (source.path or "").rstrip("/")
    if source.kind in ("sqlite", "duckdb"):
        yield base
    for table in source.tables.values():
        if source.kind != "spark":
            yield from (f"{base}/{name}" for name in table_files(folder / base, table))
        yield from (c.map_file for c in table.columns.values() if isinstance(c, ColumnMap) and c.map_file)
    yield from source.terms.values()
    for dictionary in source.dictionaries.values():
        yield from (f"{dictionary.rstrip('/')}/{name}" for name in ("llt.asc", "pt.asc"))


def _cdm_files(folder: Path, path: str | None) -> Iterator[str]:
    """The database file of an OMOP common data model, or the files of its folder that are read."""
    base = (path or "").rstrip("/")
    if path and (folder / base).is_file():
        yield base
    for file in (folder / base).iterdir() if path and (folder / base).is_dir() else ():
        if file.stem.lower() in CDM:
            yield f"{base}/{file.name}"
