"""Qualify, and write the record in three forms into a folder; all three take their place or none."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from pass_engine import __version__
from pass_engine.bundle import write_json
from pass_engine.errors import Fault, ReportError
from pass_engine.pades import sign_pdf
from pass_engine.pin import engine_parts
from pass_engine.qualify.document import to_document
from pass_engine.qualify.installation import installation_tests
from pass_engine.qualify.made_of import Requirement, Tested, outcome_of, read_requirements
from pass_engine.qualify.operation import operation_tests
from pass_engine.report.pdf import write_pdf
from pass_engine.sign import PASSPHRASE
from pass_engine.yamltext import canonical_json, shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT: Final = "pass_engine qualification 1"
STEM: Final = "qualification"
ENDINGS: Final = (".json", ".csv", ".pdf")


@dataclass(frozen=True)
class Qualified:
    """What was qualified and how each test went. ``date`` is empty unless it was given."""

    requirements: tuple[Requirement, ...]
    tests: list[Tested]
    packages: Mapping[str, str]
    digest: str
    python: str
    platform: str
    date: str

    @property
    def deviations(self) -> list[Tested]:
        """Tests that did not pass."""
        return [test for test in self.tests if test.is_deviation]


def qualify(*, date: str = "", files: Sequence[Path] | None = None, processes: int = 2) -> Qualified:
    """Run every test on this machine. ``files``: other files of cases than those that travel with the package."""
    requirements, parts = read_requirements(), engine_parts()
    tests = [*installation_tests(), *operation_tests(requirements, files=files, processes=processes)]
    digest = hashlib.sha256(canonical_json(parts).encode()).hexdigest()
    where = f"{platform.system()} {platform.machine()}"
    return Qualified(requirements, tests, parts["packages"], digest, platform.python_version(), where, date)


def write_qualification(qualified: Qualified, out: Path) -> tuple[Path, ...]:
    """Write ``qualification.json``, ``.csv`` and ``.pdf``; earlier ones are replaced. Raises ReportError (PE809)."""
    halves = {out / f"{STEM}{ending}": out / f".{STEM}{ending}.part" for ending in ENDINGS}
    record, table, pdf = halves.values()
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_json(record, _content(qualified))
        table.write_text(_table(qualified.tests), encoding="utf-8", newline="\n")
        write_pdf(to_document(qualified), (), pdf)
        for target, half in halves.items():
            half.replace(target)
    except OSError as error:
        found = (error.strerror or "an error of the system").lower()
        problem, mend = "the qualification cannot be written there", "name a folder that may be written"
        raise ReportError(Fault(shown_name(out), "--out", found, problem, mend, "PE809")) from error
    finally:
        for half in halves.values():
            if half.parent.is_dir():
                half.unlink(missing_ok=True)
    return tuple(halves)


def sign_qualification(out: Path, key: Path) -> str:
    """Write ``qualification.signed.pdf`` beside the unsigned one; gives back who signed. Raises TrustError."""
    unsigned = out / f"{STEM}.pdf"
    return sign_pdf(unsigned, out / f"{STEM}.signed.pdf", key, os.environ.get(PASSPHRASE, ""))


def _content(qualified: Qualified) -> dict[str, object]:
    tests = qualified.tests
    return {
        "format": FORMAT,
        "engine": {"version": __version__, "digest": qualified.digest, "packages": dict(qualified.packages)},
        "machine": {"python": qualified.python, "platform": qualified.platform},
        "date": qualified.date,
        "requirements": [
            {
                "id": r.id, "part": r.part, "text": r.text, "outcome": outcome_of(r, tests),
                "tests": [t.id for t in tests if t.requirement == r.id],
            }
            for r in qualified.requirements
        ],
        "tests": [asdict(t) for t in tests],
        "deviations": [t.id for t in qualified.deviations],
    }  # fmt: skip


def _table(tests: Sequence[Tested]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(Tested.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(test) for test in tests)
    return out.getvalue()
