"""Covariance that takes the person, not the row, as the unit: the sandwich of scores summed within clusters.

With A the inverse information and u_c the sum of the scores of cluster c: A (sum u_c u_c') A (Huber 1967; White,
Econometrica 1980;48:817-838; Liang & Zeger, Biometrika 1986;73:13-22, doi 10.1093/biomet/73.1.13). Without a
small-sample factor, as R's ``sandwich::vcovCL(type = "HC0", cadjust = FALSE)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]


def cluster_sums(values: ArrayLike, clusters: ArrayLike | None) -> Vector:
    """Rows (n x p) summed within each cluster (n labels), in the order of the labels; as they are without clusters."""
    import numpy as np

    rows = np.asarray(values, dtype=float)
    if clusters is None:
        return rows
    labels, place = np.unique(np.asarray(clusters), return_inverse=True)
    summed = np.zeros((len(labels), rows.shape[1]))
    np.add.at(summed, place.ravel(), rows)
    return summed


def robust_covariance(covariance: ArrayLike, scores: ArrayLike, clusters: ArrayLike | None = None) -> Vector:
    """Sandwich covariance (p x p).

    Args:
        covariance: inverse of the information (p x p).
        scores: each row's part of the gradient, weights included (n x p).
        clusters: whose row it is (n); each row its own cluster without it.
    """
    import numpy as np

    bread, parts = np.asarray(covariance, dtype=float), cluster_sums(scores, clusters)
    influence = parts @ bread
    found: Vector = influence.T @ influence
    return found
