"""What left a registry that suppresses: a copy of each approved bundle, against which the next one is held.

``released/STUDY/DIGEST/`` beside ``registry.yaml`` has a bundle's own files under the SHA-256 of its manifest. The
audit log says which copies there must be, so that one taken away, changed or put in is found.
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

    from pass_engine.bundle import BundleContent
    from pass_engine.disclose.suppress import BorderTables
    from pass_engine.registry import LoadedRegistry

FOLDER = "released"
ACT = "release kept"


def keep_released(content: BundleContent, bundle: Path, registry: LoadedRegistry, log: Path, made: int) -> None:
    """Copy a bundle that is about to be approved; of a registry that suppresses nothing, none. Twice changes nothing.

    ``made``: the line of the log that says that it was made. Raises TrustError (PE920) where another release of the
    study left since, so that the bundle was not held against that one.
    """
    if content.registry["policy"]["release"] != SUPPRESSED:
        return
    study, digest = content.protocol["id"], digest_file(bundle / MANIFEST)
    noted = _noted(log, study)
    if digest in noted:
        return
    if max(noted.values(), default=0) > made:
        problem = "another release of the study left since this bundle was made, which was not held against that one"
        raise TrustError(Fault(bundle.as_posix(), "", "an older bundle", problem, "run the release again", "PE920"))
    place = registry.folder / FOLDER / study / digest
    for name in bundle_files(bundle):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bundle / name, place / name)
    note(log, ACT, study=study, bundle=digest)


def released_before(registry: LoadedRegistry, log: Path, study: str) -> list[BorderTables]:
    """Tables that left in earlier releases of a study, as the log knows them.

    None where the registry suppresses nothing. Raises TrustError (PE932) where a copy is missing, changed, or not in
    the log.
    """
    if registry.registry.policy.release != SUPPRESSED:
        return []
    place, noted = registry.folder / FOLDER / study, _noted(log, study)
    there = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    tables: list[BorderTables] = []
    faults = [_fault(study, name, "a copy", "the log does not know it") for name in there if name not in noted]
    for digest in noted:
        try:
            tables.append(read_bundle(place / digest).tables)
            if digest_file(place / digest / MANIFEST) != digest:
                faults.append(_fault(study, digest, "another manifest", "it is not that of the bundle approved"))
        except BundleError as error:
            faults.append(_fault(study, digest, error.faults[0].found, error.faults[0].problem))
    if faults:
        raise TrustError(*faults)
    return tables


def _noted(log: Path, study: str) -> dict[str, int]:
    """Digests of the copies that the log knows, in order, each with its line."""
    return {e["bundle"]: e["line"] for e in read_entries(log) if e["act"] == ACT and e["study"] == study}


def _fault(study: str, name: str, found: str, why: str) -> Fault:
    where = f"{FOLDER}/{study}/{name[:12]}"
    problem = f"the copies of what left before are not those of the audit log: {why}"
    mend = "take them back from a copy: what leaves next is held against them"
    return Fault(where, "", found, problem, mend, "PE932")
