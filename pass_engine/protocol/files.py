"""Prose and code lists beside a protocol: found, read, and kept inside its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pass_engine.protocol.codes import read_code_list
from pass_engine.protocol.models import StudyText
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem, nearest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.protocol.codes import Code
    from pass_engine.yamltext import KeyPath


@dataclass
class Files:
    """What was read, by the path written in the protocol, and what was wrong."""

    prose: dict[str, str] = field(default_factory=dict)
    code_lists: dict[str, tuple[Code, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_files(folder: Path, value: object, changed: Sequence[tuple[KeyPath, object]] = ()) -> Files:
    """Read every prose file and code list named in the protocol or in a changed value (path, code list)."""
    files = Files()
    for path, name in _prose(value):
        text = _read_prose(folder, path, name, files)
        if text is not None:
            files.prose[str(path[-1])] = text
    for path, written in (*_code_lists(value), *changed):
        if not isinstance(written, str) or written in files.code_lists:
            continue
        file = _find(folder, path, written, files)
        if file is not None:
            files.code_lists[written], faults = read_code_list(file)
            files.faults.extend(faults)
    for path, written in (*_causes(value), *_changed_causes(value, changed)):
        files.problems.extend(_not_causes(path, files.code_lists.get(written, ())))
    return files


def _code_lists(value: object) -> Iterator[tuple[KeyPath, object]]:
    outcomes = value_at(value, ("outcomes",))
    for key in outcomes if isinstance(outcomes, dict) else ():
        path: KeyPath = ("outcomes", str(key), "codes")
        yield path, value_at(value, path)


def _causes(value: object) -> Iterator[tuple[KeyPath, str]]:
    """Code lists of causes of death."""
    for path, written in _code_lists(value):
        if isinstance(written, str) and value_at(value, (*path[:-1], "from")) == "death":
            yield path, written


def _changed_causes(value: object, changed: Sequence[tuple[KeyPath, object]]) -> Iterator[tuple[KeyPath, str]]:
    """Code lists that a sensitivity analysis puts in the place of such a one."""
    for path, written in changed:
        outcome = str(path[-1]).removeprefix("outcomes.").removesuffix(".codes")
        if isinstance(written, str) and value_at(value, ("outcomes", outcome, "from")) == "death":
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
    here = [f.name for f in file.parent.iterdir()] if file.parent.is_dir() else []
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
