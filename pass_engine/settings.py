"""Settings of the engine that a number could depend on; a protocol's lock and a run's manifest name them.

What changes nothing but time and memory (threads, partitions, limits of memory) is not among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

AS_WRITTEN: Mapping[str, str] = {
    "disabled_optimizers": "join_order,build_side_probe_side",
    "enable_caching_operators": "false",
}
"""Set on the open database: joins run in the order and with the sides in which the SQL is written.

DuckDB 2.0.0 can end in an internal error ("dict-surviving join", "dict-surviving cache") where what a join looks up
comes from other joins (duckdb/duckdb#24807, #23447). What stands to the right of JOIN is looked up, and is no result of
a join; and chunks pass from operator to operator as they are, ungathered. This is as fast here.
"""

ON_OPENING: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "true",
}
"""Given to the database as it is opened."""


def all_settings() -> dict[str, str]:
    """Every setting by its name: those of the database, and how a printed number is rounded."""
    database = {f"database.{name}": value for name, value in sorted({**AS_WRITTEN, **ON_OPENING}.items())}
    return {**database, "printing.rounding": "half_up", "time.days_a_year": "365.25"}
