"""Regression models as tables that the SQL joins to: which comparisons have them, from which day time runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.margin_rules import RuleTable
from pass_engine.protocol.models import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Regressions, Study

CRUDE: Final = "crude"
"""The model without covariates; it has no name in the protocol."""


def regressions_of(study: Study) -> Iterator[tuple[Comparison, Regressions]]:
    """Every comparison that asks for models, with what it asks."""
    for analysis in study.analyses:
        if isinstance(analysis, Comparison) and analysis.models is not None:
            yield analysis, analysis.models


def regression_tables(study: Study) -> dict[str, RuleTable]:
    """Rule table ``regression_rule``."""
    return {
        "regression_rule": RuleTable(
            {
                "analysis": "VARCHAR",
                "target": "VARCHAR",
                "comparator": "VARCHAR",
                "time_scale": "VARCHAR",
                "first_cohort": "BOOLEAN",
            },
            [
                (a.id, a.of.target, a.of.comparator, asked.time_scale, asked.persons == "first_cohort")
                for a, asked in regressions_of(study)
            ],
        ),
    }
