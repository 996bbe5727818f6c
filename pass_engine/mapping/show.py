"""A check in words: tables for a terminal, and JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pass_engine.mapping.findings import Answer, ColumnCheck, RegistryCheck, TableCheck

VALUES_SHOWN: Final = 8
YEARS_SHOWN: Final = 6
YEAR_WIDTH: Final = 11
FIXED_WIDTH: Final = 42
"""Characters of a year's column, and of those beside the variable that every line has."""
NUMERIC: Final = {"rows", "taken over", "filled", "lost", "found", "persons"}
"""Heads of columns that hold numbers, as calendar years do."""
NOTE: Final = "For use inside the registry. Values that fewer than {n} persons have are not named."


def to_json(check: RegistryCheck) -> str:
    """The whole check as JSON, keys in a fixed order."""
    return json.dumps({**asdict(check), "is_clean": check.is_clean}, ensure_ascii=False, indent=2)


def show_check(check: RegistryCheck, console: Console) -> None:
    """Print a check for a person to read."""
    console.print(f"Registry {check.registry}: {check.name}", style="bold")
    console.print(NOTE.format(n=check.min_cell), style="dim")
    _overview(check, console)
    for table in check.tables:
        _table(table, console)
    _not_mapped(check, console)
    _findings(check, console)
    if check.study:
        _answers(check, console)
        show_substances(check, console)
    _mends(check, console)
    console.print(_verdict(check), style="bold")


def _grid(console: Console, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold")
    for name in head:
        grid.add_column(name, justify="right" if name in NUMERIC or name.isdigit() else "left",
                        overflow="fold")  # fmt: skip
    for row in rows:
        grid.add_row(*row)
    console.print(grid)


def _overview(check: RegistryCheck, console: Console) -> None:
    rows = [
        (t.table, t.origin, _number(t.source_rows), _number(t.kept_rows), _left_out(t), _number(_lost(t)))
        for t in check.tables
    ]
    _grid(console, "Tables", ("table", "from", "rows", "taken over", "not taken over, and copies", "lost"), rows)
    if any("set aside" in finding.label for finding in check.findings):
        console.print("Of the rows taken over some are set aside later: see what the data checks found.", style="dim")


def _left_out(table: TableCheck) -> str:
    return "; ".join(f"{_number(n)} {why}" for why, n in table.left_out)


def _lost(table: TableCheck) -> int:
    return sum(column.lost for column in table.columns)


def _table(table: TableCheck, console: Console) -> None:
    rows = [
        (c.column, c.source, _share(c.present, c.rows), _number(c.lost) if c.lost else "", _what(c))
        for c in table.columns
    ]
    _grid(console, table.table, ("column", "from", "filled", "lost", "values"), rows)
    for name, count in table.files:
        console.print(f"  {_number(count)} rows from {name}")


def _what(column: ColumnCheck) -> str:
    parts = [_losses(column)]
    unknown = [v for v in column.values if not v.is_known]
    known = [v for v in column.values if v.is_known]
    for values, lead in ((unknown, "unknown: "), (known, "")):
        if values:
            shown = [_value(v.source, v.core, v.values, v.rows) for v in values[:VALUES_SHOWN]]
            more = len(values) - VALUES_SHOWN
            parts.append(lead + ", ".join(shown) + (f" and {more} more" if more > 0 else ""))
    if column.shapes:
        shapes = [_value(s.shape, None, s.shapes, s.rows) for s in column.shapes[:VALUES_SHOWN]]
        parts.append(f"they look like {', '.join(shapes)}")
    if column.partial:
        parts.append(f"{_number(column.partial)} to the month or year")
    return "; ".join(part for part in parts if part)


def _losses(column: ColumnCheck) -> str:
    return ", ".join(f"{reason}: {_number(n)}" for reason, n in column.losses if reason != "unknown code")


def _value(source: str | None, core: str | None, values: int, rows: int) -> str:
    if source is None:
        return f"{_number(values)} rare {'value' if values == 1 else 'values'} ({_number(rows)})"
    becomes = f" = {core}" if core is not None and core != source else ""
    return f"{source}{becomes} ({_number(rows)})"


def _not_mapped(check: RegistryCheck, console: Console) -> None:
    rows = [(t.table, ", ".join(t.not_mapped) or "none", ", ".join(t.unused) or "none") for t in check.tables]
    _grid(console, "Not mapped", ("table", "columns of the core model", "columns of the source"), rows)
    others = [f"{t.table}.{name}" for t in check.tables for name in t.of_other_studies]
    if others:
        console.print(f"Mapped variables of a study, read with --protocol of one that has them: {', '.join(others)}")
    if check.tables_not_mapped:
        console.print(f"Tables of the core model without a mapping: {', '.join(check.tables_not_mapped)}")
    console.print("Map what the registry has, under source.tables.<table>.columns; the rest stays away.", style="dim")


def _findings(check: RegistryCheck, console: Console) -> None:
    rows = [
        (f.table, f.column, f.label, f"{_number(f.failed)} of {_number(f.tested)}" if f.tested else "")
        for f in check.findings
    ]
    if rows:
        _grid(console, "What the data checks found", ("table", "column", "what", "found"), rows)


def _answers(check: RegistryCheck, console: Console) -> None:
    seen = {
        year.year for a in check.answers for year in a.years if year.year is not None and year.year <= check.cut_year
    }
    widest = max((len(a.variable) for a in check.answers), default=0)
    room = max(0, min(YEARS_SHOWN, (console.width - widest - FIXED_WIDTH) // YEAR_WIDTH))
    years = sorted(seen)[-room:] if room else []
    rows = [
        (a.variable, a.level, "yes" if a.is_mapped else "no", str(a.since or ""), _share(a.present, a.rows),
         *_by_year(a, years, check.min_cell))
        for a in check.answers
        if not a.variable.endswith(".person_id")
    ]  # fmt: skip
    head = ("variable", "level", "mapped", "since", "filled", *map(str, years))
    _grid(console, f"What study {check.study} reads, and how full it is (by calendar year of the row)", head, rows)
    if len(years) < min(YEARS_SHOWN, len(seen)):
        console.print("Years that have no room here stand in --json.", style="dim")
    lacking = [(a.variable, _without(a)) for a in check.answers if a.without and not a.variable.endswith(".person_id")]
    if lacking:
        _grid(console, "What it would have to do without", ("variable", "without it"), lacking)


def _without(answer: Answer) -> str:
    if answer.is_mapped and answer.rows:
        return f"mapped, and without a value; if that is not so because nothing happened, it {answer.without}"
    return "mapped, and its table has no row: " + answer.without if answer.is_mapped else answer.without


def show_substances(check: RegistryCheck, console: Console) -> None:
    """The study's substances and whether the registry has them under that name."""
    rows = [
        (s.substance, s.exposure, s.table, _number(s.rows) if s.persons >= check.min_cell or not s.rows else "few",
         _persons(s.persons, check.min_cell), ", ".join(s.like))
        for s in check.substances
    ]  # fmt: skip
    if rows:
        head = ("substance", "exposure", "table", "rows", "persons", "perhaps under the name")
        _grid(console, f"Substances of study {check.study}", head, rows)
    if check.other_substances:
        console.print(f"Other substances here: {', '.join(check.other_substances)}")


def _persons(persons: int, least: int) -> str:
    return f"<{least}" if 0 < persons < least else _number(persons)


def _by_year(answer: Answer, years: Sequence[int], least: int) -> list[str]:
    """The share filled in each year; of a year with few rows it is not told."""
    counts = {year.year: year for year in answer.years}
    return [
        "" if year not in counts else _share(counts[year].present, counts[year].rows, least=least) for year in years
    ]


def _mends(check: RegistryCheck, console: Console) -> None:
    lines = [line for table in check.tables for column in table.columns for line in column.mend]
    if lines:
        console.print("How to mend it", style="bold")
    for line in lines:
        console.print(f"  - {line}", soft_wrap=True)


def _verdict(check: RegistryCheck) -> str:
    if check.is_clean:
        empty = [table.table for table in check.tables if not table.source_rows]
        return "Everything that is mapped was taken over." + (f" Without a row: {', '.join(empty)}." if empty else "")
    parts = []
    if check.faults:
        parts.append(f"{len(check.faults)} {'fault stops' if len(check.faults) == 1 else 'faults stop'} this registry")
    if check.lost:
        parts.append(f"{_number(check.lost)} values were not taken over: they count as missing")
    if check.lacking:
        parts.append(f"study {check.study} needs {_number(len(check.lacking))} variables that are not here")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _number(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _share(part: int, whole: int, *, least: int = 0) -> str:
    """A share that is 0 or 100 % only where it is so; of fewer than ``least`` rows none."""
    if not whole:
        return ""
    if whole < least:
        return f"<{least} rows"
    tenths = part * 1000 // whole
    if part > 0 and tenths == 0:
        return "<0.1%"
    return f"{tenths // 10}.{tenths % 10}%"
