"""Qualification of the installation (IQ): what is installed, and is it what was delivered?"""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from typing import TYPE_CHECKING, Final

from pass_engine.doctor import look
from pass_engine.errors import PassEngineError
from pass_engine.pin import FONTS
from pass_engine.qualify.made_of import FAIL, NOT_DONE, PASS, Tested
from pass_engine.report import check_library

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "pass_engine"
OF_THE_MOMENT: Final = ("free ", "cores")
"""What the look at a machine tells that is of the moment, and no part of an installation."""
GROUPS: Final = {
    "pass_engine/sql/": "numbered SQL",
    "pass_engine/_data/report_templates/": "templates of reports",
    "pass_engine/_data/protocols/": "protocols",
    "pass_engine/_data/tests/": "worked cases",
    "pass_engine/": "code and tables",
}
"""Beginning of a file's name to what it is; the first that fits."""
NAMES_SHOWN: Final = 5


def installation_tests() -> Iterator[Tested]:
    """Every test of the installation, in order."""
    yield from _declared()
    yield from _files()
    yield from _answers()


def _declared() -> Iterator[Tested]:
    found = [one for one in look() if not one.what.startswith(OF_THE_MOMENT)]
    for number, one in enumerate((one for one in found if one.is_needed), 1):
        observed = one.version or f"missing or too old; mend: {one.mend}"
        expected = "installed, not older than declared"
        yield Tested(
            f"IQ-01.{number:02}", "IQ-01", one.what, "metadata of the distribution", expected, observed,
            PASS if one.version is not None else FAIL,
        )  # fmt: skip


def _files() -> Iterator[Tested]:
    """The files of the engine against RECORD of its distribution, a group a test."""
    distribution = metadata.distribution(NAME)
    recorded = [f for f in distribution.files or () if f.hash is not None and f.as_posix().startswith(f"{NAME}/")]
    source = "RECORD of the distribution"
    if not recorded:
        told = "installed from a working copy, of which no record holds digests; install the wheel"
        yield Tested("IQ-02.01", "IQ-02", "files of the engine", source, "every file as recorded", told, NOT_DONE)
        return
    groups: dict[str, list[metadata.PackagePath]] = {name: [] for name in GROUPS.values()}
    for file in recorded:
        groups[next(group for start, group in GROUPS.items() if file.as_posix().startswith(start))].append(file)
    for number, (group, files) in enumerate(groups.items(), 1):
        wrong = sorted(f.as_posix() for f in files if not _is_as_recorded(f))
        more = f" and {len(wrong) - NAMES_SHOWN} more" if len(wrong) > NAMES_SHOWN else ""
        observed = (
            f"differ: {', '.join(wrong[:NAMES_SHOWN])}{more}" if wrong else f"{len(files)} files, all as recorded"
        )
        yield Tested(
            f"IQ-02.{number:02}", "IQ-02", group, source, f"{len(files)} files as recorded", observed,
            PASS if files and not wrong else FAIL,
        )  # fmt: skip


def _is_as_recorded(file: metadata.PackagePath) -> bool:
    """The digest of a file as RECORD writes it: base64 for addresses, without padding."""
    try:
        content = file.read_binary()
    except OSError:
        return False
    if file.hash is None or file.hash.mode != "sha256":
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    return digest == file.hash.value


def _answers() -> Iterator[Tested]:
    from pass_engine.store import open_store

    with open_store(threads=1) as store:
        ((days,),) = store.fetch("SELECT date_diff('day', DATE '2024-02-28', DATE '2024-03-01')")
    yield Tested(
        "IQ-03.01", "IQ-03", "days from 28 February to 1 March 2024, by the embedded database", "calendar",
        "2", str(days), PASS if days == 2 else FAIL,  # noqa: PLR2004 - 2024 is a leap year
    )  # fmt: skip
    fonts = [f for f in metadata.distribution(FONTS).files or () if f.suffix in (".ttf", ".otf")]
    wrong = [f.name for f in fonts if f.hash is not None and not _is_as_recorded(f)]
    yield Tested(
        "IQ-03.02", "IQ-03", "fonts of the report", "RECORD of their distribution", "every file as recorded",
        f"differ: {', '.join(sorted(wrong))}" if wrong else f"{len(fonts)} files, all as recorded",
        PASS if fonts and not wrong else FAIL,
    )  # fmt: skip
    try:
        check_library()
    except PassEngineError as error:
        observed = f"{error.faults[0].path}: {error.faults[0].found}"
    else:
        observed = "loaded"
    yield Tested(
        "IQ-03.03", "IQ-03", "libraries that make the PDF", "system libraries", "loaded", observed,
        PASS if observed == "loaded" else FAIL,
    )  # fmt: skip
