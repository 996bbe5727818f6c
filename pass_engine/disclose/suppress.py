"""Suppression before anything leaves: a registry's own tables under the rules of publication, every cell of them.

For a registry that releases ``suppressed`` counts. Its numbers are put into a ledger, printed later or not, with the
sums that tie them; too small ones are withheld, then what would give them back, until the audit finds nothing
(:mod:`pass_engine.disclose.ledger`). What is made from a withheld number goes with it: days, sums of squares, sums over
persons in both arms, sums of a measured value. Numbers that left before are known for good: what tells of few persons
beside them is withheld, and where the data are the same, what was withheld stays so. Curves by the day do not leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.disclose.border import BORDER_TABLES, CUMULATIVE, STATUS
from pass_engine.disclose.cells import Cells, arms_of, both_of, counted_cell
from pass_engine.disclose.frames import emptied, records
from pass_engine.disclose.ledger import Ledger
from pass_engine.disclose.links import tie_cells
from pass_engine.disclose.locks import IN_CELLS, LockPoints
from pass_engine.disclose.persons import Persons, step_key
from pass_engine.disclose.publish import check_closed
from pass_engine.disclose.quality import QualityCounts
from pass_engine.disclose.regression import REGRESSION_TABLES
from pass_engine.disclose.scores import SCORE_TABLES
from pass_engine.disclose.squares import CROSS_WITH_EVENT
from pass_engine.disclose.thresholds import EARLIER, SHOWN, WITHHELD, small_status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.border import Withheld
    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.thresholds import Thresholds

    BorderTables = Mapping[str, pd.DataFrame]
    """Tables by name, as they cross the border."""

Tables = dict[str, list["Row"]]
CURVES = "life_table"
NO_CURVES = "suppressed: no life table leaves, since its steps are single persons"
NO_SCORES = "suppressed: no table of propensity scores leaves"
NO_MODELS = "suppressed: no regression model leaves"
STAYS = {CURVES: NO_CURVES, **dict.fromkeys(SCORE_TABLES, NO_SCORES), **dict.fromkeys(REGRESSION_TABLES, NO_MODELS)}
"""Tables that stay whole, and why."""
NOT_SUPPRESSED = ("quality_gate", *STAYS)
"""Decisions hold no count."""
SERIES = ("analysis", "cohort", "outcome", "time_at_risk")


@dataclass
class Left:
    """One registry's tables as rows, and where their numbers stand in the ledger.

    ``with_event``: persons with an event among those in both arms of a comparison.
    """

    rows: Tables
    scenarios: Mapping[str, str]
    ledger: Ledger
    cells: Cells
    locks: LockPoints
    persons: Persons
    quality: QualityCounts
    with_event: Mapping[tuple[str, ...], Sequence[int]]

    def numbers(self) -> dict[Hashable, set[int | None]]:
        """Values of each name; None where one is withheld."""
        found: dict[Hashable, set[int | None]] = {}
        for name, value in self.ledger.names:
            found.setdefault(name, set()).add(value)
        return found


def suppress(
    tables: Mapping[str, pd.DataFrame],
    registry: str,
    rules: Thresholds,
    scenarios: Mapping[str, str],
    earlier: Sequence[Mapping[str, pd.DataFrame]] = (),
) -> tuple[dict[str, pd.DataFrame], tuple[Withheld, ...]]:
    """Tables as they may leave, in the same rows, with a column ``status``; and what does not leave at all.

    ``tables`` are those that the border let pass; ``scenarios`` is analysis to scenario; ``earlier``: the tables that
    left in earlier releases of the study. Suppressing what was suppressed changes nothing. Raises DisclosureError
    (PE506) where a withheld number is given back and nothing is left to withhold.
    """
    left = enter_left(tables, registry, rules, scenarios, earlier)
    for before in earlier:
        _hold_against(left, enter_left(before, registry, rules, scenarios, reading=True).numbers())
    left.cells.enter_counts(left.rows["counts"], scenarios)  # dominated cells
    left.ledger.settle()
    check_closed(left.ledger)
    shown = {name: _frame(name, tables[name], rows) for name, rows in _shown(left).items()}
    whole = {name: tables[name] for name in STAYS if name in tables}
    away = [
        {"table": name, "analysis": analysis, "cohort": "", "reason": STAYS[name]}
        for name, frame in whole.items()
        for analysis in dict.fromkeys(frame["analysis"])
    ]
    return {**tables, **{name: frame.iloc[:0] for name, frame in whole.items()}, **shown}, tuple(away)


def withheld_rows(frame: pd.DataFrame) -> list[Row]:
    """Rows of a table of which numbers were taken out before it left."""
    return [row for row in records(frame) if row.get(STATUS, SHOWN) != SHOWN]


def enter_left(
    tables: Mapping[str, pd.DataFrame],
    registry: str,
    rules: Thresholds,
    scenarios: Mapping[str, str],
    earlier: Iterable[Mapping[str, pd.DataFrame]] = (),
    *,
    reading: bool = False,
) -> Left:
    """Enter every table of a registry, and the cells that ``earlier`` ones showed.

    ``reading``: as someone who has the tables as they left alone.
    """
    rows = {name: _named(tables[name], registry) for name in BORDER_TABLES if name not in NOT_SUPPRESSED}
    ledger = Ledger(reading=reading)
    cells, persons = Cells(ledger, rules), Persons(ledger, rules, scenarios)
    cells.enter_counted(rows["counts"], scenarios)
    for before in earlier:
        cells.enter_left(_named(before["counts"], registry), scenarios)
    with_event = {both_of(row): list(_enter_overlap(cells, row)) for row in rows["arm_overlap"]}
    tie_cells(cells)
    locks = LockPoints(cells)
    spans = [span for series in _series(rows["lock_counts"]) for span in _spans(series)]
    locks.enter(spans)
    locks.tie(spans)
    persons.enter_attrition(rows["attrition"])
    persons.enter_baseline(rows["baseline"])
    persons.enter_quality(rows["quality"])
    quality = QualityCounts(ledger, rules, persons.failed)
    if not reading:
        quality.enter_indicators(rows["indicator"])
        quality.enter_verification(rows["verification"])
    quality.enter_years(rows["completeness_year"])
    return Left(rows, scenarios, ledger, cells, locks, persons, quality, with_event)


def _enter_overlap(cells: Cells, row: Row) -> Iterator[int]:
    """Enter the persons in both arms; gives those among them who have an event, which add up to nothing."""
    cells.enter_both(row)
    threshold = cells.thresholds.of(row["registry"], row["registries"])
    for column in CROSS_WITH_EVENT:
        yield cells.ledger.add(("both", both_of(row), column), row[column], threshold)


def _named(frame: pd.DataFrame, registry: str) -> list[Row]:
    """Rows with the registry's name, and with the mark that they have already."""
    return [{STATUS: SHOWN, **row, "registry": registry, "registries": registry} for row in records(frame)]


def _hold_against(left: Left, before: Mapping[Hashable, set[int | None]]) -> None:
    """What an earlier release showed shelters nothing; what would tell of few beside it is withheld."""
    ledger = left.ledger
    shared = [(i, value, before[name]) for (name, value), i in ledger.names.items() if name in before]
    changed = any(value is not None and not old & {value, None} for _, value, old in shared)
    for index, value, old in shared:
        entry, gaps = ledger.entries[index], [abs(value - o) for o in old if o is not None and value is not None]
        entry.known = entry.known or 0 in gaps
        if any(1 <= gap < entry.threshold for gap in gaps) or (not changed and None in old and 0 not in gaps):
            ledger.force(index)


def _shown(left: Left) -> Tables:
    rows, persons, quality = left.rows, left.persons, left.quality
    return {
        "counts": [_shown_cell(row, left) for row in rows["counts"]],
        "arm_overlap": [_shown_both(row, left) for row in rows["arm_overlap"]],
        "attrition": [
            _with_zeros(row, shown, left)
            for row, shown in zip(rows["attrition"], persons.shown_attrition(rows["attrition"]), strict=True)
        ],
        "baseline": [_without_sums(row) for row in persons.shown_baseline(rows["baseline"])],
        "lock_counts": [row for series in _series(rows["lock_counts"]) for row in _shown_series(series, left.locks)],
        "quality": persons.shown_quality(rows["quality"]),
        "indicator": quality.shown_indicators(rows["indicator"]),
        "completeness_year": quality.shown_years(rows["completeness_year"]),
        "verification": quality.shown_verification(rows["verification"]),
    }


def _shown_cell(row: Row, left: Left) -> Row:
    """A cell: its persons stay where they are not withheld themselves."""
    cell, border = counted_cell(row, left.scenarios), BORDER_TABLES["counts"]
    persons = left.cells.numbers[cell]["persons"]
    others = [c for c in (*border.numbers, *border.optional) if c in row and c != "persons"]
    shown = emptied(row, left.cells.status(cell), others)
    hidden = left.ledger.is_withheld(persons) and not _is_plain_zero(left.ledger, persons)
    return emptied(shown, WITHHELD, ("persons",)) if hidden else shown


def _is_plain_zero(ledger: Ledger, index: int) -> bool:
    """Is this number a 0 that a reader is held to know, withheld or not?"""
    return ledger.entries[index].value == 0 and ledger.entries[index].bounds == (0, 0)


def _with_zeros(row: Row, shown: Row, left: Left) -> Row:
    """A step of attrition with its zeros: who sees the other steps has them anyway, and the pool needs them."""
    numbers = {"persons": left.persons.left[step_key(row)], "excluded": left.persons.excluded[step_key(row)]}
    zeros = {c: 0 for c, index in numbers.items() if _is_plain_zero(left.ledger, index)}
    kept = {**shown, **zeros}
    hidden = any(row[c] is not None and kept[c] is None for c in numbers)
    return kept if hidden or row[STATUS] != SHOWN else {**kept, STATUS: SHOWN}


def _shown_both(row: Row, left: Left) -> Row:
    """Persons in both arms; the sums over them go with them, with those of them with an event, and with either arm."""
    cells, with_event = left.cells, left.with_event[both_of(row)]
    index = cells.both[both_of(row)]
    hidden = cells.ledger.is_withheld(index)
    arms = [status for status in map(cells.status, arms_of(row).values()) if status]
    few = [i for i in with_event if cells.ledger.is_withheld(i)]
    if not hidden and not arms and not few:
        return row
    entry = cells.ledger.entries[index]
    marked = [cells.ledger.entries[i] for i in (*([index] if hidden else []), *few)]
    small = any(e.is_small and not e.muted for e in marked)
    numbers = [c for c in BORDER_TABLES["arm_overlap"].numbers if hidden or c != "persons_in_both"]
    return emptied(row, small_status(entry.threshold) if small else WITHHELD, numbers)


def _without_sums(row: Row) -> Row:
    return {**row, "sum_value": None, "sum_square": None} if row[STATUS].startswith(EARLIER) else row


def _series(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of one cohort, outcome and time at risk, by rising lock point."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[c] for c in SERIES), []).append(row)
    return [sorted(own, key=lambda r: str(r["lock_point"])) for own in found.values()]


def _spans(series: Sequence[Row]) -> list[Row]:
    """Intervals and cumulative counts: those that left cumulative before, else the sum so far."""
    spans, total = [], dict.fromkeys(IN_CELLS, 0)
    for row in series:
        total = {c: row[CUMULATIVE + c] if CUMULATIVE + c in row else total[c] + row[c] for c in IN_CELLS}
        spans += [{**row, "span": "interval"}, {**row, "span": "cumulative", **total}]
    return spans


def _shown_series(series: Sequence[Row], locks: LockPoints) -> list[Row]:
    """Each lock point's interval, and the count up to it, which may leave where the interval may not."""
    spans = locks.shown(_spans(series))
    return [
        {
            **interval,
            **{CUMULATIVE + c: cumulative[c] for c in IN_CELLS},
            STATUS: interval[STATUS] if interval[STATUS] != SHOWN else cumulative[STATUS],
        }
        for interval, cumulative in zip(spans[::2], spans[1::2], strict=True)
    ]


def _frame(name: str, before: pd.DataFrame, rows: Sequence[Row]) -> pd.DataFrame:
    """A border table of these rows."""
    import pandas as pd

    border = BORDER_TABLES[name]
    texts = {c: pd.Series([r[c] for r in rows], dtype="str") for c in border.texts}
    there = {*border.numbers, *before.columns, *(border.optional if name == "lock_counts" else ())}
    numbers = {
        c: pd.Series([r[c] for r in rows], dtype="Int64") for c in (*border.numbers, *border.optional) if c in there
    }
    return pd.DataFrame({**texts, **numbers, STATUS: pd.Series([r[STATUS] for r in rows], dtype="str")})
