"""A registry's own terms, and the codes and status each was given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import faults
from pass_engine.harmonise.maps import MapPlace, read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.errors import Fault

SYSTEMS = ("MedDRA LLT", "MedDRA PT", "ICD-10", "OMOP")
FORMS = {
    "ICD-10": re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}"),
    "MedDRA LLT": re.compile(r"[0-9]+"),
    "MedDRA PT": re.compile(r"[0-9]+"),
    "OMOP": re.compile(r"[0-9]+"),
}
"""What a code of the system looks like, in capitals and without the marks that ICD-10 is written with."""
ICD_10_MARKS = str.maketrans("", "", ".*+ ")
STATUSES = ("mapped", "manual", "unmapped")


def read_terms(file: Path, place: MapPlace) -> list[tuple[str, str | None, str | None, str]]:
    """Local terms with the system and code each is mapped to; a term without a code is ``unmapped``."""
    found: dict[str, tuple[str | None, str | None, str]] = {}
    for line, (term, system, code, status) in read_rows(file, place, ("term", "system", "code", "status")):
        here = MapPlace(f"{place.where}:{line}", place.path)
        if code and status != "unmapped" and system not in SYSTEMS:
            raise HarmoniseError(_fault(here, line, "an unknown system", f"systems are {', '.join(SYSTEMS)}"))
        if code and status != "unmapped" and not _is_form(system, code):
            problem = f"the system is {system}, and this is no code of it"
            raise HarmoniseError(_fault(here, line, "a code of another form", problem))
        if status not in STATUSES:
            raise HarmoniseError(_fault(here, line, "an unknown status", f"a status is {', '.join(STATUSES)}"))
        mapped = (system, code, status) if code and status != "unmapped" else (None, None, "unmapped")
        if found.setdefault(term, mapped) != mapped:
            raise HarmoniseError(_fault(here, line, "one term with two codes", "the file contradicts itself"))
    return [(term, *mapped) for term, mapped in found.items()]


def _is_form(system: str, code: str) -> bool:
    plain = code.upper().translate(ICD_10_MARKS) if system == "ICD-10" else code
    return FORMS[system].fullmatch(plain) is not None


def _fault(place: MapPlace, line: int, found: str, problem: str) -> Fault:
    return faults.bad_map_file(place.where, place.path, found, problem, "mend the row", line)
