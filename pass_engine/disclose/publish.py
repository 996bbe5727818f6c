"""What is shown at publication: the primary rule, and the numbers that would give a withheld one back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.cells import MAIN, SENSITIVITY, Cells
from pass_engine.disclose.curves import shown_survival
from pass_engine.disclose.frames import like, records
from pass_engine.disclose.ledger import Ledger
from pass_engine.disclose.locks import LockPoints
from pass_engine.disclose.persons import Persons
from pass_engine.disclose.quality import QualityCounts
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.disclose.weights import levels_by_use

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def publish(
    tables: Mapping[str, pd.DataFrame], min_cell: int, registry_min_cell: Mapping[str, int]
) -> dict[str, pd.DataFrame]:
    """Result tables as they may be shown, in the same rows and columns; publishing them again changes nothing.

    A count of persons or events of at least 1 and below the threshold is withheld with all that gives it
    back, and its row has the status ``<5``; what is withheld for another number's sake has the status
    ``withheld``. Zeros are shown. The threshold is the stricter of ``min_cell`` and the registry's own;
    of pooled rows, of the strictest contributor.

    Sums looked at, each by itself and then all together (``audit``), to a fixed point: levels and their margin,
    registries and their pool (and pools that differ by registries), steps of attrition, levels of a baseline variable,
    intervals between lock points and their cumulative counts, points of a curve, and what they share.
    Not looked at yet: differences between the main and sensitivity analyses, and between releases.
    """
    rows = {name: records(frame) for name, frame in tables.items()}
    ledger, thresholds = Ledger(), Thresholds(min_cell, registry_min_cell)
    scenarios = {r["analysis"]: r["analysis"] if r["role"] == SENSITIVITY else MAIN for r in rows["incidence"]}
    cells, persons = Cells(ledger, thresholds), Persons(ledger, thresholds, scenarios)
    cells.enter_incidence(rows["incidence"])
    cells.enter_comparison(rows["comparison"])
    cells.tie()
    locks = LockPoints(cells)
    locks.enter(rows["lock_points"])
    locks.tie(rows["lock_points"])
    persons.enter_attrition(rows["attrition"])
    persons.enter_baseline(rows["baseline"])
    persons.enter_quality(rows["quality"])
    counts = QualityCounts(ledger, thresholds, persons.failed)
    counts.enter_indicators(rows.get("indicators", []))
    counts.enter_verification(rows.get("verification", []))
    counts.enter_years(rows.get("completeness_by_year", []))
    persons.enter_participation(rows["participation"])
    ledger.settle()
    weights = levels_by_use(rows["standard_weights"])
    shown = {
        "incidence": cells.shown_incidence(rows["incidence"], weights, levels_by_use(rows["reference_rates"])),
        "standard_weights": cells.shown_weights(rows["standard_weights"], rows["incidence"], weights),
        "comparison": cells.shown_comparison(rows["comparison"]),
        "survival": shown_survival(rows["survival"], cells),
        "lock_points": locks.shown(rows["lock_points"]),
        "attrition": persons.shown_attrition(rows["attrition"]),
        "baseline": persons.shown_baseline(rows["baseline"]),
        "quality": persons.shown_quality(rows["quality"]),
        "indicators": counts.shown_indicators(rows.get("indicators", [])),
        "verification": counts.shown_verification(rows.get("verification", [])),
        "completeness_by_year": counts.shown_years(rows.get("completeness_by_year", [])),
        "participation": persons.shown_participation(rows["participation"]),
    }
    return {name: like(frame, shown[name]) if name in shown else frame for name, frame in tables.items()}
