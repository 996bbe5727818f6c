"""The way back from a number: the row it stands in, the rules, the counts of each registry, the SQL and the bundles."""

from __future__ import annotations

import csv
import textwrap
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.estimate import FLOATS, INDEX, INTEGERS
from pass_engine.protocol.sentences import say
from pass_engine.report.reading import read_run
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pass_engine.protocol.models import Study
    from pass_engine.report.reading import Row, Run

WIDTH: Final = 110
NUMBERS: Final = (*INTEGERS - {"position"}, *FLOATS)
SAID_OF: Final = {
    "cohort": "exposure", "target": "exposure", "comparator": "exposure", "time_at_risk": "time_at_risk",
    "outcome": "outcome",
}  # fmt: skip
"""Column of the results to the topic that says the rule behind what it names."""
OF_ONE: Final = ("registry", "registries", "status", "note", "name", "method", *NUMBERS)
"""Columns in which the rows of several registries on one question differ."""
AFTER_COUNTING: Final = "These counts are added over registries; rates and intervals are made from the sums."


def trace(folder: Path, row_id: str) -> str:
    """The way back from a row of a run's results, as text. Raises ReportError where the run has no such row."""
    entry = _find(folder, row_id)
    run = read_run(folder)
    row = next(r for r in run.results[entry["file"]] if r.id == row_id)
    parts = (
        (f"{row_id}: results/{row.file}, row {row.number}", _values(row)),
        ("Rules, as the protocol says them", _rules(run.protocol.study, row)),
        ("The same question in each registry", _by_registry(run, row)),
        ("SQL that counted, in reading order, with SHA-256", _sql(run, entry)),
        ("Bundles, with the SHA-256 of their manifests", _bundles(run, entry)),
    )
    return "\n".join(line for title, lines in parts for line in (title, *lines, "")).rstrip() + "\n"


def _find(folder: Path, row_id: str) -> dict[str, str]:
    """The row's line of the index."""
    path, last = folder / "results" / INDEX, ""
    if not path.is_file():
        mend = "name the folder that pass-engine run of this version wrote (its --out)"
        problem = "the index of the results is not there"
        raise ReportError(Fault(shown_name(path), "", "no such file", problem, mend, "PE801"))
    with path.open(encoding="utf-8", newline="") as handle:
        for entry in csv.DictReader(handle):
            if entry["id"] == row_id:
                return entry
            last = entry["id"]
    problem, mend = "the results of this run have no row of this name", f"name one from R-000001 to {last}"
    raise ReportError(Fault(shown_name(path), "id", row_id, problem, mend, "PE806"))


WEIGHTED = frozenset({"weighted.csv", "balance.csv", "propensity.csv", "propensity_model.csv",
                      "regression.csv", "regression_members.csv"})  # fmt: skip
"""Results that come of propensity scores and regression models."""


def _values(row: Row) -> Iterator[str]:
    width = max(map(len, row.values))
    for column, value in row.values.items():
        if value:
            yield f"  {column:<{width}}  {value}"


def _rules(study: Study, row: Row) -> Iterator[str]:
    for column, topic in SAID_OF.items():
        key = row.values.get(column, "")
        if key:
            yield from _wrapped(f"{column.replace('_', ' ')} {key}:", say(study, topic, key))
    analysis = row.values.get("analysis", "")
    if analysis in {a.id for a in study.analyses if a.kind == "sensitivity"}:
        yield from _wrapped(f"analysis {analysis}:", say(study, "sensitivity", analysis))
    if row.values.get("step") in {c.id for c in study.population.criteria}:
        yield from _wrapped(f"criterion {row['step']}:", say(study, "criterion", row["step"]))
    for topic in _topics(row):
        yield from _wrapped(f"{topic.replace('_', ' ')}:", say(study, topic))


def _topics(row: Row) -> tuple[str, ...]:
    """Topics of the whole study that a row rests on."""
    if "measure" in row.values or row.file == "lock_points.csv":
        strata = ("strata",) if row.values.get("stratum", "overall") != "overall" else ()
        return ("follow_up", *strata, "measures", "statistics", "days", "disclosure")
    if row.file in WEIGHTED:
        return ("covariates", "follow_up", "statistics", "days", "disclosure")
    if row.file in {"attrition.csv", "baseline.csv", "participation.csv"}:
        return ("subjects", "disclosure")
    return ("quality_control", "disclosure")


def _by_registry(run: Run, row: Row) -> Iterator[str]:
    same = [c for c in row.values if c not in OF_ONE]
    rows = [r for r in run.results[row.file] if all(r[c] == row[c] for c in same)]
    numbers = [c for c in row.values if c in NUMBERS and any(r[c] for r in rows)]
    heads = [
        "id",
        *(["registry"] if "registry" in row.values else []),
        *numbers,
        *(["status"] if "status" in row.values else []),
    ]
    lines = [heads, *([r.id if head == "id" else r[head] or "–" for head in heads] for r in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    for line in lines:
        yield "  " + "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip()
    if "pooled" in {r.values.get("registry") for r in rows}:
        yield f"  {AFTER_COUNTING}"


def _sql(run: Run, entry: dict[str, str]) -> Iterator[str]:
    wanted = entry["sql"].split()
    for sql in run.sql:
        if str(sql.number) in wanted:
            yield f"  {sql.name:<32}  {sql.digest}"
    if not wanted:
        yield "  none: the registry sent these counts itself"


def _bundles(run: Run, entry: dict[str, str]) -> Iterator[str]:
    for pair in entry["bundles"].split():
        registry = pair.partition("=")[0]
        name = f"bundles/{registry}/manifest.json"
        yield f"  {name:<32}  {run.manifest.get('files', {}).get(name, 'not in the manifest of the run')}"
    if not entry["bundles"]:
        yield "  none"


def _wrapped(head: str, sentences: Iterable[str]) -> list[str]:
    return textwrap.wrap(
        " ".join((head, *sentences)), WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
