"""Formulas, one function each, with their sources. No frames, no files, no rounding."""

from pass_engine.stats.curves import (
    CURVE_METHOD_WORDS,
    CurvePoint,
    LifeRow,
    aalen_johansen,
    kaplan_meier,
    quantile_day,
)
from pass_engine.stats.differences import (
    DIFFERENCE_METHOD_WORDS,
    score_difference_interval,
    wald_difference_interval,
)
from pass_engine.stats.proportions import PROPORTION_METHOD_WORDS, clopper_pearson, proportion_interval, wilson
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
    NO_SQUARES,
    WIDEST,
    CrossSums,
    PersonSums,
    robust_difference_interval,
    robust_rate_interval,
    robust_ratio_interval,
)
from pass_engine.stats.standardise import DividedBandError, fay_feuer, standard_text, standard_weights
from pass_engine.stats.standards import BOTH_SEXES, ESP2013, STANDARD_SEXES, STANDARDS, WHO2000_2025, Standard
from pass_engine.stats.stratified import Stratum, mantel_haenszel_ratio

__all__ = [
    "BOTH_SEXES",
    "CURVE_METHOD_WORDS",
    "DIFFERENCE_METHOD_WORDS",
    "ESP2013",
    "FEWEST_PERSONS",
    "FEW_PERSONS",
    "NO_SQUARES",
    "PROPORTION_METHOD_WORDS",
    "RATE_METHOD_WORDS",
    "RATIO_METHOD_WORDS",
    "STANDARDS",
    "STANDARD_SEXES",
    "WHO2000_2025",
    "WIDEST",
    "CrossSums",
    "CurvePoint",
    "DividedBandError",
    "LifeRow",
    "Limits",
    "PersonSums",
    "Standard",
    "Stratum",
    "aalen_johansen",
    "byar_limits",
    "clopper_pearson",
    "count_limits",
    "exact_limits",
    "exact_ratio_interval",
    "fay_feuer",
    "kaplan_meier",
    "log_normal_limits",
    "log_normal_ratio_interval",
    "mantel_haenszel_ratio",
    "mid_p_limits",
    "mid_p_ratio_interval",
    "normal_limits",
    "normal_quantile",
    "proportion_interval",
    "quantile_day",
    "rate_interval",
    "robust_difference_interval",
    "robust_rate_interval",
    "robust_ratio_interval",
    "score_difference_interval",
    "standard_text",
    "standard_weights",
    "wald_difference_interval",
    "wilson",
]
