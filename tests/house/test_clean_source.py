"""Is there a clock, a network call, a path of a machine, an undocumented door or an overgrown file?"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.house.sources import PACKAGE, ROOT, Source, package_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    "time.strftime", "time.ctime", "uuid.uuid1", "uuid.uuid4",
}  # fmt: skip
MAY_READ_THE_CLOCK: dict[str, str] = {
    "network/clock.py": "a decision is valid on some days only, and the audit log says when; no result does",
}
"""Files that may, with the reason."""

NETWORK = {
    "socket", "ssl", "urllib.request", "http.client", "http.server", "ftplib", "smtplib", "socketserver", "asyncio",
    "requests", "httpx", "aiohttp", "urllib3",
}  # fmt: skip

MACHINE_PATH = re.compile(r"(?<![\w.)}])/(?:home|tmp|root|work|usr|opt|var|etc|mnt|Users)/")

LONGEST_FILE = 350
MAY_BE_LONGER: dict[str, str] = {}

SOURCES = package_sources()
each_file = pytest.mark.parametrize("source", SOURCES, ids=[s.name for s in SOURCES])


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a chain of attributes; '' of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def public_definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Public functions and classes of a module, and public methods of public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


@each_file
def test_no_clock(source: Source) -> None:
    if source.name in MAY_READ_THE_CLOCK:
        return
    read = {dotted(node.func) for node in ast.walk(source.tree) if isinstance(node, ast.Call)} & CLOCKS
    assert not read, f"{source.name} reads the clock: {sorted(read)}"


@each_file
def test_no_network(source: Source) -> None:
    used = {name for name in source.imports() if name in NETWORK or name.split(".")[0] in NETWORK}
    assert not used, f"{source.name} reaches for the network: {sorted(used)}"


@each_file
def test_no_path_of_a_machine(source: Source) -> None:
    found = [
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and MACHINE_PATH.search(node.value)
    ]
    assert not found, f"{source.name} names a place on a machine: {found}"


@each_file
def test_public_things_are_documented(source: Source) -> None:
    assert ast.get_docstring(source.tree) or not source.tree.body, f"{source.name} does not say what it is for"
    bare = [name for name, node in public_definitions(source.tree) if not ast.get_docstring(node)]  # type: ignore[arg-type]
    assert not bare, f"{source.name}: no docstring on {bare}"


@each_file
def test_files_stay_short(source: Source) -> None:
    lines = source.text.count("\n")
    assert lines <= LONGEST_FILE or source.name in MAY_BE_LONGER, f"{source.name} has {lines} lines: two rooms in one?"


@each_file
def test_nothing_is_left_open(source: Source) -> None:
    left = re.findall(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b", source.text)
    assert not left, f"{source.name}: {left}"


def test_exceptions_are_still_needed() -> None:
    """A reasoned exception for a file that is gone, or has become short, goes too."""
    for name in [*MAY_READ_THE_CLOCK, *MAY_BE_LONGER]:
        assert (PACKAGE / name).is_file(), name
    for name in MAY_BE_LONGER:
        assert (PACKAGE / name).read_text(encoding="utf-8").count("\n") > LONGEST_FILE, name


def tracked_files() -> list[str]:
    """Files under version control; skips where this is not a checkout."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_machine_or_an_index() -> None:
    place = re.compile(rb"(?<![\w.)}\]])/(?:home|tmp|root|work)/[a-z]|--(?:extra-)?index-url +\S+//|file:///")
    for name in tracked_files():
        found = (
            place.search((ROOT / name).read_bytes()) if not name.startswith(("tests/house/", "sample_data/")) else None
        )
        assert not found, f"{name}: {found.group()!r}" if found else ""


def test_the_lock_is_hashed_and_holds_every_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9\-]+)==", lock, flags=re.MULTILINE))
    names = {re.split(r"[<>=~! \[]", w, maxsplit=1)[0].lower().replace("_", "-") for w in wanted}
    assert names <= locked
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=[a-z0-9\-]+==)", lock, flags=re.MULTILINE)[1:])
