"""Code lists: CSV files that say which codes make an outcome."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.errors import Fault
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import shown_name, suggest

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("system", "code", "label", "match")
MATCHES = {"ICD-10": ("exact", "descendants", "range"), "MedDRA PT": ("exact",), "MedDRA LLT": ("exact",)}
LATER_SYSTEMS = (
    "MedDRA HLT",
    "MedDRA HLGT",
    "MedDRA SOC",
    "MedDRA SMQ",
    "local",
    "ICD-9",
    "ICD-11",
    "SNOMED CT",
    "ICPC-2",
)
_ICD_10 = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_MEDDRA = re.compile(r"[0-9A-Z]{1,20}")


@dataclass(frozen=True, order=True)
class Code:
    """One row: a code, or a closed range of codes. Codes are upper case, ICD-10 without its dot."""

    system: str
    code_from: str
    code_to: str
    label: str
    match: str


class _BadRowError(Exception):
    def __init__(self, number: int, column: str, found: str, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.number, self.column = number, column
        self.found, self.problem, self.mend = found, problem, mend


def normalise_code(system: str, code: str) -> str:
    """A code as it is compared: trimmed, upper case, without the dot where the system is ICD-10."""
    code = code.strip().upper()
    return code.replace(".", "") if system == "ICD-10" else code


def read_code_list(path: Path) -> tuple[tuple[Code, ...], tuple[Fault, ...]]:
    """The rows of a code list, and every fault in it."""
    name = shown_name(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = bad.object[: bad.start].count(b"\n") + 1
        return (), (
            _fault(
                name,
                line,
                _BadRowError(
                    Wrong.NOT_A_CODE_LIST, "", "a byte that is not UTF-8", "the file is not UTF-8", "save it as UTF-8"
                ),
            ),
        )
    try:
        rows = _rows(text)
    except _BadRowError as bad_row:
        return (), (_fault(name, 1, bad_row),)
    except csv.Error as bad_csv:
        return (), (
            _fault(
                name, 1, _BadRowError(Wrong.NOT_A_CODE_LIST, "", str(bad_csv), "this is not CSV", "check the quotes")
            ),
        )
    return _read_rows(name, rows)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    header = tuple(cell.strip() for cell in rows[0][1]) if rows else ()
    if sorted(header) != sorted(COLUMNS):
        found = ",".join(header) or "nothing"
        mend = f"write {','.join(COLUMNS)} in the first line" + (" (commas between)" if ";" in found else "")
        raise _BadRowError(Wrong.NOT_A_CODE_LIST, "", found, "the columns are not those of a code list", mend)
    if len(rows) == 1:
        raise _BadRowError(Wrong.NOT_A_CODE_LIST, "", "no row", "the code list is empty", "write one code a line")
    order = [header.index(column) for column in COLUMNS]
    return [
        (line, [row[i].strip() if i < len(row) else "" for i in order] + row[len(COLUMNS) :]) for line, row in rows[1:]
    ]


def _read_rows(name: str, rows: list[tuple[int, list[str]]]) -> tuple[tuple[Code, ...], tuple[Fault, ...]]:
    codes: dict[tuple[str, str, str, str], int] = {}
    kept: list[Code] = []
    faults: list[Fault] = []
    for line, row in rows:
        try:
            code = _code(row)
            key = (code.system, code.code_from, code.code_to, code.match)
        except _BadRowError as bad:
            faults.append(_fault(name, line, bad))
            continue
        if key in codes:
            problem = f"this code stands twice; the first time on line {codes[key]}"
            twice = _BadRowError(Wrong.CODE_TWICE, "code", row[1], problem, "keep one of them")
            faults.append(_fault(name, line, twice))
            continue
        codes[key] = line
        kept.append(code)
    return tuple(kept), tuple(faults)


def _code(row: list[str]) -> Code:
    if len(row) != len(COLUMNS):
        raise _BadRowError(
            Wrong.NOT_A_CODE_LIST,
            "",
            f"{len(row)} cells",
            "the row does not have four cells",
            "put text with a comma in double quotes",
        )
    system, written, label, match = row
    if system in LATER_SYSTEMS:
        raise _BadRowError(
            Wrong.NOT_IN_THIS_VERSION,
            "system",
            system,
            "codes of this system: not in this version",
            f"one of: {', '.join(MATCHES)}",
        )
    if system not in MATCHES:
        raise _BadRowError(
            Wrong.CODE_NOT_KNOWN,
            "system",
            system or "nothing",
            "this system of codes is not known",
            suggest(system, MATCHES),
        )
    if match not in MATCHES[system]:
        raise _BadRowError(
            Wrong.CODE_NOT_KNOWN,
            "match",
            match or "nothing",
            f"codes of {system} are not matched so",
            f"one of: {', '.join(MATCHES[system])}",
        )
    if not label:
        raise _BadRowError(
            Wrong.CODE_NOT_KNOWN, "label", "nothing", "the code has no label", "write in words what the code means"
        )
    first, last = _range(system, written) if match == "range" else (written, written)
    code_from, code_to = _well_formed(system, first, written), _well_formed(system, last, written)
    if len(code_from) != len(code_to) or code_from > code_to:
        raise _BadRowError(
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
        raise _BadRowError(
            Wrong.CODE_FORM, "code", written or "nothing", f"this is no range of {system} codes", "write it as A00-B99"
        )
    return first, last


def _well_formed(system: str, code: str, written: str) -> str:
    plain = normalise_code(system, code)
    if not (_ICD_10 if system == "ICD-10" else _MEDDRA).fullmatch(plain):
        mend = (
            "write it as A41 or A41.9; a range needs match: range"
            if system == "ICD-10"
            else "write the number of the term"
        )
        raise _BadRowError(Wrong.CODE_FORM, "code", written or "nothing", f"this is no code of {system}", mend)
    return plain


def _fault(name: str, line: int, bad: _BadRowError) -> Fault:
    return Fault(f"{name}:{line}:1", bad.column, bad.found, bad.problem, bad.mend, f"PE1{bad.number:02d}", line, 1)
