"""A sample registry as Parquet files with types of their own, mapped here or where a cluster reads them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import yaml

from pass_engine.registry import load_registry
from pass_engine.source import load_source
from pass_engine.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

AS_TYPES = ("DATE", "BIGINT", "DECIMAL(12, 3)", "DOUBLE")


def as_parquet(source: Path, target: Path) -> Path:
    """A copy of a registry's folder with Parquet files under ``data/``; a column that holds days alone has days."""
    folder = target / source.name
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("data"))
    (folder / "data").mkdir()
    with open_store() as store:
        for table in load_source(store, load_registry(source)):
            columns = ", ".join(f'CAST("{c}" AS {_type(store, table.name, c)}) AS "{c}"' for c in table.columns)
            store.fetch(f"COPY (SELECT {columns} FROM {table.name}) TO '{folder}/data/{table.table}.parquet'")  # noqa: S608
    file = folder / "registry.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    for table, mapped in said["source"]["tables"].items():
        mapped["file"] = f"{table}.parquet"
        for key in ("sheet", "delimiter", "encoding"):
            mapped.pop(key, None)
    said["source"] |= {"kind": "files", "path": "data/"}
    file.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def there(folder: Path, address: str, target: Path, *, base: Path | None = None) -> Path:
    """The same registry, whose files a cluster reads."""
    copy = target / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("data"))
    file = copy / "registry.yaml"
    text = re.sub("kind: files", "kind: spark", file.read_text(encoding="utf-8"))
    text = re.sub("path: data/", f"path: {base or folder / 'data'}", text)
    file.write_text(f"{text}\nsite:\n  engine: spark\n  address: {address}\n", encoding="utf-8")
    return copy


def _type(store: object, table: str, column: str) -> str:
    """The first type that holds every value of a column as it is written."""
    for kind in AS_TYPES:
        query = (
            f'SELECT count(*) FROM {table} WHERE "{column}" IS NOT NULL AND '  # noqa: S608
            f"""coalesce(rtrim(rtrim(CAST(try_cast("{column}" AS {kind}) AS VARCHAR), '0'), '.'), '')"""
            f""" <> rtrim(rtrim("{column}", '0'), '.')"""
        )
        if store.fetch(query) == [(0,)]:  # type: ignore[attr-defined]
            return kind
    return "VARCHAR"
