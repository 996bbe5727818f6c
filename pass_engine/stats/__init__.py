"""Formulas, one function each, with their sources. No frames, no files, no rounding."""

from pass_engine.stats.proportions import clopper_pearson, wilson
from pass_engine.stats.rates import (
    RATE_METHOD_WORDS,
    Limits,
    byar_limits,
    count_limits,
    exact_limits,
    log_normal_limits,
    mid_p_limits,
    normal_limits,
    normal_quantile,
    rate_interval,
)
from pass_engine.stats.ratios import (
    RATIO_METHOD_WORDS,
    exact_ratio_interval,
    log_normal_ratio_interval,
    mid_p_ratio_interval,
)
from pass_engine.stats.robust import (
    FEW_PERSONS,
    FEWEST_PERSONS,
    CrossSums,
    PersonSums,
    robust_rate_interval,
    robust_ratio_interval,
)
from pass_engine.stats.standardise import (
    DividedBandError,
    esp2013_weights,
    fay_feuer,
    standard_text,
)

__all__ = [
    "FEWEST_PERSONS",
    "FEW_PERSONS",
    "RATE_METHOD_WORDS",
    "RATIO_METHOD_WORDS",
    "CrossSums",
    "DividedBandError",
    "Limits",
    "PersonSums",
    "byar_limits",
    "clopper_pearson",
    "count_limits",
    "esp2013_weights",
    "exact_limits",
    "exact_ratio_interval",
    "fay_feuer",
    "log_normal_limits",
    "log_normal_ratio_interval",
    "mid_p_limits",
    "mid_p_ratio_interval",
    "normal_limits",
    "normal_quantile",
    "rate_interval",
    "robust_rate_interval",
    "robust_ratio_interval",
    "standard_text",
    "wilson",
]
