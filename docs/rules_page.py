"""docs/rules.md and report_templates/rules.csv: the rules of counting, from the worked cases that tests run."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pass_engine.report.rules import FIELDS, features_of  # noqa: E402 - the page is of the checkout it stands in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]

CASES = ROOT / "tests" / "spec" / "cases"
KEYS = ("scope", "cohort", "outcome", "time_at_risk", "target", "comparator", "stratum", "level", "step")
WORDS = {"time_at_risk": "time at risk", "persons_with_event": "persons with event", "first_events": "first events"}

HEAD = """\
# The rules of counting, by worked cases

<!-- Made by `make docs` from tests/spec/cases/*.yaml; do not edit. -->

Each case is a few rows of data, the piece of a protocol that matters, and the numbers that must come out, worked by
hand. Tests run every one of them through the whole SQL, and through a second counter that goes day by day without SQL.
A case is added by writing it into a file under `tests/spec/cases/`; nothing else is needed.

What a case does not say is plain: one person `p1`, a woman born on 1 July 1980 and observed from 2010-01-01 to
2024-12-31; treatment with `alfa` makes the exposure `a`; time at risk is the time on treatment, both ends counting;
the outcome is infection, every one counted; entry from 2015-01-01.
"""

PEERS = """\
## What other engines' tests expect

Facts restated from the tests of IncidencePrevalence, CohortIncidence and CohortMethod: rows in, numbers out. Where we
count otherwise on purpose, the last column says so; the rows are in `tests/spec/cases/peers_*.yaml`.

| case | test | we differ |
|---|---|---|
"""


def rules_page() -> str:
    """The whole page: a section a file of cases, then the peers' cases as a table."""
    parts = [HEAD]
    for path in sorted(CASES.glob("[0-9]*.yaml")):
        parts.append(f"## {_chapter(path)}\n")
        parts += [_entry(case) for case in _cases(path)]
    rows = [_peer(case) for path in sorted(CASES.glob("peers_*.yaml")) for case in _cases(path)]
    return "\n".join(parts) + "\n" + PEERS + "".join(rows)


def rules_csv() -> str:
    """The rules for the report's annex: one line a case, with the features of a protocol that it is about."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for path in sorted(CASES.glob("[0-9]*.yaml")):
        for case in _cases(path):
            uses = (
                features_of(case.get("protocol", {}))
                | set(case.get("uses", ()))
                | {f"by={s}" for margin in case.get("by", []) for s in margin}
            )
            expected = "; ".join(_expected(case))
            writer.writerow((case["rule"], case["id"], _one_line(case["why"]), expected, " ".join(sorted(uses))))
    return out.getvalue()


def _cases(path: Path) -> list[Row]:
    cases: list[Row] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return cases


def _chapter(path: Path) -> str:
    return path.stem.partition("_")[2].replace("_", " ").capitalize()


def _entry(case: Row) -> str:
    lines = [f"### {case['rule']}\n", f"`{case['id']}`\n"]
    given = {name: rows for name, rows in case.get("given", {}).items() if rows}
    if given:
        lines += ["Given:\n", *(_given(name, rows) for name, rows in given.items())]
    for path, codes in case.get("code_lists", {}).items():
        lines.append(_given(path, codes))
    if case.get("protocol"):
        text = yaml.safe_dump(case["protocol"], sort_keys=False, default_flow_style=None, width=110, allow_unicode=True)
        lines.append(f"Protocol:\n\n```yaml\n{text}```\n")
    lines.append("Counted:\n\n" + "".join(f"- {line}\n" for line in _expected(case)))
    lines.append(f"Why: {_one_line(case['why'])}\n")
    return "\n".join(lines)


def _given(name: str, rows: Iterable[Row] | Row) -> str:
    """A table of rows; the registry's own facts are one row."""
    listed = [rows] if isinstance(rows, dict) else list(rows)
    columns = list(dict.fromkeys(column for row in listed for column in row))
    head = f"| {name.replace('_', ' ')} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}\n"
    return head + "".join(f"| | {' | '.join(_cell(row.get(c, '')) for c in columns)} |\n" for row in listed)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).replace("|", "\\|")


def _expected(case: Row) -> Iterator[str]:
    """One line a row that must come out."""
    for table, rows in case["expect"].items():
        for row in rows:
            named = [f"{WORDS.get(k, k)} {row[k]}" for k in KEYS if row.get(k)]
            numbers = [f"{_word(k)} {v}" for k, v in row.items() if k not in KEYS]
            head = ", ".join([*([] if table == "counts" else [table.replace("_", " ")]), *named])
            yield f"{head}: {', '.join(numbers)}" if head else ", ".join(numbers)


def _word(column: str) -> str:
    named = WORDS.get(column, column)
    return named.replace("_days", "-days").replace("first_event-days", "first-event days") if "days" in named else named


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _peer(case: Row) -> str:
    differs = _one_line(str(case.get("differs", "")))
    return f"| {case['id']} | {_cell(case['source'])} | {_cell(differs)} |\n"
