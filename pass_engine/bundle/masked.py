"""A bundle's whole numbers as one list, in an order that does not depend on whom a registry holds, and back.

Every level that the protocol allows has its place, whether the registry has anyone there or not; a margin whose
levels only data tell (country, centre) has none and is left out. The first number is 1, so that the sum over the
members of a round must begin with how many they are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.disclose import BORDER_TABLES, records
from pass_engine.disclose.margins import Margin, margin_of, margin_records
from pass_engine.errors import DisclosureError, Fault
from pass_engine.protocol.counted import cell_analyses, margins_of
from pass_engine.protocol.levels import baseline_levels, is_measured, margin_levels
from pass_engine.protocol.names import margin_name
from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose import Row
    from pass_engine.protocol import Protocol

MASKED_TABLES = ("counts", "arm_overlap", "attrition", "baseline", "lock_counts")
"""Tables whose numbers are masked and summed. The others are about one registry's data, or have a row a day."""
CELL = ("analysis", "cohort", "outcome", "time_at_risk")
NO_OTHERS = "a masked registry shows nothing of itself alone"
Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Layout:
    """Table to its columns of numbers and to the keys of its rows, in order; and margins left out.

    Of those only data tell the levels.
    """

    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[Key, ...]]
    left_out: tuple[Margin, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the rows: members of a round must have the same."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Columns, rows and margins as JSON holds them."""
        return {
            "columns": {table: list(columns) for table, columns in self.columns.items()},
            "rows": {table: [list(key) for key in keys] for table, keys in self.rows.items()},
            "left_out": [list(margin) for margin in self.left_out],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Layout:
        """The layout that :meth:`as_json` wrote."""
        rows = {table: tuple(tuple(key) for key in content["rows"][table]) for table in MASKED_TABLES}
        left_out = tuple(Margin(*map(str, key)) for key in content["left_out"])
        return cls({table: tuple(content["columns"][table]) for table in MASKED_TABLES}, rows, left_out)

    def records(self) -> list[dict[str, str]]:
        """The margins left out, for a manifest."""
        return margin_records(
            {m: f"{m.stratum}: only data tell its levels, which masks would show" for m in self.left_out}
        )


def lay_out(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> Layout:
    """The rows that every registry has under this protocol for the analyses that the tables hold."""
    margins = _margins(protocol)
    overall = [row for row in records(tables["counts"]) if row["stratum"] == OVERALL]
    counts, left_out = [], []
    for row in overall:
        cell = tuple(row[c] for c in CELL)
        for stratum, levels in margins[row["analysis"]].items():
            if levels is None:
                left_out.append(Margin(row["analysis"], row["outcome"], row["time_at_risk"], stratum))
            else:
                counts += [(*cell, stratum, level) for level in levels]
    variables = baseline_levels(protocol.study)
    cohorts = dict.fromkeys(row["cohort"] for row in records(tables["baseline"]))
    rows: dict[str, list[Key]] = {
        "counts": counts,
        "baseline": [(c, variable, level) for c in cohorts for variable, own in variables.items() for level in own],
    }
    for table in MASKED_TABLES:
        rows.setdefault(table, [_key(table, row) for row in records(tables[table])])
    ordered = {table: tuple(sorted(rows[table])) for table in MASKED_TABLES}
    columns = {table: _columns(table, tables[table]) for table in MASKED_TABLES}
    return Layout(columns, ordered, tuple(dict.fromkeys(left_out)))


def flatten(tables: Mapping[str, pd.DataFrame], layout: Layout) -> list[int]:
    """All numbers in the order of the layout, 0 where there is no row. Raises DisclosureError for one without place."""
    numbers = [1]
    left_out = set(layout.left_out)
    variables = {key[1] for key in layout.rows["baseline"]}
    for table, keys in layout.rows.items():
        found = {_key(table, row): row for row in records(tables[table])}
        if table == "counts":
            found = {key: row for key, row in found.items() if margin_of(row) not in left_out}
        if table == "baseline":
            found = {key: row for key, row in found.items() if row["variable"] in variables}
        strange = len(found.keys() - set(keys))
        if strange:
            problem, mend = "these levels are not among those that the protocol names", "release in another mode"
            raise DisclosureError(Fault(f"table {table}", "level", f"{strange} rows", problem, mend, "PE520"))
        for key in keys:
            row = found.get(key, {})
            numbers += [row.get(column) or 0 for column in layout.columns[table]]
    return numbers


def unsummed_variables(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> list[str]:
    """Baseline variables whose levels the protocol does not say: they are not summed."""
    return sorted({row["variable"] for row in records(tables["baseline"])} - baseline_levels(protocol.study).keys())


def unflatten(numbers: Sequence[int], layout: Layout) -> dict[str, pd.DataFrame]:
    """Border tables from the numbers after the first, without the rows that nobody is in; other tables are empty."""
    left = iter(numbers[1:])
    tables = {}
    for table, keys in layout.rows.items():
        rows = [{**_named(table, key), **{c: next(left) for c in layout.columns[table]}} for key in keys]
        tables[table] = [_as_counted(table, row) for row in rows if _is_there(table, row)]
    return {name: _frame(name, tables.get(name, [])) for name in BORDER_TABLES}


def empty_tables(keep: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """All border tables, empty but for those to keep."""
    return {name: keep[name] if name in keep else _frame(name, []) for name in BORDER_TABLES}


def _margins(protocol: Protocol) -> dict[str, dict[str, tuple[str, ...] | None]]:
    """Analysis to its margins, each with its levels."""
    return {
        analysis.id: {
            margin_name(m): margin_levels(scenario.study, m) if m else ("",) for m in margins_of(analysis)
        }
        for scenario in protocol.scenarios
        for analysis in cell_analyses(scenario.study)
    }  # fmt: skip


def _key(table: str, row: Row) -> Key:
    return tuple(row[c] for c in _key_columns(table))


def _named(table: str, key: Key) -> Row:
    return dict(zip(_key_columns(table), key, strict=True))


def _key_columns(table: str) -> tuple[str, ...]:
    """Columns that name a row; the place of an attrition step is the same everywhere."""
    return (*BORDER_TABLES[table].texts, *(("position",) if table == "attrition" else ()))


def _columns(table: str, frame: pd.DataFrame) -> tuple[str, ...]:
    """Columns of numbers that are there; a registry that lacks an optional one lacks it for all."""
    border = BORDER_TABLES[table]
    return tuple(c for c in (*border.numbers, *border.optional) if c != "position" and c in frame.columns)


def _is_there(table: str, row: Row) -> bool:
    """Would a registry with these numbers have written the row?"""
    if table == "counts":
        return bool(row["stratum"] == OVERALL or row["window_days"])
    return bool(table != "baseline" or row["variable"] == "persons" or row["persons"])


def _as_counted(table: str, row: Row) -> Row:
    """The row as it is counted: sums of a baseline variable belong to one that is measured, where it is known."""
    if table == "baseline" and not is_measured(row["variable"], row["level"]):
        return {**row, "sum_value": None, "sum_square": None}
    return row


def _frame(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    border = BORDER_TABLES[name]
    texts = {c: pd.Series([str(r[c]) for r in rows], dtype="str") for c in border.texts}
    return pd.DataFrame({**texts, **dict(_number_columns(name, rows))})


def _number_columns(name: str, rows: Sequence[Row]) -> Iterator[tuple[str, Any]]:
    import pandas as pd

    border = BORDER_TABLES[name]
    for column in (c for c in (*border.numbers, *border.optional) if c in border.numbers or all(c in r for r in rows)):
        yield column, pd.Series([r[column] for r in rows], dtype="Int64")
