"""Two extracts of one study: what a newer run changed in the periods that an older one had counted.

Of each count four lines: cumulative to the older extract's last lock point as it was counted then, changes to earlier
periods (late reports, corrections, registries that joined or left), what came since, and cumulative now. The first
three add up to the fourth.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.disclose import records
from pass_engine.errors import BundleError, Fault
from pass_engine.estimate import read_results
from pass_engine.terms import POOLED
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pass_engine.estimate import Results

Row = dict[str, Any]
Key = tuple[str, ...]
KEY = ("analysis", "registry", "cohort", "outcome", "time_at_risk", "counting")
COUNTS = ("first_events", "events")
NUMBERS = (*COUNTS, "person_days", "first_event_days")
BEFORE, CHANGES, SINCE, NOW = "cumulative before", "changes to earlier periods", "since then", "cumulative now"
COLUMNS = (*KEY, "line", "lock_point", "status", *NUMBERS, "note")
SHOWN, WITHHELD = "shown", "withheld"


@dataclass(frozen=True)
class _Extract:
    """One run: its rows by key, span and lock point, its lock points, and the smallest count that it shows."""

    rows: Mapping[tuple[Key, str, str], Row]
    points: Sequence[str]
    least: int
    registries: Mapping[Key, str]


def compare_extracts(older: Path, newer: Path, out: Path | None = None) -> tuple[int, list[str]]:
    """Compare two run folders, write the CSV where asked, and give back its number of rows and lines for a terminal."""
    rows = compared_rows(older, newer)
    if out is not None:
        _write(out, rows)
    return len(rows), list(in_words(rows))


def _write(out: Path, rows: Sequence[Row]) -> None:
    """The rows as CSV, as results are written: UTF-8, line feeds, empty for missing."""
    try:
        held = io.StringIO()
        writer = csv.DictWriter(held, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_whole({out: held.getvalue()})
    except OSError as error:
        found = (error.strerror or "an error of the system").lower()
        mend = "name another file, in a folder that is there"
        fault = Fault(out.as_posix(), "--out", found, "the comparison cannot be written there", mend, "PE609")
        raise BundleError(fault) from error


def compared_rows(older: Path, newer: Path) -> list[Row]:
    """Rows with COLUMNS: the four lines of each count, and the changes to each interval of the older extract.

    Raises BundleError where a run is not whole, has no lock points, or the newer one lacks the older one's.
    """
    old, new = _read(older), _read(newer)
    last = old.points[-1]
    if last not in new.points:
        problem = "the newer extract has no such lock point, so that nothing is cumulative to the same day"
        raise BundleError(_fault(newer, f"lock points {', '.join(new.points)}", problem, f"add {last}", "PE611"))
    rows = [row for key in old.registries for row in _lines(old, new, key)]
    rows += [_only(key, "the newer extract does not have it") for key in old.registries if key not in new.registries]
    rows += [_only(key, "the older extract did not have it") for key in new.registries if key not in old.registries]
    return _withhold_registries(rows)


def _read(run: Path) -> _Extract:
    results = read_results(run)
    rows = records(results["lock_points"])
    if not rows:
        problem = "this run has no counts between lock points"
        mend = "declare data.lock_points in the protocol, and run it again"
        raise BundleError(_fault(run, "no row in results/lock_points.csv", problem, mend, "PE610"))
    found = {(_key(row), row["span"], row["lock_point"]): row for row in rows}
    points = sorted({row["lock_point"] for row in rows})
    registries = {_key(row): row["registries"] for row in rows}
    return _Extract(found, points, _least(run, results), registries)


def _least(run: Path, results: Results) -> int:
    from pass_engine.protocol import load_protocol

    own = [row["min_cell"] for row in records(results["participation"]) if row["min_cell"] is not None]
    return max([load_protocol(run / "protocol").study.publish.min_cell, *map(int, own)])


def _key(row: Row) -> Key:
    return tuple(row[c] for c in KEY)


def _lines(old: _Extract, new: _Extract, key: Key) -> Iterator[Row]:
    if key not in new.registries:
        return
    k, last = max(old.least, new.least), old.points[-1]
    before = old.rows[key, "cumulative", last]
    then, now = (new.rows[key, "cumulative", point] for point in (last, new.points[-1]))
    note = _joined(old.registries[key], new.registries[key]) if key[KEY.index("registry")] == POOLED else ""
    change = _difference(then, before, k)
    intervals = [_change_of(old, new, key, point, k) for point in old.points if point in new.points]
    if any(status != SHOWN for status, _ in intervals):
        # one alone would be what the total leaves
        intervals = [(WITHHELD if status == SHOWN else status, dict.fromkeys(NUMBERS)) for status, _ in intervals]
    head = dict(zip(KEY, key, strict=True))
    known = change[0] == SHOWN
    yield {**head, "line": BEFORE, "lock_point": last, **_flat(_own(before) if known else (WITHHELD, {})), "note": ""}
    yield {**head, "line": CHANGES, "lock_point": last, **_flat(change), "note": note}
    yield {**head, "line": SINCE, "lock_point": new.points[-1], **_flat(_difference(now, then, k)), "note": ""}
    yield {**head, "line": NOW, "lock_point": new.points[-1], **_flat(_own(now)), "note": ""}
    for point, found in zip((p for p in old.points if p in new.points), intervals, strict=True):
        yield {**head, "line": f"{CHANGES}: interval", "lock_point": point, **_flat(found), "note": ""}


def _change_of(old: _Extract, new: _Extract, key: Key, point: str, k: int) -> tuple[str, Row]:
    return _difference(new.rows[key, "interval", point], old.rows[key, "interval", point], k)


def _own(row: Row) -> tuple[str, Row]:
    return row["status"], {name: row[name] for name in NUMBERS}


def _difference(later: Row, earlier: Row, k: int) -> tuple[str, Row]:
    """What the later row has more; withheld where either is, or where the difference is of too few events."""
    if later["events"] is None or earlier["events"] is None:
        return WITHHELD, {}
    found = {name: later[name] - earlier[name] for name in NUMBERS}
    if any(0 < abs(found[name]) < k for name in COUNTS):
        return f"<{k}", {}
    return SHOWN, found


def _flat(found: tuple[str, Row]) -> Row:
    status, numbers = found
    return {"status": status, **dict.fromkeys(NUMBERS), **numbers}


def _joined(old: str, new: str) -> str:
    """Registries that came or went between the extracts."""
    one, other = old.split(";"), new.split(";")
    joined = [name for name in other if name and name not in one]
    left = [name for name in one if name and name not in other]
    told = [f"{word}: {', '.join(names)}" for word, names in (("joined", joined), ("left", left)) if names]
    return "; ".join(told)


def _only(key: Key, note: str) -> Row:
    head = dict(zip(KEY, key, strict=True))
    return {**head, "line": CHANGES, "lock_point": "", **_flat(("not compared", {})), "note": note}


def _withhold_registries(rows: Sequence[Row]) -> list[Row]:
    """Where a registry's change is withheld, those of all registries are: their sum is shown beside them."""

    def place(row: Row) -> Key:
        return (*(row[c] for c in KEY if c != "registry"), row["line"], row["lock_point"])

    own = [row for row in rows if row["registry"] != POOLED and row["line"] != NOW]
    hidden = {place(row) for row in own if row["status"].startswith(("<", WITHHELD))}
    return [
        {**row, "status": WITHHELD, **dict.fromkeys(NUMBERS)}
        if row["registry"] != POOLED and row["status"] == SHOWN and place(row) in hidden
        else row
        for row in rows
    ]


def _fault(run: Path, found: str, problem: str, mend: str, code: str) -> Fault:
    return Fault(run.as_posix(), "lock_points", found, problem, mend, code)


def in_words(rows: Sequence[Row]) -> Iterator[str]:
    """The pooled lines as a table for a terminal."""
    last: Key = ()
    for row in (r for r in rows if r["registry"] == POOLED and ":" not in r["line"]):
        if _key(row) != last:
            last = _key(row)
            yield f"\n{row['outcome']}, {row['cohort']}, {row['time_at_risk']} ({row['analysis']})"
            yield f"  {'':<27} {'to':<10} {'first events':>13} {'events':>10} {'person-days':>14}"
        shown = [f"{row[name]:,}" if row[name] is not None else row["status"] for name in NUMBERS[:3]]
        first, events, days = shown
        note = f"  {row['note']}" if row["note"] else ""
        yield f"  {row['line']:<27} {row['lock_point']:<10} {first:>13} {events:>10} {days:>14}{note}"
