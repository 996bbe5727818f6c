"""A registry's bundle: its aggregates and a manifest that holds them together. Nothing at person level.

Files: one CSV a border table, ``registry.json`` (what the registry is, and its policy), ``column_map/*.sql`` (how its
columns were read), ``manifest.json`` (format, protocol, engine version, SHA-256 of every other file and of the inputs,
what was withheld).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle.files import digest_file, read_csv, write_csv, write_json
from pass_engine.disclose import BORDER_TABLES, OPTIONAL_TABLES, Withheld, empty_table, shape_tables
from pass_engine.errors import BundleError, DisclosureError, Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import pandas as pd

BUNDLE_FORMAT = "pass_engine bundle 1"
MANIFEST = "manifest.json"
REGISTRY = "registry.json"
COLUMN_MAP = re.compile(r"column_map/([a-z_]+)\.sql")
"""Generated SQL beside the tables: names and codes of the registry's mapping, no data."""


@dataclass(frozen=True)
class BundleContent:
    """What a registry sends: who it is, for which protocol, its tables, and what it kept back.

    ``registry``: id, name, countries, synthetic, data_cut_date, collection_start, deaths, policy.
    ``protocol``: id, version, digest. ``inputs``: file of the registry to its SHA-256. ``column_maps``: core table to
    the SQL that its mapping became. ``fingerprints``: core table to the digests of what was read into it.
    """

    registry: dict[str, Any]
    protocol: dict[str, str]
    tables: dict[str, pd.DataFrame]
    withheld: tuple[Withheld, ...] = ()
    engine_version: str = field(default=__version__)
    inputs: dict[str, str] = field(default_factory=dict)
    column_maps: dict[str, str] = field(default_factory=dict)
    fingerprints: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def registry_id(self) -> str:
        """The registry's identifier."""
        return str(self.registry["id"])


def write_bundle(folder: Path, content: BundleContent) -> None:
    """Write a bundle into a folder that is new or empty. Tables are held against the border's allow-list again."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BundleError(
            _fault(
                "PE601",
                folder,
                "",
                "files in the folder",
                "a bundle is written into an empty folder",
                "name another folder, or empty this one",
            )
        )
    shaped = shape_tables(content.tables)
    tables = {name: frame for name, frame in shaped.items() if name not in OPTIONAL_TABLES or len(frame)}
    for name, frame in tables.items():
        write_csv(folder / f"{name}.csv", _in_order(name, frame))
    write_json(folder / REGISTRY, content.registry)
    for table, text in sorted(content.column_maps.items()):
        (folder / "column_map").mkdir(exist_ok=True)
        (folder / _map_file(table)).write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")
    files = {f"{name}.csv" for name in tables} | {REGISTRY} | {_map_file(table) for table in content.column_maps}
    write_json(
        folder / MANIFEST,
        {
            "format": BUNDLE_FORMAT,
            "engine_version": content.engine_version,
            "protocol": content.protocol,
            "files": {name: digest_file(folder / name) for name in sorted(files)},
            "inputs": content.inputs,
            "fingerprints": content.fingerprints,
            "withheld": list(content.withheld),
        },
    )


def read_bundle(
    folder: Path, protocol_digest: str | None = None, beside: Collection[str] = frozenset()
) -> BundleContent:
    """Read and verify a bundle. Raises BundleError with every fault found.

    With ``protocol_digest`` the bundle must have been made under exactly that protocol. ``beside`` are files that may
    stand there and are no part of it: its signatures.
    """
    manifest = _read_manifest(folder)
    faults = _file_faults(folder, manifest["files"], beside)
    found = manifest["protocol"].get("digest", "")
    if protocol_digest is not None and found != protocol_digest:
        faults.append(
            _fault(
                "PE606",
                folder / MANIFEST,
                "protocol.digest",
                found[:12] + "…",
                f"the bundle was made under another protocol than {protocol_digest[:12]}…",
                "ask the registry to run the protocol as it stands",
            )
        )
    if faults:
        raise BundleError(*faults)
    return BundleContent(
        registry=json.loads((folder / REGISTRY).read_text(encoding="utf-8")),
        protocol=manifest["protocol"],
        tables=_read_tables(folder),
        withheld=tuple(manifest["withheld"]),
        engine_version=manifest["engine_version"],
        inputs=dict(manifest["inputs"]),
        fingerprints=dict(manifest.get("fingerprints") or {}),
        column_maps={
            match[1]: (folder / name).read_text(encoding="utf-8")
            for name in sorted(manifest["files"])
            if (match := COLUMN_MAP.fullmatch(name))
        },
    )


def bundle_files(folder: Path) -> tuple[str, ...]:
    """Names of a verified bundle's files, its manifest among them."""
    return (MANIFEST, *sorted(_read_manifest(folder)["files"]))


def _map_file(table: str) -> str:
    return f"column_map/{table}.sql"


def _in_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    keys = [c for c in BORDER_TABLES[name].texts if c not in {"step", "label"}]
    order = [*keys, "position", "step"] if name == "attrition" else list(BORDER_TABLES[name].texts)
    return frame.sort_values(order, kind="stable").reset_index(drop=True)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            _fault(
                "PE601",
                path,
                "",
                "no file",
                "a bundle has a manifest",
                "name the folder that holds manifest.json",
            )
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        manifest = None
    wanted: Mapping[str, type] = {
        "files": dict, "protocol": dict, "withheld": list, "engine_version": str, "inputs": dict
    }  # fmt: skip
    good = isinstance(manifest, dict) and all(isinstance(manifest.get(k), t) for k, t in wanted.items())
    if not good or manifest.get("format") != BUNDLE_FORMAT:
        raise BundleError(
            _fault(
                "PE602",
                path,
                "format",
                "another content",
                f"a manifest of the format {BUNDLE_FORMAT!r} is needed",
                "make the bundle again with this version of the engine",
            )
        )
    return dict(manifest)


def _file_faults(folder: Path, files: Mapping[str, str], beside: Collection[str]) -> list[Fault]:
    tables = {f"{name}.csv" for name in BORDER_TABLES}
    needed = tables - {f"{name}.csv" for name in OPTIONAL_TABLES} | {REGISTRY}
    allowed = tables | {REGISTRY} | {name for name in files if COLUMN_MAP.fullmatch(name)}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()} - {MANIFEST, *beside}
    again = "ask the registry for the bundle again, whole"
    faults = [
        _fault("PE603", folder / name, "", "no file", "the bundle lacks a file it must hold", again)
        for name in sorted((needed | set(files)) - there)
    ]
    faults += [
        _fault("PE604", folder / name, "", "a file", "the manifest does not know it", "take it out, or ask again")
        for name in sorted(there - (set(files) & allowed))
    ]
    faults += [
        _fault("PE605", folder / name, "files", "another digest", "the file is not the one of the manifest", again)
        for name in sorted(there & set(files) & allowed)
        if digest_file(folder / name) != files[name]
    ]
    return faults


def _read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    tables, faults = {}, []
    for name, border in BORDER_TABLES.items():
        path = folder / f"{name}.csv"
        if name in OPTIONAL_TABLES and not path.is_file():
            tables[name] = empty_table(name)
            continue
        try:
            tables[name] = read_csv(path, (*border.numbers, *border.optional))
        except ValueError:
            faults.append(
                _fault(
                    "PE607",
                    path,
                    "",
                    "a value that is no whole number",
                    "the table cannot be read",
                    "make the bundle again with this version of the engine",
                )
            )
    if faults:
        raise BundleError(*faults)
    try:
        return shape_tables(tables)
    except DisclosureError as error:
        raise BundleError(
            *(_fault("PE607", folder, f.path, f.found, f"{f.where}: {f.problem}", f.mend) for f in error.faults)
        ) from error


def _fault(code: str, where: Path, path: str, found: str, problem: str, mend: str) -> Fault:
    return Fault(where.as_posix(), path, found, problem, mend, code)
