"""The engine that counts a registry: DuckDB inside this process, or the cluster that registry.yaml names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pass_engine.source.credentials import cluster_address
from pass_engine.sqltext import COUNTING, files_between
from pass_engine.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store

FOR_MAPPING = ("raw_", "code_map")
"""Beginnings of the names of tables that only the mapping reads."""


@contextmanager
def counting_store(loaded: LoadedRegistry, embedded: Store, *, threads: int = 2) -> Iterator[Store]:
    """Where the numbered SQL of a registry runs: in the embedded store itself, or on its cluster."""
    if loaded.registry.site.engine == "duckdb":
        yield embedded
        return
    with cluster_of(loaded, threads=threads) as cluster:
        yield cluster


@contextmanager
def mapping_store(loaded: LoadedRegistry, *, threads: int = 2) -> Iterator[Store]:
    """Where a registry is mapped and looked into: an embedded store, or the cluster that its source lies on."""
    if loaded.registry.source.kind == "spark":
        with cluster_of(loaded, threads=threads) as cluster:
            yield cluster
    else:
        with open_store(threads=threads) as store:
            yield store


@contextmanager
def cluster_of(loaded: LoadedRegistry, *, threads: int = 2) -> Iterator[Store]:
    """A session on the cluster that a registry names."""
    from pass_engine.spark_store import open_spark

    where = f"{loaded.folder.resolve().name}/registry.yaml"
    with open_spark(cluster_address(loaded), where, threads=threads) as cluster:
        yield cluster


def passing_on(embedded: Store, counting: Store, on_step: Callable[[str], None]) -> Callable[[], Store] | None:
    """What gives the counting store the tables that the mapping made; None where the two are one."""
    if embedded is counting:
        return None

    def pass_on() -> Store:
        on_step("hand over")
        for table in embedded.table_names():
            if not table.startswith(FOR_MAPPING):
                embedded.hand_over(table, counting)
        return counting

    return pass_on


def write_translated(folder: Path, column_maps: Mapping[str, Path]) -> None:
    """The SQL as a cluster runs it, a file each; what is pinned is the text it was made from.

    ``column_maps``: registry whose source the cluster reads, to the folder of its column maps.
    """
    from pass_engine.dialect import translate

    def write(file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(translate(text).whole, encoding="utf-8", newline="\n")

    for sql in files_between(*COUNTING):
        write(folder / sql.name, sql.text)
    for registry, maps in column_maps.items():
        for file in sorted(maps.glob("*.sql")):
            write(folder / "column_map" / registry / file.name, file.read_text(encoding="utf-8"))
