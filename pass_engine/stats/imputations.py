"""One estimate from several imputations of missing values: Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class CombinedEstimate:
    """Estimate, standard error, degrees of freedom and limits; the share of the information that is missing."""

    estimate: float
    standard_error: float
    degrees: float
    low: float
    high: float
    missing: float


def combine_imputations(
    estimates: Sequence[float], variances: Sequence[float], level: float, complete_degrees: float = inf
) -> CombinedEstimate:
    """Rubin's rules for m imputations with estimates Q and variances U.

    Within W = mean U, between B = var Q, total T = W + (1 + 1/m) B (Rubin, Multiple Imputation for Nonresponse in
    Surveys, 1987, section 3.3). With r = (1 + 1/m) B / T the degrees of freedom are (m - 1) / r^2, joined with those of
    the complete data, (v + 1) / (v + 3) v (1 - r), as in Barnard & Rubin (Biometrika 1999;86:948-955, doi
    10.1093/biomet/86.4.948). The missing information is (R + 2 / (df + 3)) / (R + 1), R = (1 + 1/m) B / W.

    Args:
        estimates: one an imputation, on a scale on which they are near normal.
        variances: theirs, above 0.
        level: two-sided confidence level.
        complete_degrees: degrees of freedom had nothing been missing; infinite by default.

    Raises:
        ValueError: fewer than two imputations, or variances that are not above 0.
    """
    from scipy.special import stdtrit  # scipy.stats takes a second to import, and asks this

    m = len(estimates)
    if m < 2 or len(variances) != m or min(variances) <= 0:  # noqa: PLR2004 - a spread needs two
        raise ValueError("at least two estimates with variances above 0 are needed")
    mean, within = sum(estimates) / m, sum(variances) / m
    between = (1 + 1 / m) * sum((q - mean) ** 2 for q in estimates) / (m - 1)
    total = within + between
    share = between / total
    old = (m - 1) / share**2 if share else inf
    observed = inf
    if complete_degrees < inf:
        observed = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    degrees = min(old, observed) if inf in (old, observed) else old * observed / (old + observed)
    error = sqrt(total)
    reach = float(stdtrit(degrees, 0.5 + level / 2)) * error
    ratio = between / within
    missing = (ratio + (2 / (degrees + 3) if degrees < inf else 0.0)) / (ratio + 1)
    return CombinedEstimate(mean, error, degrees, mean - reach, mean + reach, missing)
