"""Prose and code lists beside a protocol: found, read, and kept inside its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pass_engine.errors import Fault
from pass_engine.protocol.codes import Code, read_code_list
from pass_engine.yamltext import KeyPath, Problem, value_at

MISSING_FILE, OUTSIDE, EMPTY_FILE = 30, 35, 36


@dataclass
class Files:
    """What was read, by the path written in the protocol, and what was wrong."""

    prose: dict[str, str] = field(default_factory=dict)
    code_lists: dict[str, tuple[Code, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_files(folder: Path, value: object, changed: Iterable[tuple[KeyPath, object]] = ()) -> Files:
    """Read every prose file and code list named in the protocol or in a changed value (path, code list)."""
    files = Files()
    for path, name in _named(value, ("study", "text")):
        text = _read_prose(folder, path, name, files)
        if text is not None:
            files.prose[str(path[-1])] = text
    outcomes = value_at(value, ("outcomes",))
    written = [(("outcomes", key, "codes"), value_at(value, ("outcomes", key, "codes"))) for key in outcomes] if isinstance(outcomes, dict) else []
    for path, name in (*written, *changed):
        if isinstance(name, str) and name not in files.code_lists and (file := _find(folder, path, name, files)):
            files.code_lists[name], faults = read_code_list(file)
            files.faults.extend(faults)
    return files


def _named(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    section = value_at(value, path)
    if isinstance(section, dict):
        for key, name in section.items():
            if isinstance(name, str):
                yield (*path, key), name


def _find(folder: Path, path: KeyPath, name: str, files: Files) -> Path | None:
    """The file, if it is there and inside the folder."""
    pure = PurePosixPath(name)
    file = folder / pure
    if pure.is_absolute() or ".." in pure.parts or not file.resolve().is_relative_to(folder.resolve()):
        files.problems.append(Problem(path, OUTSIDE, "the file lies outside the protocol's folder", "put it beside protocol.yaml"))
        return None
    if not file.is_file():
        files.problems.append(Problem(path, MISSING_FILE, "there is no such file beside the protocol", _nearby(file, folder)))
        return None
    return file


def _nearby(file: Path, folder: Path) -> str:
    from pass_engine.yamltext import nearest

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
        files.problems.append(Problem(path, EMPTY_FILE, "the file is not UTF-8", "save it with the encoding UTF-8"))
        return None
    if not text.strip():
        files.problems.append(Problem(path, EMPTY_FILE, "the file is empty", "write the text, or take the field away"))
        return None
    return text
