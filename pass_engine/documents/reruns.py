"""Q-14: runs, and the record that ``pass-engine verify`` left of a re-run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pass_engine.protocol.sentences.words import counted
from pass_engine.report.cells import text
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.tables.layout import make

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.documents.evidence import RunFacts
    from pass_engine.documents.said import Scope

RECORD: Final = "rerun_record.json"
RECORD_FORMAT: Final = "pass_engine rerun record 1"
IDENTICAL: Final = "identical"
NO_RERUN: Final = "no re-run on record"
OTHER_RECORD: Final = "the record there is of another run"
UNREADABLE: Final = "the record there cannot be read"
DIGITS: Final = 12
"""Of a digest that is printed."""


@dataclass(frozen=True)
class Rerun:
    """What a record says. ``data``: registries whose data were counted again; empty: made again from bundles.

    ``replayed``, ``seconded``: registries replayed without the engine, and counted by a second one, each with the
    number of what differs.
    """

    identical: bool
    first_difference: str
    data: tuple[str, ...]
    engine: str
    replayed: tuple[tuple[str, int], ...]
    seconded: tuple[tuple[str, int], ...]


def read_record(folder: Path, digest: str) -> tuple[Rerun | None, str]:
    """The record in a run folder, and why there is none. ``digest``: of the run's manifest, which it must name."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        found = _rerun(content) if content["format"] == RECORD_FORMAT else None
    except FileNotFoundError:
        return None, NO_RERUN
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, UNREADABLE
    if found is None:
        return None, UNREADABLE
    return (found, "") if content["run"] == digest else (None, OTHER_RECORD)


def _rerun(content: dict[str, Any]) -> Rerun:
    source = content["made_from"]
    second = content.get("second_engine", {})  # records of earlier versions have none
    return Rerun(
        identical=content["verdict"] == IDENTICAL,
        first_difference=str(content["first_difference"]),
        data=tuple(str(key) for key in source["data"]) if isinstance(source, dict) else (),
        engine=str(content["engine"]["again"]["pass_engine"]),
        replayed=tuple((key, int(one["differences"])) for key, one in content["replayed"].items()),
        seconded=tuple((key, len(one["different"])) for key, one in second.items()),
    )


def reruns(scope: Scope) -> Table:
    """Every run with what its re-run found, or that there was none."""
    columns = (
        Column("Run", 1.6, numeric=False),
        Column("Data cut", 1.4, numeric=False),
        Column("Protocol, manifest", 1.4, numeric=False),
        Column("Registries", 1.4, numeric=False),
        Column("Re-run", 2.4, numeric=False),
        Column("Identical?", 1.0, numeric=False),
    )
    own = set(scope.registries)
    lines = [_line(scope, facts) for facts in scope.evidence.runs if own & set(facts.run.contributors)]
    note = (
        "Digests are SHA-256, the first 12 digits. That of the manifest stands for the data: it holds a digest of "
        "every input. A re-run is made and recorded by pass-engine verify, from the data where they are at hand."
    )
    return make(f"q-14-{scope.suffix}", "Q-14: runs, and records of their re-runs", columns, lines, (note,),
                empty="No run counted data of this registry.")  # fmt: skip


def _line(scope: Scope, facts: RunFacts) -> Line:
    cut = format_date(facts.run.protocol.study.data.cut)
    digests = Cell(facts.run.protocol.digest[:DIGITS], (facts.digest[:DIGITS],))
    own = ", ".join(scope.short(key) for key in facts.run.contributors)
    if facts.rerun is None:
        again, same = text(f"Not known: {facts.without}"), text("Not known")
    else:
        again = _again(scope, facts.rerun)
        first = facts.rerun.first_difference
        same = text("Yes") if facts.rerun.identical else Cell("No", (f"first: {first}",) if first else ())
    return Line((text(facts.name), text(cut), digests, text(own), again, same))


def _again(scope: Scope, rerun: Rerun) -> Cell:
    data = [scope.short(key) for key in rerun.data]
    told = [f"From the data of {join_words(data)}" if data else "From the bundles"]
    told.append(f"by pass_engine {rerun.engine}")
    for what, found, unit in (
        ("replayed without it", rerun.replayed, "value"),
        ("counted by a second engine", rerun.seconded, "table"),
    ):
        if found:
            names = join_words([scope.short(key) for key, _ in found])
            wrong = sum(number for _, number in found)
            told.append(f"{what}: {names}, {counted(wrong, unit)} differ" if wrong else f"{what}: {names}, all equal")
    return Cell(told[0], tuple(told[1:]))
