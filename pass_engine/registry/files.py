"""The files a registry's mapping reads, for the fingerprints of a run's manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.registry.models import ColumnMap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.registry.loader import LoadedRegistry
    from pass_engine.registry.models import Source


def input_files(registry: LoadedRegistry) -> dict[str, Path]:
    """Every file that the mapping names and that is there: its name in ``registry.yaml`` to its place."""
    verification = registry.registry.source_data_verification
    named = sorted({*_names(registry.registry.source), *([verification] if verification else [])})
    return {name: registry.folder / name for name in named if (registry.folder / name).is_file()}


def _names(source: Source) -> Iterator[str]:
    base = source.path.rstrip("/")
    if source.kind == "sqlite":
        yield source.path
    for table in source.tables.values():
        if table.file:
            yield f"{base}/{table.file}"
        yield from (c.map_file for c in table.columns.values() if isinstance(c, ColumnMap) and c.map_file)
    yield from source.terms.values()
    for folder in source.dictionaries.values():
        yield from (f"{folder.rstrip('/')}/{name}" for name in ("llt.asc", "pt.asc"))
