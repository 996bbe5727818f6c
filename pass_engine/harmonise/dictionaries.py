"""A registry's own terms, and its MedDRA dictionary in the distribution's layout (``$`` between fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import faults
from pass_engine.harmonise.maps import MapPlace, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.errors import Fault

SYSTEMS = ("MedDRA LLT", "MedDRA PT", "ICD-10", "OMOP")
STATUSES = ("mapped", "manual", "unmapped")
LLT_CODE, LLT_PT, PT_CODE = 0, 2, 0
FIELDS_NEEDED = {"llt.asc": 3, "pt.asc": 2}


def read_terms(file: Path, place: MapPlace) -> list[tuple[str, str | None, str | None, str]]:
    """Local terms with the system and code each is mapped to; a term without a code is ``unmapped``."""
    found: dict[str, tuple[str | None, str | None, str]] = {}
    for line, (term, system, code, status) in read_rows(file, place, ("term", "system", "code", "status")):
        here = MapPlace(f"{place.where}:{line}", place.path)
        if code and status != "unmapped" and system not in SYSTEMS:
            raise HarmoniseError(_fault(here, line, "an unknown system", f"systems are {', '.join(SYSTEMS)}"))
        if status not in STATUSES:
            raise HarmoniseError(_fault(here, line, "an unknown status", f"a status is {', '.join(STATUSES)}"))
        mapped = (system, code, status) if code and status != "unmapped" else (None, None, "unmapped")
        if found.setdefault(term, mapped) != mapped:
            raise HarmoniseError(_fault(here, line, "one term with two codes", "the file contradicts itself"))
    return [(term, *mapped) for term, mapped in found.items()]


def read_llt(folder: Path, place: MapPlace) -> list[tuple[str, str]]:
    """Every lowest-level term with its preferred term."""
    preferred = {fields[PT_CODE] for _, fields in _asc_rows(folder / "pt.asc", place)}
    pairs: dict[str, str] = {}
    for line, fields in _asc_rows(folder / "llt.asc", place):
        here = MapPlace(f"{place.where.rstrip('/')}/llt.asc:{line}", place.path)
        if fields[LLT_PT] not in preferred:
            problem = "the files are not of one version, or pt.asc is cut off"
            raise HarmoniseError(_fault(here, line, "a preferred term that pt.asc does not have", problem))
        if pairs.setdefault(fields[LLT_CODE], fields[LLT_PT]) != fields[LLT_PT]:
            raise HarmoniseError(_fault(here, line, "one term with two preferred terms", "the file contradicts itself"))
    return list(pairs.items())


def _asc_rows(file: Path, place: MapPlace) -> Iterator[tuple[int, list[str]]]:
    where = f"{place.where.rstrip('/')}/{file.name}"
    if not file.is_file():
        raise HarmoniseError(faults.no_map_file(where, place.path, file.name))
    width = 0
    # Names may be in any encoding and are not read; codes are digits.
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        for line, row in enumerate(text, 1):
            fields = [field.strip() for field in row.upper().rstrip("\r\n").split("$")]
            width = width or len(fields)
            if len(fields) != width or len(fields) < FIELDS_NEEDED[file.name] or not fields[0]:
                here = MapPlace(f"{where}:{line}", place.path)
                problem = "the file is cut off, or not in the distribution's layout"
                raise HarmoniseError(_fault(here, line, f"{len(fields)} fields", problem))
            yield line, fields
    if not width:
        raise HarmoniseError(_fault(MapPlace(where, place.path), 0, "nothing", "the file is empty"))


def _fault(place: MapPlace, line: int, found: str, problem: str) -> Fault:
    mend = "take the dictionary's files from its distribution again" if ".asc" in place.where else "mend the row"
    return faults.bad_map_file(place.where, place.path, found, problem, mend, line)
