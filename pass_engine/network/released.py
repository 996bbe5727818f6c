"""What left a registry that suppresses: a copy of each approved bundle, against which the next one is held.

``released/STUDY/DIGEST/`` beside ``registry.yaml`` has a bundle's own files under the SHA-256 of its manifest. The audit
log says which copies there must be, so that one taken away, changed or put in is found.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pass_engine.audit import read_entries
from pass_engine.bundle import MANIFEST, bundle_files, digest_file, read_bundle
from pass_engine.errors import BundleError, Fault, TrustError
from pass_engine.network.logs import note
from pass_engine.terms import SUPPRESSED

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pass_engine.bundle import BundleContent
    from pass_engine.registry import LoadedRegistry

FOLDER = "released"
ACT = "release kept"


def keep_released(content: BundleContent, bundle: Path, registry: LoadedRegistry, log: Path) -> None:
    """Copy a bundle that is about to be approved; of a registry that suppresses nothing, none. Twice changes nothing."""
    if content.registry["policy"]["release"] != SUPPRESSED:
        return
    study, digest = content.protocol["id"], digest_file(bundle / MANIFEST)
    if digest in _noted(log, study):
        return
    place = registry.folder / FOLDER / study / digest
    for name in bundle_files(bundle):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bundle / name, place / name)
    note(log, ACT, study=study, bundle=digest)


def released_before(registry: LoadedRegistry, log: Path, study: str) -> list[dict[str, pd.DataFrame]]:
    """Tables that left in earlier releases of a study, as the log knows them.

    None where the registry suppresses nothing. Raises TrustError (PE932) where a copy is missing, changed, or not in
    the log.
    """
    if registry.registry.policy.release != SUPPRESSED:
        return []
    place, noted = registry.folder / FOLDER / study, _noted(log, study)
    there = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    tables, faults = (
        [],
        [_fault(f"{FOLDER}/{study}/{name}", "a copy", "the log has none") for name in there if name not in noted],
    )
    for digest in noted:
        where = f"{FOLDER}/{study}/{digest[:12]}…"
        try:
            content = read_bundle(place / digest)
            if digest_file(place / digest / MANIFEST) != digest:
                faults.append(_fault(where, "another content", "it is not the bundle that was approved"))
            tables.append(content.tables)
        except BundleError as error:
            faults.append(_fault(where, error.faults[0].found, error.faults[0].problem))
    if faults:
        raise TrustError(*faults)
    return tables


def _noted(log: Path, study: str) -> list[str]:
    """Digests of the copies that the log knows, in order."""
    return list(dict.fromkeys(e["bundle"] for e in read_entries(log) if e["act"] == ACT and e["study"] == study))


def _fault(where: str, found: str, why: str) -> Fault:
    problem = f"the copies of what left before are not those of the audit log: {why}"
    return Fault(
        where, "", found, problem, "take them back from a copy: what leaves next is held against them", "PE932"
    )
