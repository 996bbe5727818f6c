"""Work for a coder: terms without a code, by frequency, with like terms of the dictionary. Nothing is applied."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, HarmoniseError
from pass_engine.harmonise.maps import MapPlace, load_code_maps
from pass_engine.harmonise.meddra import read_release, read_term_names
from pass_engine.harmonise.rules import load_dictionaries
from pass_engine.harmonise.steps import map_tables, read_tables
from pass_engine.sqltext import files_between
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry
    from pass_engine.store import Store
    from pass_engine.tables.raw import RawTable

CODED_TABLES = ("person", "adverse_event", "comorbidity")
EVENT_CODE, UNMAPPED = 155, 920
SUGGESTIONS = 3
LEAST_LIKENESS = 60
"""Of 100; below it two terms share little but letters."""


@dataclass(frozen=True)
class Suggestion:
    """A lowest level term that reads like a registry's own, and how like it is (0 to 100)."""

    code: str
    name: str
    likeness: int


def find_unmapped(
    store: Store, loaded: LoadedRegistry, raw_tables: Sequence[RawTable]
) -> list[tuple[str, str, int, int]]:
    """Terms without a code, the system they are recorded in, reports and persons; the most frequent first."""
    load_code_maps(store, loaded)
    load_dictionaries(store, loaded, ())
    map_tables(store, {t: r for t, r in read_tables(loaded, raw_tables).items() if t in CODED_TABLES})
    store.make_tables(files_between(EVENT_CODE, EVENT_CODE))
    store.make_tables(files_between(UNMAPPED, UNMAPPED))
    return store.fetch(
        "SELECT term, recorded_as, reports, persons FROM unmapped_term ORDER BY reports DESC, term, recorded_as"
    )


def dictionary_releases(loaded: LoadedRegistry) -> dict[str, dict[str, str]]:
    """Version, language and digest of each dictionary of a registry; empty where its files do not say."""
    releases: dict[str, dict[str, str]] = {}
    for name, folder in sorted(loaded.registry.source.dictionaries.items()):
        place = MapPlace(f"{loaded.folder.resolve().name}/{folder}", f"source.dictionaries.{name}")
        releases[name] = dictionary_facts(loaded.folder / folder, place)
    return releases


def dictionary_facts(folder: Path, place: MapPlace) -> dict[str, str]:
    """Version and language as the files say them, and one digest over the names and bytes of all of them."""
    version, language = read_release(folder, place)
    files = sorted(path for path in folder.glob("*.asc") if path.is_file())
    lines = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    return {"version": version, "language": language, "digest": hashlib.sha256(lines.encode()).hexdigest()}


def pin_dictionaries(folders: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """The same of dictionaries by name and folder, for a protocol's lock. Raises HarmoniseError where one is none."""
    pinned = {}
    for name, folder in folders.items():
        place = MapPlace(shown_name(folder), f"--dictionary {name}")
        if not (folder / "llt.asc").is_file():
            found, problem = "no llt.asc", "this is no dictionary as it is distributed"
            mend = "name the folder with its .asc files"
            raise HarmoniseError(Fault(place.where, place.path, found, problem, mend, "PE305"))
        read_term_names(folder, place)  # a folder without terms is no dictionary
        pinned[name] = dictionary_facts(folder, place)
    return pinned


def suggest_terms(loaded: LoadedRegistry, terms: Sequence[str]) -> dict[str, tuple[Suggestion, ...]]:
    """Current terms of the registry's dictionary most like each term; none where it has no dictionary."""
    from rapidfuzz import fuzz, process, utils

    meddra = loaded.registry.source.dictionaries.get("meddra")
    if meddra is None:
        return dict.fromkeys(terms, ())
    place = MapPlace(f"{loaded.folder.resolve().name}/{meddra}", "source.dictionaries.meddra")
    names = dict(read_term_names(loaded.folder / meddra, place))
    # Prepared once: a registry may have thousands of terms, a dictionary has tens of thousands.
    plain = {code: utils.default_process(name) for code, name in names.items()}
    return {
        term: tuple(
            Suggestion(code, names[code], int(likeness))
            for _, likeness, code in process.extract(
                utils.default_process(term), plain, scorer=fuzz.token_sort_ratio, limit=SUGGESTIONS,
                score_cutoff=LEAST_LIKENESS,
            )
        )
        for term in terms
    }  # fmt: skip
