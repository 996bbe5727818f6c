"""What is shown at publication: the primary rule, and the numbers that would give a withheld one back."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from pass_engine.disclose.curves import shown_survival
from pass_engine.disclose.frames import Row, like, records
from pass_engine.disclose.regression import shown_members, shown_regression
from pass_engine.disclose.release import enter_release, force_differences, table_of
from pass_engine.disclose.scores import shown_arms, shown_weighted
from pass_engine.disclose.thresholds import EARLIER
from pass_engine.disclose.weights import levels_by_use
from pass_engine.errors import DisclosureError, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.ledger import Ledger
    from pass_engine.disclose.release import Release
    from pass_engine.disclose.thresholds import Thresholds

RECORD = "withheld"
RECORD_COLUMNS: Mapping[str, str] = {
    "file": "result file",
    "row": "row of the file; its head is row 1, as a spreadsheet counts",
    "columns": "columns whose numbers are withheld in it, separated by semicolons",
    "status": "<k: a count of the row is too small to show; withheld: it would give another number back",
}
"""Columns of the record, and their meanings."""


def publish(
    tables: Mapping[str, pd.DataFrame],
    rules: Thresholds,
    counts: pd.DataFrame | None = None,
    earlier: Sequence[Mapping[str, pd.DataFrame]] = (),
) -> dict[str, pd.DataFrame]:
    """Result tables as they may be shown, in the same rows and columns; publishing them again changes nothing.

    ``counts``: pooled counts of all cells, printed or not; ``earlier``: tables of earlier releases, as published.

    A count of persons or events of at least 1 and below the threshold is withheld with all that gives it
    back, and its row has the status ``<5``; what is withheld for another number's sake has the status
    ``withheld``. Zeros are shown unless the study or a contributor says no. The threshold is the stricter of the
    study's and the registry's own; of pooled rows, of the strictest contributor. Gives back the record of what was
    withheld too, as the table ``withheld``.

    Sums looked at, together: levels and their margin, registries and their pool (and pools that differ by
    registries), steps of attrition, levels of a baseline variable, intervals between lock points and their cumulative
    counts, the main and the sensitivity analyses, and what they share; points of curves, and earlier releases, each by
    themselves. Where nothing is left to withhold, a row that is too small says ``withheld`` instead of ``<5``.
    Raises DisclosureError where a withheld number is still given back when nothing is left to withhold.
    """
    release = enter_release(tables, rules, earlier)
    if counts is not None:
        release.cells.enter_counts(records(counts), release.scenarios)
    force_differences(release, rules, earlier)
    release.ledger.settle()
    check_closed(release.ledger)
    shown = _shown(release, rules)
    frames = {name: like(frame, shown[name]) if name in shown else frame for name, frame in tables.items()}
    return {**frames, RECORD: _record(release.rows, shown, tables.get(RECORD))}


def _shown(release: Release, rules: Thresholds) -> dict[str, list[Row]]:
    rows, cells, persons, quality = release.rows, release.cells, release.persons, release.quality
    comparison = cells.shown_comparison(rows["comparison"])
    weights = levels_by_use(rows["standard_weights"])
    return {
        "incidence": cells.shown_incidence(rows["incidence"], weights, levels_by_use(rows["reference_rates"])),
        "standard_weights": cells.shown_weights(rows["standard_weights"], rows["incidence"], weights),
        "comparison": comparison,
        "weighted": shown_weighted(rows.get("weighted", []), comparison),
        "propensity": shown_arms(rows.get("propensity", []), rules),
        "regression": shown_regression(rows.get("regression", []), comparison),
        "regression_members": shown_members(rows.get("regression_members", []), rules),
        "survival": shown_survival(rows["survival"], cells),
        "lock_points": release.locks.shown(rows["lock_points"]),
        "attrition": persons.shown_attrition(rows["attrition"]),
        "baseline": persons.shown_baseline(rows["baseline"]),
        "quality": persons.shown_quality(rows["quality"]),
        "indicators": quality.shown_indicators(rows.get("indicators", [])),
        "verification": quality.shown_verification(rows.get("verification", [])),
        "completeness_by_year": quality.shown_years(rows.get("completeness_by_year", [])),
        "participation": persons.shown_participation(rows["participation"]),
    }


def check_closed(ledger: Ledger) -> None:
    """No number is let go of which the audit still finds that it is given back. Raises DisclosureError (PE506)."""
    names = ledger.names_by_index()
    open_by_table: dict[str, list[int]] = {}
    for index in ledger.unrelieved:
        open_by_table.setdefault(table_of(names[index]), []).append(index)
    faults = []
    for table, indices in sorted(open_by_table.items()):
        kinds = sorted({kind for index in indices for kind in ledger.kinds_of(index)})
        count = f"{len(indices)} withheld number{'' if len(indices) == 1 else 's'}"
        problem = f"{', '.join(kinds)} give back what is withheld, and nothing is left to withhold"
        mend = "ask for fewer margins or analyses, or let the registry concerned keep the cohort back (min_persons)"
        faults.append(Fault(f"table {table}", "", count, problem, mend, "PE506"))
    if faults:
        raise DisclosureError(*faults)


def _is_there(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and isnan(value))


def _record(
    rows: Mapping[str, Sequence[Row]], shown: Mapping[str, Sequence[Row]], before: pd.DataFrame | None
) -> pd.DataFrame:
    """Which numbers of which row are withheld, and why, without the numbers; what was recorded before stays."""
    import pandas as pd

    found: list[Row] = [] if before is None else records(before)
    for name in shown:
        for number, (row, after) in enumerate(zip(rows.get(name, []), shown[name], strict=True), start=2):
            gone = [c for c, value in row.items() if after[c] is None and _is_there(value)]
            if gone:
                status = str(after.get("status", ""))
                reason = status if status.startswith(EARLIER) else EARLIER[1]
                found.append({"file": f"{name}.csv", "row": number, "columns": ";".join(gone), "status": reason})
    columns = {c: pd.Series([r[c] for r in found], dtype="Int64" if c == "row" else "str") for c in RECORD_COLUMNS}
    return pd.DataFrame(columns)
