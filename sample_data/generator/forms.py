"""Give core tables the form of a registry, by reading its ``registry.yaml`` backwards.

``registry.yaml`` is the one place that says how a registry looks: which column is called what, which code stands
for which value, how dates are written. The engine reads it forwards, the generator backwards.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from generator.days import Array, is_date_column
from generator.faults import CANCELLED
from generator.streams import stream

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = {
    "dose",
    "timed_25_foot_walk_s",
    "nine_hole_peg_s",
    "sdmt",
    "gestational_weeks",
    "birth_weight_g",
    "value",
    "new_or_enlarging_t2",
    "gd_lesions",
}
"""Core columns that hold numbers."""

ISO_FORMATS = ("%Y-%m-%d", "%Y-%m", "%Y")


@dataclass(frozen=True)
class SourceTable:
    """A table as the registry holds it: text, None where missing, and the core column of each source column."""

    core: str
    spec: dict[str, Any]
    data: pd.DataFrame
    origin: dict[str, str]


def read_registry(folder: Path) -> dict[str, Any]:
    """The content of a registry's ``registry.yaml``."""
    content: dict[str, Any] = yaml.safe_load((folder / "registry.yaml").read_text(encoding="utf-8"))
    return content


def shape_tables(folder: Path, registry_id: str, core: dict[str, pd.DataFrame], seed: int) -> list[SourceTable]:
    """Every mapped table in the registry's own form."""
    specs = read_registry(folder)["source"]["tables"]
    missing = set(specs) - set(core)
    if missing:
        raise ValueError(f"{registry_id} maps tables that are not made: {sorted(missing)}")
    return [_shape(folder, registry_id, name, spec, core[name], seed) for name, spec in specs.items()]


def _shape(
    folder: Path, registry_id: str, name: str, spec: dict[str, Any], core: pd.DataFrame, seed: int
) -> SourceTable:
    data: dict[str, Array] = {}
    origin: dict[str, str] = {}
    for column, mapping in spec["columns"].items():
        rule = {"from": mapping} if isinstance(mapping, str) else mapping
        source = rule["from"]
        if source in data:
            continue
        rng = stream(seed, registry_id, "form", name, column)
        data[source] = _shape_column(folder, spec, column, rule, core, rng)
        origin[source] = column
    for source in spec.get("where", {}):
        kept = np.full(len(core), spec["where"][source], dtype=object)
        data[source] = core[CANCELLED].to_numpy(dtype=object) if CANCELLED in core else kept
        origin[source] = CANCELLED
    return SourceTable(name, spec, pd.DataFrame(data, dtype=object), origin)


def _shape_column(
    folder: Path, spec: dict[str, Any], column: str, rule: dict[str, Any], core: pd.DataFrame, rng: np.random.Generator
) -> Array:
    if column not in core:
        return np.full(len(core), None, dtype=object)
    values = core[column].to_numpy(dtype=object)
    codes = rule.get("map") or ("map_file" in rule and _read_map(folder / rule["map_file"]))
    if codes:
        return _invert(values, codes, _luck_by_person(core, rng))
    if "days_from" in rule:
        return _count_days(values, rule["days_from"])
    if is_date_column(column):
        return _write_dates(values, rule.get("date_format") or spec.get("date_format") or ISO_FORMATS)
    if column in NUMBERS and spec.get("decimal") == ",":
        return np.array([v and v.replace(".", ",") for v in values], dtype=object)
    return values


def _read_map(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["source"]: row["core"] for row in csv.DictReader(file)}


def _luck_by_person(core: pd.DataFrame, rng: np.random.Generator) -> Array:
    """One uniform number a person, so that of several codes for a thing a person always has the same."""
    number, _ = pd.factorize(core["person_id"], use_na_sentinel=False)
    return rng.random(len(core))[number]


def _invert(values: Array, codes: dict[str, str], luck: Array) -> Array:
    """The registry's own code for each value, any of several; what has none stays as it is."""
    sources: dict[str, list[str]] = {}
    for source, core in codes.items():
        sources.setdefault(core, []).append(source)
    result = [sources.get(v, [v])[int(u * len(sources.get(v, [v])))] for v, u in zip(values, luck, strict=True)]
    return np.array(result, dtype=object)


def _count_days(values: Array, start: date) -> Array:
    days = [None if v is None else str((date.fromisoformat(v) - start).days) for v in values]
    return np.array(days, dtype=object)


def _write_dates(values: Array, formats: str | list[str] | tuple[str, ...]) -> Array:
    wanted = [formats] if isinstance(formats, str) else list(formats)
    by_length = {_precision(f): f for f in reversed(wanted)}
    return np.array([v if v is None else _write_date(v, by_length) for v in values], dtype=object)


def _precision(date_format: str) -> int:
    return 10 if "%d" in date_format else 7 if "%m" in date_format else 4


def _write_date(value: str, by_length: dict[int, str]) -> str:
    """A date in the finest format that the registry has for it; what is no date stays as it is."""
    parts = value.split("-")
    if not all(p.isdigit() for p in parts) or len(value) not in (4, 7, 10) or not _is_date(value):
        return value
    fitting = [length for length in by_length if length <= len(value)]
    text = by_length[max(fitting)] if fitting else value
    for mark, part in zip(("%Y", "%m", "%d"), parts, strict=False):
        text = text.replace(mark, part)
    return text


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value)
    except ValueError:
        return False
    return True
