"""docs/sql.md: the numbered SQL files in reading order, from their own headers."""

from __future__ import annotations

from pass_engine.sqltext import SqlFile, load_catalogue

HUNDREDS = {
    1: "Harmonised tables and data checks",
    2: "Persons and observation of the study",
    3: "Exposure: spans and eras",
    4: "Cohorts: candidates, criteria, entry, attrition, baseline",
    5: "Outcome events, and from 560 on covariates at entry",
    6: "Time at risk",
    7: "Counts, and what else leaves the registry",
    8: "Quality indicators, and completeness by calendar year",
    9: "A registry's own look at its cases; not part of a run",
}

HEAD = """\
# The SQL, in reading order

<!-- Made by `make docs` from the headers of pass_engine/sql/*.sql; do not edit. -->

The method is these files. Each is one SELECT from which one table is made; their text is the same for every study and
every registry. What a study says is loaded as tables of rules that they join (`exposure_rule`, `outcome_rule` and so
on). Every run copies the files into its folder `sql/`, beside the one text that is generated: the map from a
registry's columns to the core data model.
"""


def sql_page() -> str:
    """The whole page: one section a hundred, one entry a file."""
    parts = [HEAD]
    last = 0
    for sql in load_catalogue():
        hundred = sql.number // 100
        if hundred != last:
            parts.append(f"## {hundred}xx: {HUNDREDS[hundred]}\n")
            last = hundred
        parts.append(_entry(sql))
    return "\n".join(parts)


def _entry(sql: SqlFile) -> str:
    lines = [
        f"### {sql.number} `{sql.writes}`\n",
        f"{sql.purpose}\n",
        f"- one row: {sql.grain.removeprefix('one row ')}",
        f"- reads: {', '.join(f'`{name}`' for name in sql.reads)}",
        f"- days: {sql.days}",
    ]
    if sql.binds:
        lines.append(f"- binds: {', '.join(f'`${name}`' for name in sql.binds)}")
    return "\n".join(lines) + "\n"
