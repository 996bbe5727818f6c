"""What a re-run of the study is held against: digests of protocol, programs, inputs and results."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from pass_engine.report.cells import NO_CELL, text
from pass_engine.report.model import Column, Line
from pass_engine.report.tables.definitions import identity
from pass_engine.report.tables.layout import make

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.report.context import Context
    from pass_engine.report.model import Table

DIGITS: Final = 16
HOW: Final = (
    "SHA-256, the first 16 digits; where several files are held together, of the list of their names and digests. A "
    "re-run is made after this document: pass-engine verify makes it, and records its day, what differs and whether "
    "all is identical in rerun_record.json beside the run. The dossier of the registries prints that record (Q-14)."
)


def reproducibility(ctx: Context) -> Table:
    """The first run's digests; those of a re-run are beside the run once it is made."""
    columns = (
        Column("What is held together", 3.2, numeric=False),
        Column("First run", 2.2, numeric=False),
        Column("Re-run", 1.2, numeric=False),
    )
    lines = [Line((text(name), text(value or "–"), NO_CELL)) for name, value in _held(ctx)]
    return make("re-run", "Reproducibility: what a re-run is held against", columns, lines, (HOW, *identity(ctx)))


def _held(ctx: Context) -> Iterator[tuple[str, str]]:
    """Each part and its digest; empty before there is a run."""
    manifest = ctx.run.manifest
    files: Mapping[str, str] = manifest.get("files", {})
    inputs: Mapping[str, Mapping[str, str]] = manifest.get("inputs", {})
    yield "Protocol, digest", ctx.run.protocol.digest[:DIGITS]
    yield "Engine, version", str(manifest.get("versions", {}).get("pass_engine", ""))
    yield "SQL, digest of its files", _of_all(manifest.get("sql", {}))
    for key in inputs or ctx.study.data.registries:
        yield f"Input of {ctx.names.registry(key)}, digest of its files", _of_all(inputs.get(key, {}))
    results = {name: digest for name, digest in files.items() if name.startswith("results/")}
    yield "Results, digest of their files", _of_all(results)
    yield "Day of the re-run", ""
    yield "Identical?", ""


def _of_all(digests: Mapping[str, object]) -> str:
    if not digests:
        return ""
    listed = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(listed.encode()).hexdigest()[:DIGITS]
