"""Does each SQL file mean the same on DuckDB and on Spark?

A file is written once. What it may hold is a list of constructs that were seen to give the same rows on both
(``tests/e2e/test_second_engine.py`` runs them); whatever is new is looked at here first, rather than at a site.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot import exp

from pass_engine.dialect import SOURCE, TARGET, translate
from pass_engine.sqltext import SqlFile, load_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = load_catalogue()
each_sql = pytest.mark.parametrize("sql", FILES, ids=[f.name for f in FILES])

NODES = set(
    "Add Alias And Between Boolean CTE Case Cast Coalesce Column ConcatWs Count DPipe DataType DateDiff "
    "DateFromParts Day DenseRank Distinct EQ Explode From GT GTE GenerateSeries Greatest Group Having Identifier "
    "If In Is Join LT LTE Lag LastDay LastValue Lead Least Length Like Literal Lower Max Min Mod Month Mul NEQ Neg Not "
    "Null NullSafeEQ Or Order Ordered Pad Paren Pivot RegexpLike Replace RowNumber Select Star Sub Substring Sum Table "
    "TableAlias Translate Trim Union Upper Var Where Window WindowSpec With Year".split()
)
"""What a syntax tree of a file may consist of."""

TYPES = {"BIGINT", "INT", "VARCHAR", "TEXT", "DATE", "DOUBLE", "BOOLEAN"}
JOINS = {"", "LEFT", "CROSS"}
DATE_NAME = re.compile(r"(?:^|_)(?:date|start|end|until|onset|day_0|birth|death)$")
PARTITIONING = "200_person_here.sql"
"""The one file that may hash: which partition a person is in has no bearing on a number."""


def differences(sql: SqlFile) -> Iterator[str]:
    """What in a file would not, or not surely, mean the same on Spark."""
    (tree,) = sqlglot.parse(sql.text, dialect=SOURCE)
    assert isinstance(tree, exp.Query)
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if (sql.name, node.name.lower()) != (PARTITIONING, "hash"):
                yield f"function {node.name}"
        elif kind not in NODES:
            yield f"construct {kind}: {node.sql(dialect=SOURCE)[:60]}"
        yield from _of_node(node, sql)


def _of_node(node: exp.Expression, sql: SqlFile) -> Iterator[str]:
    if isinstance(node, exp.DataType) and node.this.name not in TYPES:
        yield f"type {node.this.name}"
    if isinstance(node, exp.Join) and not {_word(node, w) for w in ("method", "side", "kind")} <= JOINS:
        yield f"join {node.text('side')} {node.text('kind')}"
    if isinstance(node, exp.Join) and node.args.get("using"):
        yield "USING: a column of it cannot be qualified elsewhere"
    if isinstance(node, exp.Mod) and sql.name != PARTITIONING:
        yield "remainder: its sign differs"
    if isinstance(node, exp.Pivot) and not node.args.get("unpivot"):
        yield "PIVOT"
    if isinstance(node, exp.Star) and (node.args.get("except_") or node.args.get("replace")):
        yield "EXCLUDE or REPLACE"
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        yield "DISTINCT ON"
    if isinstance(node, exp.Sub) and _is_date(node.left) and _is_date(node.right):
        yield f"{node.sql(dialect=SOURCE)}: a difference of dates is date_diff('day', a, b)"
    if isinstance(node, exp.Having):
        yield from _of_having(node)


def _word(node: exp.Expression, part: str) -> str:
    return node.text(part).upper()


def _is_date(node: exp.Expression) -> bool:
    return isinstance(node, exp.Column) and DATE_NAME.search(node.name) is not None


def _of_having(node: exp.Having) -> Iterator[str]:
    """In HAVING a bare name is the column here and the alias there."""
    assert isinstance(node.parent, exp.Select)
    aliases = {e.alias for e in node.parent.expressions if isinstance(e, exp.Alias)}
    for column in node.find_all(exp.Column):
        if not column.table and column.name in aliases:
            yield f"HAVING {column.name}: qualify it, since a result has that name too"


@each_sql
def test_portable(sql: SqlFile) -> None:
    assert list(differences(sql)) == []


@each_sql
def test_translates(sql: SqlFile) -> None:
    made = translate(sql.text)
    recursion = [made.recursion.first, made.recursion.step] if made.recursion else []
    texts = [*(text for _, text in made.named), *recursion, made.text]
    for text in texts:
        (tree,) = sqlglot.parse(text, dialect=TARGET)
        assert isinstance(tree, exp.Query)
        assert not list(tree.find_all(exp.Placeholder, exp.Parameter)), "nothing is bound: values come as tables"
        assert all(not node.args.get("recursive") for node in tree.find_all(exp.With))
    assert all(text in made.whole for text in texts)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT end_date - start_date AS n FROM t", "date_diff"),
        ("SELECT * EXCLUDE (a) FROM t", "EXCLUDE"),
        ("SELECT [x + 1 FOR x IN a] AS b FROM t", "construct"),
        ("SELECT list_transform(a, lambda x: x + 1) AS b FROM t", "construct"),
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "Qualify"),
        ("SELECT t.a FROM t JOIN u USING (a)", "USING"),
        ("SELECT a FROM t ASOF JOIN u ON t.a >= u.a", "join"),
        ("SELECT a, sum(b) AS b FROM t GROUP BY a HAVING sum(b) > 0", "HAVING b"),
        ("SELECT hash(a) % 7 AS b FROM t", "function hash"),
        ("SELECT arg_max(a, b) AS c FROM t", "construct ArgMax"),
        ("SELECT CAST(a AS HUGEINT) AS c FROM t", "type"),
        ("SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b", "DISTINCT ON"),
    ],
)
def test_what_differs_would_be_seen(text: str, found: str) -> None:
    assert any(found in line for line in differences(replace(FILES[0], name="999_x.sql", text=text)))


def test_days_and_partitions_are_put_right() -> None:
    made = translate("SELECT date_diff('day', a, b) AS days, hash(p) % n AS part FROM t").text
    assert "CAST(DATE_DIFF(b, a) AS BIGINT)" in made, "Spark subtracts the second from the first"
    assert "PMOD(XXHASH64(p), n)" in made, "never negative"


def test_unnest_is_a_column_by_itself() -> None:
    made = translate("SELECT a, CAST(unnest(range(b, c)) AS INTEGER) AS n FROM t").text
    assert "CAST(EXPLODE" not in made
    assert "EXPLODE(" in made


def test_nulls_come_last_in_every_order() -> None:
    made = translate("SELECT row_number() OVER (ORDER BY a, b DESC) AS n FROM t").text
    assert made.count("NULLS LAST") == 1 + ("DESC NULLS LAST" in made)


def test_a_recursive_table_is_taken_apart() -> None:
    text = (
        "WITH RECURSIVE base AS (SELECT a FROM t), walk AS (SELECT a FROM base UNION ALL "
        "SELECT w.a + 1 AS a FROM walk AS w JOIN base AS b ON b.a > w.a), x AS (SELECT a FROM walk) SELECT a FROM x"
    )
    made = translate(text)
    assert made.recursion is not None
    assert [name for name, _ in made.named] == ["base"]
    assert made.recursion.name == "walk"
    assert "walk_step AS w" in made.recursion.step
    assert "walk" in made.text
    assert "RECURSIVE" not in made.whole


@pytest.mark.parametrize(
    "text",
    [
        "WITH RECURSIVE w AS (SELECT a FROM t UNION SELECT a + 1 AS a FROM w) SELECT a FROM w",
        "SELECT date_diff('month', a, b) AS months FROM t",
    ],
)
def test_what_cannot_be_translated_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"UNION ALL|only unit"):
        translate(text)
