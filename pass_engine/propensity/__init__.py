"""Propensity scores inside a registry: fitted on its own persons; weights, balance and weighted counts come of them.

Persons are counted by their pattern of covariates (SQL 797 and 798), so that no row of a person is looked at here. What
is given back are the border's tables: coefficients, sums of weights, weighted counts, all in whole units.
"""

from pass_engine.propensity.tables import NOTHING, weighted_tables

__all__ = ["NOTHING", "weighted_tables"]
