"""Is each SQL file in house style, and does its header say what its text does?

The header is what a reader trusts, so it is held against what a parser finds in the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

from pass_engine.sqltext import HEADERS, SqlFile, load_catalogue
from pass_engine.tables.cdm import CDM
from tests.house.sources import package_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = load_catalogue()
each_sql = pytest.mark.parametrize("sql", FILES, ids=[f.name for f in FILES])

FIRST_NUMBER, LAST_NUMBER = 100, 999
LONGEST_LINE = 125
MOST_LINES = 100

NOT_REPEATABLE = {
    "now", "current_date", "current_time", "current_timestamp", "localtimestamp", "today", "get_current_timestamp",
    "transaction_timestamp", "random", "rand", "uuid", "gen_random_uuid", "getvariable", "setseed",
    "any_value", "arbitrary", "first", "last",
}  # fmt: skip
"""Functions whose answer may differ from run to run, or that hide a binding."""

KEYWORDS = set(
    "SELECT DISTINCT FROM JOIN LEFT INNER FULL CROSS ON USING WHERE AND OR NOT IN IS NULL BETWEEN GROUP BY ORDER "
    "HAVING CASE WHEN THEN ELSE END CAST AS OVER PARTITION ROWS RANGE UNBOUNDED PRECEDING FOLLOWING CURRENT ROW UNION "
    "ALL EXCEPT INTERSECT WITH EXISTS LIMIT LIKE FILTER ASC DESC NULLS VALUES LATERAL RECURSIVE GROUPING "
    "SETS UNPIVOT FOR TRUE FALSE BIGINT INTEGER DOUBLE VARCHAR DATE BOOLEAN".split()
)
"""Words written in upper case; any other word is a name and lower."""

ALSO_NAMES = {"date", "left", "range", "row", "current", "values", "true", "false"}
"""Keywords that are columns or functions too, and the two literals: either case."""


@cache
def parse(sql: SqlFile) -> exp.Expression:
    """The one statement of a file; fails where there are more."""
    (statement,) = sqlglot.parse(sql.text, dialect="duckdb")
    assert statement is not None
    return statement


def common_names(statement: exp.Expression) -> set[str]:
    """Names of the CTEs."""
    return {cte.alias for cte in statement.find_all(exp.CTE)}


def calls(statement: exp.Expression) -> Iterator[str]:
    """Names of the functions a statement calls, as written."""
    for node in statement.find_all(exp.Func):
        yield (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def loaded_names() -> set[str]:
    """Names in the Python code that may be tables which it loads."""
    written = {
        text
        for source in package_sources()
        for text in re.findall(r"""["'](?:mapped_)?([a-z][a-z0-9_]*)["']""", source.text)
    }
    return written | {table.stored for table in CDM.values()}


@each_sql
def test_one_select(sql: SqlFile) -> None:
    assert isinstance(parse(sql), exp.Query), "a file is one SELECT, or several joined by UNION"


@each_sql
def test_header_is_whole(sql: SqlFile) -> None:
    head = [line for line in sql.text.splitlines() if line.startswith("--")]
    order = [h for line in head for h in HEADERS if line.startswith(f"-- {h}:")]
    assert tuple(order) == HEADERS, "Purpose, Reads, Writes, Grain, Binds, Days, once each and in this order"
    assert all(re.search(rf"-- {h}:\s*\S", sql.text) for h in HEADERS), "a header line is empty"


@each_sql
def test_name_is_number_and_table(sql: SqlFile) -> None:
    assert re.fullmatch(r"\d{3}_[a-z][a-z0-9_]*\.sql", sql.name)
    assert FIRST_NUMBER <= sql.number <= LAST_NUMBER
    assert sql.name == f"{sql.number}_{sql.writes}.sql", "the file is named after the table it writes"


@each_sql
def test_reads_are_what_is_read(sql: SqlFile) -> None:
    statement = parse(sql)
    read = {table.name for table in statement.find_all(exp.Table)} - common_names(statement)
    assert read == set(sql.reads)
    assert sql.writes not in read


@each_sql
def test_binds_are_what_is_bound(sql: SqlFile) -> None:
    bound = {node.name for node in parse(sql).find_all(exp.Parameter, exp.Placeholder)}
    assert bound == set(sql.binds)


@each_sql
def test_every_common_table_is_used(sql: SqlFile) -> None:
    statement = parse(sql)
    assert common_names(statement) <= {table.name for table in statement.find_all(exp.Table)}


@each_sql
def test_columns_are_written_out(sql: SqlFile) -> None:
    stars = [node for node in parse(sql).find_all(exp.Star) if not isinstance(node.parent, exp.Count)]
    assert not stars, "no SELECT *, and no EXCLUDE or REPLACE on it"
    assert not re.search(r"\b(?:GROUP|ORDER)\s+BY\s+ALL\b", sql.text, re.IGNORECASE)


@each_sql
def test_no_nested_query(sql: SqlFile) -> None:
    def is_in_place(select: exp.Expression) -> bool:
        above = select.parent
        while isinstance(above, exp.SetOperation):
            above = above.parent
        return above is None or isinstance(above, exp.CTE)

    assert all(is_in_place(select) for select in parse(sql).find_all(exp.Select)), "name it in WITH instead"


@each_sql
def test_answer_is_the_same_every_time(sql: SqlFile) -> None:
    statement = parse(sql)
    assert not NOT_REPEATABLE & set(calls(statement))
    for limit in statement.find_all(exp.Limit):
        assert limit.parent is not None
        assert limit.parent.args.get("order"), "LIMIT without ORDER BY"
    for window in statement.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber | exp.Lag | exp.Lead | exp.FirstValue | exp.LastValue):
            assert window.args.get("order"), f"no ORDER BY in {window.sql()}"


@each_sql
def test_sql_divides_nothing(sql: SqlFile) -> None:
    """Division is Python's, once, at the end."""
    assert not list(parse(sql).find_all(exp.Div, exp.Avg))


@each_sql
def test_keywords_are_upper_names_lower(sql: SqlFile) -> None:
    words = {
        token.text
        for token in sqlglot.tokenize(sql.text, dialect="duckdb")
        if token.token_type is not TokenType.STRING and re.fullmatch(r"[A-Za-z_]+", token.text)
    }
    names = {word for word in words if word.upper() not in KEYWORDS}
    assert not {word for word in names if word != word.lower()}, "upper case is for keywords"
    assert not {word for word in words - names if word != word.upper()} - ALSO_NAMES, "keywords are upper case"


@each_sql
def test_who_counts_days_says_how(sql: SqlFile) -> None:
    """A file that makes a number of days says in its header that both ends count, or which day does not."""
    made = {name for select in parse(sql).find_all(exp.Select) for name in select.named_selects}
    if any("days" in name.split("_") for name in made):
        assert re.search("both ends|not counted", sql.days), sql.days


@each_sql
def test_lines_are_few_and_short(sql: SqlFile) -> None:
    lines = sql.text.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE
    assert sql.text.endswith("\n")
    assert not any(line != line.rstrip() or "\t" in line for line in lines)


def test_numbers_and_tables_are_unique() -> None:
    assert len({f.number for f in FILES}) == len(FILES)
    assert len({f.writes for f in FILES}) == len(FILES)


def test_what_is_read_was_made_before() -> None:
    """Every table a file reads is written by a lower number, or loaded by Python."""
    made: set[str] = set()
    loaded = loaded_names()
    later = {f.writes for f in FILES}
    for sql in FILES:
        unmade = {name for name in sql.reads if name not in made}
        assert not unmade & later, f"{sql.name} reads {sorted(unmade & later)} before it is written"
        orphans = {name for name in unmade if name.removeprefix("mapped_") not in loaded}
        assert not orphans, f"{sql.name}: who makes {sorted(orphans)}?"
        made.add(sql.writes)


def test_the_catalogue_is_in_the_architecture() -> None:
    """The hundreds that are in use stand in ARCHITECTURE.md."""
    from tests.house.sources import ROOT

    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert all(f"| {hundred}xx |" in text for hundred in {f.number // 100 for f in FILES})
