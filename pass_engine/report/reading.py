"""A run folder, read: the report is made from it alone.

Results stay text until they are printed, so that what is rounded is the decimal that was written.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.estimate import INDEX, INDEX_COLUMNS, RESULT_COLUMNS
from pass_engine.sqltext import SqlFile, parse_sql
from pass_engine.terms import MASKED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol

COLUMNS: Final = {f"{table}.csv": tuple(columns) for table, columns in RESULT_COLUMNS.items()}
"""Columns of each results file."""

OPTIONAL: Final = frozenset(
    {
        *("comparison.csv", "survival.csv", "lock_points.csv", "standard_weights.csv", "reference_rates.csv"),
        *("data_dictionary.csv", "indicators.csv", "completeness_by_year.csv", "verification.csv", "quality_gates.csv"),
        *("contribution.csv", "leave_one_out.csv", "heterogeneity.csv", "withheld.csv", "bounds.csv"),
        *("weighted.csv", "balance.csv", "propensity.csv", "propensity_model.csv"),
        *("regression.csv", "regression_members.csv"),
        *("second_stage.csv", "unmeasured.csv", "subgroups.csv"),
    }
)


@dataclass(frozen=True)
class Row:
    """One row of a results file, and where it stands (the head is row 1, as a spreadsheet counts)."""

    file: str
    number: int
    values: dict[str, str]
    id: str = ""

    def __getitem__(self, column: str) -> str:
        """The text in a column."""
        return self.values[column]

    @property
    def source(self) -> str:
        """What a cell made from it is traced by: its identifier."""
        return self.id

    @property
    def place(self) -> str:
        """``incidence.csv:12``."""
        return f"{self.file}:{self.number}"


@dataclass(frozen=True)
class Run:
    """All that the report is made from."""

    folder: Path
    protocol: Protocol
    results: dict[str, tuple[Row, ...]]
    registries: dict[str, dict[str, Any]]
    withheld: dict[str, tuple[dict[str, Any], ...]]
    manifest: dict[str, Any]
    sql: tuple[SqlFile, ...]
    generated_sql: dict[str, str] = field(default_factory=dict)

    def rows(self, file: str, **wanted: str) -> Iterator[Row]:
        """Rows of a results file that hold these values, in the order of the file."""
        for row in self.results[file]:
            if all(row[column] == value for column, value in wanted.items()):
                yield row

    @property
    def contributors(self) -> tuple[str, ...]:
        """Registries that took part, in the order of the results."""
        return tuple(r["registry"] for r in self.rows("participation.csv", status=TOOK_PART))

    def is_masked(self, registry: str) -> bool:
        """Did the registry's counts leave masked, so that nothing is known of it alone?"""
        return bool(self.registries.get(registry, {}).get("policy", {}).get("release") == MASKED)

    @property
    def synthetic(self) -> bool:
        """Did a registry with made-up data contribute? The results or the bundles: either is enough."""
        told = any(r["synthetic"] == "true" and r["status"] == TOOK_PART for r in self.results["participation.csv"])
        return told or any(facts.get("synthetic") is True for facts in self.registries.values())


def read_run(folder: Path) -> Run:
    """Read a run folder. Everything that is missing is told at once."""
    from pass_engine.protocol import load_protocol

    faults: list[Fault] = []
    ids = _read_index(folder / "results" / INDEX, faults)
    results = {name: tuple(_read_rows(folder / "results" / name, ids, faults)) for name in COLUMNS}
    manifest = _read_json(folder / "manifest.json", faults)
    registries = {path.parent.name: _read_json(path, faults) for path in sorted(folder.glob("bundles/*/registry.json"))}
    withheld = {
        path.parent.name: tuple(_read_json(path, faults).get("withheld", ()))
        for path in sorted(folder.glob("bundles/*/manifest.json"))
    }
    if not (folder / "protocol" / "protocol.yaml").is_file():
        faults.append(_missing(folder / "protocol" / "protocol.yaml"))
    if faults:
        raise ReportError(*faults)
    sql, generated = _read_sql(folder / "sql")
    protocol = load_protocol(folder / "protocol")
    return Run(folder, protocol, results, registries, withheld, manifest, sql, generated)


def _read_rows(path: Path, ids: Mapping[tuple[str, str], str], faults: list[Fault]) -> Iterator[Row]:
    if not path.is_file() and path.name in OPTIONAL:
        return
    for number, values in enumerate(_read_table(path, COLUMNS[path.name], faults), start=2):
        yield Row(path.name, number, values, ids.get((path.name, str(number)), ""))


def _read_index(path: Path, faults: list[Fault]) -> dict[tuple[str, str], str]:
    """File and row to the identifier of the row."""
    return {(row["file"], row["row"]): row["id"] for row in _read_table(path, tuple(INDEX_COLUMNS), faults)}


def _read_table(path: Path, columns: Iterable[str], faults: list[Fault]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        faults.append(_missing(path))
        return
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        absent = [c for c in columns if c not in (reader.fieldnames or ())]
        if absent:
            faults.append(_wrong_columns(path, absent))
            return
        yield from reader


def _read_json(path: Path, faults: list[Fault]) -> dict[str, Any]:
    if not path.is_file():
        faults.append(_missing(path))
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _read_sql(folder: Path) -> tuple[tuple[SqlFile, ...], dict[str, str]]:
    """The numbered files with a header, and the rest (column maps made for one registry) by relative name."""
    numbered: list[SqlFile] = []
    generated: dict[str, str] = {}
    for path in sorted(folder.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        try:
            numbered.append(parse_sql(path.name, text))
        except ValueError:
            generated[path.relative_to(folder).as_posix()] = text
    return tuple(sorted(numbered, key=lambda f: f.name)), generated


def _missing(path: Path) -> Fault:
    return Fault(
        where=f"{path.parent.name}/{path.name}",
        path="",
        found="no such file",
        problem="a run folder must hold it for a report to be made",
        mend="make the run anew with pass-engine run",
        code="PE801",
    )


def _wrong_columns(path: Path, absent: list[str]) -> Fault:
    return Fault(
        where=f"{path.parent.name}/{path.name}:1",
        path=", ".join(absent),
        found="no such column" if len(absent) == 1 else "no such columns",
        problem="the report reads these columns",
        mend="make the run anew with this version of pass-engine",
        code="PE802",
    )
