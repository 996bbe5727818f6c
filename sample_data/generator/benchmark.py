"""Core tables as Parquet, a block of persons at a time, with a ``registry.yaml`` that maps them as they are."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml

from generator.days import is_date_column
from generator.forms import read_registry
from generator.profiles import PROFILES
from generator.simulate import draw_blocks, make_tables

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_DATA = Path(__file__).resolve().parents[1]


def write_core_parquet(registry_id: str, persons: int, seed: int, folder: Path) -> None:
    """Write one registry's core tables, clean and all in ICD-10, as a registry folder of its own."""
    import pyarrow.parquet as pq

    (folder / "data").mkdir(parents=True, exist_ok=True)
    columns: dict[str, list[str]] = {}
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for history in draw_blocks(registry_id, persons, seed):
            for name, table in make_tables(history, "ICD-10").items():
                data = to_arrow(table)
                if name not in writers:
                    columns[name] = list(table.columns)
                    writers[name] = stack.enter_context(
                        pq.ParquetWriter(folder / "data" / f"{name}.parquet", data.schema, compression="zstd")
                    )
                writers[name].write_table(data)
    (folder / "registry.yaml").write_text(core_registry(registry_id, columns), encoding="utf-8", newline="\n")


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """A typed core table as Arrow, without anything of pandas in its metadata."""
    import pyarrow as pa

    arrays = {}
    for name in table.columns:
        values = table[name]
        if is_date_column(name):
            arrays[name] = pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32())
        elif values.dtype.kind in "iu":
            arrays[name] = pa.array(values.to_numpy(), pa.int64())
        elif values.dtype.kind == "f":
            arrays[name] = pa.array(values.to_numpy(), pa.float64(), from_pandas=True)
        else:
            arrays[name] = pa.array(values.to_list(), pa.string(), from_pandas=True)
    return pa.table(arrays)


def core_registry(registry_id: str, columns: dict[str, list[str]]) -> str:
    """A ``registry.yaml`` for tables that already have core columns."""
    profile = PROFILES[registry_id]
    content = {
        "registry": {
            "id": profile.id,
            "name": f"Synthetic registry {profile.id.upper()}",
            "countries": sorted(profile.countries),
            "synthetic": True,
            "data_cut_date": pd.Timestamp(profile.cut).date(),
            "collection_start": {"adverse_event": pd.Timestamp(profile.adverse_event_start).date()},
            "deaths": profile.deaths,
        },
        "source": {
            "kind": "files",
            "path": "data/",
            "tables": {
                name: {"file": f"{name}.parquet", "columns": {c: c for c in names}} for name, names in columns.items()
            },
        },
        "policy": read_registry(SAMPLE_DATA / registry_id)["policy"],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
