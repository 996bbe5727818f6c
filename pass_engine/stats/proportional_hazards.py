"""Are hazards proportional? A score test of each coefficient's trend with time (Grambsch & Therneau).

Had a coefficient b_j a part theta_j g(t) that changes with time, its score at theta = 0 would be the sum over deaths of
g(t) (x_j - mean x_j), the Schoenfeld residuals. With V the covariance of the covariates among those at risk at a death,
the information of (b, theta) has the blocks sum V, sum g V and sum g^2 V, and (0, u) I^-1 (0, u)' is chi-squared
(Grambsch & Therneau, Biometrika 1994;81:515-526, doi 10.1093/biomet/81.3.515; the exact form, as in R's ``cox.zph``
from survival 3.0 on). g is centred at its mean over deaths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pass_engine.stats.cox import covariates, moments_at_deaths
from pass_engine.stats.risk_sets import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pass_engine.stats.cox import CoxData, CoxFit, Ties
    from pass_engine.stats.risk_sets import RiskSets

    Vector = NDArray[Any]

Scale = Literal["km", "identity", "log", "rank"]
"""Of time: 1 less the Kaplan-Meier estimate just before, as it is, its logarithm, its rank among all rows."""


@dataclass(frozen=True)
class ProportionalHazardsTest:
    """Chi-squared of the covariates ``columns`` together, degrees of freedom, and P."""

    columns: tuple[int, ...]
    chi2: float
    degrees: int
    p: float


def check_proportional_hazards(
    data: CoxData, fit: CoxFit, ties: Ties = "efron", scale: Scale = "km", terms: Sequence[Sequence[int]] | None = None
) -> tuple[ProportionalHazardsTest, ...]:
    """Tests of each term, and of all together at the end.

    Args:
        data: what was fitted.
        fit: how it was.
        ties: as it was fitted.
        scale: of time.
        terms: which columns belong together, such as those of one categorical covariate; each its own without it.
    """
    import numpy as np

    sets = lay_out(data.stop, data.event, data.start, data.strata, data.weights, efron=ties == "efron")
    x, offset = covariates(data, sets)
    x = x - x.mean(axis=0)
    when = _scaled(data, sets, scale)[sets.deaths.rows]
    g = when - when.mean()
    u, information = _score(x, offset, sets, fit.coefficients, g)
    width = x.shape[1]
    asked = [*(terms or [[j] for j in range(width)]), list(range(width))]
    found = []
    for term in asked:
        kept = [*range(width), *(width + j for j in term)]
        score = np.concatenate([np.zeros(width), u[list(term)]])
        chi2 = float(score @ np.linalg.solve(information[np.ix_(kept, kept)], score))
        found.append(ProportionalHazardsTest(tuple(term), chi2, len(term), upper_tail(chi2, len(term))))
    return tuple(found)


def upper_tail(chi2: float, degrees: int) -> float:
    """P of a chi-squared with these degrees of freedom."""
    from scipy.special import gammaincc

    return float(gammaincc(degrees / 2, max(0.0, chi2) / 2))


def _score(x: Vector, offset: Vector, sets: RiskSets, beta: Vector, g: Vector) -> tuple[Vector, Vector]:
    """Score of theta (p), and information of b and theta (2p x 2p)."""
    import numpy as np

    eta = offset + x @ beta
    risk, deaths = sets.weights * np.exp(eta - eta.max()), sets.deaths
    s0, means = moments_at_deaths(x, risk, sets)
    u = (sets.weights[deaths.rows] * g) @ x[deaths.rows] - (deaths.weight * g) @ means
    blocks = []
    for power in range(3):
        weight = deaths.weight * g**power
        lived = sets.lived_through(weight / s0)
        blocks.append((x * (risk * lived)[:, None]).T @ x - (means * weight[:, None]).T @ means)
    return u, np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])


def _scaled(data: CoxData, sets: RiskSets, scale: Scale) -> Vector:
    """Each row's stop time on the scale (n)."""
    import numpy as np

    times = np.asarray(data.stop, dtype=float)
    if scale == "identity":
        return times
    if scale == "log":
        return np.asarray(np.log(times))
    if scale == "rank":
        _, place, size = np.unique(times, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(size) - (size - 1) / 2)[place.ravel()])
    return _died_before(data, sets)


def _died_before(data: CoxData, sets: RiskSets) -> Vector:
    """1 less the Kaplan-Meier estimate of all rows, without weights, strata left aside, just before each stop time."""
    import numpy as np

    plain = lay_out(data.stop, data.event, data.start, efron=False)
    at_risk = plain.at_deaths(np.ones((sets.rows, 1)))[plain.deaths.first, 0]
    died = np.bincount(plain.deaths.time)
    surviving = np.concatenate([[1.0], np.cumprod(1 - died / at_risk)])
    stop = np.asarray(data.stop, dtype=float)
    times = stop[plain.deaths.rows[plain.deaths.first]]
    return np.asarray(1 - surviving[np.searchsorted(times, stop, side="left")])
