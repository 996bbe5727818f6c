"""The numbers of a release in a ledger, with all sums that tie them: one entrance for publication and for the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose.cells import MAIN, SENSITIVITY, Cells
from pass_engine.disclose.frames import records
from pass_engine.disclose.ledger import Ledger
from pass_engine.disclose.links import tie_cells
from pass_engine.disclose.locks import LockPoints
from pass_engine.disclose.persons import Persons
from pass_engine.disclose.quality import QualityCounts

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    import pandas as pd

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.thresholds import Thresholds

Tables = dict[str, list["Row"]]
TABLE_OF = {
    "both": "comparison",
    "left": "attrition",
    "excluded": "attrition",
    "level": "baseline",
    "missing": "baseline",
    "cohort": "baseline",
    "tested": "quality",
    "failed": "quality",
    "lock": "lock_points",
    "cases": "indicators",
    "others": "indicators",
    "of": "indicators",
}
"""First word of a number's name to the table in which it stands; cells stand in the incidence table."""


@dataclass
class Release:
    """Rows of the tables, and where their numbers stand in the ledger."""

    rows: Tables
    ledger: Ledger
    cells: Cells
    locks: LockPoints
    persons: Persons
    quality: QualityCounts
    scenarios: Mapping[str, str]

    def numbers(self) -> dict[Hashable, int]:
        """Numbers by name that are shown, without names that stand for several."""
        found: dict[Hashable, set[int]] = {}
        for name, value in self.ledger.names:
            if value is not None:
                found.setdefault(name, set()).add(value)
        return {name: values.pop() for name, values in found.items() if len(values) == 1}


def enter_release(
    tables: Mapping[str, pd.DataFrame],
    thresholds: Thresholds,
    earlier: Iterable[Mapping[str, pd.DataFrame]] = (),
    *,
    reading: bool = False,
) -> Release:
    """Enter every table of a release, and the cells that ``earlier`` ones showed.

    ``reading``: as someone who has the published tables alone.
    """
    rows = {name: records(frame) for name, frame in tables.items()}
    ledger = Ledger(reading=reading)
    scenarios = {r["analysis"]: r["analysis"] if r["role"] == SENSITIVITY else MAIN for r in rows["incidence"]}
    cells, persons = Cells(ledger, thresholds), Persons(ledger, thresholds, scenarios)
    cells.enter_incidence(rows["incidence"])
    cells.enter_comparison(rows["comparison"])
    for before in earlier:
        cells.enter_published(records(before["incidence"]))
    tie_cells(cells)
    locks = LockPoints(cells)
    locks.enter(rows.get("lock_points", []))
    locks.tie(rows.get("lock_points", []))
    persons.enter_attrition(rows["attrition"])
    persons.enter_baseline(rows["baseline"])
    persons.enter_quality(rows["quality"])
    quality = QualityCounts(ledger, thresholds, persons.failed)
    if not reading:
        quality.enter_indicators(rows.get("indicators", []))
        quality.enter_verification(rows.get("verification", []))
    quality.enter_years(rows.get("completeness_by_year", []))
    persons.enter_participation(rows["participation"])
    return Release(rows, ledger, cells, locks, persons, quality, scenarios)


def small_differences(release: Release, earlier: Mapping[Hashable, int]) -> list[int]:
    """Numbers that differ from those of the same name in an earlier release by too few persons or events to show."""
    found = []
    for name, value in release.numbers().items():
        index = release.ledger.names[name, value]
        threshold = release.ledger.entries[index].threshold
        if name in earlier and 1 <= abs(value - earlier[name]) < threshold:
            found.append(index)
    return sorted(found)


def force_differences(release: Release, thresholds: Thresholds, earlier: Iterable[Mapping[str, pd.DataFrame]]) -> None:
    """See to it that what would tell of few persons or events beside an earlier release is withheld."""
    for tables in earlier:
        before = enter_release(tables, thresholds, reading=True).numbers()
        for index in small_differences(release, before):
            release.ledger.force(index)


def table_of(name: Hashable) -> str:
    """The table in which a number of this name stands."""
    return TABLE_OF.get(str(name[0]), "incidence") if isinstance(name, tuple) else "incidence"
