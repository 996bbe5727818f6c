"""Regression models inside a registry: fitted on its own persons' days; what leaves are coefficients and likelihoods.

Rows of persons (SQL 792) stay here. What is given back are the border's tables: of each model the coefficient of being
in the target with its variances, a log-likelihood on a grid, and persons and events by cohort, all in whole units.
"""

from pass_engine.regression.tables import NOTHING, regression_tables

__all__ = ["NOTHING", "regression_tables"]
