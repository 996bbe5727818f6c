"""What the indicators are counted by: their declaration, what the study asks for, what was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.tables.core import CORE
from pass_engine.tables.indicators import VARIABLE_COMPLETE, indicators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.protocol.models import Study
    from pass_engine.registry import Benchmarks, VerifiedField
    from pass_engine.store import Store

BORN = "birth_date"
"""Dates of birth are sent to the month by design, so they are no sign of dates badly known."""


def load_asked(store: Store, study: Study, verified: Sequence[VerifiedField]) -> None:
    """Load the small tables that files 8xx join to."""
    texts = dict.fromkeys
    declared = [i for i in indicators().values() if i.id != VARIABLE_COMPLETE]
    variables = [tuple(v.partition(".")[::2]) for v in study.data.require]
    substances = sorted({s for e in study.exposures.values() for s in e.substances or ()})
    dates = [(t.name, c.name) for t in CORE.values() for c in t.columns if c.kind == "date" and c.name != BORN]
    store.load_rows(
        "indicator_rule", texts(("indicator", "table_name"), "VARCHAR"), [(i.id, i.table) for i in declared]
    )
    store.load_rows(
        "indicator_check",
        texts(("indicator", "rule_id", "table_name"), "VARCHAR"),
        [(i.id, *rule) for i in declared for rule in i.rules],
    )
    store.load_rows("required_variable", texts(("table_name", "column_name"), "VARCHAR"), variables)
    store.load_rows("asked_substance", {"substance": "VARCHAR"}, [(s,) for s in substances])
    store.load_rows("date_column", texts(("table_name", "column_name"), "VARCHAR"), dates)
    years = (study.population.period.start.year, study.data.cut.year)
    store.load_rows("study_year", texts(("first_year", "last_year"), "INTEGER"), [years])
    store.load_rows(
        "verification",
        {"table_name": "VARCHAR", "column_name": "VARCHAR", "checked": "BIGINT", "errors": "BIGINT"},
        [(f.table, f.column, f.checked, f.errors) for f in verified],
    )


def load_benchmarks(store: Store, benchmarks: Benchmarks | None) -> None:
    """Load the figures from outside; tables without a row where the registry states none."""
    prevalent = [(benchmarks.prevalent,)] if benchmarks and benchmarks.prevalent else []
    national = [(n.sex, n.age_from, n.age_to, n.persons) for n in benchmarks.national] if benchmarks else []
    store.load_rows("prevalence_figure", {"persons": "BIGINT"}, prevalent)
    store.load_rows(
        "national_figure",
        {"sex": "VARCHAR", "age_from": "INTEGER", "age_to": "INTEGER", "persons": "BIGINT"},
        national,
    )
    store.load_rows(
        "earlier_row", {"table_name": "VARCHAR", "row_count": "BIGINT"}, benchmarks.earlier if benchmarks else ()
    )
