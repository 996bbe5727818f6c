"""Covariates at cohort entry: SQL 5xx from 560 on, and their rows in the table of characteristics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.covariate_rules import replaced_variables
from pass_engine.sqltext import files_between

if TYPE_CHECKING:
    import pandas as pd

    from pass_engine.protocol.models import Study
    from pass_engine.store import Store


def find_covariates(store: Store) -> None:
    """What is known of each member of a cohort by day 0, covariate by covariate, and as one pattern."""
    store.make_tables(files_between(560, 599))


def with_covariates(baseline: pd.DataFrame, totals: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Characteristics at entry with those of the covariates; the variables in whose place one stands are left out."""
    import pandas as pd

    if totals.empty:
        return baseline
    kept = baseline[~baseline["variable"].isin(sorted(replaced_variables(study)))]
    return pd.concat([kept, totals[list(baseline.columns)]], ignore_index=True)
