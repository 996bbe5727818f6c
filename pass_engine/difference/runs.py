"""Two runs: which published numbers moved, by how much, and which change moved them, one change at a time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.difference.protocols import changes_between
from pass_engine.difference.variant import write_variant
from pass_engine.disclose import records
from pass_engine.errors import PassEngineError
from pass_engine.estimate import read_results
from pass_engine.pin import changed_parts, lock_of
from pass_engine.protocol import load_protocol
from pass_engine.run.pinned import check_run, read_manifest
from pass_engine.verify.causes import engine_causes, input_causes
from pass_engine.whole import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pass_engine.protocol import Protocol

TABLES = {
    "incidence": (("analysis", "registry", "cohort", "outcome", "time_at_risk", "stratum", "level", "measure"),
                  ("rate", "rate_low", "rate_high", "events", "person_days", "persons", "status")),
    "comparison": (("analysis", "registry", "target", "comparator", "outcome", "time_at_risk", "measure",
                    "adjusted_for"),
                   ("estimate", "low", "high", "target_events", "comparator_events", "status")),
}  # fmt: skip
"""Result files that are held together: columns that name a row, and those that may move."""
MOST_SHOWN = 12


@dataclass(frozen=True)
class Moved:
    """A row that moved: its words, and for each column that did, both values."""

    row: str
    values: Mapping[str, tuple[Any, Any]]

    @property
    def told(self) -> str:
        """One line: the estimate first, with its relative movement."""
        return f"{self.row}: " + ", ".join(_told(name, *pair) for name, pair in self.values.items())


def _told(name: str, old: Any, new: Any) -> str:
    words = f"{name} {_number(old)} to {_number(new)}"
    numbers = all(isinstance(v, int | float) and not _missing(v) for v in (old, new))
    return f"{words} ({(new - old) / old:+.1%})" if numbers and old and name in ("rate", "estimate") else words


def _number(value: Any) -> str:
    return "none" if _missing(value) else f"{value:.4g}" if isinstance(value, float) else str(value)


def moved_between(older: Path, newer: Path) -> list[Moved]:
    """Rows of the results of two runs that are not the same."""
    found = []
    one, other = read_results(older), read_results(newer)
    for table, (keys, columns) in TABLES.items():
        rows = [{tuple(str(r[k]) for k in keys): r for r in records(results[table])} for results in (one, other)]
        for key in dict.fromkeys([*rows[0], *rows[1]]):
            old, new = rows[0].get(key, {}), rows[1].get(key, {})
            values = {c: (old.get(c), new.get(c)) for c in columns if not _same(old.get(c), new.get(c))}
            if values:
                found.append(Moved(" ".join(part for part in key if part), values))
    return found


def _same(old: Any, new: Any) -> bool:
    return bool(old == new) or (_missing(old) and _missing(new))


def _missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - a number that is missing is not equal to itself


def diff_runs(
    older: Path, newer: Path, data: Path | None = None, new_data: Path | None = None, *, threads: int = 2
) -> Iterator[str]:
    """Lines that say what moved and, where data are given, which change moved it.

    ``data`` is what the older run was made from, ``new_data`` what the newer one was, where it is another. Raises
    PinError where a run is not whole.
    """
    check_run(older)
    check_run(newer)
    old, new = load_protocol(older / "protocol"), load_protocol(newer / "protocol")
    moved = moved_between(older, newer)
    yield f"{_name(old)} and {_name(new)}: {len(moved)} rows of the results moved"
    yield from _listed(moved)
    parts = changed_parts(lock_of(old), lock_of(new))
    yield "\nChanges of the protocol: " + ("none" if not parts else "")
    yield from (f"  {change.words}" for change in changes_between(old, new))
    yield "Changes of the data:"
    yield from (f"  {text}" for text in _data_changes(older, newer) or ["none that is recorded"])
    yield "Changes of the engine:"
    yield from (f"  {text}" for text in _engine_changes(older, newer) or ["none that is recorded"])
    if data is None:
        yield "\nSay --data to run the changes one at a time."
        return
    yield "\nOne change at a time, from the older run:"
    yield from _one_by_one(older, old, new, parts, (data, new_data), threads)


def _name(protocol: Protocol) -> str:
    return f"{protocol.study.study.id} version {protocol.study.study.version}"


def _listed(moved: Sequence[Moved]) -> Iterator[str]:
    first = [m for m in moved if " overall " in f"{m.row} "] or list(moved)
    yield from (f"  {m.told}" for m in first[:MOST_SHOWN])
    if len(moved) > len(first[:MOST_SHOWN]):
        yield f"  and {len(moved) - len(first[:MOST_SHOWN])} more"


def _data_changes(older: Path, newer: Path) -> list[str]:
    found = []
    manifests = [read_manifest(run) for run in (older, newer)]
    told = [
        {n: {"inputs": m["inputs"][n], "fingerprints": m.get("tables", {}).get(n)} for n in m["inputs"]}
        for m in manifests
    ]
    for name in sorted(told[0].keys() | told[1].keys()):
        if name not in told[0] or name not in told[1]:
            found.append(f"{name} took part in the {'newer' if name not in told[0] else 'older'} run alone")
        else:
            found += input_causes(name, told[0][name], told[1][name])
    return found


def _engine_changes(older: Path, newer: Path) -> list[str]:
    one, other = (engine_causes(read_manifest(run)) for run in (older, newer))
    return [] if one == other else [*(f"older: {t}" for t in one), *(f"newer: {t}" for t in other)]


def _one_by_one(
    older: Path, old: Protocol, new: Protocol, parts: Sequence[str], places: tuple[Path, Path | None], threads: int
) -> Iterator[str]:
    """Each changed part of the protocol alone over the older data, then the newer data under the older protocol."""
    data, new_data = places
    with scratch_folder() as place:
        for n, part in enumerate(parts):
            folder = place / f"protocol-{n}"
            write_variant(old, new, part, folder)
            yield from _tried(f"{part} alone", older, folder, data, place / f"run-{n}", threads)
        if new_data is not None:
            whole = place / "protocol"
            shutil.copytree(older / "protocol", whole)
            yield from _tried("the data alone", older, whole, new_data, place / "run", threads)


def _tried(what: str, older: Path, protocol: Path, data: Path, out: Path, threads: int) -> Iterator[str]:
    from pass_engine.run import run_study

    (protocol / "protocol.lock").unlink(missing_ok=True)  # a trial is not the pinned study
    shutil.rmtree(protocol / "cases", ignore_errors=True)  # they are of the whole protocol
    try:
        run_study(protocol, data, out, threads=threads, with_report=False)
    except PassEngineError as error:
        yield f"  {what}: cannot be run by itself ({error.faults[0].code} {error.faults[0].problem})"
        return
    moved = moved_between(older, out)
    yield f"  {what}: {len(moved)} rows moved"
    yield from (f"  {line}" for line in _listed(moved))
