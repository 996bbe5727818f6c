"""Code lists: CSV files that say which codes make an outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.sheets import BadRowError, Sheet, read_sheet
from pass_engine.yamltext import shown_name, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.sheets import Cells

SHEET = Sheet("a code list", "code", ("system", "code", "label", "match"), Wrong.NOT_A_CODE_LIST)
GROUP_MATCHES = ("any", "primary")
QUERY_MATCHES = ("narrow", "broad")
MATCHES = {
    "ICD-10": ("exact", "descendants", "range"),
    "MedDRA PT": ("exact",),
    "MedDRA LLT": ("exact",),
    "MedDRA HLT": GROUP_MATCHES,
    "MedDRA HLGT": GROUP_MATCHES,
    "MedDRA SOC": GROUP_MATCHES,
    "MedDRA SMQ": QUERY_MATCHES,
    "OMOP": ("exact", "descendants"),
    "local": ("exact",),
}
LATER_SYSTEMS = (
    "ICD-9",
    "ICD-11",
    "SNOMED CT",
    "ICPC-2",
)
_FORMS = {
    "ICD-10": re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}"),
    "OMOP": re.compile(r"[1-9][0-9]{0,9}"),
    "local": re.compile(r".{1,400}"),
}
_MEDDRA = re.compile(r"[0-9A-Z]{1,20}")
_MENDS = {"ICD-10": "write it as A41 or A41.9; a range needs match: range", "OMOP": "write the number of the concept",
          "local": "write the term as the registry does"}  # fmt: skip


@dataclass(frozen=True, order=True)
class Code:
    """One row: a code, or a closed range of codes. Codes are upper case, ICD-10 without its dot.

    A term of a registry (``local``) stays as the registry writes it.
    """

    system: str
    code_from: str
    code_to: str
    label: str
    match: str

    @property
    def is_group(self) -> bool:
        """Does it stand for the terms of a group or query of MedDRA?"""
        return self.match in (*GROUP_MATCHES, *QUERY_MATCHES)


def normalise_code(system: str, code: str) -> str:
    """A code as it is compared: trimmed, upper case, without the dot where the system is ICD-10; a local term as is."""
    code = code.strip() if system == "local" else code.strip().upper()
    return code.replace(".", "") if system == "ICD-10" else code


def read_code_list(path: Path) -> tuple[tuple[Code, ...], tuple[Fault, ...]]:
    """The rows of a code list, and every fault in it."""
    rows, form = read_sheet(path, SHEET)
    codes, faults = _read_rows(shown_name(path), rows)
    return codes, (*form, *faults)


def _read_rows(name: str, rows: tuple[tuple[int, Cells], ...]) -> tuple[tuple[Code, ...], tuple[Fault, ...]]:
    codes: dict[tuple[str, str, str, str], int] = {}
    kept: list[Code] = []
    faults: list[Fault] = []
    for line, cells in rows:
        try:
            code = _code(cells)
            key = (code.system, code.code_from, code.code_to, code.match)
        except BadRowError as bad:
            faults.append(bad.fault(name, line))
            continue
        if key in codes:
            problem = f"this code stands twice; the first time on line {codes[key]}"
            twice = BadRowError(Wrong.CODE_TWICE, "code", cells["code"], problem, "keep one of them")
            faults.append(twice.fault(name, line))
            continue
        codes[key] = line
        kept.append(code)
    return tuple(kept), tuple(faults)


def _code(cells: Cells) -> Code:
    system, written, label, match = (cells[column] for column in SHEET.columns)
    if system in LATER_SYSTEMS:
        raise BadRowError(
            Wrong.NOT_IN_THIS_VERSION,
            "system",
            system,
            "codes of this system: not in this version",
            f"one of: {', '.join(MATCHES)}",
        )
    if system not in MATCHES:
        raise BadRowError(
            Wrong.CODE_NOT_KNOWN,
            "system",
            system or "nothing",
            "this system of codes is not known",
            suggest(system, MATCHES),
        )
    if match not in MATCHES[system]:
        raise BadRowError(
            Wrong.CODE_NOT_KNOWN,
            "match",
            match or "nothing",
            f"codes of {system} are not matched so",
            f"one of: {', '.join(MATCHES[system])}",
        )
    if not label:
        raise BadRowError(
            Wrong.CODE_NOT_KNOWN, "label", "nothing", "the code has no label", "write in words what the code means"
        )
    first, last = _range(system, written) if match == "range" else (written, written)
    code_from, code_to = _well_formed(system, first, written), _well_formed(system, last, written)
    if len(code_from) != len(code_to) or code_from > code_to:
        raise BadRowError(
            Wrong.CODE_FORM,
            "code",
            written,
            "a range goes from a lower code to a higher one of the same length",
            "write it as A00-B99",
        )
    return Code(system, code_from, code_to, label, match)


def _range(system: str, written: str) -> tuple[str, str]:
    first, dash, last = written.partition("-")
    if not dash:
        raise BadRowError(
            Wrong.CODE_FORM, "code", written or "nothing", f"this is no range of {system} codes", "write it as A00-B99"
        )
    return first, last


def _well_formed(system: str, code: str, written: str) -> str:
    plain = normalise_code(system, code)
    if not _FORMS.get(system, _MEDDRA).fullmatch(plain):
        mend = _MENDS.get(system, "write the number of the term")
        raise BadRowError(Wrong.CODE_FORM, "code", written or "nothing", f"this is no code of {system}", mend)
    return plain
