"""Why a re-run may differ: what the manifest says of the first run, held against what is here now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.pin import changes_of_engine, engine_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

UNEXPLAINED = (
    "nothing that is recorded differs: data, protocol, SQL, engine and packages are the same. System libraries (Pango, "
    "HarfBuzz, fontconfig) are not recorded and move the bytes of a report alone"
)


def engine_causes(manifest: Mapping[str, Any]) -> list[str]:
    """What of the installation is not that of the run, in the order in which it explains a difference."""
    versions = manifest.get("versions") or {}
    then = {"version": versions.get("pass_engine"), "sql": manifest.get("sql"), **(manifest.get("engine") or {})}
    now = {**engine_parts(), "version": __version__}
    words = {
        "sql": "SQL", "version": "engine version", "packages": "library version", "settings": "settings",
        "templates": "report templates", "fonts": "fonts",
    }  # fmt: skip
    found = changes_of_engine(then, now)
    return [f"{words[part]}: {'; '.join(found[part])}" for part in words if part in found]


def earlier_causes(manifest: Mapping[str, Any], given: int) -> list[str]:
    """Runs published before decide what is withheld beside them; they are not part of a run."""
    then = int(manifest.get("earlier_runs") or 0)
    return [f"settings: the run was made beside {then} earlier runs, and {given} were named"] if then != given else []


def input_causes(registry: str, first: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Files and tables of a registry that are not those of the run: bundle manifests of then and now."""
    files = _names(first.get("inputs") or {}, again.get("inputs") or {})
    tables = [
        _table(name, (first.get("fingerprints") or {}).get(name), (again.get("fingerprints") or {}).get(name))
        for name in _names(first.get("fingerprints") or {}, again.get("fingerprints") or {})
    ]
    told = [f"input of {registry} changed: {text}" for text in tables]
    if files and not tables:
        told.append(f"input of {registry} changed in {', '.join(files)}, and no table that is read differs")
    return told


def _names(first: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted(first.keys() | again.keys()) if first.get(name) != again.get(name)]


def _table(name: str, first: Mapping[str, Any] | None, again: Mapping[str, Any] | None) -> str:
    if first is None or again is None:
        return f"table {name} was {'not there' if first is None else 'there'} then"
    columns = _names(first["columns"], again["columns"])
    rows = f", {first['rows']:,} rows then and {again['rows']:,} now" if "rows" in first and "rows" in again else ""
    where = f"in {', '.join(columns)}" if columns else "in which values stand together in a row"
    return f"table {name}{rows}; it differs {where}"
