"""Substances by ATC code: the study's own list says which substances a code, or the beginning of one, stands for.

Counting knows substances alone. ATC codes are renumbered from time to time, so a list may give one substance several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.sheets import BadRowError, Sheet, read_sheet
from pass_engine.yamltext import ANY, matches, shown_name, value_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.sheets import Cells

SHEET = Sheet("a list of substances", "substance", ("system", "code", "substance"), Wrong.NOT_A_CODE_LIST)
ATC = "ATC"
WHOLE_CODE = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
"""A substance: ATC level 5, as https://atcddd.fhi.no/atc/structure_and_principles/ lays it out."""


@dataclass(frozen=True, order=True)
class CodedSubstance:
    """One row: a whole ATC code and the substance it stands for, as registries write it under ``substance``."""

    code: str
    substance: str


def read_substances(path: Path) -> tuple[tuple[CodedSubstance, ...], tuple[Fault, ...]]:
    """The rows of a list of substances, and every fault in it."""
    name = shown_name(path)
    rows, form = read_sheet(path, SHEET)
    faults = list(form)
    lines: dict[CodedSubstance, int] = {}
    for line, cells in rows:
        try:
            coded = _coded(cells)
        except BadRowError as bad:
            faults.append(bad.fault(name, line))
            continue
        if coded in lines:
            problem = f"this code has this substance already, on line {lines[coded]}"
            twice = BadRowError(Wrong.CODE_TWICE, "code", coded.code, problem, "keep one of them")
            faults.append(twice.fault(name, line))
        lines.setdefault(coded, line)
    return tuple(lines), tuple(faults)


def _coded(cells: Cells) -> CodedSubstance:
    system, code, substance = (cells[column] for column in SHEET.columns)
    if system != ATC:
        problem = "substances are listed by their ATC codes"
        raise BadRowError(Wrong.CODE_NOT_KNOWN, "system", system or "nothing", problem, f"write {ATC}")
    if not WHOLE_CODE.fullmatch(code):
        problem, mend = "this is no ATC code of a substance", "write the whole code in capitals, as L04AG08"
        raise BadRowError(Wrong.CODE_FORM, "code", code or "nothing", problem, mend)
    if not substance:
        problem, mend = "the code has no substance", "write the name of the substance (INN)"
        raise BadRowError(Wrong.CODE_NOT_KNOWN, "substance", "nothing", problem, mend)
    if substance != substance.lower():
        problem = "substances are held in small letters, so this one is never found"
        raise BadRowError(Wrong.SUBSTANCE_FORM, "substance", substance, problem, f"write {substance.lower()}")
    return CodedSubstance(code, substance)


def substances_under(codes: Sequence[str], listed: Sequence[CodedSubstance]) -> tuple[str, ...]:
    """Substances of the list whose code is one of these or begins with one, each once, in order of name."""
    return tuple(sorted({row.substance for row in listed if row.code.startswith(tuple(codes))}))


def with_substances(value: object, listed: Sequence[CodedSubstance]) -> object:
    """Values of a protocol in which what is told by ATC codes has its substances too: exposures, prior treatments.

    Where no code is on the list the codes stand in their place, so that nothing else seems wrong: such a protocol has
    a fault of its own and is never run.
    """
    for section in ("exposures", "covariates"):
        value = _with_substances_of(value, section, listed)
    return value


def _with_substances_of(value: object, section: str, listed: Sequence[CodedSubstance]) -> object:
    found: dict[str, tuple[str, ...]] = {}
    for path, codes in matches(value, (section, ANY, "atc")):
        written = value_at(value, (*path[:-1], "substances"))
        by_substance = section == "exposures" or value_at(value, (*path[:-1], "from")) == "prior_treatments"
        if not by_substance or written is not None:
            continue
        if isinstance(codes, tuple) and codes and all(isinstance(c, str) for c in codes):
            texts = [str(code) for code in codes]
            found[str(path[1])] = substances_under(texts, listed) or tuple(code.lower() for code in texts)
    parts = value_at(value, (section,))
    if not found or not isinstance(value, dict) or not isinstance(parts, dict):
        return value
    named = {
        key: {**part, "substances": found[key]} if key in found and isinstance(part, dict) else part
        for key, part in parts.items()
    }
    return {**value, section: named}
