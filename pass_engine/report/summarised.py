"""Published results in the layout ``summarised_result`` of omopgenerics, so that tools of DARWIN EU open them.

The layout is that of omopgenerics 1.3.1 (articles "A summarised result" and "Suppression of a summarised_result
object"): thirteen columns, one estimate a row, pairs of name and level joined by `` &&& ``, and settings as rows whose
variable is ``settings``. A count below the limit is ``<k``; what is withheld because of one is ``-``. No estimate may
be missing: what is not estimable has no row and is counted for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.estimate import RESULT_COLUMNS
from pass_engine.report import cells
from pass_engine.report.numbers import NOT_ESTIMABLE, WITHHELD
from pass_engine.report.reading import read_run
from pass_engine.report.summarised_layout import COLUMNS, LAYOUTS, NA, OVERALL
from pass_engine.terms import SYNTHETIC_NOTICE
from pass_engine.whole import write_whole
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.report.reading import Row, Run
    from pass_engine.report.summarised_layout import Estimate, Layout

LINKED: Final = "-"
"""Stands for what is withheld because it would give back a small count."""
BETWEEN: Final = " &&& "
SUBJECTS: Final = "number_subjects"
"""What the tools call the variable that counts the persons of a group."""
PAIRS: Final = frozenset({"group", "strata", "additional"})
"""Settings that are told even where they are empty."""
STRATA: Final = {"age": "age_group"}
"""Stratifiers that the tools know by another name."""


@dataclass(frozen=True)
class Summarised:
    """The lines of the file below its head, and how many estimates have none because they are not estimable."""

    lines: tuple[tuple[str, ...], ...]
    not_estimable: int


def summarise(run: Run) -> Summarised:
    """Every published row of incidence, comparison, survival, lock points, attrition and baseline, as estimates."""
    lines: list[tuple[str, ...]] = []
    settings: list[dict[str, str]] = []
    skipped = 0
    for layout in LAYOUTS:
        for analysis, rows in _by_analysis(run, layout):
            settings.append(_settings(run, layout, analysis, rows))
            made = [(row, estimate, _value(row, estimate)) for row in rows for estimate in _estimates(layout, row)]
            known = [one for one in made if one[2] != NOT_ESTIMABLE]
            skipped += len(made) - len(known)
            lines += [_line(str(len(settings)), layout, row, estimate, value) for row, estimate, value in known]
    return Summarised((*lines, *_setting_lines(settings)), skipped)


def export_summarised(folder: Path, target: Path) -> Summarised:
    """Write the file and, beside it, its data dictionary (``<name>.dictionary.csv``). Neither replaces a file.

    Raises ReportError where the run folder is not whole, or a file cannot be written or is there already.
    """
    made = summarise(read_run(folder))
    files = {target: to_csv(made), target.with_suffix(".dictionary.csv"): dictionary_of(made)}
    taken = [file for file in files if file.exists()]
    if taken:
        raise ReportError(*(_unwritable(file, "a file of this name") for file in taken))
    try:
        write_whole(files)
    except OSError as error:
        raise ReportError(_unwritable(target, (error.strerror or "an error of the system").lower())) from error
    return made


def _unwritable(file: Path, found: str) -> Fault:
    mend = "name another file, or take that one away" if file.exists() else "name a folder that may be written"
    return Fault(shown_name(file), "--summarised-result", found, "the export cannot be written there", mend, "PE830")


def to_csv(summarised: Summarised) -> str:
    """The file as R's ``write.csv`` writes it: every text in quotes, a missing one as NA without."""
    lines = [",".join(_quoted(column) for column in COLUMNS)]
    lines += [",".join("NA" if value == NA else _quoted(value) for value in line) for line in summarised.lines]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _by_analysis(run: Run, layout: Layout) -> Iterator[tuple[str, list[Row]]]:
    """Rows of one analysis of a file together; they share their settings."""
    found: dict[str, list[Row]] = {}
    for row in filter(layout.has, run.results[layout.file]):
        found.setdefault(row.values.get("analysis", ""), []).append(row)
    yield from found.items()


def _estimates(layout: Layout, row: Row) -> Iterator[Estimate]:
    """Those that the row has: a number, or a number withheld. What is empty in a shown row was never there."""
    hidden = row["status"] != "shown"
    yield from (e for e in layout.estimates if e.has(row) and (row[e.column] or (hidden and e.kept)))


def _value(row: Row, estimate: Estimate) -> str:
    if row[estimate.column]:
        return row[estimate.column]
    mark = (
        cells.count(row, estimate.column) if estimate.name.endswith("count") else cells.marked(row, small=False)
    ).text
    return LINKED if mark == WITHHELD else mark


def _line(identifier: str, layout: Layout, row: Row, estimate: Estimate, value: str) -> tuple[str, ...]:
    level = row[layout.level] if layout.level else ""
    return (
        *(identifier, row["registry"], *_pair(row, layout.group), *_strata(row, layout)),
        *(_variable(row, layout, estimate), level or NA),
        *(estimate.name, estimate.type, value, *_pair(row, layout.additional)),
    )


def _variable(row: Row, layout: Layout, estimate: Estimate) -> str:
    if estimate.of:
        return estimate.of
    return SUBJECTS if row[layout.variable] == "persons" else row[layout.variable]


def _pair(row: Row, columns: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """A pair of name and level, from pairs of what the layout calls it and the column it stands in."""
    if not columns:
        return OVERALL, OVERALL
    return BETWEEN.join(name for name, _ in columns), BETWEEN.join(_clean(row[column]) for _, column in columns)


def _strata(row: Row, layout: Layout) -> tuple[str, str]:
    """Stratifiers by the row's own margin, or by a column of the layout."""
    if "stratum" not in row.values:
        return _pair(row, layout.strata)
    if row["stratum"] == OVERALL:
        return OVERALL, OVERALL
    return BETWEEN.join(_stratifiers(row)), BETWEEN.join(_clean(part) for part in row["level"].split("*"))


def _stratifiers(row: Row) -> list[str]:
    return [STRATA.get(part, part) for part in row["stratum"].split("*")]


def _clean(text: str) -> str:
    """A level is never empty, and does not hold what stands between levels."""
    return text.replace("&&&", "&") or OVERALL


def _settings(run: Run, layout: Layout, analysis: str, rows: Sequence[Row]) -> dict[str, str]:
    study, versions = run.protocol.study, run.manifest.get("versions", {})
    if rows and "stratum" in rows[0].values:
        strata = dict.fromkeys(name for row in rows for name in _stratifiers(row) if name != OVERALL)
    else:
        strata = dict.fromkeys(name for name, _ in layout.strata)
    least = study.publish.min_cell
    return {
        "result_type": layout.result_type,
        "package_name": "pass_engine",
        "package_version": str(versions.get("pass_engine", "")),
        "group": BETWEEN.join(name for name, _ in layout.group),
        "strata": BETWEEN.join(strata),
        "additional": BETWEEN.join(name for name, _ in layout.additional),
        "min_cell_count": str(least if least > 1 else 0),
        "analysis": analysis,
        "protocol_digest": run.protocol.digest,
        "results_file": layout.file,
        "study_id": study.study.id,
        "study_version": study.study.version,
        "notice": SYNTHETIC_NOTICE if run.synthetic else "",
    }


def _setting_lines(settings: Sequence[dict[str, str]]) -> Iterator[tuple[str, ...]]:
    overall = (OVERALL, OVERALL)
    for number, values in enumerate(settings, start=1):
        for name, value in values.items():
            if value or name in PAIRS:
                yield (str(number), NA, *overall, *overall, "settings", NA, name, "character", value, *overall)


def dictionary_of(summarised: Summarised) -> str:
    """The data dictionary of the file as CSV: each estimate, its type, its column in ``results/`` and its meaning."""
    present = {line[8] for line in summarised.lines}
    lines = ["result_type,estimate_name,estimate_type,file,column,meaning"]
    for layout in LAYOUTS:
        meanings = RESULT_COLUMNS[layout.file.removesuffix(".csv")]
        for estimate in layout.estimates:
            if estimate.name in present:
                known = (layout.result_type, estimate.name, estimate.type, layout.file, estimate.column)
                lines.append(",".join([*known, _quoted(meanings[estimate.column])]))
    return "\n".join(lines) + "\n"
