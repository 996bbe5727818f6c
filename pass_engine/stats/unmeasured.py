"""What a study could have missed: the E-value, and the smallest ratio it could find."""

from __future__ import annotations

from math import exp, sqrt
from typing import TYPE_CHECKING

from pass_engine.stats.rates import normal_quantile

if TYPE_CHECKING:
    from pass_engine.stats.rates import Limits


def e_value(ratio: float) -> float:
    """How strongly an unmeasured confounder must go with exposure and outcome, at least, to explain a ratio away.

    RR + sqrt(RR (RR - 1)) for a ratio above 1, of 1 / RR for one below (VanderWeele & Ding, Ann Intern Med
    2017;167:268-274, doi 10.7326/M16-2607). For rates, and for risks and hazards of rare outcomes.

    Raises:
        ValueError: a ratio that is not above 0.
    """
    if not ratio > 0:
        raise ValueError("a ratio above 0 is needed")
    above = max(ratio, 1 / ratio)
    return above + sqrt(above * (above - 1))


def e_value_of_limits(ratio: float, limits: Limits) -> float:
    """The E-value of the confidence limit that is nearer to 1; 1 where the limits hold 1 already."""
    low, high = limits
    if low <= 1 <= high:
        return 1.0
    return e_value(low if ratio > 1 else high)


def minimum_detectable_ratio(events: float, target_share: float, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest ratio above 1 that a two-sided test of two arms would find with this power.

    exp((z_level + z_power) / sqrt(events p (1 - p))), p the target's share of person-time (Schoenfeld, Biometrics
    1983;39:499-503, doi 10.2307/2531021): ``events`` are those of both arms together, whichever arm they are in, so
    that the result is not read off the ratio found. Ratios below 1 / result would be found as well.

    Raises:
        ValueError: no events, a share that is not between 0 and 1, or a power below one half.
    """
    if not (events > 0 and 0 < target_share < 1 and 0.5 <= power < 1):  # noqa: PLR2004 - of a coin
        raise ValueError("events, a share between 0 and 1 and a power from one half are needed")
    reach = normal_quantile(level) + normal_quantile(2 * power - 1)
    return exp(reach / sqrt(events * target_share * (1 - target_share)))
