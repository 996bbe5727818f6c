"""Prose, code lists, weights and reference rates beside a protocol: found, read, and kept inside its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pass_engine.protocol.codes import read_code_list
from pass_engine.protocol.models import StudyText
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.reference import read_reference
from pass_engine.protocol.standards import read_standard
from pass_engine.protocol.substances import read_substances
from pass_engine.yamltext import ANY, Problem, matches, nearest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.reference import ReferenceRates
    from pass_engine.protocol.substances import CodedSubstance
    from pass_engine.stats import Standard
    from pass_engine.yamltext import KeyPath


NAMING = {
    ("outcomes", ANY, "codes"): "code list",
    ("covariates", ANY, "codes"): "code list",
    ("data", "substance_list"): "substances",
    ("analyses", ANY, "standardise", "to"): "weights",
    ("analyses", ANY, "reference", "rates"): "rates",
}
"""Where a protocol names a file, and of which kind it is."""

WEIGHTS_FOLDER = "standards/"
"""A standard is a name, or a file of this folder."""


@dataclass
class Files:
    """What was read, by the path written in the protocol, and what was wrong."""

    prose: dict[str, str] = field(default_factory=dict)
    code_lists: dict[str, tuple[Code, ...]] = field(default_factory=dict)
    substances: dict[str, tuple[CodedSubstance, ...]] = field(default_factory=dict)
    standards: dict[str, Standard] = field(default_factory=dict)
    references: dict[str, ReferenceRates] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def listed_substances(folder: Path, value: object) -> tuple[CodedSubstance, ...]:
    """Rows of the list of substances that a protocol names, for reading the rest of it; ``read_files`` tells faults."""
    name = value_at(value, ("data", "substance_list"))
    file = _find(folder, (), name, Files()) if isinstance(name, str) else None
    return read_substances(file)[0] if file is not None else ()


def read_files(folder: Path, value: object, changed: Sequence[tuple[KeyPath, object]] = ()) -> Files:
    """Read every file named in the protocol, or in the values of a changed protocol (path of the change, values)."""
    files = Files()
    for path, name in _prose(value):
        text = _read_prose(folder, path, name, files)
        if text is not None:
            files.prose[str(path[-1])] = text
    seen: set[tuple[str, str]] = set()
    named = [*_named(value), *((path, kind, name) for path, values in changed for _, kind, name in _named(values))]
    for path, kind, name in named:
        if (kind, name) not in seen:
            seen.add((kind, name))
            _read_table(folder, path, kind, name, files)
    causes = tuple(_causes(value))
    others = [
        (where, name) for where, values in changed for path, name in _causes(values) if (path, name) not in causes
    ]
    for path, name in (*causes, *others):
        files.problems.extend(_not_causes(path, files.code_lists.get(name, ())))
    return files


def _named(value: object) -> Iterator[tuple[KeyPath, str, str]]:
    """Code lists, weights and reference rates: path in the protocol, kind, and name as it is written there."""
    for pattern, kind in NAMING.items():
        for path, name in matches(value, pattern):
            if isinstance(name, str) and (kind != "weights" or name.startswith(WEIGHTS_FOLDER)):
                yield path, kind, name


def _read_table(folder: Path, path: KeyPath, kind: str, name: str, files: Files) -> None:
    file = _find(folder, path, name, files)
    if file is None:
        return
    faults: tuple[Fault, ...]
    if kind == "code list":
        files.code_lists[name], faults = read_code_list(file)
    elif kind == "substances":
        files.substances[name], faults = read_substances(file)
    elif kind == "weights":
        standard, faults = read_standard(file, name)
        files.standards |= {name: standard} if standard else {}
    else:
        rates, faults = read_reference(file)
        files.references |= {name: rates} if rates else {}
    files.faults.extend(faults)


def _causes(value: object) -> Iterator[tuple[KeyPath, str]]:
    """Code lists of causes of death."""
    for path, written in matches(value, ("outcomes", ANY, "codes")):
        if isinstance(written, str) and value_at(value, (*path[:-1], "from")) == "death":
            yield path, written


def _not_causes(path: KeyPath, codes: tuple[Code, ...]) -> Iterator[Problem]:
    others = sorted({code.system for code in codes} - {"ICD-10"})
    if others:
        problem = f"causes of death are coded in ICD-10, and the list holds codes of {' and '.join(others)}"
        yield Problem(path, Wrong.NOT_A_CAUSE, problem, "name a list of ICD-10 codes")


def _prose(value: object) -> Iterator[tuple[KeyPath, str]]:
    section = value_at(value, ("study", "text"))
    for key, name in section.items() if isinstance(section, dict) else ():
        if key in StudyText.model_fields and isinstance(name, str):
            yield ("study", "text", key), name


def _find(folder: Path, path: KeyPath, name: str, files: Files) -> Path | None:
    """The file, if it is there and inside the folder."""
    pure = PurePosixPath(name)
    file = folder / pure
    if pure.is_absolute() or ".." in pure.parts or not file.resolve().is_relative_to(folder.resolve()):
        files.problems.append(
            Problem(
                path, Wrong.FILE_OUTSIDE, "the file lies outside the protocol's folder", "put it beside protocol.yaml"
            )
        )
        return None
    if not file.is_file():
        files.problems.append(
            Problem(path, Wrong.NO_SUCH_FILE, "there is no such file beside the protocol", _nearby(file, folder))
        )
        return None
    return file


def _nearby(file: Path, folder: Path) -> str:
    here = [f.name for f in file.parent.iterdir() if f.name != file.name] if file.parent.is_dir() else []
    near = nearest(file.name, here)
    if near:
        return f"did you mean {(file.parent / near).relative_to(folder).as_posix()}?"
    return "write the file, or take the field away"


def _read_prose(folder: Path, path: KeyPath, name: str, files: Files) -> str | None:
    file = _find(folder, path, name, files)
    if file is None:
        return None
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        files.problems.append(
            Problem(path, Wrong.FILE_EMPTY, "the file is not UTF-8", "save it with the encoding UTF-8")
        )
        return None
    if not text.strip():
        files.problems.append(
            Problem(path, Wrong.FILE_EMPTY, "the file is empty", "write the text, or take the field away")
        )
        return None
    return text
