"""What a registry states of itself beside its counts: words, figures from outside, how columns were taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.tables.core import CORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.registry.loader import LoadedRegistry
    from pass_engine.registry.models import ColumnMap, Registry


def stated(registry: LoadedRegistry) -> dict[str, Any]:
    """For the bundle, so that a dossier can say it: no value of a person, no name of a file or source column."""
    content = registry.registry
    told: dict[str, Any] = {"mapped_columns": sorted(_mapped(content))}
    if content.about is not None:
        told["about"] = content.about.model_dump(mode="json", exclude_none=True)
    if content.benchmarks is not None:
        figures = content.benchmarks.model_dump(mode="json", exclude_none=True, exclude={"earlier_rows": True})
        told["benchmarks"] = {key: {k: v for k, v in figure.items() if k != "file"} for key, figure in figures.items()}
    return told


def _mapped(content: Registry) -> Iterator[str]:
    """Core columns whose values were translated, converted, put together or fixed, rather than taken as they stand."""
    if content.source.kind == "omop":
        for core in CORE.values():
            yield from (f"{core.name}.{column.name}" for column in core.columns)
        return
    for name, table in content.source.tables.items():
        yield from (f"{name}.{column}" for column in table.constants)
        yield from (f"{name}.{column}" for column, how in table.columns.items() if _changes(how))


def _changes(how: str | ColumnMap) -> bool:
    """Does the map do more than name the column and the way its dates are written?"""
    if isinstance(how, str):
        return False
    return bool(how.map or how.map_file or how.unit or how.split or how.when or how.days_from or len(how.sources) > 1)
