"""What a re-run found, in lines for a terminal and as the record that stays with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.bundle import digest_file, json_text
from pass_engine.errors import Fault, PinError
from pass_engine.pin import engine_parts
from pass_engine.run.folder import CRATE, MANIFEST, RECORD
from pass_engine.verify.verify import CELLS_SHOWN, IDENTICAL, Step, Verified
from pass_engine.whole import write_whole
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.verify.replay import Replayed
    from pass_engine.verify.second import Seconded

RECORD_FORMAT = "pass_engine rerun record 1"
LONGEST = 60


def in_words(verified: Verified) -> Iterator[str]:
    """Every step with its verdict; then the first difference cell by cell; then causes."""
    study = verified.manifest["protocol"]
    source = f"the data of {', '.join(verified.from_data)}" if verified.from_data else "the bundles of the run"
    yield f"{study['id']} version {study['version']}, made again from {source}"
    for step in verified.steps:
        count = f", {len(step.cells)} differences" if step.cells else ""
        note = f" ({step.note})" if step.note else ""
        yield f"  {step.name:<24} {step.verdict}{count}, {step.files} files{note}"
    first = verified.first_difference
    if first is None:
        yield "Identical."
        return
    yield f"First difference: {first.name}"
    for cell in first.cells[:CELLS_SHOWN]:
        where = ": ".join(part for part in (cell.row, cell.column) if part)
        yield f"  {cell.file}{': ' if where else ''}{where}: {_cut(cell.first)} in the run, {_cut(cell.again)} now"
    if len(first.cells) > CELLS_SHOWN:
        yield f"  and {len(first.cells) - CELLS_SHOWN} more"
    yield f"Likely cause: {verified.likely_cause}."
    for cause in verified.causes[1:] if verified.causes and verified.likely_cause == verified.causes[0] else ():
        yield f"Also: {cause}."


def replayed_in_words(replayed: Sequence[Replayed]) -> Iterator[str]:
    """What the replays found, one line a registry."""
    for one in replayed:
        found = f"{len(one.cells)} differences" if one.cells else "all equal"
        yield (
            f"Replayed without this package: {one.registry}, {one.statements} statements, "
            f"{one.tables} tables of counts, {found}"
        )


def seconded_in_words(seconded: Sequence[Seconded]) -> Iterator[str]:
    """What the second engine found, a line a registry, and a line for each table that is another."""
    for one in seconded:
        found = f"{len(one.different)} differ" if one.different else "all equal"
        rows = sum(table.rows for table in one.compared)
        yield f"Counted by {one.engine} too: {one.registry}, {len(one.compared)} tables of {rows:,} rows, {found}"
        for table in one.different:
            yield f"  {table.table}: {table.different} of {table.rows} and {table.rows_of_second} rows stand alone"


def _cut(text: str) -> str:
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}…") or "empty"


def write_record(verified: Verified, replayed: Sequence[Replayed] = (), seconded: Sequence[Seconded] = ()) -> Path:
    """Write ``rerun_record.json`` into the run folder, where no digest of the run covers it; gives back its place.

    It holds digests, verdicts and numbers of differences, and no value of a cell: a dossier may print it. Of a run
    inside an archive, which stays as it is, it goes beside the archive. Raises PinError (PE727) where it cannot be.
    """
    first = verified.first_difference
    content = {
        "format": RECORD_FORMAT,
        "study": verified.manifest["protocol"],
        "run": digest_file(verified.run / MANIFEST),
        "made_from": {"data": list(verified.from_data)} if verified.from_data else "bundles",
        "engine": {
            "first": verified.manifest["versions"],
            "again": {name: _version(name) for name in sorted(verified.manifest["versions"])},
        },
        "held": [{"what": what, "first": one, "again": other} for what, one, other in verified.digests],
        "steps": [_step(step) for step in verified.steps],
        "verdict": IDENTICAL if first is None else "differs",
        "first_difference": first.name if first else "",
        "likely_cause": verified.likely_cause,
        "replayed": {
            one.registry: {"tables": one.tables, "statements": one.statements, "differences": len(one.cells)}
            for one in replayed
        },
        "second_engine": {
            one.registry: {
                "engine": one.engine,
                "tables": len(one.compared),
                "rows": sum(table.rows for table in one.compared),
                "different": {table.table: table.different for table in one.different},
            }
            for one in seconded
        },
    }
    file = _place_of_record(verified.run)
    try:
        write_whole({file: json_text(content)})
    except OSError as error:
        found = (error.strerror or "an error of the system").lower()
        problem, mend = (
            "the record of the re-run cannot be written",
            "check rights and space, or verify a copy of the run",
        )
        raise PinError(Fault(shown_name(file), "", found, problem, mend, "PE727")) from error
    return file


def _place_of_record(run: Path) -> Path:
    archive = run.resolve().parent
    if (archive / CRATE).is_file():
        return archive.with_name(f"{archive.name}.{RECORD}")
    return run / RECORD


def _version(package: str) -> str:
    parts = engine_parts()
    return str(parts["version"] if package == "pass_engine" else parts["packages"].get(package, ""))


def _step(step: Step) -> dict[str, Any]:
    files = {cell.file: 0 for cell in step.cells}
    for cell in step.cells:
        files[cell.file] += 1
    return {"step": step.name, "verdict": step.verdict, "files": step.files, "differences": files, "note": step.note}
