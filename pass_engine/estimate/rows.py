"""Rows of results: typed frames from plain rows, and the fixed order of registries and levels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pass_engine.disclose import records
from pass_engine.disclose.thresholds import WITHHELD
from pass_engine.estimate.columns import FLOATS, INTEGERS, RESULT_COLUMNS
from pass_engine.terms import MASKED, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from pass_engine.disclose import Row

SUPPRESSED_NOTE = "a contributor withheld its number before it left; bounds.csv has what is known of the sum"
LAST_LEVELS = ("incomplete", "outside", "unknown", "missing")


def frame_of(table: str, rows: Iterable[Row]) -> pd.DataFrame:
    """A result table from rows; what a row does not name is empty."""
    import pandas as pd

    listed = list(rows)
    return pd.DataFrame(
        {
            column: pd.Series([_missing_none(row.get(column), column) for row in listed], dtype=_dtype(column))
            for column in RESULT_COLUMNS[table]
        }
    )


def numbers_of(cell: Row, events: int, days: int) -> Row:
    """Persons of a cell beside the events and days of a measure."""
    return {
        "persons": cell["persons"],
        "persons_with_event": cell["persons_with_event"],
        "events": events,
        "person_days": days,
        "note": "",
    }


def withheld_in(cell: Row, *numbers: object) -> Row | None:
    """What a row says where one of these numbers was withheld before it left a registry; None: all are there."""
    if None not in numbers:
        return None
    pooled = cell.get("registry") == POOLED
    return {"status": WITHHELD if pooled else cell["status"], "note": SUPPRESSED_NOTE if pooled else ""}


def kept_back_of(withheld: pd.DataFrame, table: str, analysis: str) -> dict[tuple[str, str], str]:
    """(registry, cohort) to the reason for which rows of a table and analysis did not leave; no cohort: all of them."""
    mine = withheld[(withheld["table"] == table) & (withheld["analysis"] == analysis)]
    return {(w["registry"], w["cohort"]): w["reason"] for w in records(mine)}


def registry_rank(registry: str, order: Sequence[str]) -> int:
    """Place of a registry: the protocol's order, then the sum of the masked ones, pooled last."""
    late = {MASKED: len(order), POOLED: len(order) + 1}
    return late[registry] if registry in late else order.index(registry)


def level_rank(level: str) -> tuple[tuple[int, int, str], ...]:
    """Natural order of a level: bands and years rising, names by name, and what is no band (LAST_LEVELS) last."""
    return tuple(_part_rank(part) for part in level.split("*"))


def _part_rank(part: str) -> tuple[int, int, str]:
    if part in LAST_LEVELS:
        return 2 + LAST_LEVELS.index(part), 0, part
    number = re.match(r"<?(\d+)", part)
    if number is None:
        return 1, 0, part
    return 0, int(number[1]) * 2 - part.startswith("<"), part


def _dtype(column: str) -> str:
    if column in INTEGERS:
        return "Int64"
    return "float64" if column in FLOATS else "str"


def _missing_none(value: object, column: str) -> object:
    if value is not None:
        return value
    return None if column in INTEGERS else float("nan") if column in FLOATS else ""
