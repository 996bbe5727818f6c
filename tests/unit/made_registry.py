"""Registries made of a few lines, for tests of source and harmonise."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pass_engine.protocol.models import Data, Extra, Period, Population, Publish, Study, StudyInfo
from pass_engine.registry import LoadedRegistry
from pass_engine.registry.models import Registry
from pass_engine.source import load_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pass_engine.store import Store
    from pass_engine.tables.raw import RawTable

Tables = dict[str, dict[str, Any]]


def made_registry(folder: Path, tables: Tables, *, info: dict[str, Any] | None = None, **source: Any) -> LoadedRegistry:
    """A registry whose folder is ``folder``; what is not said is plain."""
    value = {
        "registry": {
            "id": "xx", "name": "Made-up registry", "countries": ("SE",), "data_cut_date": date(2024, 12, 31),
            "deaths": "linked", **(info or {}),
        },
        "source": {"kind": "files", "path": ".", "tables": tables, **source},
        "policy": {"min_cell": 5, "min_persons": 10, "release": "exact", "allow": ("incidence",)},
    }  # fmt: skip
    return LoadedRegistry(folder, Registry.model_validate(value), "0" * 64)


def made_study(
    *, require: tuple[str, ...] = (), cut: date = date(2024, 12, 31), extras: Sequence[dict[str, Any]] = ()
) -> Study:
    """As much of a study as harmonising reads."""
    period = Period(start=date(2015, 1, 1), end=date(2024, 12, 31))
    return Study.model_construct(
        pass_engine=1,
        study=StudyInfo.model_construct(id="made-up"),
        data=Data(
            model="core/1",
            cut=cut,
            registries=("xx",),
            require=require,
            extras=tuple(Extra(**{**e, "values": tuple(e.get("values", ()))}) for e in extras),
        ),
        population=Population(period=period, index="cohort_entry", entries="first"),
        publish=Publish(min_cell=5),
    )


def write(folder: Path, **texts: str | bytes) -> None:
    """Write files: ``person_csv="..."`` makes ``person.csv``."""
    for name, text in texts.items():
        file = folder / ".".join(name.rsplit("_", 1))
        file.write_bytes(text if isinstance(text, bytes) else text.encode())


def load_rows(store: Store, loaded: LoadedRegistry, table: str = "person") -> tuple[RawTable, list[tuple[Any, ...]]]:
    """Load a registry's source; one raw table and its rows."""
    raw = {t.table: t for t in load_source(store, loaded)}[table]
    names = ", ".join(f'"{name}"' for name in raw.columns)
    return raw, store.fetch(f"SELECT {names} FROM {raw.name}")  # noqa: S608
