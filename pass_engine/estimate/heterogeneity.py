"""How registries differ: rates pooled with random effects, from published numbers alone.

Pooled rates of incidence.csv are those of all persons together, whatever the registry; beside them stand here the mean
over registries, the spread between them, and where the rate of a further registry is expected. Rates are taken on the
log scale, with variance 1 / events, or that of the published person-robust interval where it is larger; a remark names
the registries whose sums over persons did not leave, so that the former is all there is. A registry that
releases masked counts, has no event, or whose row is withheld is not among them.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR
from pass_engine.stats.pooling import POOLING_METHOD_WORDS, pool_effects
from pass_engine.stats.rates import normal_quantile
from pass_engine.stats.robust import NO_SQUARES
from pass_engine.terms import MASKED, OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from pass_engine.stats.pooling import PooledEffect

MEASURES = ("eair", "eair_total_exposure", "eaer")
PLACE = ("analysis", "role", "cohort", "outcome", "time_at_risk", "measure")
SHOWN = "shown"
FEWEST = 2
"""Registries between which there is a difference to look at."""


def heterogeneity_rows(incidence: pd.DataFrame) -> Iterator[Row]:
    """Rows of heterogeneity.csv, one an overall rate of two registries or more."""
    overall = incidence[(incidence["stratum"] == OVERALL) & incidence["measure"].isin(MEASURES)]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in records(overall):
        groups.setdefault(tuple(row[c] for c in PLACE), []).append(row)
    for place, rows in groups.items():
        own = [row for row in rows if row["registry"] not in (POOLED, MASKED)]
        if len(own) >= FEWEST:
            yield {**dict(zip(PLACE, place, strict=True)), **_between(own)}


def _between(own: Sequence[Row]) -> Row:
    shown = [row for row in own if row["status"] == SHOWN and row["events"]]
    said = {
        "registries": SEPARATOR.join(row["registry"] for row in shown),
        "left_out": SEPARATOR.join(row["registry"] for row in own if row not in shown),
        "per": own[0]["per"],
        "interval_level": own[0]["interval_level"],
    }
    if len(shown) < FEWEST:
        return {**said, "status": NOT_ESTIMABLE, "note": "fewer than two registries show a rate with an event"}
    level = float(own[0]["interval_level"])
    found = pool_effects([log(row["rate"]) for row in shown], [_variance(row, level) for row in shown], level)
    return {
        **said,
        "status": SHOWN,
        "rate": exp(found.estimate),
        "rate_low": exp(found.low),
        "rate_high": exp(found.high),
        **spread(found),
        "note": _without_robust(shown),
    }


def _without_robust(shown: Sequence[Row]) -> str:
    names = [row["registry"] for row in shown if NO_SQUARES in row["note"]]
    return f"variance 1 / events for {', '.join(names)}: no person-robust interval" if names else ""


def _variance(row: Row, level: float) -> float:
    """Of the logarithm of a rate: 1 / events, or from the person-robust limits, which lie evenly on that scale.

    The larger one: among few persons who are alike, the robust variance comes near nothing.
    """
    poisson, low, high = float(1 / row["events"]), row["robust_low"], row["robust_high"]
    if low is None or high is None or not 0 < low < high:
        return poisson
    return max(poisson, float((log(high / low) / (2 * normal_quantile(level))) ** 2))


def spread(found: PooledEffect) -> Row:
    """How estimates pooled as logarithms scatter: prediction interval on their own scale, Q, I², τ², and the method."""
    low, high = found.prediction or (None, None)
    return {
        "prediction_low": None if low is None else exp(low),
        "prediction_high": None if high is None else exp(high),
        "q": found.q,
        "i2_percent": 100 * found.i2,
        "tau2": None if low is None else found.tau2,
        "method": POOLING_METHOD_WORDS[found.model],
    }
