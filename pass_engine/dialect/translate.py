"""The numbered SQL as Spark has it: each file is written once, for DuckDB, and translated when it is loaded.

sqlglot does the work. What differs beyond spelling is put right on the syntax tree before the text is written:

- ``date_diff('day', a, b)`` becomes the whole days between two dates, as a 64-bit number like here (Sail 0.7 does not
  notice when 32 bits are too few), and never goes by way of a time of day;
- ``hash(x) % n``, which chooses a partition, becomes ``pmod(xxhash64(x), n)``: Spark's own remainder may be negative;
- what the column maps of a registry do with texts is put into functions that both engines have (:mod:`texts`);
- a recursive common table is taken apart (:class:`Recursion`), and the store repeats its step until nothing comes.

What a file may contain for this to hold is checked by ``tests/sql/test_portable.py``. sqlglot is part of the extra
``pass_engine[spark]`` and imported inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pass_engine.dialect import texts

if TYPE_CHECKING:
    from sqlglot import exp

SOURCE, TARGET = "duckdb", "spark"
WORKING = "_step"
"""After the name of a recursive table: what the last repetition of its step gave."""


@dataclass(frozen=True)
class Recursion:
    """A recursive common table in the target's words: ``first`` rows, then ``step`` on ``<name>_step`` until empty."""

    name: str
    first: str
    step: str


@dataclass(frozen=True)
class Translation:
    """One query in the target's words. ``named`` are common tables that must be tables before the recursion runs."""

    text: str
    named: tuple[tuple[str, str], ...] = ()
    recursion: Recursion | None = None

    @property
    def whole(self) -> str:
        """Everything that runs, in order, for a reader."""
        parts = [f"-- Common table {name}, kept as a table:\n{text}" for name, text in self.named]
        if self.recursion is not None:
            name = self.recursion.name
            parts.append(f"-- First rows of {name}:\n{self.recursion.first}")
            parts.append(
                f"-- Repeated until it gives no row; {name}{WORKING} is what it gave before:\n{self.recursion.step}"
            )
        return "\n;\n".join([*parts, self.text]) + "\n"


@cache
def translate(text: str) -> Translation:
    """A query of the numbered SQL as Spark has it. Raises sqlglot's ParseError or UnsupportedError."""
    import sqlglot
    from sqlglot import exp

    (tree,) = sqlglot.parse(text, dialect=SOURCE)
    if not isinstance(tree, exp.Query):
        raise TypeError("a numbered SQL file is one query")
    tree.transform(_put_right, copy=False)
    common = tree.args.get("with_")
    if common is None or not common.args.get("recursive"):
        return Translation(_written(tree))
    return _unrolled(tree)


def _put_right(node: exp.Expression) -> exp.Expression:
    """What sqlglot leaves to the reader."""
    from sqlglot import exp

    if isinstance(node, exp.DateDiff):
        if node.text("unit").lower() != "day":
            raise ValueError("days are the only unit of time")
        days = exp.Anonymous(this="date_diff", expressions=[node.this, node.expression])
        return exp.cast(days, "BIGINT")
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Explode):
        return node.this  # Spark takes unnest only as a column by itself; a sequence of whole numbers has their type
    if isinstance(node, exp.Mod) and _is_call(node.this, "hash"):
        hashed = exp.Anonymous(this="xxhash64", expressions=node.this.expressions)
        return exp.Anonymous(this="pmod", expressions=[hashed, node.expression])
    text = _of_texts(node)
    return node if text is None else exp.maybe_parse(text, dialect=TARGET)


def _of_texts(node: exp.Expression) -> str | None:
    """A function on texts in the target's words; None where it is another."""
    from sqlglot import exp

    def inner(one: exp.Expression) -> str:
        return _written(one.transform(_put_right))

    if isinstance(node, exp.RegexpFullMatch):
        return texts.is_whole(inner(node.this), node.text("expression"))
    if _is_call(node, "try_strptime"):
        text, date_format = node.expressions
        return texts.read_day(inner(text), date_format.name)
    if _is_call(node, "md5_number_lower"):
        return texts.digest_number(inner(node.expressions[0]))
    if isinstance(node, exp.TryCast) and node.to.this == exp.DataType.Type.DECIMAL:
        digits, decimals = (int(size.name) for size in node.to.expressions)
        return texts.exact_number(inner(node.this), digits, decimals)
    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.INT128:
        return f"CAST({inner(node.this)} AS DECIMAL(38, 0))"
    return None


def _is_call(node: exp.Expression, name: str) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Anonymous) and node.name.lower() == name


def _unrolled(tree: exp.Query) -> Translation:
    """The last common table that names itself, taken apart; those before it become tables."""
    from sqlglot import exp

    tables = list(tree.ctes)
    position = next(n for n, cte in enumerate(tables) if _reads(cte.this, cte.alias))
    recursive = tables[position]
    union = recursive.this
    if not isinstance(union, exp.Union) or union.args.get("distinct") or _reads(union.left, recursive.alias):
        raise ValueError("a recursive table is first rows UNION ALL a step")
    step = union.right.copy()
    for table in step.find_all(exp.Table):
        if table.name == recursive.alias:
            table.set("this", exp.to_identifier(recursive.alias + WORKING))
    rest = tree.copy()
    kept = [cte.copy() for cte in tables[position + 1 :]]
    rest.set("with_", exp.With(expressions=kept) if kept else None)
    named = tuple((cte.alias, _written(cte.this)) for cte in tables[:position])
    return Translation(_written(rest), named, Recursion(recursive.alias, _written(union.left), _written(step)))


def _reads(tree: exp.Expr, name: str) -> bool:
    from sqlglot import exp

    return any(table.name == name for table in tree.find_all(exp.Table))


def _written(tree: exp.Expr) -> str:
    from sqlglot import ErrorLevel

    return str(tree.sql(dialect=TARGET, pretty=True, unsupported_level=ErrorLevel.RAISE))
