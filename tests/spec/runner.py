"""A spec case for both counters: the package reads and compares it, the slow counter is given its own types."""

from __future__ import annotations

from typing import Any

from pass_engine.qualify.cases import code_lists_of, differences, load_cases, study_of
from tests.property.made import Case, fill_tables, make_facts

Row = dict[str, Any]

__all__ = ["build", "differences", "load_cases"]


def build(case: Row) -> Case:
    """The registry and the study of a case."""
    given = dict(case.get("given", {}))
    registry = make_facts(given.pop("registry", None))
    return Case(fill_tables(given), study_of(case), registry, code_lists_of(case))
